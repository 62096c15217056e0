#include "classifiers/detectors/dns/dns_query.h"

#include <string.h>

#define HEADER_SIZE 12

/* Names in a chain of pointers; NeuVector calls more than 63 an attack, and no
 * name of 255 octets needs as many as it has labels. */
#define POINTERS_MAXIMUM 63

/* Answers whose size is added up; 2 KiB, which is all that is handed over,
 * hold fewer of 11 octets at least. */
#define ANSWERS_MAXIMUM 186

struct message_text {
	const uint8_t *octets;
	size_t size;
};

static uint16_t
read16(const struct message_text *message, size_t at)
{
	return (uint16_t)(message->octets[at] << 8 | message->octets[at + 1]);
}

/* What a host name is made of, in lower case; others are 0. */
static const char host_letters[256] = {
#define UPPER(upper, lower) [upper] = lower, [lower] = lower
    UPPER('A', 'a'),
    UPPER('B', 'b'),
    UPPER('C', 'c'),
    UPPER('D', 'd'),
    UPPER('E', 'e'),
    UPPER('F', 'f'),
    UPPER('G', 'g'),
    UPPER('H', 'h'),
    UPPER('I', 'i'),
    UPPER('J', 'j'),
    UPPER('K', 'k'),
    UPPER('L', 'l'),
    UPPER('M', 'm'),
    UPPER('N', 'n'),
    UPPER('O', 'o'),
    UPPER('P', 'p'),
    UPPER('Q', 'q'),
    UPPER('R', 'r'),
    UPPER('S', 's'),
    UPPER('T', 't'),
    UPPER('U', 'u'),
    UPPER('V', 'v'),
    UPPER('W', 'w'),
    UPPER('X', 'x'),
    UPPER('Y', 'y'),
    UPPER('Z', 'z'),
    ['0'] = '0',
    ['1'] = '1',
    ['2'] = '2',
    ['3'] = '3',
    ['4'] = '4',
    ['5'] = '5',
    ['6'] = '6',
    ['7'] = '7',
    ['8'] = '8',
    ['9'] = '9',
    ['-'] = '-',
    ['_'] = '_',
#undef UPPER
};

/* What would end a label or the text. */
static char
marked(uint8_t octet)
{
	return octet == '.' || octet == '\0' ? '_' : (char)octet;
}

static void
put_label(struct dns_query *query, const uint8_t *label, size_t size)
{
	char *to = query->name + query->length;
	uint16_t raw = 0;

	if (query->length != 0)
		*to++ = '.';
	for (const uint8_t *end = label + size; label < end; label++) {
		char plain = host_letters[*label];

		if (plain == '\0') {
			plain = marked(*label);
			raw++;
		}
		*to++ = plain;
	}
	*to = '\0';
	query->length = (uint16_t)(to - query->name);
	query->raw = (uint16_t)(query->raw + raw);
}

/*
 * Follows a name from `at`.
 *
 * out        gets its labels, or NULL
 * returns    the octet after the name where it stands, or 0
 */
static size_t
walk_name(const struct message_text *message, size_t at, struct dns_query *out,
    enum dns_fault *fault)
{
	size_t end = 0, length = 0, limit = at;
	unsigned pointers = 0;

	*fault = DNS_CUT;
	while (at < message->size) {
		uint8_t octet = message->octets[at];

		if (octet == 0) {
			*fault = DNS_SOUND;
			return end != 0 ? end : at + 1;
		}
		if (octet >= 0xc0) {
			if (at + 2 > message->size)
				return 0;
			if (end == 0)
				end = at + 2;
			at = read16(message, at) & 0x3fff;
			*fault = DNS_LOOP;
			if (at >= limit || ++pointers > POINTERS_MAXIMUM)
				return 0;
			*fault = DNS_CUT;
			limit = at;
			continue;
		}
		*fault = DNS_BAD;
		length += octet + 1U;
		if (octet > 63 || length > DNS_QUERY_NAME_SIZE - 2)
			return 0;
		*fault = DNS_CUT;
		if (at + 1 + octet > message->size)
			return 0;
		if (out != NULL)
			put_label(out, message->octets + at + 1, octet);
		at += octet + 1U;
	}
	return 0;
}

/* Whether the data of such a record is whatever its owner likes. */
static bool
holds_anything(uint16_t type)
{
	return type == DNS_TYPE_NULL || type == DNS_TYPE_TXT ||
	       type == DNS_TYPE_KEY || type == DNS_TYPE_CNAME ||
	       type == DNS_TYPE_MX || type == DNS_TYPE_SRV ||
	       type >= DNS_TYPE_PRIVATE;
}

/* RFC 1035, 3.3.14: a text is its length, and then what it says. */
static bool
is_policy(const struct message_text *message, size_t at, uint16_t size)
{
	return size >= 3 && at + 3 <= message->size &&
	       memcmp(message->octets + at + 1, "v=", 2) == 0;
}

static void
add_answers(
    const struct message_text *message, size_t at, struct dns_query *query)
{
	enum dns_fault fault;

	for (unsigned i = 0; i < query->answers && i < ANSWERS_MAXIMUM; i++) {
		uint16_t type, size;

		at = walk_name(message, at, NULL, &fault);
		if (fault != DNS_SOUND)
			query->fault = fault;
		if (at == 0 || at + 10 > message->size)
			return;
		type = read16(message, at);
		size = read16(message, at + 8);
		query->answer_octets += size;
		if (holds_anything(type))
			query->carried_octets += size;
		if (type == DNS_TYPE_TXT && is_policy(message, at + 10, size))
			query->policies++;
		at += 10U + size;
	}
}

bool
dns_query_read(const uint8_t *octets, size_t size, struct dns_query *query)
{
	struct message_text message = {octets, size};
	size_t at;

	memset(query, 0, offsetof(struct dns_query, name));
	query->name[0] = '\0';
	query->fault = DNS_CUT;
	if (size < HEADER_SIZE)
		return false;
	query->response = (octets[2] & 0x80) != 0;
	query->opcode = octets[2] >> 3 & 15;
	query->code = octets[3] & 15;
	query->questions = read16(&message, 4);
	query->answers = read16(&message, 6);
	if (query->questions == 0)
		return false;
	at = walk_name(&message, HEADER_SIZE, query, &query->fault);
	if (at == 0 || at + 4 > size) {
		if (at != 0)
			query->fault = DNS_CUT;
		return false;
	}
	query->type = read16(&message, at);
	if (query->response && query->questions == 1)
		add_answers(&message, at + 4, query);
	return true;
}

const char *
dns_type_name(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A:
		return "A";
	case DNS_TYPE_CNAME:
		return "CNAME";
	case DNS_TYPE_NULL:
		return "NULL";
	case DNS_TYPE_PTR:
		return "PTR";
	case DNS_TYPE_MX:
		return "MX";
	case DNS_TYPE_TXT:
		return "TXT";
	case DNS_TYPE_AAAA:
		return "AAAA";
	case DNS_TYPE_SRV:
		return "SRV";
	case DNS_TYPE_HTTPS:
		return "HTTPS";
	case DNS_TYPE_IXFR:
		return "IXFR";
	case DNS_TYPE_AXFR:
		return "AXFR";
	case DNS_TYPE_ANY:
		return "ANY";
	default:
		return NULL;
	}
}
