#include "classifiers/sources/recordio.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* Of the largest 64-bit length; more are refused before they overflow. */
#define DIGITS_MAXIMUM 20

#define CAPACITY_FIRST ((size_t)4096)

void
recordio_init(struct recordio *reader, size_t maximum)
{
	*reader = (struct recordio){.maximum = maximum};
}

void
recordio_release(struct recordio *reader)
{
	free(reader->record);
	*reader = (struct recordio){0};
}

/*
 * Takes one character of a length; the documented reader passes over empty
 * lines, so this does too.  A length is never 0 (scheduler-http-api.md).
 */
static bool
take_digit(struct recordio *reader, char c)
{
	size_t digit;

	if (c == '\n') {
		if (reader->digits == 0)
			return true;
		reader->wanted = reader->length;
		reader->length = 0;
		reader->digits = 0;
		return reader->wanted != 0;
	}
	if (c < '0' || c > '9' || reader->digits == DIGITS_MAXIMUM)
		return false;
	reader->digits++;
	digit = (size_t)(c - '0');
	/* Checked at every digit, so this cannot overflow. */
	if (reader->maximum < digit ||
	    reader->length > (reader->maximum - digit) / 10)
		return false;
	reader->length = 10 * reader->length + digit;
	return true;
}

static void
make_room(struct recordio *reader, size_t more)
{
	size_t need = reader->length + more + 1;

	if (need <= reader->capacity)
		return;
	if (reader->capacity == 0)
		reader->capacity = CAPACITY_FIRST;
	while (reader->capacity < need)
		reader->capacity *= 2;
	reader->record = reallocate(reader->record, reader->capacity, 1);
}

/* Returns whether the record is whole. */
static bool
take_octets(struct recordio *reader, const char **octets, size_t *size)
{
	size_t count = reader->wanted - reader->length;

	if (count > *size)
		count = *size;
	make_room(reader, count);
	memcpy(reader->record + reader->length, *octets, count);
	reader->length += count;
	reader->record[reader->length] = '\0';
	*octets += count;
	*size -= count;
	return reader->length == reader->wanted;
}

enum recordio_status
recordio_take(struct recordio *reader, const char **octets, size_t *size)
{
	if (reader->whole) {
		reader->whole = false;
		reader->length = reader->wanted = 0;
	}
	while (*size > 0 && !reader->broken) {
		if (reader->wanted > 0) {
			if (!take_octets(reader, octets, size))
				break;
			reader->whole = true;
			return RECORDIO_RECORD;
		}
		reader->broken = !take_digit(reader, **octets);
		++*octets;
		--*size;
	}
	return reader->broken ? RECORDIO_BROKEN : RECORDIO_MORE;
}

bool
recordio_between(const struct recordio *reader)
{
	return !reader->broken && reader->digits == 0 &&
	       (reader->wanted == 0 || reader->whole);
}
