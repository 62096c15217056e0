#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/collect/collect_kubernetes.h"
#include "classifiers/collect/kubeconfig.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/commands/collect_output.h"
#include "sensor/commands/collect_run.h"
#include "sensor/commands/commands.h"
#include "sensor/run/options.h"

/* kubectl merges any number; nobody has as many. */
#define KUBECONFIGS_MAXIMUM 32

enum {
	ROW_KUBECONFIG = COLLECT_ROW_COUNT,
	ROW_CONTEXT,
	ROW_NAMESPACE,
	ROW_WATCH_SECONDS,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    COLLECT_ROWS,
    [ROW_KUBECONFIG] = {"kubeconfig", 0, "FILE",
	"instead of $KUBECONFIG, ~/.kube/config or the pod's own account"},
    [ROW_CONTEXT] = {"context", 0, "NAME",
	"of the kubeconfig, instead of its current one"},
    [ROW_NAMESPACE] = {"namespace", 'n', "NAME",
	"only this namespace, and the nodes"},
    [ROW_WATCH_SECONDS] = {"watch-seconds", 0, "N",
	"begin watches anew after so long (300); less than a proxy's timeout"},
};

static const struct option_table table = {
    .usage = "hedgerow collect kubernetes [OPTION]...",
    .summary =
	"Lists and watches what a Kubernetes API server has, and keeps Redis\n"
	"or a file in step with it.  Needs get, list and watch of twelve\n"
	"kinds, as in deploy/kubernetes/rbac.yaml; what may not be read is\n"
	"said once and left out.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples =
	"  hedgerow collect kubernetes --once --output inventory.ndjson\n",
};

struct kubernetes_options {
	struct collect_kubernetes_settings settings;
	struct kubernetes_access access;
	const char *kubeconfig, *context;
};

static const struct collect_place places[ROW_COUNT - COLLECT_ROW_COUNT] = {
    {offsetof(struct kubernetes_options, kubeconfig), false},
    {offsetof(struct kubernetes_options, context), false},
    {offsetof(struct kubernetes_options, settings.namespace), false},
    {offsetof(struct kubernetes_options, settings.watch_seconds), true},
};

/* --- where the server is ------------------------------------------------- */

/* The files of $KUBECONFIG that there are; kubectl, too, passes over others. */
static size_t
split_paths(struct arena *arena, const char *value, const char **paths)
{
	size_t count = 0;

	while (*value != '\0' && count < KUBECONFIGS_MAXIMUM) {
		size_t length = strcspn(value, ":");
		char *path = arena_text_n(arena, value, length);

		if (length > 0 && access(path, F_OK) == 0)
			paths[count++] = path;
		value += length;
		value += *value == ':' ? 1 : 0;
	}
	return count;
}

/* In the order in which kubectl and client-go look. */
static size_t
find_paths(struct arena *arena, const struct kubernetes_options *options,
    const char **paths)
{
	const char *variable = getenv("KUBECONFIG"), *home = getenv("HOME");

	if (options->kubeconfig != NULL) {
		paths[0] = options->kubeconfig;
		return 1;
	}
	if (variable != NULL && variable[0] != '\0')
		return split_paths(arena, variable, paths);
	if (home == NULL)
		return 0;
	paths[0] = arena_format(arena, "%s/.kube/config", home);
	return access(paths[0], F_OK) == 0 ? 1 : 0;
}

static bool
find_access(struct arena *arena, void *given)
{
	struct kubernetes_options *options = given;
	const char *paths[KUBECONFIGS_MAXIMUM];
	size_t count = find_paths(arena, options, paths);
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	struct report *report;
	bool found;

	if (count == 0 && (host == NULL || port == NULL)) {
		options_complain(&table,
		    "no kubeconfig: give --kubeconfig FILE, or set KUBECONFIG "
		    "to one that is there");
		return false;
	}
	report = report_new();
	if (count > 0)
		found = kubeconfig_read(arena, paths, count, options->context,
		    report, &options->access);
	else
		found = kubeconfig_in_cluster(arena, KUBECONFIG_IN_CLUSTER,
		    host, port, report, &options->access);
	report_print(report, stderr);
	report_free(report);
	options->settings.access = &options->access;
	return found;
}

/* --- the run ------------------------------------------------------------- */

static void *
begin(struct collect_run *run, const struct collect_listener *listener,
    const void *given)
{
	const struct kubernetes_options *options = given;

	return collect_kubernetes_new(
	    run->loop, run->http, &options->settings, listener);
}

static void
end(void *collector)
{
	collect_kubernetes_free(collector);
}

int
command_collect_kubernetes(int argc, char **argv)
{
	static const struct collect_source source = {
	    .name = "kubernetes",
	    .table = &table,
	    .places = places,
	    .size = sizeof(struct kubernetes_options),
	    .check = find_access,
	    .begin = begin,
	    .end = end,
	};

	return collect_command(&source, argc, argv);
}
