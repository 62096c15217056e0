#include "tests/bench/script.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/random.h"

/* The longest text that one script_text() makes. */
#define TEXT_MAXIMUM 1024

bool
script_has_room(const struct script *script, size_t size)
{
	return script->used + size <= SCRIPT_OCTETS_MAXIMUM &&
	       script->count + 2 < SCRIPT_MESSAGES_MAXIMUM;
}

void
script_clear(struct script *script)
{
	script->datagrams = false;
	script->count = 0;
	script->used = 0;
}

void
script_speak(struct script *script, bool from_server)
{
	assert(script->count < SCRIPT_MESSAGES_MAXIMUM);
	script->messages[script->count++] =
	    (struct message){from_server, (uint32_t)script->used, 0};
}

/* Lengthens the message that is being made, and says where. */
static uint8_t *
more(struct script *script, size_t size)
{
	uint8_t *at = script->octets + script->used;

	assert(script->count > 0);
	assert(script->used + size <= SCRIPT_OCTETS_MAXIMUM);
	script->used += size;
	script->messages[script->count - 1].size += (uint32_t)size;
	return at;
}

void
script_add(struct script *script, const void *octets, size_t size)
{
	memcpy(more(script, size), octets, size);
}

void
script_text(struct script *script, const char *format, ...)
{
	char text[TEXT_MAXIMUM];
	va_list values;
	int size;

	va_start(values, format);
	size = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	assert(size >= 0 && size < TEXT_MAXIMUM);
	script_add(script, text, (size_t)size);
}

static void
put(uint8_t *at, unsigned width, uint32_t value, bool big)
{
	for (unsigned i = 0; i < width; i++)
		at[big ? width - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

void
script_u8(struct script *script, unsigned value)
{
	put(more(script, 1), 1, value, true);
}

void
script_be16(struct script *script, unsigned value)
{
	put(more(script, 2), 2, value, true);
}

void
script_be24(struct script *script, uint32_t value)
{
	put(more(script, 3), 3, value, true);
}

void
script_be32(struct script *script, uint32_t value)
{
	put(more(script, 4), 4, value, true);
}

void
script_le16(struct script *script, unsigned value)
{
	put(more(script, 2), 2, value, false);
}

void
script_le32(struct script *script, uint32_t value)
{
	put(more(script, 4), 4, value, false);
}

void
script_noise(struct script *script, struct random *random, size_t size)
{
	random_fill(random, more(script, size), size);
}

size_t
script_mark(const struct script *script)
{
	return script->used;
}

void
script_patch_be16(struct script *script, size_t at, size_t value)
{
	put(script->octets + at, 2, (uint32_t)value, true);
}

void
script_patch_be24(struct script *script, size_t at, size_t value)
{
	put(script->octets + at, 3, (uint32_t)value, true);
}

void
script_patch_be32(struct script *script, size_t at, size_t value)
{
	put(script->octets + at, 4, (uint32_t)value, true);
}

void
script_patch_le32(struct script *script, size_t at, size_t value)
{
	put(script->octets + at, 4, (uint32_t)value, false);
}
