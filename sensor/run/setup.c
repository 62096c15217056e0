#include "sensor/run/setup.h"

#include <limits.h>
#include <unistd.h>

#include "classifiers/inventory.h"
#include "classifiers/inventory_file.h"
#include "models/library.h"
#include "models/policy.h"
#include "sensor/base/file.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"

static bool
add_path(const char **paths, size_t *count, const char *path, const char *what)
{
	if (*count == SETUP_PATHS_MAXIMUM) {
		fprintf(stderr,
		    "hedgerow: more than %d %s; give a directory instead\n",
		    SETUP_PATHS_MAXIMUM, what);
		return false;
	}
	paths[(*count)++] = path;
	return true;
}

bool
setup_add_inventory(struct setup_paths *paths, const char *path)
{
	return add_path(paths->inventory, &paths->inventory_count, path,
	    "inventory files");
}

bool
setup_add_models(struct setup_paths *paths, const char *path)
{
	return add_path(
	    paths->models, &paths->model_count, path, "model directories");
}

/*
 * The shipped models: beside the program where it stands in its source tree,
 * else where it was installed.  A path below the working directory is given
 * relative to it, so that records name files as a person would.
 */
static void
data_directory(char out[PATH_MAX])
{
	char program[PATH_MAX], here[PATH_MAX];
	ssize_t length =
	    readlink("/proc/self/exe", program, sizeof(program) - 1);
	size_t here_length;
	char *slash;

	(void)snprintf(out, PATH_MAX, "%s", HEDGEROW_DATA);
	if (length <= 0)
		return;
	program[length] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	if (strlen(program) + sizeof("/models/library") > PATH_MAX)
		return;
	(void)snprintf(out, PATH_MAX, "%.*s/models/library",
	    (int)(PATH_MAX - sizeof("/models/library")), program);
	if (!file_is_directory(out)) {
		(void)snprintf(out, PATH_MAX, "%s", HEDGEROW_DATA);
		return;
	}
	out[strlen(out) - strlen("/library")] = '\0';
	if (getcwd(here, sizeof(here)) == NULL)
		return;
	here_length = strlen(here);
	if (strncmp(out, here, here_length) == 0 && out[here_length] == '/')
		memmove(out, out + here_length + 1,
		    strlen(out + here_length + 1) + 1);
}

static struct library *
load_library(const struct setup_paths *paths, struct report *report)
{
	struct library_source sources[SETUP_PATHS_MAXIMUM + 2];
	char data[PATH_MAX], library[PATH_MAX + 16], platform[PATH_MAX + 16];
	size_t count = 0;

	data_directory(data);
	(void)snprintf(platform, sizeof(platform), "%s/platform", data);
	(void)snprintf(library, sizeof(library), "%s/library", data);
	if (!paths->no_library) {
		sources[count++] =
		    (struct library_source){platform, LAYER_LIBRARY};
		sources[count++] =
		    (struct library_source){library, LAYER_LIBRARY};
	}
	for (size_t i = 0; i < paths->model_count; i++)
		sources[count++] = (struct library_source){
		    paths->models[i], LAYER_OPERATOR};
	return library_load(sources, count, report);
}

int
setup_load_models(const struct setup_paths *paths, struct setup *setup)
{
	struct report *report = report_new();

	*setup = (struct setup){0};
	setup->library = load_library(paths, report);
	report_print(report, stderr);
	report_free(report);
	return setup->library == NULL ? EXIT_USAGE : EXIT_DONE;
}

static int
load_inventory(const struct setup_paths *paths, struct setup *setup)
{
	struct inventory_draft *draft = inventory_draft_new();
	struct report *report = report_new();
	int code = EXIT_DONE;

	for (size_t i = 0; i < library_zone_count(setup->library); i++)
		inventory_put_zone(draft, library_zone(setup->library, i));
	for (size_t i = 0; i < paths->inventory_count; i++)
		switch (inventory_file_read(
		    draft, paths->inventory[i], report)) {
		case INVENTORY_READ:
			break;
		case INVENTORY_PARTLY:
			setup->damaged = true;
			break;
		case INVENTORY_REFUSED:
			code = EXIT_INPUT;
			break;
		}
	if (code == EXIT_DONE)
		setup->inventory = inventory_publish(draft, report);
	report_print(report, stderr);
	report_free(report);
	inventory_draft_free(draft);
	return code;
}

int
setup_load(const struct setup_paths *paths, struct setup *setup)
{
	int code = setup_load_models(paths, setup);

	if (code == EXIT_DONE)
		code = load_inventory(paths, setup);
	if (code == EXIT_DONE)
		setup->policy = policy_new(setup->library, setup->inventory);
	return code;
}

void
setup_release(struct setup *setup)
{
	policy_free(setup->policy);
	inventory_free(setup->inventory);
	library_free(setup->library);
	*setup = (struct setup){0};
}
