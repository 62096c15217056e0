#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_docker.h"
#include "sensor/base/arena.h"
#include "sensor/commands/collect_output.h"
#include "sensor/commands/collect_run.h"
#include "sensor/commands/commands.h"
#include "sensor/run/options.h"

#define SOCKET "/var/run/docker.sock"

enum {
	ROW_HOST = COLLECT_ROW_COUNT,
	ROW_AUTHORITY,
	ROW_CERTIFICATE,
	ROW_KEY,
	ROW_POLL,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    COLLECT_ROWS,
    [ROW_HOST] = {"host", 'H', "URL",
	"unix:///var/run/docker.sock, or tcp://HOST:2376 with TLS"},
    [ROW_AUTHORITY] = {"tlscacert", 0, "FILE", "who signed the engine's"},
    [ROW_CERTIFICATE] = {"tlscert", 0, "FILE", "certificate to show it"},
    [ROW_KEY] = {"tlskey", 0, "FILE", "and its key"},
    [ROW_POLL] = {"poll", 0, "SECONDS",
	"between two questions for a Swarm's tasks (10)"},
};

static const struct option_table table = {
    .usage = "hedgerow collect docker [OPTION]...",
    .summary =
	"Lists what a Docker Engine runs, follows its events, and keeps Redis\n"
	"or a file in step with it.  On a manager of a Swarm it also asks for\n"
	"nodes, services and tasks every ten seconds.  Whoever may read the\n"
	"engine's socket may do anything with the engine: give hedgerow a\n"
	"proxy that allows GET alone where that is too much.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples =
	"  hedgerow collect docker --once --output inventory.ndjson\n"
	"  hedgerow collect docker --redis unix:/run/redis/redis.sock\n",
};

struct docker_options {
	struct collect_docker_settings settings;
	const char *host;
};

#define PLACE(member)                                                          \
	{                                                                      \
		offsetof(struct docker_options, member), false                 \
	}

static const struct collect_place places[ROW_COUNT - COLLECT_ROW_COUNT] = {
    PLACE(host),
    PLACE(settings.authorities.file),
    PLACE(settings.certificate.file),
    PLACE(settings.key.file),
    {offsetof(struct docker_options, settings.poll_seconds), true},
};

/* The forms that the docker command takes, and plain URLs. */
static bool
find_engine(struct arena *arena, void *context)
{
	struct docker_options *options = context;
	struct collect_docker_settings *settings = &options->settings;
	const char *certificate = settings->certificate.file;
	const char *host = options->host;

	if (host == NULL)
		host = getenv("DOCKER_HOST");
	if (host == NULL || host[0] == '\0')
		host = "unix://" SOCKET;
	if (strncmp(host, "unix://", 7) == 0) {
		settings->unix_socket = host + 7;
		settings->url = "http://docker";
	} else if (strncmp(host, "tcp://", 6) == 0) {
		settings->url = arena_format(arena, "%s://%s",
		    settings->authorities.file == NULL && certificate == NULL
			? "http"
			: "https",
		    host + 6);
	} else if (strncmp(host, "https://", 8) == 0 ||
		   strncmp(host, "http://", 7) == 0) {
		settings->url = host;
	} else {
		options_complain(&table,
		    "`%s` is no engine: write unix:///PATH, tcp://HOST:PORT or "
		    "https://HOST:PORT",
		    host);
		return false;
	}
	if ((certificate == NULL) == (settings->key.file == NULL))
		return true;
	options_complain(&table, "--tlscert and --tlskey go together");
	return false;
}

static void *
begin(struct collect_run *run, const struct collect_listener *listener,
    const void *context)
{
	const struct docker_options *options = context;

	return collect_docker_new(
	    run->loop, run->http, &options->settings, listener);
}

static void
end(void *collector)
{
	collect_docker_free(collector);
}

int
command_collect_docker(int argc, char **argv)
{
	static const struct collect_source source = {
	    .name = "docker",
	    .table = &table,
	    .places = places,
	    .size = sizeof(struct docker_options),
	    .check = find_engine,
	    .begin = begin,
	    .end = end,
	};

	return collect_command(&source, argc, argv);
}
