/*
 * listener -- answers one request per connection, on a unix or TCP socket.
 *
 * Serves the operator's side of a running program.  Bounded in everything:
 * connections at once, octets of a request, time until it is there and its
 * answer gone.  Whoever asks for more is hung up on.  Does not know what is
 * asked.  On the loop's thread.
 */
#ifndef SENSOR_BASE_LISTENER_H
#define SENSOR_BASE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct listener; /* opaque */
struct loop;
struct text;

#define LISTENER_CONNECTIONS 16
#define LISTENER_REQUEST     ((size_t)4096)
#define LISTENER_ANSWER      ((size_t)1 << 20)
#define LISTENER_FAULT_SIZE  320
#define LISTENER_PATIENCE    (5 * NS_PER_SECOND)

struct listener_settings {
	/* Whether a request ends within these octets. */
	bool (*complete)(const char *octets, size_t size);
	/* Writes the answer, after which the connection is closed. */
	void (*answer)(
	    const char *octets, size_t size, struct text *out, void *context);
	void *context;
};

/*
 * Listens at a unix socket, which its owner alone may use; one that a dead
 * program left is replaced.
 *
 * settings   copied
 * fault      gets what is wrong, when NULL is returned
 * returns    an owned listener for listener_free()
 */
struct listener *listener_new_unix(struct loop *loop, const char *path,
    uid_t owner, gid_t group, const struct listener_settings *settings,
    char fault[LISTENER_FAULT_SIZE]);

/* Listens at `ADDRESS:PORT`, with brackets around IPv6; port 0 is any. */
struct listener *listener_new_tcp(struct loop *loop, const char *where,
    const struct listener_settings *settings, char fault[LISTENER_FAULT_SIZE]);

/* Whether it is an `ADDRESS:PORT`; somebody else may have it, all the same. */
bool listener_is_address(const char *where);

/* The TCP port. */
uint16_t listener_port(const struct listener *listener);

/* Closes all connections; NULL is allowed. */
void listener_free(struct listener *listener);

#endif
