#include "sensor/base/address.h"

#include <arpa/inet.h>

#define IPV4_OFFSET 12 /* of the IPv4 address within a mapped one */
#define IPV4_BITS   96 /* before the IPv4 address within a mapped one */
#define GROUPS      8

static const uint8_t mapped_prefix[IPV4_OFFSET] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct address
address_from_ipv4(const uint8_t octets[4])
{
	struct address address;

	memcpy(address.octets, mapped_prefix, IPV4_OFFSET);
	memcpy(address.octets + IPV4_OFFSET, octets, 4);
	return address;
}

struct address
address_from_ipv6(const uint8_t octets[16])
{
	struct address address;

	memcpy(address.octets, octets, sizeof(address.octets));
	return address;
}

bool
address_is_link_local(const struct address *address)
{
	const uint8_t *octets = address->octets;

	if (address_is_ipv4(address))
		return octets[12] == 169 && octets[13] == 254;
	return octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80;
}

bool
address_is_private(const struct address *address)
{
	const uint8_t *octets = address->octets;

	if (!address_is_ipv4(address))
		return (octets[0] & 0xfe) == 0xfc;
	octets += IPV4_OFFSET;
	return octets[0] == 10 || (octets[0] == 172 && octets[1] >> 4 == 1) ||
	       (octets[0] == 192 && octets[1] == 168) ||
	       (octets[0] == 100 && octets[1] >> 6 == 1);
}

bool
address_is_broadcast_or_unspecified(const struct address *address)
{
	uint32_t last;

	memcpy(&last, address->octets + IPV4_OFFSET, sizeof(last));
	if (last != 0 && last != UINT32_MAX)
		return false;
	if (address_is_ipv4(address))
		return true;
	return last == 0 && memcmp(address->octets, (uint8_t[IPV4_OFFSET]){0},
				IPV4_OFFSET) == 0;
}

bool
address_is_loopback(const struct address *address)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (address_is_ipv4(address))
		return address->octets[IPV4_OFFSET] == 127;
	return memcmp(address->octets, loopback, sizeof(loopback)) == 0;
}

bool
address_parse(const char *text, struct address *out)
{
	uint8_t octets[16];

	if (inet_pton(AF_INET, text, octets) == 1) {
		*out = address_from_ipv4(octets);
		return true;
	}
	if (inet_pton(AF_INET6, text, octets) == 1) {
		*out = address_from_ipv6(octets);
		return true;
	}
	return false;
}

/* A flood of addresses is named one by one: no division by ten of what was
 * divided already. */
static char *
put_decimal(char *at, unsigned value)
{
	if (value >= 100) {
		unsigned hundreds = value >= 200 ? 2 : 1;

		*at++ = (char)('0' + hundreds);
		value -= hundreds * 100;
		*at++ = (char)('0' + value / 10);
	} else if (value >= 10) {
		*at++ = (char)('0' + value / 10);
	}
	*at++ = (char)('0' + value % 10);
	return at;
}

static char *
put_ipv4(char *at, const uint8_t *octets)
{
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_decimal(at, octets[i]);
	}
	return at;
}

static char *
put_group(char *at, unsigned group)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && group >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = digits[(group >> shift) & 15];
	return at;
}

/*
 * The longest run of zero groups, the first of equals.  A single zero group is
 * not shortened (RFC 5952, 4.2.2), so the length is 0 or at least 2.
 */
static unsigned
longest_zeros(const unsigned groups[GROUPS], unsigned *start)
{
	unsigned best = 1, run = 0;

	*start = GROUPS;
	for (unsigned i = 0; i < GROUPS; i++) {
		run = groups[i] == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*start = i + 1 - run;
		}
	}
	return *start == GROUPS ? 0 : best;
}

/*
 * Not inet_ntop(): libcs disagree about ::/96, which some print with dots, and
 * every record has two addresses in it.
 */
static char *
put_ipv6(char *at, const uint8_t *octets)
{
	unsigned groups[GROUPS], start, zeros;

	for (unsigned i = 0; i < GROUPS; i++)
		groups[i] = (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
	zeros = longest_zeros(groups, &start);
	for (unsigned i = 0; i < GROUPS; i++) {
		if (i == start) {
			*at++ = ':';
			*at++ = ':';
			i += zeros - 1;
			continue;
		}
		if (i > 0 && i != start + zeros)
			*at++ = ':';
		at = put_group(at, groups[i]);
	}
	return at;
}

static char *
put_address(char *at, const struct address *address)
{
	if (address_is_ipv4(address))
		return put_ipv4(at, address->octets + IPV4_OFFSET);
	return put_ipv6(at, address->octets);
}

void
address_print(const struct address *address, char out[ADDRESS_TEXT_SIZE])
{
	*put_address(out, address) = '\0';
}

/* Clears every bit from bit number `length` on; tells whether one was set. */
static bool
clear_host_bits(struct address *address, unsigned length)
{
	bool was_set = false;

	for (unsigned i = length / 8; i < sizeof(address->octets); i++) {
		uint8_t keep = 0;

		if (i == length / 8)
			keep = (uint8_t)(0xff00u >> (length % 8));
		was_set |= (address->octets[i] & ~keep) != 0;
		address->octets[i] &= keep;
	}
	return was_set;
}

/* Decimal of at most three digits, no sign and no leading zero; or -1. */
static int
parse_length(const char *text)
{
	int value = 0;

	if (*text == '\0' || (*text == '0' && text[1] != '\0'))
		return -1;
	for (unsigned i = 0; text[i] != '\0'; i++) {
		if (text[i] < '0' || text[i] > '9' || i == 3)
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

const char *
prefix_parse(const char *text, struct prefix *out)
{
	char host[ADDRESS_TEXT_SIZE];
	struct prefix prefix = {.length = 128};
	const char *slash = strchrnul(text, '/');
	bool ipv6 = strchr(text, ':') != NULL;
	int length;

	if ((size_t)(slash - text) >= sizeof(host))
		return "not an IP address or prefix";
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (!address_parse(host, &prefix.base))
		return "not an IP address or prefix";
	if (*slash == '/') {
		length = parse_length(slash + 1);
		if (length < 0 || length > (ipv6 ? 128 : 32))
			return ipv6 ? "the prefix length must be 0 to 128"
				    : "the prefix length must be 0 to 32";
		prefix.length = (uint8_t)(ipv6 ? length : IPV4_BITS + length);
	}
	if (clear_host_bits(&prefix.base, prefix.length))
		return "host bits are set; is the prefix length right?";
	*out = prefix;
	return NULL;
}

static bool
prefix_is_ipv4(const struct prefix *prefix)
{
	return prefix->length >= IPV4_BITS && address_is_ipv4(&prefix->base);
}

void
prefix_print(const struct prefix *prefix, char out[ADDRESS_TEXT_SIZE])
{
	char *at = put_address(out, &prefix->base);

	if (prefix->length < 128) {
		*at++ = '/';
		at = put_decimal(at, prefix_is_ipv4(prefix)
					 ? prefix->length - IPV4_BITS
					 : prefix->length);
	}
	*at = '\0';
}

bool
prefix_contains(const struct prefix *prefix, const struct address *address)
{
	unsigned whole = prefix->length / 8;
	uint8_t mask = (uint8_t)(0xff00u >> (prefix->length % 8));

	/* Else ::/0 would contain every IPv4 address in its mapped form. */
	if (address_is_ipv4(address) != prefix_is_ipv4(prefix))
		return false;
	if (memcmp(prefix->base.octets, address->octets, whole) != 0)
		return false;
	return whole == sizeof(address->octets) ||
	       ((prefix->base.octets[whole] ^ address->octets[whole]) & mask) ==
		   0;
}

struct address
prefix_first_host(const struct prefix *prefix)
{
	struct address address = prefix->base;

	/* Two addresses or one are all hosts (RFC 3021, RFC 6164). */
	if (prefix->length < 127)
		address.octets[15] |= 1;
	return address;
}
