/*
 * http -- asks HTTP servers and takes their answers in pieces (the libcurl
 * adapter).
 *
 * Any number of requests at once on one event loop, over TCP, TLS or a unix
 * socket.  Answers may never end (a watch) and servers may be anybody's: no
 * answer takes memory here beyond one piece, redirects are not followed, and
 * every wait has an end.  HTTP/1.1 only, so that a paused answer holds back
 * its own server and nobody else.  One thread.
 */
#ifndef SENSOR_BASE_HTTP_H
#define SENSOR_BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;         /* opaque */
struct http_request; /* one under way; opaque */
struct loop;

/* Certificates or a key in PEM: a file, or octets, or neither. */
struct http_pem {
	const char *file; /* read at each new connection */
	const char *octets;
	size_t size;
};

/* Borrowed for the call; zero is a fitting default. */
struct http_ask {
	const char *method;         /* NULL: GET */
	const char *url;            /* http:// or https:// */
	const char *unix_socket;    /* connect there, whatever the URL's host */
	const char *proxy;          /* NULL: as the environment says */
	const char *const *headers; /* `Name: value`, ended by NULL; or NULL */
	const char *bearer;         /* a token, or NULL */
	const char *body;           /* or NULL */
	size_t body_size;
	struct http_pem authorities; /* none: the system's */
	struct http_pem certificate, key;
	const char *server_name; /* on its certificate, if not the URL's host */
	bool insecure;           /* any certificate will do */
	bool packed;             /* it may come compressed */
	unsigned connect_seconds; /* TLS included; 0: 10 */
	/* Without an octet, up to five more after many; 0: 60. */
	unsigned idle_seconds;
	uint64_t maximum; /* octets of the body, unpacked; 0: any */
};

enum http_outcome {
	HTTP_ANSWERED,    /* all of it, whatever its status says */
	HTTP_UNREACHABLE, /* no connection, or none that can be trusted */
	HTTP_BROKEN,      /* the connection ended before the answer did */
	HTTP_IDLE,        /* nothing came for too long */
	HTTP_TOO_LARGE,   /* more than the maximum */
	HTTP_STOPPED,     /* the taker said so */
};

struct http_end {
	enum http_outcome outcome;
	unsigned status;      /* 0 when there was no answer */
	const char *fault;    /* what went wrong, in words; "" when nothing */
	unsigned retry_after; /* seconds that the server asks to wait, or 0 */
	const char *location; /* where it says to go instead, or "" */
};

struct http_taker {
	/* The next piece of the body; false ends the request as STOPPED. */
	bool (*take)(struct http_request *request, const char *octets,
	    size_t size, void *context);
	/* Called once, last; the request is gone after it. */
	void (*end)(const struct http_end *end, void *context);
	void *context;
};

/* Makes an owned client for http_free(); `loop` is borrowed. */
struct http *http_new(struct loop *loop);

/* Drops every request without a word to its taker; NULL is allowed. */
void http_free(struct http *http);

/*
 * Begins a request.  The taker is called from the loop, never from here, even
 * where the request cannot be made.
 *
 * returns    borrowed until its end or http_cancel()
 */
struct http_request *http_begin(
    struct http *http, const struct http_ask *ask, struct http_taker taker);

/* Drops a request without a word to its taker; not from its take(). */
void http_cancel(struct http_request *request);

/* Takes no pieces for a while; the server is held back.  From anywhere. */
void http_pause(struct http_request *request);

/* Takes them again, the first perhaps at once; not from take(). */
void http_resume(struct http_request *request);

/* The status of the answer, from its first piece on; 0 before. */
unsigned http_status(const struct http_request *request);

#endif
