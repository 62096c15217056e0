/*
 * dial -- sockets to a host and port, which never wait once they are made.
 *
 * A name that is no address is looked up, and waited for: resolve.h does that
 * without waiting.
 */
#ifndef SENSOR_BASE_DIAL_H
#define SENSOR_BASE_DIAL_H

#include <stdbool.h>
#include <stddef.h>

#define DIAL_FAULT_SIZE 256

/*
 * Begins to connect; for a datagram socket that is all.
 *
 * fault      gets why when there is none
 * returns    an owned descriptor for close(), or -1
 */
int dial(const char *host, const char *port, bool datagrams,
    char fault[DIAL_FAULT_SIZE]);

/* What became of it since it was last asked: 0 or an errno. */
int dial_error(int descriptor);

/* Octets that the other end's kernel has not confirmed yet. */
size_t dial_unconfirmed(int descriptor);

#endif
