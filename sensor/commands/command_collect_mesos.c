#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_mesos.h"
#include "sensor/base/arena.h"
#include "sensor/base/file.h"
#include "sensor/commands/collect_output.h"
#include "sensor/commands/collect_run.h"
#include "sensor/commands/commands.h"
#include "sensor/run/options.h"

/* A line of a password file. */
#define PASSWORD_MAXIMUM ((size_t)1024)

enum {
	ROW_MASTER = COLLECT_ROW_COUNT,
	ROW_USER,
	ROW_PASSWORD_FILE,
	ROW_AUTHORITY,
	ROW_CERTIFICATE,
	ROW_KEY,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    COLLECT_ROWS,
    [ROW_MASTER] = {"master", 'm', "URL",
	"any master of the cluster: http://HOST:5050"},
    [ROW_USER] = {"user", 'u', "NAME", "principal to log in as"},
    [ROW_PASSWORD_FILE] = {"password-file", 0, "FILE",
	"its secret, in a file's first line"},
    [ROW_AUTHORITY] = {"cacert", 0, "FILE", "who signed the master's"},
    [ROW_CERTIFICATE] = {"cert", 0, "FILE", "certificate to show it"},
    [ROW_KEY] = {"key", 0, "FILE", "and its key"},
};

static const struct option_table table = {
    .usage = "hedgerow collect mesos --master URL [OPTION]...",
    .summary =
	"Subscribes to what a Mesos master says of tasks and agents, and\n"
	"keeps Redis or a file in step with it.  Any master will do: it names\n"
	"the one that leads.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples = "  hedgerow collect mesos --master http://10.0.0.2:5050 "
		"--once -o inventory.ndjson\n",
};

struct mesos_options {
	struct collect_mesos_settings settings;
	const char *password_file;
};

#define PLACE(member)                                                          \
	{                                                                      \
		offsetof(struct mesos_options, member), false                  \
	}

static const struct collect_place places[ROW_COUNT - COLLECT_ROW_COUNT] = {
    PLACE(settings.url),
    PLACE(settings.user),
    PLACE(password_file),
    PLACE(settings.authorities.file),
    PLACE(settings.certificate.file),
    PLACE(settings.key.file),
};

static bool
read_password(struct arena *arena, const char *path, const char **password)
{
	char *octets;
	size_t size;
	int fault = file_read(path, PASSWORD_MAXIMUM, &octets, &size);

	if (fault < 0) {
		options_complain(
		    &table, "%s: cannot be read: %s", path, strerror(-fault));
		return false;
	}
	*password = arena_text_n(arena, octets, strnlen(octets, size));
	*password = arena_text_n(arena, *password, strcspn(*password, "\r\n"));
	free(octets);
	return true;
}

/* A slash at its end would be one too many in every URL. */
static bool
check(struct arena *arena, void *context)
{
	struct mesos_options *options = context;
	const char *url = options->settings.url;

	if (url == NULL || (strncmp(url, "http://", 7) != 0 &&
			       strncmp(url, "https://", 8) != 0)) {
		options_complain(
		    &table, "which master? write --master http://HOST:5050");
		return false;
	}
	if (options->password_file != NULL && options->settings.user == NULL) {
		options_complain(
		    &table, "a password is somebody's: give --user NAME");
		return false;
	}
	if (url[strlen(url) - 1] == '/')
		options->settings.url =
		    arena_text_n(arena, url, strlen(url) - 1);
	return options->password_file == NULL ||
	       read_password(
		   arena, options->password_file, &options->settings.password);
}

static void *
begin(struct collect_run *run, const struct collect_listener *listener,
    const void *context)
{
	const struct mesos_options *options = context;

	return collect_mesos_new(
	    run->loop, run->http, &options->settings, listener);
}

static void
end(void *collector)
{
	collect_mesos_free(collector);
}

int
command_collect_mesos(int argc, char **argv)
{
	static const struct collect_source source = {
	    .name = "mesos",
	    .table = &table,
	    .places = places,
	    .size = sizeof(struct mesos_options),
	    .check = check,
	    .begin = begin,
	    .end = end,
	};

	return collect_command(&source, argc, argv);
}
