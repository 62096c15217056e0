#include "sensor/live/exposition.h"

#include <inttypes.h>

#include "sensor/base/text.h"

void
exposition_family(
    struct text *out, const char *name, const char *type, const char *help)
{
	text_format(out, "# HELP hedgerow_%s %s\n# TYPE hedgerow_%s %s\n", name,
	    help, name, type);
}

/* Any character may stand in it but these three. */
static void
write_value(struct text *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_add_char(out, '\\');
		text_add_char(out, *value == '\n' ? ' ' : *value);
	}
}

void
exposition_sample(struct text *out, const char *name,
    const struct exposition_label *labels, size_t count, uint64_t value)
{
	text_format(out, "hedgerow_%s", name);
	for (size_t i = 0; i < count; i++) {
		text_format(out, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
		write_value(out, labels[i].value);
		text_add_char(out, '"');
	}
	text_format(out, "%s %" PRIu64 "\n", count == 0 ? "" : "}", value);
}

void
exposition_plain(struct text *out, const char *name, const char *type,
    const char *help, uint64_t value)
{
	exposition_family(out, name, type, help);
	exposition_sample(out, name, NULL, 0, value);
}

void
exposition_labelled(struct text *out, const char *name, const char *label,
    const char *text, uint64_t value)
{
	const struct exposition_label one = {label, text};

	exposition_sample(out, name, &one, 1, value);
}
