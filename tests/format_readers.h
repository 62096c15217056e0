/*
 * format_readers -- strict readers of CEF, LEEF and RFC 5424, for tests.
 *
 * Written from the published grammars and from nothing in alerts/: what a
 * reader takes out must be what was put in, and anything that the grammar does
 * not allow is a fault.  Sources: "Implementing ArcSight Common Event Format",
 * versions 25 to 27 (header, extension, character encoding, dictionary for
 * producers); IBM's "LEEF event components" and "Predefined LEEF event
 * attributes"; RFC 5424, section 6.
 */
#ifndef TESTS_FORMAT_READERS_H
#define TESTS_FORMAT_READERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define READER_FIELDS 96
#define READER_HEADS  8

struct reader_field {
	char *key, *value;
};

/* What a reader took out; `fault` is NULL when the line is in order. */
struct reader {
	const char *fault;
	char *store, *end; /* the line, unescaped in place */
	char *heads[READER_HEADS];
	size_t head_count;
	struct reader_field at[READER_FIELDS];
	size_t count;
	const char *message; /* RFC 5424's MSG */
};

/* --- what all of them ask for --------------------------------------------- */

/* The code point at `*at`, or -1 where it is no UTF-8; RFC 3629, section 4. */
static inline int32_t
reader_code_point(const char **at)
{
	const unsigned char *octets = (const unsigned char *)*at;
	int32_t code = octets[0];
	int more = code < 0x80   ? 0
		   : code < 0xc2 ? -1
		   : code < 0xe0 ? 1
		   : code < 0xf0 ? 2
		   : code < 0xf5 ? 3
				 : -1;
	static const int32_t least[] = {0, 0x80, 0x800, 0x10000};

	if (more < 0)
		return -1;
	code &= more == 0 ? 0x7f : 0x3f >> more;
	for (int i = 1; i <= more; i++) {
		if ((octets[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (octets[i] & 0x3f);
	}
	if (code < least[more] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return -1;
	*at += 1 + more;
	return code;
}

static inline bool
reader_is_control(int32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
	       code == 0x2029;
}

/* One line of UTF-8 without a control character but those in `allowed`. */
static inline bool
reader_is_line(const char *line, const char *allowed)
{
	while (*line != '\0') {
		bool fine = strchr(allowed, *line) != NULL;
		int32_t code = reader_code_point(&line);

		if (code < 0 || (reader_is_control(code) && !fine))
			return false;
	}
	return true;
}

static inline struct reader
reader_of(const char *line)
{
	struct reader reader = {.store = strdup(line)};

	if (reader.store == NULL)
		abort();
	reader.end = reader.store + strlen(line);
	return reader;
}

static inline void
reader_free(struct reader *reader)
{
	free(reader->store);
	reader->store = NULL;
}

static inline const char *
reader_get(const struct reader *reader, const char *key)
{
	for (size_t i = 0; i < reader->count; i++)
		if (strcmp(reader->at[i].key, key) == 0)
			return reader->at[i].value;
	return NULL;
}

static inline bool
reader_add(struct reader *reader, char *key, char *value)
{
	if (reader_get(reader, key) != NULL)
		reader->fault = "a key stands twice";
	else if (reader->count == READER_FIELDS)
		reader->fault = "too many fields";
	else
		reader->at[reader->count++] = (struct reader_field){key, value};
	return reader->fault == NULL;
}

static inline bool
reader_is_key(const char *key)
{
	size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return length > 0 && key[length] == '\0';
}

static inline bool
reader_is_number(const char *text, long long least, long long most)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	return *text != '\0' && *end == '\0' && number >= least &&
	       number <= most && (text[0] != '0' || text[1] == '\0') &&
	       text[0] != '+' && text[0] != ' ';
}

/*
 * Takes the backslashes out of `text`, in place.
 *
 * allowed    what may follow one; `n` and `r` become the line's ends
 */
static inline bool
reader_unescape(char *text, const char *allowed)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text != '\\') {
			*to++ = *text;
			continue;
		}
		text++;
		if (*text == '\0' || strchr(allowed, *text) == NULL)
			return false;
		*to++ = *text == 'n' ? '\n' : *text == 'r' ? '\r' : *text;
	}
	*to = '\0';
	return true;
}

/* The next `c` without a backslash before it, or NULL. */
static inline char *
reader_find(char *text, char c)
{
	for (; *text != '\0'; text++) {
		if (*text == c)
			return text;
		if (*text == '\\' && text[1] != '\0')
			text++;
	}
	return NULL;
}

/* --- CEF ------------------------------------------------------------------ */

enum cef_type { CEF_STRING, CEF_INTEGER, CEF_PORT, CEF_TIME, CEF_V4, CEF_V6 };

/* The part of the producers' dictionary that an alert has a use for. */
struct cef_key {
	const char *key;
	enum cef_type type;
	size_t length; /* characters of a string */
};

static const struct cef_key cef_keys[] = {
    {"act", CEF_STRING, 63},
    {"app", CEF_STRING, 31},
    {"c6a2", CEF_V6, 0},
    {"c6a2Label", CEF_STRING, 1023},
    {"c6a3", CEF_V6, 0},
    {"c6a3Label", CEF_STRING, 1023},
    {"cat", CEF_STRING, 1023},
    /* A floating point in the dictionary, of which we write whole ones. */
    {"cfp1", CEF_INTEGER, 0},
    {"cfp1Label", CEF_STRING, 1023},
    {"cn1", CEF_INTEGER, 0},
    {"cn1Label", CEF_STRING, 1023},
    {"cn2", CEF_INTEGER, 0},
    {"cn2Label", CEF_STRING, 1023},
    {"cn3", CEF_INTEGER, 0},
    {"cn3Label", CEF_STRING, 1023},
    {"cnt", CEF_INTEGER, 0},
    {"cs1", CEF_STRING, 4000},
    {"cs1Label", CEF_STRING, 1023},
    {"cs2", CEF_STRING, 4000},
    {"cs2Label", CEF_STRING, 1023},
    {"cs3", CEF_STRING, 4000},
    {"cs3Label", CEF_STRING, 1023},
    {"cs4", CEF_STRING, 4000},
    {"cs4Label", CEF_STRING, 1023},
    {"cs5", CEF_STRING, 4000},
    {"cs5Label", CEF_STRING, 1023},
    {"cs6", CEF_STRING, 4000},
    {"cs6Label", CEF_STRING, 1023},
    {"destinationServiceName", CEF_STRING, 1023},
    {"deviceDirection", CEF_INTEGER, 0},
    {"deviceInboundInterface", CEF_STRING, 128},
    {"dhost", CEF_STRING, 1023},
    {"dpt", CEF_PORT, 0},
    {"dst", CEF_V4, 0},
    {"dvchost", CEF_STRING, 100},
    {"end", CEF_TIME, 0},
    {"externalId", CEF_STRING, 40},
    {"flexString1", CEF_STRING, 1023},
    {"flexString1Label", CEF_STRING, 128},
    {"flexString2", CEF_STRING, 1023},
    {"flexString2Label", CEF_STRING, 128},
    {"fname", CEF_STRING, 1023},
    {"in", CEF_INTEGER, 0},
    {"msg", CEF_STRING, 1023},
    {"out", CEF_INTEGER, 0},
    {"outcome", CEF_STRING, 63},
    {"proto", CEF_STRING, 31},
    {"reason", CEF_STRING, 1023},
    {"rt", CEF_TIME, 0},
    {"shost", CEF_STRING, 1023},
    {"sourceServiceName", CEF_STRING, 1023},
    {"spt", CEF_PORT, 0},
    {"src", CEF_V4, 0},
    {"start", CEF_TIME, 0},
};

static inline const struct cef_key *
cef_key_of(const char *key)
{
	for (size_t i = 0; i < sizeof(cef_keys) / sizeof(cef_keys[0]); i++)
		if (strcmp(cef_keys[i].key, key) == 0)
			return &cef_keys[i];
	return NULL;
}

static inline size_t
reader_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Addresses are told apart, not read: the sensor's own are not in doubt. */
static inline bool
cef_value_fits(const struct cef_key *key, const char *value)
{
	switch (key->type) {
	case CEF_STRING:
		return reader_characters(value) <= key->length;
	case CEF_INTEGER:
	case CEF_TIME:
		return reader_is_number(value, 0, INT64_MAX);
	case CEF_PORT:
		return reader_is_number(value, 0, 65535);
	case CEF_V4:
		return strspn(value, "0123456789.") == strlen(value);
	case CEF_V6:
		return strchr(value, ':') != NULL &&
		       strspn(value, "0123456789abcdef:.") == strlen(value);
	}
	return false;
}

static inline bool
cef_read_field(struct reader *reader, char *key, char *value)
{
	const struct cef_key *known = cef_key_of(key);

	if (known == NULL)
		reader->fault = "a key that is not in the dictionary";
	else if (!reader_unescape(value, "\\=nr"))
		reader->fault = "an escape that there is not";
	else if (!cef_value_fits(known, value))
		reader->fault = "a value of the wrong type or length";
	return reader->fault == NULL && reader_add(reader, key, value);
}

/* The key's beginning, backwards from its equals sign. */
static inline char *
cef_key_before(char *equals, char *begin)
{
	while (equals > begin && equals[-1] != ' ')
		equals--;
	return equals;
}

static inline void
cef_read_extension(struct reader *reader, char *at)
{
	while (reader->fault == NULL && at != NULL) {
		char *equals = reader_find(at, '=');
		char *next =
		    equals == NULL ? NULL : reader_find(equals + 1, '=');
		char *key =
		    next == NULL ? NULL : cef_key_before(next, equals + 1);

		if (equals == NULL) {
			reader->fault = "a key without a value";
			return;
		}
		*equals = '\0';
		if (key != NULL && key[-1] != ' ')
			reader->fault = "no space before a key";
		else if (key != NULL)
			key[-1] = '\0';
		if (reader->fault == NULL && !reader_is_key(at))
			reader->fault = "no key";
		if (reader->fault == NULL)
			cef_read_field(reader, at, equals + 1);
		at = key;
	}
}

/* A custom field without its label says nothing, nor does a label alone. */
static inline void
cef_check_labels(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		const char *key = reader->at[i].key;
		size_t length = strlen(key);
		char other[64];
		bool label =
		    length > 5 && strcmp(key + length - 5, "Label") == 0;
		bool custom = strncmp(key, "cs", 2) == 0 ||
			      strncmp(key, "c6a", 3) == 0 ||
			      strncmp(key, "flexString", 10) == 0 ||
			      (strncmp(key, "cn", 2) == 0 && key[2] != 't');

		if (!label && !custom)
			continue;
		memcpy(other, key, length + 1);
		if (label)
			other[length - 5] = '\0';
		else
			memcpy(other + length, "Label", 6);
		if (reader_get(reader, other) == NULL)
			reader->fault = "a custom field or a label alone";
	}
}

/* heads: version, vendor, product, version, class id, name, severity. */
static inline struct reader
read_cef(const char *line)
{
	static const size_t limits[] = {8, 63, 63, 31, 1023, 512, 2};
	struct reader reader = reader_of(line);
	char *at = reader.store;

	if (!reader_is_line(line, "") || strncmp(line, "CEF:0|", 6) != 0 ||
	    reader.end[-1] == ' ') {
		reader.fault = "no line of CEF:0";
		return reader;
	}
	while (reader.head_count < 7) {
		char *pipe = reader_find(at, '|');

		if (pipe == NULL) {
			reader.fault = "the header is too short";
			return reader;
		}
		*pipe = '\0';
		if (!reader_unescape(at, "\\|") || *at == '\0' ||
		    reader_characters(at) > limits[reader.head_count])
			reader.fault = "a header field that may not be so";
		reader.heads[reader.head_count++] = at;
		at = pipe + 1;
	}
	if (!reader_is_number(reader.heads[6], 0, 10))
		reader.fault = "no severity";
	cef_read_extension(&reader, at);
	cef_check_labels(&reader);
	return reader;
}

/* --- LEEF ----------------------------------------------------------------- */

/* Those predefined keys whose values have a form. */
static inline bool
leef_value_fits(const char *key, const char *value)
{
	static const char *const ports[] = {
	    "srcPort", "dstPort", "dstPreNATPort"};
	static const char *const numbers[] = {
	    "srcBytes", "dstBytes", "srcPackets", "dstPackets"};
	static const char *const addresses[] = {"src", "dst", "dstPreNAT"};

	for (size_t i = 0; i < 3; i++)
		if (strcmp(key, ports[i]) == 0)
			return reader_is_number(value, 0, 65535);
	for (size_t i = 0; i < 4; i++)
		if (strcmp(key, numbers[i]) == 0)
			return reader_is_number(value, 0, INT64_MAX);
	for (size_t i = 0; i < 3; i++)
		if (strcmp(key, addresses[i]) == 0)
			return strspn(value, "0123456789abcdef:.") ==
			       strlen(value);
	if (strcmp(key, "sev") == 0)
		return reader_is_number(value, 1, 10);
	if (strcmp(key, "devTime") == 0)
		return strlen(value) == 13 &&
		       reader_is_number(value, 0, INT64_MAX);
	return true;
}

/* heads: version, vendor, product, version, event id, delimiter. */
static inline struct reader
read_leef(const char *line)
{
	struct reader reader = reader_of(line);
	char *at = reader.store;

	if (!reader_is_line(line, "\t") || strncmp(line, "LEEF:2.0|", 9) != 0) {
		reader.fault = "no line of LEEF:2.0";
		return reader;
	}
	for (; reader.head_count < 6; at++) {
		reader.heads[reader.head_count++] = at;
		at = strchr(at, '|');
		if (at == NULL || at == reader.heads[reader.head_count - 1]) {
			reader.fault = "the header is too short";
			return reader;
		}
		*at = '\0';
	}
	if (strcmp(reader.heads[5], "x09") != 0 ||
	    strlen(reader.heads[4]) > 255)
		reader.fault = "a delimiter or an event id that may not be so";
	for (char *field;
	     reader.fault == NULL && (field = strsep(&at, "\t")) != NULL;) {
		char *value = strchr(field, '=');

		if (value != NULL)
			*value++ = '\0';
		if (value == NULL || !reader_is_key(field))
			reader.fault = "no key and value";
		else if (!leef_value_fits(field, value))
			reader.fault = "a value that its key may not have";
		else
			reader_add(&reader, field, value);
	}
	return reader;
}

/* --- RFC 5424 ------------------------------------------------------------- */

/* 1*maximum PRINTUSASCII, or the NILVALUE, which is one of them. */
static inline bool
syslog_is_word(const char *word, size_t maximum)
{
	size_t length = strlen(word);

	if (length == 0 || length > maximum)
		return false;
	for (; *word != '\0'; word++)
		if (*word < 33 || *word > 126)
			return false;
	return true;
}

/* An SD-NAME: no equals sign, quote or bracket either, at most 32. */
static inline bool
syslog_is_name(const char *name)
{
	return syslog_is_word(name, 32) && strpbrk(name, "=]\"") == NULL;
}

/* FULL-DATE "T" FULL-TIME, digits where digits must be. */
static inline bool
syslog_is_time(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return false;
	return true;
}

/* One SD-PARAM after its space; returns what comes after it, or NULL. */
static inline char *
syslog_read_parameter(struct reader *reader, char *at)
{
	char *equals = strchr(at, '=');
	char *end = equals == NULL || equals[1] != '"'
			? NULL
			: reader_find(equals + 2, '"');
	char *bracket;

	if (end == NULL) {
		reader->fault = "no parameter";
		return NULL;
	}
	*equals = *end = '\0';
	bracket = reader_find(equals + 2, ']');
	if (bracket != NULL || !syslog_is_name(at) ||
	    !reader_unescape(equals + 2, "\"\\]"))
		reader->fault = "a parameter that may not be so";
	else
		reader_add(reader, at, equals + 2);
	return end + 1;
}

/* One SD-ELEMENT, and the MSG after it. */
static inline void
syslog_read_data(struct reader *reader, char *at)
{
	char *id = at + 1;
	size_t length = strcspn(id, " ]");
	char end;

	at = id + length;
	end = *at;
	*at = '\0';
	if (!syslog_is_name(id) || strchr(id, '@') == NULL ||
	    !reader_is_number(strchr(id, '@') + 1, 1, UINT32_MAX))
		reader->fault = "no SD-ID";
	reader->heads[reader->head_count++] = id;
	while (reader->fault == NULL && end == ' ') {
		at = syslog_read_parameter(reader, at + 1);
		if (at == NULL)
			return;
		end = *at;
	}
	if (reader->fault == NULL && (end != ']' || at[1] != ' '))
		reader->fault = "no end of the structured data";
	else
		reader->message = at + 2;
}

/* heads: PRI and version, time, host, app, process, message id, SD-ID. */
static inline struct reader
read_syslog(const char *line)
{
	static const size_t limits[] = {8, 32, 255, 48, 128, 32};
	struct reader reader = reader_of(line);
	char *at = reader.store;
	char *digits, *angle;

	while (reader.head_count < 6) {
		char *word = strsep(&at, " ");

		if (at == NULL ||
		    !syslog_is_word(word, limits[reader.head_count])) {
			reader.fault = "no header";
			return reader;
		}
		reader.heads[reader.head_count++] = word;
	}
	digits = reader.heads[0] + 1;
	angle = strchr(digits, '>');
	if (reader.heads[0][0] != '<' || angle == NULL ||
	    strcmp(angle, ">1") != 0) {
		reader.fault = "no priority and version";
		return reader;
	}
	*angle = '\0';
	if (!reader_is_number(digits, 0, 191) ||
	    !syslog_is_time(reader.heads[1]) || !reader_is_line(line, ""))
		reader.fault = "a priority or a time that may not be so";
	else if (strncmp(at, "- ", 2) == 0)
		reader.message = at + 2;
	else if (*at == '[')
		syslog_read_data(&reader, at);
	else
		reader.fault = "no structured data";
	return reader;
}

/* --- the oracle ----------------------------------------------------------- */

/*
 * What a reader should find of `value`: its control characters replaced, at
 * most `maximum` octets of whole characters; to be freed.
 */
static inline char *
reader_expected(const char *value, size_t maximum, const char *kept)
{
	char *all = calloc(3 * strlen(value) + 4, 1);
	size_t length = 0;

	if (all == NULL)
		abort();
	while (*value != '\0') {
		const char *next = value;
		int32_t code = reader_code_point(&next);
		size_t size = (size_t)(next - value);

		if (code < 0)
			abort();
		if (reader_is_control(code) &&
		    (code > 0x7f || strchr(kept, (int)code) == NULL)) {
			value = "\xef\xbf\xbd";
			size = 3;
		}
		if (length + size > maximum)
			break;
		memcpy(all + length, value, size);
		length += size;
		value = next;
	}
	return all;
}

#endif
