/*
 * geography -- in which country and network an outside address is
 * (the libmaxminddb adapter).
 *
 * Reads databases in MaxMind's form (MaxMind DB File Format Specification,
 * 2.0), several at once: the first that knows a thing says it.  Knows the keys
 * of GeoLite2 and GeoIP2, DB-IP and IPinfo.  A database is somebody's estimate
 * and is wrong at times.  Looking up takes no lock and no memory; any thread.
 */
#ifndef CLASSIFIERS_GEOGRAPHY_H
#define CLASSIFIERS_GEOGRAPHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct geography; /* opaque */

#define GEOGRAPHY_DATABASES_MAXIMUM 16
#define GEOGRAPHY_FAULT_SIZE        512

/* Room for an organisation's name and its NUL; a longer one is cut. */
#define GEOGRAPHY_ORGANISATION_SIZE 96

/* What is known of an address; everything empty: nothing. */
struct whereabouts {
	char country[3]; /* ISO 3166-1 alpha-2, or "" */
	uint32_t asn;    /* of the autonomous system, or 0 */
	char organisation[GEOGRAPHY_ORGANISATION_SIZE]; /* its name, or "" */
};

static inline void
whereabouts_clear(struct whereabouts *where)
{
	where->country[0] = where->organisation[0] = '\0';
	where->asn = 0;
}

/* Makes an owned geography without databases for geography_free(). */
struct geography *geography_new(void);
void geography_free(struct geography *geography);

/*
 * Opens one more database.
 *
 * returns    false with a text in `fault`
 */
bool geography_open(struct geography *geography, const char *path,
    char fault[GEOGRAPHY_FAULT_SIZE]);

/*
 * Opens anew every database whose file is another one than was opened, by its
 * inode, size and time.  One that cannot be opened stays as it was: what is
 * known is better than nothing, and it is kept in memory, whatever becomes of
 * the file.  Nobody may be looking up meanwhile.
 *
 * fault      "" or what is wrong with one of them
 * returns    databases that were opened anew
 */
size_t geography_refresh(
    struct geography *geography, char fault[GEOGRAPHY_FAULT_SIZE]);

/* Whether some database is, by its own account, about this. */
bool geography_knows_countries(const struct geography *geography);
bool geography_knows_networks(const struct geography *geography);

/* Where the address is; `geography` may be NULL, which knows nothing. */
void geography_find(const struct geography *geography,
    const struct address *address, struct whereabouts *out);

#endif
