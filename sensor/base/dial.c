#include "sensor/base/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int
try(const struct addrinfo *to)
{
	int on = 1, error;
	int made = socket(to->ai_family,
	    to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);

	if (made < 0)
		return -1;
	if (connect(made, to->ai_addr, to->ai_addrlen) != 0 &&
	    errno != EINPROGRESS) {
		error = errno;
		(void)close(made);
		errno = error;
		return -1;
	}
	if (to->ai_socktype == SOCK_STREAM)
		(void)setsockopt(
		    made, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return made;
}

/* The first address that does not refuse at once. */
int
dial(const char *host, const char *port, bool datagrams,
    char fault[DIAL_FAULT_SIZE])
{
	const struct addrinfo hints = {
	    .ai_socktype = datagrams ? SOCK_DGRAM : SOCK_STREAM,
	    .ai_flags = AI_ADDRCONFIG,
	};
	struct addrinfo *list = NULL;
	int error = getaddrinfo(host, port, &hints, &list), made = -1;

	/* A host with no address but its own is no reason not to reach it. */
	if (error != 0) {
		const struct addrinfo plain = {
		    .ai_socktype = hints.ai_socktype};

		error = getaddrinfo(host, port, &plain, &list);
	}
	if (error != 0) {
		(void)snprintf(fault, DIAL_FAULT_SIZE, "%s:%s: %s", host, port,
		    gai_strerror(error));
		return -1;
	}
	for (const struct addrinfo *to = list; to != NULL && made < 0;
	     to = to->ai_next)
		made = try(to);
	if (made < 0)
		(void)snprintf(fault, DIAL_FAULT_SIZE, "%s:%s: %s", host, port,
		    strerror(errno));
	freeaddrinfo(list);
	return made;
}

int
dial_error(int descriptor)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return errno;
	return error;
}

size_t
dial_unconfirmed(int descriptor)
{
	int octets = 0;

	if (ioctl(descriptor, SIOCOUTQ, &octets) != 0 || octets < 0)
		return 0;
	return (size_t)octets;
}
