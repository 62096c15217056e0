/*
 * tls -- the client's side of TLS on a connected socket (the OpenSSL adapter).
 *
 * TLS 1.2 or newer; the server's certificate must come from an authority that
 * is trusted and be for the name that was asked for.  Never waits: what cannot
 * be done now says for what it waits.  One thread.
 */
#ifndef SENSOR_BASE_TLS_H
#define SENSOR_BASE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#define TLS_FAULT_SIZE 256

struct tls_context; /* what is trusted, and who we are; opaque */
struct tls;         /* one connection; opaque */

struct tls_settings {
	const char *ca;                /* PEM file; NULL: the system's */
	const char *certificate, *key; /* of ours, PEM files; or NULL */
	bool insecure;                 /* any certificate will do */
};

enum tls_status {
	TLS_DONE,
	TLS_WANTS_READABLE,
	TLS_WANTS_WRITABLE,
	TLS_ENDED,  /* the server said that it ends */
	TLS_FAILED, /* see tls_fault() */
};

/*
 * fault      TLS_FAULT_SIZE; gets what is wrong when NULL is returned
 * returns    an owned context for tls_context_free()
 */
struct tls_context *tls_context_new(
    const struct tls_settings *settings, char fault[TLS_FAULT_SIZE]);
void tls_context_free(struct tls_context *context);

/*
 * Makes an owned connection for tls_free() on a socket that stays the caller's.
 *
 * name       that the certificate must be for; a name or an address
 */
struct tls *tls_new(
    struct tls_context *context, int descriptor, const char *name);
void tls_free(struct tls *tls);

/* Goes on with the handshake; nothing else is possible before it is done. */
enum tls_status tls_shake_hands(struct tls *tls);

/* *done gets how many octets were written or read, when it is TLS_DONE. */
enum tls_status tls_write(
    struct tls *tls, const char *octets, size_t size, size_t *done);
enum tls_status tls_read(
    struct tls *tls, char *octets, size_t size, size_t *done);

/* Why it failed, in words. */
const char *tls_fault(const struct tls *tls);

#endif
