#include "sensor/base/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

struct connection {
	struct listener *listener;
	int descriptor;
	struct loop_watch *watch; /* NULL: not in use */
	struct loop_timer *patience;
	size_t size;
	char octets[LISTENER_REQUEST];
	struct text answer;
	size_t sent;
};

struct listener {
	struct listener_settings settings;
	struct loop *loop;
	int descriptor;
	struct loop_watch *watch;
	struct connection connections[LISTENER_CONNECTIONS];
};

/* --- connections ---------------------------------------------------------- */

static void
hang_up(struct connection *connection)
{
	loop_watch_free(connection->watch);
	loop_timer_free(connection->patience);
	(void)close(connection->descriptor);
	text_release(&connection->answer);
	connection->watch = NULL;
	connection->patience = NULL;
}

static void
on_impatient(void *context)
{
	hang_up(context);
}

static void
send_answer(struct connection *connection)
{
	const struct text *answer = &connection->answer;
	ssize_t sent =
	    send(connection->descriptor, answer->at + connection->sent,
		answer->length - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (sent > 0)
		connection->sent += (size_t)sent;
	if (sent <= 0 || connection->sent == answer->length)
		hang_up(connection);
}

static void
take_request(struct connection *connection)
{
	const struct listener_settings *settings =
	    &connection->listener->settings;
	ssize_t got =
	    recv(connection->descriptor, connection->octets + connection->size,
		sizeof(connection->octets) - connection->size, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		hang_up(connection);
		return;
	}
	connection->size += (size_t)got;
	if (settings->complete(connection->octets, connection->size)) {
		settings->answer(connection->octets, connection->size,
		    &connection->answer, settings->context);
		loop_watch_change(connection->watch, LOOP_WRITABLE);
	} else if (connection->size == sizeof(connection->octets)) {
		hang_up(connection);
	}
}

static void
on_connection(int descriptor, unsigned what, void *context)
{
	(void)descriptor;
	if ((what & LOOP_WRITABLE) != 0)
		send_answer(context);
	else
		take_request(context);
}

static void
begin(struct listener *listener, struct connection *connection, int descriptor)
{
	connection->listener = listener;
	connection->descriptor = descriptor;
	connection->size = connection->sent = 0;
	text_init(&connection->answer, LISTENER_ANSWER);
	connection->patience =
	    loop_timer_new(listener->loop, on_impatient, connection);
	loop_timer_set(connection->patience, LISTENER_PATIENCE);
	connection->watch = loop_watch_new(listener->loop, descriptor,
	    LOOP_READABLE, on_connection, connection);
}

static void
on_caller(int descriptor, unsigned what, void *context)
{
	struct listener *listener = context;
	int caller =
	    accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (caller < 0)
		return;
	for (size_t i = 0; i < LISTENER_CONNECTIONS; i++)
		if (listener->connections[i].watch == NULL) {
			begin(listener, &listener->connections[i], caller);
			return;
		}
	(void)close(caller);
}

/* --- sockets -------------------------------------------------------------- */

static void
say(char fault[LISTENER_FAULT_SIZE], const char *where)
{
	(void)snprintf(
	    fault, LISTENER_FAULT_SIZE, "%s: %s", where, strerror(errno));
}

static struct listener *
listener_new(
    struct loop *loop, int descriptor, const struct listener_settings *settings)
{
	struct listener *listener = allocate(1, sizeof(*listener));

	listener->settings = *settings;
	listener->loop = loop;
	listener->descriptor = descriptor;
	listener->watch = loop_watch_new(
	    loop, descriptor, LOOP_READABLE, on_caller, listener);
	return listener;
}

/* Whether a socket's file is there with nobody behind it. */
static bool
is_left_over(const struct sockaddr_un *address)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat status;
	bool dead = false;

	if (probe < 0)
		return false;
	if (lstat(address->sun_path, &status) == 0 &&
	    S_ISSOCK(status.st_mode) &&
	    connect(
		probe, (const struct sockaddr *)address, sizeof(*address)) != 0)
		dead = errno == ECONNREFUSED;
	(void)close(probe);
	return dead;
}

/* The socket exists with its mode from the beginning: nobody is faster. */
static bool
bind_unix(
    int descriptor, const struct sockaddr_un *address, uid_t owner, gid_t group)
{
	mode_t mask = umask(0177);
	bool fine = bind(descriptor, (const struct sockaddr *)address,
			sizeof(*address)) == 0;
	int error = errno;

	(void)umask(mask);
	errno = error;
	if (fine && geteuid() == 0)
		fine = chown(address->sun_path, owner, group) == 0;
	return fine && listen(descriptor, LISTENER_CONNECTIONS) == 0;
}

struct listener *
listener_new_unix(struct loop *loop, const char *path, uid_t owner, gid_t group,
    const struct listener_settings *settings, char fault[LISTENER_FAULT_SIZE])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor;

	if (strlen(path) >= sizeof(address.sun_path)) {
		(void)snprintf(fault, LISTENER_FAULT_SIZE,
		    "%s: a socket's path has at most %zu characters", path,
		    sizeof(address.sun_path) - 1);
		return NULL;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	descriptor =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor >= 0 && is_left_over(&address))
		(void)unlink(path);
	if (descriptor < 0 || !bind_unix(descriptor, &address, owner, group)) {
		say(fault, path);
		if (descriptor >= 0)
			(void)close(descriptor);
		return NULL;
	}
	return listener_new(loop, descriptor, settings);
}

/* A number that a port may have; getaddrinfo() takes 65536 for 0. */
static bool
is_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
	       port <= UINT16_MAX;
}

/* `ADDRESS:PORT` as getaddrinfo() wants it; false when it is none. */
static bool
resolve(const char *where, struct addrinfo **found)
{
	const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	const char *colon = strrchr(where, ':');
	char host[64];
	size_t length;

	if (colon == NULL || !is_port(colon + 1))
		return false;
	length = (size_t)(colon - where);
	if (length >= 2 && where[0] == '[' && colon[-1] == ']') {
		where++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return false;
	memcpy(host, where, length);
	host[length] = '\0';
	return getaddrinfo(
		   length == 0 ? NULL : host, colon + 1, &wanted, found) == 0;
}

struct listener *
listener_new_tcp(struct loop *loop, const char *where,
    const struct listener_settings *settings, char fault[LISTENER_FAULT_SIZE])
{
	struct addrinfo *found = NULL;
	int descriptor, yes = 1;

	if (!resolve(where, &found)) {
		(void)snprintf(fault, LISTENER_FAULT_SIZE,
		    "%s: not ADDRESS:PORT, such as 127.0.0.1:9847 or "
		    "[::1]:9847",
		    where);
		return NULL;
	}
	descriptor = socket(
	    found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor >= 0)
		(void)setsockopt(
		    descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (descriptor < 0 ||
	    bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(descriptor, LISTENER_CONNECTIONS) != 0) {
		say(fault, where);
		if (descriptor >= 0)
			(void)close(descriptor);
		descriptor = -1;
	}
	freeaddrinfo(found);
	return descriptor < 0 ? NULL : listener_new(loop, descriptor, settings);
}

bool
listener_is_address(const char *where)
{
	struct addrinfo *found;

	if (!resolve(where, &found))
		return false;
	freeaddrinfo(found);
	return true;
}

uint16_t
listener_port(const struct listener *listener)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t size = sizeof(address);

	if (getsockname(listener->descriptor, &address.any, &size) != 0)
		return 0;
	if (address.any.sa_family == AF_INET)
		return ntohs(address.four.sin_port);
	if (address.any.sa_family == AF_INET6)
		return ntohs(address.six.sin6_port);
	return 0;
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	for (size_t i = 0; i < LISTENER_CONNECTIONS; i++)
		if (listener->connections[i].watch != NULL)
			hang_up(&listener->connections[i]);
	loop_watch_free(listener->watch);
	(void)close(listener->descriptor);
	free(listener);
}
