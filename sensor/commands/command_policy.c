#include "sensor/base/report.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"

struct action {
	const char *name;
	command *run;
	const char *summary;
};

/* What can be done with a policy, one file each. */
static const struct action actions[] = {
    {"show", command_policy_show, "every statement, with its model lines"},
    {"coverage", command_policy_coverage, "who has a model, and who has none"},
    {"diff", command_policy_diff, "what two policies state differently"},
    {"test", command_policy_test, "verdicts for flow records"},
    {"compile", command_policy_compile, "rules for firewalls and clusters"},
};

#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

static int
print_usage(FILE *out, int code)
{
	fputs("usage: hedgerow policy ACTION [OPTION]...\n\n"
	      "What the models come to for the workloads of an inventory.\n\n"
	      "actions:\n",
	    out);
	for (size_t i = 0; i < ACTION_COUNT; i++)
		fprintf(
		    out, "  %-12s %s\n", actions[i].name, actions[i].summary);
	fputs("\n`hedgerow policy ACTION --help` shows its options.\n"
	      "\nexamples:\n"
	      "  hedgerow policy show --models pcaps/demo/models \\\n"
	      "    --inventory pcaps/demo/metadata.json\n",
	    out);
	return code;
}

static int
complain_unknown(const char *word)
{
	const char *names[ACTION_COUNT + 1] = {0};
	const char *nearest;

	for (size_t i = 0; i < ACTION_COUNT; i++)
		names[i] = actions[i].name;
	nearest = nearest_word(word, names);
	fprintf(stderr, "hedgerow: no policy command `%s`", word);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean `%s`?", nearest);
	fputs("; there is:", stderr);
	for (size_t i = 0; i < ACTION_COUNT; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : ",", actions[i].name);
	fputs("\nTry `hedgerow policy --help`.\n", stderr);
	return EXIT_USAGE;
}

int
command_policy(int argc, char **argv)
{
	if (argc == 0)
		return print_usage(stderr, EXIT_USAGE);
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
		return print_usage(stdout, EXIT_DONE);
	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (strcmp(argv[0], actions[i].name) == 0)
			return actions[i].run(argc - 1, argv + 1);
	return complain_unknown(argv[0]);
}
