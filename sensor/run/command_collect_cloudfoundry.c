#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifiers/collect/collect_cloudfoundry.h"
#include "sensor/base/arena.h"
#include "sensor/base/http.h"
#include "sensor/base/loop.h"
#include "sensor/run/collect_output.h"
#include "sensor/run/collect_run.h"
#include "sensor/run/commands.h"
#include "sensor/run/exit.h"
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
	struct collect_options collect;
	struct collect_cloudfoundry_settings settings;
	const char *lines;
};

static bool
take(size_t row, const char *value, void *context)
{
	struct foundry_options *options = context;

	if (row < COLLECT_ROW_COUNT)
		return collect_options_take(
		    &table, &options->collect, row, value);
	switch (row) {
	case ROW_LINES:
		options->lines = value;
		return true;
	case ROW_API:
		options->settings.api = value;
		return true;
	case ROW_TOKEN_FILE:
		options->settings.token_file = value;
		return true;
	case ROW_AUTHORITY:
		options->settings.authorities.file = value;
		return true;
	case ROW_POLL:
		return collect_run_seconds(
		    &table, value, &options->settings.poll_seconds);
	default:
		options_complain(&table, "`%s`: no operand is expected", value);
		return false;
	}
}

static bool
check(struct arena *arena, struct foundry_options *options)
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

static void *
begin(struct collect_run *run, const struct collect_listener *listener,
    const void *settings)
{
	return collect_cloudfoundry_new(
	    run->loop, run->http, settings, listener);
}

static void
end(void *collector)
{
	collect_cloudfoundry_free(collector);
}

static const struct collect_source source = {"cloudfoundry", begin, end};

int
command_collect_cloudfoundry(int argc, char **argv)
{
	struct foundry_options options = {0};
	struct arena *arena;
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (!collect_options_check(&table, &options.collect))
		return EXIT_USAGE;
	options.settings.cluster = options.collect.cluster;
	options.settings.once = options.collect.once;
	options.settings.seed = collect_run_seed();
	arena = arena_new();
	if (check(arena, &options) && open_lines(&options)) {
		code =
		    collect_run(&source, &options.collect, &options.settings);
		if (options.settings.lines != STDIN_FILENO)
			(void)close(options.settings.lines);
	}
	arena_free(arena);
	return code;
}
