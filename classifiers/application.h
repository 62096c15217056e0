/*
 * application -- the project's own list of application protocols.
 *
 * One name per protocol, lower case, the IANA or the common one; the same in
 * models, output and documents.  What other programs call them (nDPI's names
 * change between its versions) is mapped here and goes no further.
 *
 * A carrier is a protocol that others travel inside (tls, http2, dns, ...).  A
 * statement that names a carrier is satisfied by what it carries; a bare
 * carrier seen where one of its passengers is expected proves nothing.
 */
#ifndef CLASSIFIERS_APPLICATION_H
#define CLASSIFIERS_APPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(identifier, name, carriers it may travel in as APPLICATION_BIT()s or 0)
 *
 * The numbers are of this build only: what is stored or sent is the name.
 */
#define APPLICATIONS(X)                                                        \
	X(UNKNOWN, "unknown", 0)                                               \
	X(OTHER, "other", 0)                                                   \
	X(HTTP, "http", CARRIED_BY_TLS)                                        \
	X(HTTP2, "http2", CARRIED_BY_TLS | CARRIED_BY_HTTP)                    \
	X(TLS, "tls", 0)                                                       \
	X(DNS, "dns", CARRIED_BY_TLS)                                          \
	X(REDIS, "redis", CARRIED_BY_TLS)

enum application {
#define X(identifier, name, carriers) APPLICATION_##identifier,
	APPLICATIONS(X)
#undef X
	    APPLICATION_COUNT
};

/* How an AppID was come by, weakest first. */
enum app_confidence {
	APP_NONE,    /* nothing is known */
	APP_PORT,    /* a port number suggests it: shown, never judged */
	APP_PARTIAL, /* the payload suggests it: shown, never judged */
	APP_DPI,     /* the payload shows it */
};

/* What one flow speaks, as far as its payload shows. */
struct appid {
	enum application application; /* innermost that was recognised */
	enum application carrier; /* what it was seen to travel in, or UNKNOWN */
	enum app_confidence confidence;
};

enum app_match {
	APP_MATCH,      /* it is that, or is seen inside that carrier */
	APP_UNKNOWABLE, /* not enough payload, or it may be inside a carrier */
	APP_CONTRADICT, /* the payload shows something else */
};

/* The public name; never NULL. */
const char *application_name(enum application application);

/* The application of a public name, or APPLICATION_UNKNOWN when none has it. */
enum application application_find(const char *name);

/* Every public name that a model may use, NULL-terminated, for suggestions. */
const char *const *application_names(void);

/*
 * The application for one of nDPI's protocol names, of any version of nDPI.
 *
 * returns    APPLICATION_OTHER for a protocol we have no name for, and
 *            APPLICATION_UNKNOWN for nDPI's own "Unknown"
 */
enum application application_from_ndpi(const char *name);

/* Whether what was seen is what a statement expects. */
enum app_match appid_match(
    const struct appid *seen, enum application expected);

/* `dpi`, `partial`, `port` or `none`. */
const char *app_confidence_name(enum app_confidence confidence);

#endif
