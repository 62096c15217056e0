/*
 * percent -- text of a URL with its %XX taken back (RFC 3986, section 2.1).
 *
 * For what an operator wrote.  Requests on the wire are read by their
 * detectors, which must not refuse what an attacker writes wrongly.
 */
#ifndef SENSOR_BASE_PERCENT_H
#define SENSOR_BASE_PERCENT_H

/*
 * Decodes the octets from `at` to before `end`.
 *
 * returns    text that the caller frees, or NULL when a % is not followed by
 *            two hexadecimal digits, or stands for a NUL
 */
char *percent_decode(const char *at, const char *end);

#endif
