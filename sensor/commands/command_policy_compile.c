#include "models/export.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/commands/commands.h"
#include "sensor/run/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/setup.h"

enum {
	ROW_FORMAT = SETUP_ROW_COUNT,
	ROW_AT,
	ROW_ENFORCE,
	ROW_LOSSES,
	ROW_COUNT,
};

static const struct option_row rows[ROW_COUNT] = {
    SETUP_ROWS,
    [ROW_FORMAT] = {"format", 'f', "FORMAT",
	"nftables, iptables, networkpolicy, cilium, calico or json"},
    [ROW_AT] = {"at", 0, "TIME",
	"workloads of that time, as 2026-11-21T06:28:00Z"},
    [ROW_ENFORCE] = {"enforce", 0, NULL,
	"drop what no statement allows, instead of logging it"},
    [ROW_LOSSES] = {"losses", 0, NULL,
	"print only what the format cannot say, as JSON lines"},
};

static const struct option_table table = {
    .usage = "hedgerow policy compile --format FORMAT [OPTION]...",
    .summary =
	"Writes the policy as rules for something that can enforce it.  What\n"
	"the format cannot say is listed at the head.  Loads nothing.",
    .rows = rows,
    .count = ROW_COUNT,
    .examples =
	"  hedgerow policy compile --format nftables \\\n"
	"    --models pcaps/demo/models --inventory pcaps/demo/metadata.json\n"
	"  hedgerow policy compile --format networkpolicy --losses \\\n"
	"    --models pcaps/demo/models --inventory pcaps/demo/metadata.json\n",
};

struct compile_options {
	struct setup_paths paths;
	struct export_options export;
	enum export_format format;
	bool has_format;
};

static bool
take_format(struct compile_options *options, const char *value)
{
	const char *nearest;

	options->has_format = export_format_find(value, &options->format);
	if (options->has_format)
		return true;
	nearest = nearest_word(value, export_format_names());
	options_complain(&table, "no format `%s`; %s%s%s", value,
	    nearest == NULL ? "there is nftables, iptables, networkpolicy, "
			      "cilium, calico and json"
			    : "did you mean ",
	    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
	return false;
}

static bool
take(size_t row, const char *value, void *context)
{
	struct compile_options *options = context;

	if (row < SETUP_ROW_COUNT)
		return setup_take(&options->paths, row, value);
	switch (row) {
	case ROW_FORMAT:
		return take_format(options, value);
	case ROW_AT:
		return options_time(&table, value, &options->export.at);
	case ROW_ENFORCE:
		options->export.enforce = true;
		return true;
	case ROW_LOSSES:
		options->export.losses = true;
		return true;
	default:
		return false;
	}
}

/* Half a ruleset is worse than none, so what is too long is not written. */
static int
write_export(const struct compile_options *options, const struct setup *setup)
{
	struct text out;
	size_t losses;
	int code = setup->damaged ? EXIT_INPUT : EXIT_DONE;

	text_init(&out, EXPORT_MAXIMUM);
	losses = export_policy(setup->policy, setup->library, setup->inventory,
	    options->format, &options->export, &out);
	if (out.overflow) {
		fputs("hedgerow: the rules are over a gigabyte\n", stderr);
		code = EXIT_INPUT;
	} else {
		fwrite(out.at, 1, out.length, stdout);
		if (!options->export.losses)
			fprintf(stderr,
			    "hedgerow: %zu losses; they are listed %s\n",
			    losses,
			    options->format == EXPORT_JSON ? "under `losses`"
							   : "at the head");
	}
	text_release(&out);
	return code;
}

int
command_policy_compile(int argc, char **argv)
{
	/* What is a guess is for looking, and not for dropping. */
	struct compile_options options = {
	    .export.at = INSTANT_PAST, .paths.no_general = true};
	struct setup setup;
	int code;

	if (!options_begin(&table, argc, argv, take, &options, &code))
		return code;
	if (!options.has_format) {
		options_complain(&table, "--format is missing");
		return EXIT_USAGE;
	}
	code = setup_load(&options.paths, &setup);
	if (code == EXIT_DONE)
		code = write_export(&options, &setup);
	setup_release(&setup);
	return code;
}
