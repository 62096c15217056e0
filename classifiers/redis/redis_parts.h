/*
 * redis_parts -- what the files of the Redis connection share.
 *
 * redis_url.c reads where it is, redis.c connects.  Nobody else includes this.
 */
#ifndef CLASSIFIERS_REDIS_REDIS_PARTS_H
#define CLASSIFIERS_REDIS_REDIS_PARTS_H

#include "classifiers/redis/redis.h"

struct redis_url {
	char *shown;
	char *host; /* or NULL: `path` */
	char *path;
	char *user, *password; /* or NULL */
	uint16_t port;
	uint16_t database;
};

#endif
