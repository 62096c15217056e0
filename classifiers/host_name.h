/*
 * host_name -- a host's name off the wire, bounded and in lower case.
 *
 * Names in DNS answers and TLS hellos are chosen by outsiders and end in
 * records and comparisons, so only what a host may be called is one: letters,
 * digits, `-`, `_` and dots between them (RFC 1123, 2.1; `_` for services,
 * RFC 2782).  Names of other scripts travel as ASCII (RFC 5890).
 */
#ifndef CLASSIFIERS_HOST_NAME_H
#define CLASSIFIERS_HOST_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest in text (255 octets on the wire, RFC 1035, 2.3.4), and its NUL. */
#define HOST_NAME_SIZE 254

struct host_name {
	size_t length; /* 0: none */
	char text[HOST_NAME_SIZE];
};

/*
 * Appends one label, with a dot in front unless it is the first.
 *
 * returns    false, with the name untouched, for what is no label of a host or
 *            has no room
 */
bool host_name_label(
    struct host_name *name, const uint8_t *label, size_t length);

/* Reads a whole name in text; false, with the name emptied, when it is none. */
bool host_name_read(
    struct host_name *name, const uint8_t *octets, size_t length);

#endif
