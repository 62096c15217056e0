#include "sensor/commands/commands.h"

#include "classifiers/appid.h"
#include "sensor/base/report.h"
#include "sensor/run/exit.h"

struct verb {
	const char *name;
	command *run;
	const char *summary;
};

static const struct verb verbs[] = {
    {"replay", command_replay,
	"judge the flows of capture files (also: hedgerow -r FILE)"},
    {"run", command_run,
	"the live sensor on interfaces (also: hedgerow -i IFACE)"},
    {"ctl", command_ctl, "ask a running sensor: stats, health, reload"},
    {"check", command_check, "what is missing on this host, and the remedy"},
    {"workloads", command_workloads, "who held which address, when"},
    {"model", command_model, "list, show, check and explain models"},
    {"detectors", command_detectors,
	"what detectors of anomalies go by, as settings to copy from"},
    {"policy", command_policy,
	"what the models come to: show, coverage, diff, test, compile"},
    {"explain", command_explain,
	"an alert's proof, and the edit that would allow it"},
    {"alerts", command_alerts,
	"show, follow and send again what the alert journal has"},
    {"collect", command_collect,
	"keep an inventory in step with an orchestrator"},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static int
print_usage(FILE *out, int code)
{
	fputs("usage: hedgerow COMMAND [OPTION]...\n\n"
	      "Watches a container network passively and says which flows are\n"
	      "not what the workloads' models expect.\n\ncommands:\n",
	    out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\n  --version    print the version\n"
	      "\n`hedgerow COMMAND --help` shows an example that runs.\n",
	    out);
	return code;
}

static int
complain_unknown(const char *word)
{
	const char *names[VERB_COUNT + 1] = {0};
	const char *nearest;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	nearest = nearest_word(word, names);
	fprintf(stderr, "hedgerow: no command `%s`", word);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean `%s`?", nearest);
	fputs("\nTry `hedgerow --help`.\n", stderr);
	return EXIT_USAGE;
}

int
commands_run(int argc, char **argv)
{
	if (argc < 2)
		return print_usage(stderr, EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return print_usage(stdout, EXIT_DONE);
	if (strcmp(argv[1], "--version") == 0) {
		printf("hedgerow %s (%s)\n", HEDGEROW_VERSION, appid_version());
		return EXIT_DONE;
	}
	/* As tcpdump is called. */
	if (strncmp(argv[1], "-r", 2) == 0)
		return command_replay(argc - 1, argv + 1);
	if (strncmp(argv[1], "-i", 2) == 0 || strcmp(argv[1], "-D") == 0)
		return command_run(argc - 1, argv + 1);
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 2, argv + 2);
	return complain_unknown(argv[1]);
}
