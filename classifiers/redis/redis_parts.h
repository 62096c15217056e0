/*
 * redis_parts -- what the files of the Redis connection share.
 *
 * redis_url.c reads where it is, redis.c connects.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_REDIS_REDIS_PARTS_H
#define CLASSIFIERS_REDIS_REDIS_PARTS_H

#include "classifiers/redis/redis.h"

struct redis_place {
	char *host;
	uint16_t port;
};

struct redis_url {
	char *shown;
	/* Who say where the primary of that name is, if there are any. */
	struct redis_place *sentinels;
	size_t sentinel_count;
	char *primary;
	struct redis_place server; /* no host: `path`, or Sentinels' answer */
	char *path;
	char *user, *password; /* or NULL */
	uint16_t database;
};

/*
 * Reads a URL; a user without a password, and nobody, have the password that is
 * given, if one is.
 */
struct redis_url *redis_url_read(
    const char *text, const char *password, char fault[REDIS_FAULT_SIZE]);

#endif
