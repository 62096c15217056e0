#include "classifiers/detectors/testimony.h"

/* A sentence has two names of 512 at most; evidence a few dozen members. */
#define SENTENCE_MAXIMUM ((size_t)2048)
#define EVIDENCE_MAXIMUM ((size_t)4096)

/* Takes all the memory that the text will ever need. */
static void
text_init_whole(struct text *text, size_t maximum)
{
	text_init(text, maximum);
	for (size_t i = 0; i < maximum; i++)
		text_add_char(text, ' ');
	text_clear(text);
}

void
testimony_init(struct testimony *testimony)
{
	text_init_whole(&testimony->sentence, SENTENCE_MAXIMUM);
	text_init_whole(&testimony->evidence, EVIDENCE_MAXIMUM);
	testimony_begin(testimony);
}

void
testimony_release(struct testimony *testimony)
{
	text_release(&testimony->sentence);
	text_release(&testimony->evidence);
}

void
testimony_begin(struct testimony *testimony)
{
	text_clear(&testimony->sentence);
	text_clear(&testimony->evidence);
	testimony->json = json_to(&testimony->evidence);
}

void
testimony_time(struct testimony *testimony, const char *key, int64_t ns)
{
	char text[INSTANT_TEXT_SIZE];

	instant_print((struct instant){ns}, text);
	json_put_string(&testimony->json, key, text);
}

void
testimony_times(struct testimony *testimony, int64_t ns, int64_t other_ns)
{
	bool turned = other_ns < ns;

	testimony_time(testimony, "first", turned ? other_ns : ns);
	testimony_time(testimony, "last", turned ? ns : other_ns);
}

void
testimony_numbers(struct testimony *testimony, const char *key,
    const uint64_t *numbers, size_t count)
{
	json_array_open(&testimony->json, key);
	for (size_t i = 0; i < count; i++)
		if (numbers[i] != 0)
			json_put_int(
			    &testimony->json, NULL, (int64_t)numbers[i]);
	json_array_close(&testimony->json);
}

void
testimony_fraction(struct testimony *testimony, const char *key, double value)
{
	struct text *out = &testimony->evidence;

	if (testimony->json.comma)
		text_add_char(out, ',');
	text_format(out, "\"%s\":%.3f", key, value);
	testimony->json.comma = true;
}

uint32_t
testimony_at_least(uint32_t number)
{
	uint32_t unit = 1;

	while (number / unit >= 10)
		unit *= 10;
	return number / unit * unit;
}
