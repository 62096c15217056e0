#include "sensor/base/report.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"

struct source {
	const char *name;
	command *run;
	const char *summary;
};

/* What facts are collected from, one file each. */
static const struct source sources[] = {
    {"kubernetes", command_collect_kubernetes,
	"an API server (also OpenShift, Rancher, k3s)"},
    {"docker", command_collect_docker, "a Docker Engine, or a Swarm's manager"},
    {"mesos", command_collect_mesos, "a Mesos master and Marathon"},
    {"cloudfoundry", command_collect_cloudfoundry, "Diego, as cfdot prints it"},
    {"file", command_collect_file, "inventory files, of any form"},
};

#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

static int
print_usage(FILE *out, int code)
{
	fputs(
	    "usage: hedgerow collect SOURCE [OPTION]...\n\n"
	    "Keeps an inventory in step with an orchestrator, for any number\n"
	    "of sensors to read.  One collector per cluster.\n\n"
	    "sources:\n",
	    out);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		fprintf(
		    out, "  %-12s %s\n", sources[i].name, sources[i].summary);
	fputs("\n`hedgerow collect SOURCE --help` shows its options.\n"
	      "\nexamples:\n"
	      "  hedgerow collect kubernetes --help\n",
	    out);
	return code;
}

static int
complain_unknown(const char *word)
{
	const char *names[SOURCE_COUNT + 1] = {0};
	const char *nearest;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		names[i] = sources[i].name;
	nearest = nearest_word(word, names);
	fprintf(stderr, "hedgerow: nothing is collected from `%s`", word);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean `%s`?", nearest);
	fputs("; there is:", stderr);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : ",", sources[i].name);
	fputs("\nTry `hedgerow collect --help`.\n", stderr);
	return EXIT_USAGE;
}

int
command_collect(int argc, char **argv)
{
	if (argc == 0)
		return print_usage(stderr, EXIT_USAGE);
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
		return print_usage(stdout, EXIT_DONE);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		if (strcmp(argv[0], sources[i].name) == 0)
			return sources[i].run(argc - 1, argv + 1);
	return complain_unknown(argv[0]);
}
