/*
 * address -- an IP address or prefix as a value.
 *
 * IPv4 is kept in its IPv4-mapped form (RFC 4291, 2.5.5.2), so one comparison
 * and one hash serve both families.  A mapped address never comes from an
 * IPv6 header: the decoder refuses those, so the two cannot be confused.
 * Does not know ports, workloads or networks.
 */
#ifndef SENSOR_BASE_ADDRESS_H
#define SENSOR_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct address {
	uint8_t octets[16]; /* network order */
};

struct prefix {
	struct address base; /* host part is zero */
	uint8_t length;      /* 0 to 128; an IPv4 /n is kept as 96 + n */
};

/* Room for the longest printed address or prefix, with its NUL. */
#define ADDRESS_TEXT_SIZE 50

static inline bool
address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

static inline int
address_compare(const struct address *a, const struct address *b)
{
	return memcmp(a->octets, b->octets, sizeof(a->octets));
}

/* An address from the 4 octets of an IPv4 header. */
struct address address_from_ipv4(const uint8_t octets[4]);

/* An address from the 16 octets of an IPv6 header. */
struct address address_from_ipv6(const uint8_t octets[16]);

/* Whether the address is an IPv4 one. */
static inline bool
address_is_ipv4(const struct address *address)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(address->octets, mapped, sizeof(mapped)) == 0;
}

/* ff00::/8 or 224.0.0.0/4. */
static inline bool
address_is_multicast(const struct address *address)
{
	return address_is_ipv4(address) ? (address->octets[12] & 0xf0) == 224
					: address->octets[0] == 0xff;
}

/* fe80::/10 or 169.254.0.0/16. */
bool address_is_link_local(const struct address *address);

/* Networks of one's own and carriers' NAT (RFC 1918, 4193, 6598). */
bool address_is_private(const struct address *address);

/* 255.255.255.255 or 0.0.0.0 or ::. */
bool address_is_broadcast_or_unspecified(const struct address *address);

/* 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *address);

/*
 * Reads `10.0.0.1` or `fd00::1`; no brackets, no zone, no port.
 *
 * returns    false, with `*out` untouched, when `text` is not an address
 */
bool address_parse(const char *text, struct address *out);

/* Writes the address, IPv6 as RFC 5952 asks; always NUL-terminated. */
void address_print(const struct address *address, char out[ADDRESS_TEXT_SIZE]);

/*
 * Reads `10.0.0.0/8`, or an address alone as its own prefix.  Host bits that
 * are set are an error: they are nearly always a mistyped length.
 *
 * returns    NULL, or a constant text that says what is wrong
 */
const char *prefix_parse(const char *text, struct prefix *out);

/* Writes the prefix as it is read; a host prefix without its length. */
void prefix_print(const struct prefix *prefix, char out[ADDRESS_TEXT_SIZE]);

/*
 * Whether the address is of the prefix's family and within it: ::/0 contains
 * no IPv4 address.
 */
bool prefix_contains(
    const struct prefix *prefix, const struct address *address);

/*
 * The first host address of a prefix (10.1.0.0/24 -> 10.1.0.1), which a node
 * takes for its own bridge.
 */
struct address prefix_first_host(const struct prefix *prefix);

#endif
