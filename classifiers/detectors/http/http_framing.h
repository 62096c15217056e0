/*
 * http_framing -- whether two servers may disagree on where a request ends.
 *
 * Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_HTTP_HTTP_FRAMING_H
#define CLASSIFIERS_DETECTORS_HTTP_HTTP_FRAMING_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the headers of an HTTP/1 request (RFC 9112), as far as they are there.
 *
 * returns    NULL, or a constant text that goes on after a client's name
 */
const char *http_framing_fault(const uint8_t *octets, size_t size);

#endif
