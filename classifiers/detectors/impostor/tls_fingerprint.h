/*
 * tls_fingerprint -- which program opens TLS, by the way it says hello.
 *
 * Libraries and programs differ in the versions, ciphers, extensions and groups
 * they offer, and hardly change between connections (the idea of JA3 and JA4).
 * What changes with the server or by chance is left out: names, keys, padding,
 * the order of extensions, and values that mean nothing (RFC 8701).  Pure, any
 * thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_IMPOSTOR_TLS_FINGERPRINT_H
#define CLASSIFIERS_DETECTORS_IMPOSTOR_TLS_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The fingerprint of a ClientHello (RFC 8446, 4.1.2; from its handshake type
 * on), or 0 for one that is none or not whole.  The same in every run.
 */
uint64_t tls_fingerprint(const uint8_t *octets, size_t size);

/*
 * Whose library says hello so, by the order of its ciphers as it comes: that is
 * seldom set by programs, and not to be mistaken for another's.
 */
enum tls_library {
	TLS_LIBRARY_UNKNOWN,
	TLS_LIBRARY_OPENSSL, /* 1.1.1 and later; Python, PHP, Node have it */
	TLS_LIBRARY_GNUTLS,
	TLS_LIBRARY_GO,
	TLS_LIBRARY_JAVA, /* JDK 11 and later; rustls looks the same */
};

enum tls_library tls_library_of(const uint8_t *octets, size_t size);
const char *tls_library_name(enum tls_library library);

#endif
