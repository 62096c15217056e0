/*
 * credential -- what a request shows of who its sender claims to be, as a hash
 * that tells two of them apart and tells nobody what they were.
 */
#ifndef CLASSIFIERS_DETECTORS_LOGIN_CREDENTIAL_H
#define CLASSIFIERS_DETECTORS_LOGIN_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Of an HTTP/1 request from its request line on: its Authorization or
 * Proxy-Authorization header (RFC 9110, 11.6.2), else the body of a POST or PUT
 * that names a password; 0 for a request without either.  A query is none:
 * sessions that are over ask much and log in with nothing.
 */
uint32_t credential_of_http(const uint8_t *octets, size_t size);

/*
 * Whether a name, as messages have it, is an administrator's that everybody
 * knows: by the manuals of PostgreSQL (initdb) and MySQL (initial accounts), of
 * LDAP and brokers.  A program has a name of its own.
 */
bool credential_is_famous(uint32_t name);

#endif
