#include <stdarg.h>
#include <string.h>

#include "classifiers/redis/redis_parts.h"
#include "sensor/base/arena.h"
#include "sensor/base/percent.h"

/* What redis-server listens on, unless it is told otherwise. */
#define PORT_DEFAULT 6379

/* SELECT refuses what the server has not; this is for typing errors. */
#define DATABASE_MAXIMUM 65535

#define FORMS                                                                  \
	"write redis://[user[:password]@]host[:port][/db], "                   \
	"unix:///path[?db=N] or sentinel://host[:port][,host...]/name[/db]"

/* What a Sentinel listens on, and how many of them anybody has. */
#define SENTINEL_PORT_DEFAULT 26379
#define SENTINELS_MAXIMUM     16

__attribute__((format(printf, 2, 3))) static bool
complain(char fault[REDIS_FAULT_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fault, REDIS_FAULT_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

static bool
parse_number(const char *at, const char *end, unsigned maximum, uint16_t *out)
{
	unsigned number = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		number = number * 10 + (unsigned)(*at - '0');
		if (number > maximum)
			return false;
	}
	*out = (uint16_t)number;
	return true;
}

/* `user:password@`; a password alone is `:password@`. */
static bool
parse_credentials(struct redis_url *url, const char *at, const char *end,
    char fault[REDIS_FAULT_SIZE])
{
	const char *colon = memchr(at, ':', (size_t)(end - at));

	if (colon == NULL && url->password == NULL)
		return complain(fault,
		    "a user without a password: write user:password@, or "
		    ":password@ for the default user, or set " REDIS_PASSWORD);
	if (colon == NULL) {
		url->user = percent_decode(at, end);
		return url->user != NULL ||
		       complain(fault, "user has a %% that two hexadecimal "
				       "digits do not follow");
	}
	free(url->password);
	url->user = colon == at ? NULL : percent_decode(at, colon);
	url->password = percent_decode(colon + 1, end);
	if ((colon > at && url->user == NULL) || url->password == NULL)
		return complain(fault,
		    "user or password has a %% that two hexadecimal digits do "
		    "not follow: write %%25 for %%");
	return true;
}

static bool
parse_database(struct redis_url *url, const char *at, const char *end,
    char fault[REDIS_FAULT_SIZE])
{
	if (parse_number(at, end, DATABASE_MAXIMUM, &url->database))
		return true;
	return complain(fault, "`%.*s` is no database: write a number from 0",
	    (int)(end - at), at);
}

/* `host`, `host:port`, `[fd00::1]:port`; returns NULL when it is none. */
static char *
parse_place(const char *at, const char *end, uint16_t *port,
    char fault[REDIS_FAULT_SIZE])
{
	char *host;
	const char *bracket =
	    *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
	const char *colon = memchr(bracket == NULL ? at : bracket, ':',
	    (size_t)(end - (bracket == NULL ? at : bracket)));
	const char *host_end = colon == NULL ? end : colon;

	if (colon != NULL && !parse_number(colon + 1, end, UINT16_MAX, port)) {
		(void)complain(fault, "`%.*s` is no port: " FORMS,
		    (int)(end - colon - 1), colon + 1);
		return NULL;
	}
	if (bracket != NULL) {
		at++;
		host_end = bracket;
	}
	host = percent_decode(at, host_end);
	if (host != NULL && host[0] != '\0')
		return host;
	(void)complain(fault, "no host: " FORMS);
	free(host);
	return NULL;
}

/* A place, with or without `/db`. */
static bool
parse_host(struct redis_url *url, const char *at, char fault[REDIS_FAULT_SIZE])
{
	const char *slash = strchr(at, '/');
	const char *end = slash == NULL ? at + strlen(at) : slash;

	url->server.port = PORT_DEFAULT;
	url->server.host = parse_place(at, end, &url->server.port, fault);
	return url->server.host != NULL &&
	       (slash == NULL || slash[1] == '\0' ||
		   parse_database(
		       url, slash + 1, slash + strlen(slash), fault));
}

/* Places with commas between, then the primary's name. */
static bool
parse_sentinels(
    struct redis_url *url, const char *at, char fault[REDIS_FAULT_SIZE])
{
	const char *slash = strchr(at, '/'), *end;
	size_t length = slash == NULL ? 0 : strcspn(slash + 1, "/");

	if (length == 0)
		return complain(fault,
		    "no name of a primary: " FORMS ", where the name is the "
		    "one of `sentinel monitor`");
	url->sentinels = allocate(SENTINELS_MAXIMUM, sizeof(*url->sentinels));
	for (; at < slash; at = end + (end < slash)) {
		struct redis_place *place =
		    &url->sentinels[url->sentinel_count];

		end = memchr(at, ',', (size_t)(slash - at));
		if (end == NULL)
			end = slash;
		if (url->sentinel_count == SENTINELS_MAXIMUM)
			return complain(
			    fault, "more than %d Sentinels", SENTINELS_MAXIMUM);
		place->port = SENTINEL_PORT_DEFAULT;
		place->host = parse_place(at, end, &place->port, fault);
		if (place->host == NULL)
			return false;
		url->sentinel_count++;
	}
	if (url->sentinel_count == 0)
		return complain(fault, "no host: " FORMS);
	url->primary = percent_decode(slash + 1, slash + 1 + length);
	if (url->primary == NULL)
		return complain(fault, "the primary's name has a %% that two "
				       "hexadecimal digits do not follow");
	end = slash + 1 + length;
	return end[0] == '\0' || end[1] == '\0' ||
	       parse_database(url, end + 1, end + strlen(end), fault);
}

static bool
parse_path(struct redis_url *url, const char *at, char fault[REDIS_FAULT_SIZE])
{
	const char *question = strchr(at, '?');
	const char *end = question == NULL ? at + strlen(at) : question;

	if (*at != '/')
		return complain(
		    fault, "a socket's path begins with a slash: " FORMS);
	url->path = percent_decode(at, end);
	if (url->path == NULL)
		return complain(fault, "the path has a %% that two "
				       "hexadecimal digits do not follow");
	if (question == NULL)
		return true;
	if (strncmp(question, "?db=", 4) != 0)
		return complain(
		    fault, "`%.40s`: only ?db=N may follow a path", question);
	return parse_database(url, question + 4, at + strlen(at), fault);
}

/* What other clients know and this one refuses, each with its way out. */
static bool
complain_of_scheme(const char *text, char fault[REDIS_FAULT_SIZE])
{
	if (strncmp(text, "rediss://", 9) == 0)
		return complain(fault,
		    "rediss:// needs TLS, which hiredis 0.14 of Debian 12 has "
		    "not: let stunnel or a like proxy on this host speak TLS, "
		    "and write unix:///path of its socket");
	if (strncmp(text, "redis-sentinel://", 17) == 0)
		return complain(fault,
		    "Sentinels are written "
		    "sentinel://host[:port][,host...]/name[/db]");
	return complain(fault, "no Redis URL: " FORMS);
}

static bool
parse(struct redis_url *url, const char *text, char fault[REDIS_FAULT_SIZE])
{
	bool sentinels = strncmp(text, "sentinel://", 11) == 0;
	bool network = sentinels || strncmp(text, "redis://", 8) == 0;
	bool slashes = strncmp(text, "unix://", 7) == 0;
	const char *at = text + (sentinels    ? 11
				    : network ? 8
				    : slashes ? 7
					      : 5);
	const char *sign;

	/* `unix:/path` too, as RFC 8089 has it for files. */
	if (!network && strncmp(text, "unix:/", 6) != 0)
		return complain_of_scheme(text, fault);
	/* The last one before the host: passwords are full of them. */
	sign = memrchr(at, '@', strcspn(at, network ? "?" : "/?"));
	if (sign == NULL)
		url->shown = strdup(text);
	else if (!parse_credentials(url, at, sign, fault))
		return false;
	else if (asprintf(&url->shown, "%s://%s%s%s",
		     sentinels ? "sentinel"
		     : network ? "redis"
			       : "unix",
		     url->user == NULL ? "" : url->user,
		     url->user == NULL ? "" : "@", sign + 1) < 0)
		return complain(fault, "out of memory");
	at = sign == NULL ? at : sign + 1;
	if (sentinels)
		return parse_sentinels(url, at, fault);
	return network ? parse_host(url, at, fault)
		       : parse_path(url, at, fault);
}

struct redis_url *
redis_url_read(
    const char *text, const char *password, char fault[REDIS_FAULT_SIZE])
{
	struct redis_url *url = allocate(1, sizeof(*url));

	if (password != NULL && password[0] != '\0')
		url->password = strdup(password);
	if (parse(url, text, fault))
		return url;
	redis_url_free(url);
	return NULL;
}

struct redis_url *
redis_url_parse(const char *text, char fault[REDIS_FAULT_SIZE])
{
	return redis_url_read(text, NULL, fault);
}

void
redis_url_free(struct redis_url *url)
{
	if (url == NULL)
		return;
	free(url->shown);
	for (size_t i = 0; i < url->sentinel_count; i++)
		free(url->sentinels[i].host);
	free(url->sentinels);
	free(url->primary);
	free(url->server.host);
	free(url->path);
	free(url->user);
	if (url->password != NULL)
		explicit_bzero(url->password, strlen(url->password));
	free(url->password);
	free(url);
}

const char *
redis_url_shown(const struct redis_url *url)
{
	return url->shown;
}
