#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"

static const struct option_table table = {
    .usage = "hedgerow detectors",
    .summary = "Prints what every detector goes by, as a file of settings to "
	       "copy from:\na document with `detectors:` in a file of --models "
	       "sets it.",
    .rows = NULL,
    .count = 0,
    .examples = "  hedgerow detectors\n",
};

/* In lines of at most this length, each of which begins a comment. */
#define WIDTH 78

static void
print_comment(const char *indent, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column == 0 || column + 1 + word > WIDTH) {
			printf("%s%s#", column == 0 ? "" : "\n", indent);
			column = strlen(indent) + 1;
		}
		printf(" %.*s", (int)word, text);
		column += 1 + word;
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void
print_setting(const struct detector_setting *setting)
{
	char bounds[160], source[512];

	(void)snprintf(bounds, sizeof(bounds), "[%s, %.12g to %.12g]",
	    setting->unit, setting->least, setting->most);
	print_comment("    ", setting->meaning);
	print_comment("    ", bounds);
	(void)snprintf(source, sizeof(source), "source: %s", setting->source);
	print_comment("    ", source);
	printf("    %s: %.12g\n", setting->name, setting->standard);
}

/* There is no option to take. */
static bool
take(size_t row, const char *value, void *context)
{
	(void)row;
	(void)value;
	(void)context;
	return false;
}

int
command_detectors(int argc, char **argv)
{
	int code = EXIT_USAGE;

	if (!options_begin(&table, argc, argv, take, NULL, &code))
		return code;
	print_comment("",
	    "What every detector goes by where nothing else is said.  Made "
	    "by `hedgerow detectors`; docs/detectors.md is the manual.  Copy "
	    "what is to be different into a file of your models, or say for "
	    "whom it is: for: [{client: {application: shop/carts}, off: "
	    "true}].");
	puts("detectors:");
	for (size_t i = 0; i < detectors_count; i++) {
		const struct detector *detector = detectors_all[i];

		printf("  %s:\n", detector->name);
		puts("    off: false");
		for (size_t s = 0; s < detector->setting_count; s++)
			print_setting(&detector->settings[s]);
	}
	return EXIT_DONE;
}
