#include "sensor/base/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The address of that name; 0 for none that can be.  An abstract one begins
 * with NUL and has no other at its end (unix(7)). */
static socklen_t
address_of(const char *name, struct sockaddr_un *address)
{
	size_t length = strlen(name);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((name[0] != '/' && name[0] != '@') || length < 2 ||
	    length >= sizeof(address->sun_path))
		return 0;
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	else
		length++;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int
notify_open(const char *name)
{
	struct sockaddr_un address;
	socklen_t length = address_of(name, &address);
	int descriptor, error;

	if (length == 0)
		return -EAFNOSUPPORT;
	descriptor =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return -errno;
	if (connect(descriptor, (const void *)&address, length) == 0)
		return descriptor;
	error = errno;
	(void)close(descriptor);
	return -error;
}

bool
notify_say(int descriptor, const char *lines)
{
	size_t length = strlen(lines);

	/* Whoever is gone again has no signal for us: send() would take a call
	 * that a confined process does not have, and datagrams raise none. */
	return write(descriptor, lines, length) == (ssize_t)length;
}
