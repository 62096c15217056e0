/*
 * tls_hello -- which server a TLS client asks for, from its first octets.
 *
 * Reads server_name (RFC 6066, 3) and the first protocol of ALPN (RFC 7301)
 * out of a ClientHello that may lie in several records.  Only what one payload
 * holds is looked at: of a hello that goes on in a later packet the rest stays
 * unread, and the answer says so.  Where the hello is encrypted (RFC 9849) the
 * name is that of the outer one.  Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_TLS_HELLO_H
#define CLASSIFIERS_TLS_HELLO_H

#include "classifiers/host_name.h"

enum tls_hello_answer {
	TLS_HELLO_NONE,  /* no ClientHello */
	TLS_HELLO_CUT,   /* one that ended before all was read */
	TLS_HELLO_WHOLE, /* what is not there was not said */
};

/* Longest protocol name that is kept; those in use have at most 20 letters. */
#define TLS_ALPN_SIZE 32

struct tls_hello {
	struct host_name server;  /* empty: not said, or not read */
	char alpn[TLS_ALPN_SIZE]; /* "" as well */
};

/*
 * Reads the beginning of what a client sent.
 *
 * octets     the first payload, borrowed for the call
 * hello      set in any case
 */
enum tls_hello_answer tls_hello_read(
    const uint8_t *octets, size_t size, struct tls_hello *hello);

#endif
