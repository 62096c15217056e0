/*
 * http_traits -- which traits (messages.h) an HTTP/1 request may have.
 *
 * One look at the request line, one at each header's first letters, and one at
 * the rest sixteen octets at a time.  Errs on one side only: what is not said
 * is not there, however leniently somebody reads the request (RFC 9112, 3 and
 * 5).  Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_MESSAGES_HTTP_TRAITS_H
#define CLASSIFIERS_MESSAGES_HTTP_TRAITS_H

#include <stddef.h>
#include <stdint.h>

struct http_traits {
	uint32_t has;   /* enum message_trait, of requests */
	uint32_t agent; /* a hash of the first User-Agent; 0: none */
};

/*
 * line       octets of the request line, without its end
 */
struct http_traits http_traits_of(
    const uint8_t *octets, size_t size, size_t line);

#endif
