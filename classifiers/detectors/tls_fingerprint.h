/*
 * tls_fingerprint -- which program opens TLS, by the way it says hello.
 *
 * Libraries and programs differ in the versions, ciphers, extensions and groups
 * they offer, and hardly change between connections (the idea of JA3 and JA4).
 * What changes with the server or by chance is left out: names, keys, padding,
 * the order of extensions, and values that mean nothing (RFC 8701).  Pure, any
 * thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_TLS_FINGERPRINT_H
#define CLASSIFIERS_DETECTORS_TLS_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The fingerprint of a ClientHello (RFC 8446, 4.1.2; from its handshake type
 * on), or 0 for one that is none or not whole.  The same in every run.
 */
uint64_t tls_fingerprint(const uint8_t *octets, size_t size);

#endif
