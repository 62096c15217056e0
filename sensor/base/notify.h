/*
 * notify -- tells whoever started the program how it stands.
 *
 * A service manager that wants to know gives the name of a local datagram
 * socket in NOTIFY_SOCKET, and is told lines such as READY=1; systemd's
 * sd_notify(3) documents both and recommends a few lines like these to programs
 * that want nothing else of libsystemd.  Does not know what there is to tell.
 */
#ifndef SENSOR_BASE_NOTIFY_H
#define SENSOR_BASE_NOTIFY_H

#include <stdbool.h>

/*
 * Opens the way there, while the right to is not given up yet.
 *
 * name       a path, or `@` and an abstract name, as NOTIFY_SOCKET has it
 * returns    a socket, to be closed by the caller; or -errno
 */
int notify_open(const char *name);

/* Tells it; never waits.  false: it was not heard. */
bool notify_say(int descriptor, const char *lines);

#endif
