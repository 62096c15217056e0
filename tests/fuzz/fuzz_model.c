#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model_equal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct library *
parsed(const char *text)
{
	const char *name = "fuzz";
	enum layer layer = LAYER_OPERATOR;
	struct report *report = report_new();
	struct library *library =
	    library_parse(&name, &text, &layer, 1, report);

	if ((library == NULL) != (report_errors(report) > 0))
		abort();
	report_free(report);
	return library;
}

/* Whatever loads must be printed as something that loads to the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct library *library;
	struct text out;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	library = parsed(text);
	free(text);
	if (library == NULL)
		return 0;
	/* Fragments and `extends` written out may be far longer than read. */
	text_init(&out, (size_t)1 << 23);
	library_as_text(&out, library, LAYER_OPERATOR);
	if (!out.overflow) {
		struct library *again = parsed(out.at);

		if (again == NULL || !libraries_equal(library, again))
			abort();
		library_free(again);
	}
	text_release(&out);
	library_free(library);
	return 0;
}
