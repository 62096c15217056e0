#include <stdlib.h>
#include <string.h>

#include "classifiers/redis/redis_parts.h"
#include "sensor/base/file.h"

/* A URL with the longest names and passwords anybody has. */
#define FILE_MAXIMUM ((size_t)64 * 1024)

static struct redis_url *
read_file(const char *path, const char *password, char fault[REDIS_FAULT_SIZE])
{
	struct redis_url *url;
	char *octets, *line;
	size_t size;
	int code = file_read(path, FILE_MAXIMUM, &octets, &size);

	if (code < 0) {
		(void)snprintf(fault, REDIS_FAULT_SIZE,
		    "%.180s cannot be read: %s", path, strerror(-code));
		return NULL;
	}
	line = strndup(octets, size);
	explicit_bzero(octets, size);
	free(octets);
	if (line == NULL) {
		(void)snprintf(fault, REDIS_FAULT_SIZE, "out of memory");
		return NULL;
	}
	line[strcspn(line, " \t\r\n")] = '\0';
	url = redis_url_read(line, password, fault);
	explicit_bzero(line, strlen(line));
	free(line);
	return url;
}

struct redis_url *
redis_url_argument(const char *value, char fault[REDIS_FAULT_SIZE])
{
	const char *password = getenv(REDIS_PASSWORD);

	if (value[0] == '@')
		return read_file(value + 1, password, fault);
	return redis_url_read(value, password, fault);
}
