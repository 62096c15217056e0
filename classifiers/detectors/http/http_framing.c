#include "classifiers/detectors/http/http_framing.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Headers of a request; programs refuse more than 100 or so. */
#define HEADERS_MAXIMUM 128

struct framing {
	bool has_length, has_coding;
	const char *length; /* its first value */
	size_t length_size;
	const char *fault;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
equals(const char *at, size_t size, const char *word)
{
	return size == strlen(word) && strncasecmp(at, word, size) == 0;
}

static void
read_length(struct framing *framing, const char *value, size_t size)
{
	if (size > 0 && *value == '-')
		framing->fault = "sends a request of a negative length";
	for (size_t i = 0; i < size; i++) {
		if (*value != '-' && (value[i] < '0' || value[i] > '9') &&
		    !is_blank(value[i]) && value[i] != ',')
			framing->fault = "sends a length that is no number";
	}
	if (framing->has_length &&
	    (size != framing->length_size ||
		memcmp(value, framing->length, size) != 0))
		framing->fault = "sends a request with two lengths";
	framing->has_length = true;
	framing->length = value;
	framing->length_size = size;
}

static void
read_coding(struct framing *framing, const char *value, size_t size)
{
	framing->has_coding = true;
	/* What some take for `chunked` and others do not; a list that ends in
	 * it is right (RFC 9112, 6.1). */
	if (memmem(value, size, "chunk", 5) != NULL &&
	    (size < 7 || strncasecmp(value + size - 7, "chunked", 7) != 0 ||
		(size > 7 && value[size - 8] != ' ' && value[size - 8] != ',')))
		framing->fault =
		    "sends a transfer coding that is chunked only to some";
}

static void
read_header(struct framing *framing, const char *line, size_t size)
{
	const char *colon;
	size_t name, value;

	/* Content-Length, Transfer-Encoding */
	if ((*line | 0x20) != 'c' && (*line | 0x20) != 't')
		return;
	colon = memchr(line, ':', size);
	if (colon == NULL)
		return;
	name = (size_t)(colon - line);
	value = name + 1;
	while (name > 0 && is_blank(line[name - 1]))
		name--;
	while (value < size && is_blank(line[value]))
		value++;
	while (size > value && is_blank(line[size - 1]))
		size--;
	if (equals(line, name, "content-length"))
		read_length(framing, line + value, size - value);
	else if (equals(line, name, "transfer-encoding"))
		read_coding(framing, line + value, size - value);
	else
		return;
	if (line + name != colon)
		framing->fault = "puts a space before a length's colon";
}

/* The next line without its end; false at the end of what is there. */
static bool
next_line(const char **at, const char *end, const char **line, size_t *size)
{
	const char *stop =
	    *at >= end ? NULL : memchr(*at, '\n', (size_t)(end - *at));

	if (stop == NULL)
		return false;
	*line = *at;
	*size = (size_t)(stop - *at);
	if (*size > 0 && (*line)[*size - 1] == '\r')
		--*size;
	*at = stop + 1;
	return true;
}

const char *
http_framing_fault(const uint8_t *octets, size_t size)
{
	const char *at = (const char *)octets, *end = at + size, *line;
	struct framing framing = {.fault = NULL};
	bool framed = false;
	size_t length;

	if (!next_line(&at, end, &line, &length))
		return NULL;
	for (int i = 0; i < HEADERS_MAXIMUM; i++) {
		if (!next_line(&at, end, &line, &length) || length == 0)
			break;
		if (framed && (*line == ' ' || *line == '\t'))
			framing.fault = "folds a header that says a length";
		framed = false;
		if (*line == ' ' || *line == '\t')
			continue;
		read_header(&framing, line, length);
		framed = framing.has_coding &&
			 strncasecmp(line, "transfer-", 9) == 0;
	}
	if (framing.fault != NULL)
		return framing.fault;
	return framing.has_length && framing.has_coding
		   ? "sends a request with a length and a transfer coding"
		   : NULL;
}
