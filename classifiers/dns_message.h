/*
 * dns_message -- takes a DNS response apart (RFC 1035, 4).
 *
 * Follows the chain of CNAMEs from the name that was asked for to its
 * addresses.  Compression pointers go backwards only and are counted, so no
 * message can make the reader go round.  Pure, any thread; every octet is
 * hostile.
 */
#ifndef CLASSIFIERS_DNS_MESSAGE_H
#define CLASSIFIERS_DNS_MESSAGE_H

#include "classifiers/host_name.h"
#include "sensor/base/address.h"

/* Addresses of one response that are kept; 64 KiB of A records hold more, but
 * nobody answers so many to a program. */
#define DNS_ADDRESSES_MAXIMUM 64

/* Aliases on the way; resolvers follow 8 to 16 (RFC 1034, 3.6.2 asks only for
 * a limit). */
#define DNS_ALIASES_MAXIMUM 16

struct dns_response {
	struct host_name name; /* that was asked for */
	struct address addresses[DNS_ADDRESSES_MAXIMUM];
	size_t count;
	uint32_t ttl; /* seconds: the least of the chain and the addresses */
};

/*
 * Reads a response.
 *
 * response   `count` is 0 for one that gives no address: an error, another
 *            type, or a name that is none of a host
 * returns    false when it is no response or breaks off
 */
bool dns_message_read(
    const uint8_t *octets, size_t size, struct dns_response *response);

#endif
