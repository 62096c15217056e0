/*
 * dns_query -- what detectors want to know of a DNS message, either way.
 *
 * Reads the header, the first question and the sizes of the answers (RFC 1035,
 * 4).  A name may hold any octet; it is kept in lower case with dots between
 * its labels, and octets that would be mistaken for those become `_`.
 * Compression pointers lead backwards only.  Pure, any thread; every octet is
 * hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_DNS_DNS_QUERY_H
#define CLASSIFIERS_DETECTORS_DNS_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name has at most 255 octets on the wire (RFC 1035, 2.3.4). */
#define DNS_QUERY_NAME_SIZE 256

/* Types by their number (IANA's registry of DNS parameters). */
enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_NULL = 10,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_KEY = 25,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_ANY = 255,
	DNS_TYPE_PRIVATE = 65280, /* and above: for private use */
};

#define DNS_CODE_NXDOMAIN 3

enum dns_fault {
	DNS_SOUND,
	DNS_CUT,  /* ends too early; ordinary where a capture was cut */
	DNS_LOOP, /* a pointer that does not lead backwards, or too many */
	DNS_BAD,  /* a label of no known kind, or a name that is too long */
};

struct dns_query {
	bool response;
	uint8_t opcode, code;
	uint16_t type;
	uint16_t questions, answers;
	enum dns_fault fault;
	uint16_t length;         /* of `name`, without the NUL */
	uint16_t raw;            /* octets that no host name has */
	uint32_t answer_octets;  /* of the data of all answers */
	uint32_t carried_octets; /* of those that may hold anything */
	/* Texts that publish a policy: `v=spf1` (RFC 7208), `v=DKIM1`, ... */
	uint16_t policies;
	char name[DNS_QUERY_NAME_SIZE];
};

/*
 * Reads a message, as far as it goes.
 *
 * returns    false when it has no header or no question that can be read;
 *            `query->fault` says why also then
 */
bool dns_query_read(
    const uint8_t *octets, size_t size, struct dns_query *query);

/* Such as `TXT`, or NULL for a type that has no name here. */
const char *dns_type_name(uint16_t type);

#endif
