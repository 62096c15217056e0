#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifiers/collect/collect_cloudfoundry.h"
#include "sensor/base/arena.h"
#include "sensor/commands/collect_output.h"
#include "sensor/commands/collect_run.h"
#include "sensor/commands/commands.h"
#include "sensor/run/options.h"

enum {
	ROW_LINES = COLLECT_ROW_COUNT,
	ROW_API,
	ROW_TOKEN_FILE,
	ROW_AUTHORITY,
	ROW_POLL,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    COLLECT_ROWS,
    [ROW_LINES] = {"lines", 'l', "FILE",
	"what cfdot prints; a file that grows, a pipe, or - (the default)"},
    [ROW_API] = {"api", 0, "URL",
	"a Cloud Controller to ask for names: https://api.example.org"},
    [ROW_TOKEN_FILE] = {"token-file", 0, "FILE",
	"what `cf oauth-token` prints, read anew at each use"},
    [ROW_AUTHORITY] = {"cacert", 0, "FILE",
	"who signed the Cloud Controller's"},
    [ROW_POLL] = {"poll", 0, "SECONDS", "between two questions for names (60)"},
};

static const struct option_table table = {
    .usage = "hedgerow collect cloudfoundry [OPTION]...",
    .summary =
	"Reads what cfdot prints of Diego's LRPs, and keeps Redis or a file\n"
	"in step with it.  A blank line says that `cfdot actual-lrps` was\n"
	"printed whole: what it does not have is gone.  A Cloud Controller\n"
	"knows names where Diego's metric tags have none.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples =
	"  { cfdot desired-lrps; cfdot actual-lrps && echo; cfdot lrp-events; "
	"} |\n"
	"    hedgerow collect cloudfoundry --redis unix:/run/redis.sock\n",
};

struct foundry_options {
	struct collect_cloudfoundry_settings settings;
	const char *lines;
};

#define PLACE(member)                                                          \
	{                                                                      \
		offsetof(struct foundry_options, member), false                \
	}

static const struct collect_place places[ROW_COUNT - COLLECT_ROW_COUNT] = {
    PLACE(lines),
    PLACE(settings.api),
    PLACE(settings.token_file),
    PLACE(settings.authorities.file),
    {offsetof(struct foundry_options, settings.poll_seconds), true},
};

static bool
check_api(struct arena *arena, struct foundry_options *options)
{
	const char *api = options->settings.api;

	if (api == NULL) {
		if (options->settings.token_file == NULL)
			return true;
		options_complain(
		    &table, "a token for whom? give --api URL with it");
		return false;
	}
	if (strncmp(api, "http://", 7) != 0 &&
	    strncmp(api, "https://", 8) != 0) {
		options_complain(&table,
		    "`%s` is no Cloud Controller: write https://HOST", api);
		return false;
	}
	if (api[strlen(api) - 1] == '/')
		options->settings.api =
		    arena_text_n(arena, api, strlen(api) - 1);
	return true;
}

static bool
open_lines(struct foundry_options *options)
{
	struct stat status;
	int descriptor = STDIN_FILENO;

	if (options->lines != NULL && strcmp(options->lines, "-") != 0)
		descriptor =
		    open(options->lines, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0 || fstat(descriptor, &status) != 0) {
		options_complain(&table, "%s: cannot be read: %s",
		    options->lines == NULL ? "-" : options->lines,
		    strerror(errno));
		return false;
	}
	options->settings.lines = descriptor;
	/* Whatever is neither of these is always ready to be read. */
	options->settings.grows =
	    !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode);
	return true;
}

static bool
check(struct arena *arena, void *context)
{
	return check_api(arena, context) && open_lines(context);
}

static void *
begin(struct collect_run *run, const struct collect_listener *listener,
    const void *context)
{
	const struct foundry_options *options = context;

	return collect_cloudfoundry_new(
	    run->loop, run->http, &options->settings, listener);
}

static void
end(void *collector)
{
	collect_cloudfoundry_free(collector);
}

int
command_collect_cloudfoundry(int argc, char **argv)
{
	static const struct collect_source source = {
	    .name = "cloudfoundry",
	    .table = &table,
	    .places = places,
	    .size = sizeof(struct foundry_options),
	    .check = check,
	    .begin = begin,
	    .end = end,
	};

	return collect_command(&source, argc, argv);
}
