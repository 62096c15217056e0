#include "alerts/sink_url.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/checksum.h"
#include "sensor/base/percent.h"
#include "sensor/base/report.h"

/*
 * What syslog over TCP keeps although the target's kernel has it: a receiver
 * that runs reads its socket well within this time.
 */
#define SETTLE_DEFAULT 2000
/*
 * About what a journal of 1 GiB holds.  A stream forgets its oldest entries
 * whether or not somebody has read them, and says so to nobody.
 */
#define MAXIMUM_DEFAULT 1000000

struct scheme {
	const char *name;
	enum sink_kind kind;
	bool secure;
	enum format format; /* that its targets mostly want */
	const char *port;
};

static const struct scheme schemes[] = {
    {"syslog+udp", SINK_SYSLOG_UDP, false, FORMAT_SYSLOG, "514"},
    /* RFC 6587 names no port; receivers mostly use that of UDP. */
    {"syslog+tcp", SINK_SYSLOG_TCP, false, FORMAT_SYSLOG, "514"},
    {"syslog+tls", SINK_SYSLOG_TLS, true, FORMAT_SYSLOG, "6514"},
    {"redis", SINK_REDIS, false, FORMAT_NATIVE, "6379"},
    {"kafka", SINK_KAFKA, false, FORMAT_NATIVE, "9092"},
    {"kafka+tls", SINK_KAFKA, true, FORMAT_NATIVE, "9093"},
    {"elastic+https", SINK_ELASTIC, true, FORMAT_ECS, "9200"},
    {"elastic+http", SINK_ELASTIC, false, FORMAT_ECS, "9200"},
    {"hec+https", SINK_HEC, true, FORMAT_NATIVE, "8088"},
    {"hec+http", SINK_HEC, false, FORMAT_NATIVE, "8088"},
    {"loki+https", SINK_LOKI, true, FORMAT_NATIVE, "3100"},
    {"loki+http", SINK_LOKI, false, FORMAT_NATIVE, "3100"},
    {"webhook+https", SINK_WEBHOOK, true, FORMAT_NATIVE, "443"},
    {"webhook+http", SINK_WEBHOOK, false, FORMAT_NATIVE, "80"},
    {"alertmanager+https", SINK_ALERTMANAGER, true, FORMAT_NATIVE, "9093"},
    {"alertmanager+http", SINK_ALERTMANAGER, false, FORMAT_NATIVE, "9093"},
};

#define SCHEME_COUNT (sizeof(schemes) / sizeof(schemes[0]))

#define FORMS                                                                  \
	"write file:PATH, syslog+udp://, syslog+tcp://, syslog+tls://, "       \
	"redis://, kafka://, elastic+https://, hec+https://, loki+https://, "  \
	"webhook+https:// or alertmanager+https://"

__attribute__((format(printf, 2, 3))) static bool
complain(char fault[SINK_FAULT_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fault, SINK_FAULT_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

/* --- parts ---------------------------------------------------------------- */

/* As percent_decode(); what is wrong is said to be wrong with `what`. */
static char *
decode(const char *what, const char *at, const char *end,
    char fault[SINK_FAULT_SIZE])
{
	char *out = percent_decode(at, end);

	if (out == NULL)
		(void)complain(fault,
		    "%s has a %% that two hexadecimal digits do not follow: "
		    "write %%25 for %%",
		    what);
	return out;
}

static char *
copy(const char *text, size_t length)
{
	char *out = allocate(length + 1, 1);

	memcpy(out, text, length);
	return out;
}

/* Characters that a file may be called by; the rest are made one of them. */
static void
set_name(struct sink_url *url, const char *text)
{
	size_t used = 0;

	for (; *text != '\0' && used < sizeof(url->name) - 1; text++) {
		bool plain = isalnum((unsigned char)*text) || *text == '.' ||
			     *text == '-';

		url->name[used++] = plain ? *text : '_';
	}
	url->name[used] = '\0';
}

/* Two URLs that look alike in a file name are told apart by their checksum. */
static void
set_own_name(struct sink_url *url)
{
	char said[JOURNAL_CURSOR_NAME - 16];
	char *name = NULL;

	(void)snprintf(said, sizeof(said), "%s", url->shown);
	if (asprintf(&name, "%s-%08x", said,
		(unsigned)checksum_crc32c(0, url->shown, strlen(url->shown))) >=
	    0)
		set_name(url, name);
	free(name);
}

/* --- settings ------------------------------------------------------------- */

static bool
set_number(const char *key, const char *value, uint32_t *out,
    char fault[SINK_FAULT_SIZE])
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (!isdigit((unsigned char)value[0]) || *end != '\0' ||
	    number > 1000000000)
		return complain(fault, "%s=%s: not a number", key, value);
	*out = (uint32_t)number;
	return true;
}

static bool
set_format(struct sink_url *url, const char *value, char fault[SINK_FAULT_SIZE])
{
	if (format_parse(value, &url->format))
		return true;
	return complain(fault,
	    "format=%s: not native, ecs, ocsf, cef, leef or syslog", value);
}

static bool
set_facility(
    struct sink_url *url, const char *value, char fault[SINK_FAULT_SIZE])
{
	url->facility_said = true;
	return format_facility(value, &url->facility) ||
	       complain(fault,
		   "facility=%s: not a name such as local5, or 0 to 23", value);
}

/* Whether the name is one of librdkafka's (its CONFIGURATION.md): a.b.c. */
static bool
is_foreign(const struct sink_url *url, const char *key)
{
	return url->kind == SINK_KAFKA && strchr(key, '.') != NULL;
}

static bool
set_foreign(struct sink_url *url, const char *key, const char *value,
    char fault[SINK_FAULT_SIZE])
{
	struct sink_setting *setting = &url->settings[url->setting_count];

	if (url->setting_count == SINK_SETTINGS)
		return complain(fault, "more than %d settings", SINK_SETTINGS);
	setting->key = copy(key, strlen(key));
	setting->value = copy(value, strlen(value));
	url->setting_count++;
	return true;
}

static bool
set_one(struct sink_url *url, const char *key, const char *value,
    char fault[SINK_FAULT_SIZE])
{
	static const char *const texts[] = {"ca", "certificate", "key",
	    "server-name", "token-file", "format", "maximum", "settle",
	    "insecure", "ack", "facility", "enterprise", NULL};
	char **const places[] = {&url->ca, &url->certificate, &url->key,
	    &url->server_name, &url->token_file};
	const char *nearest;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(key, texts[i]) != 0)
			continue;
		free(*places[i]);
		*places[i] = copy(value, strlen(value));
		return true;
	}
	if (is_foreign(url, key))
		return set_foreign(url, key, value, fault);
	if (strcmp(key, "format") == 0)
		return set_format(url, value, fault);
	if (strcmp(key, "facility") == 0)
		return set_facility(url, value, fault);
	if (strcmp(key, "enterprise") == 0)
		return format_enterprise(value, &url->enterprise) ||
		       complain(fault,
			   "enterprise=%s: not a number that IANA gives",
			   value);
	if (strcmp(key, "maximum") == 0)
		return set_number(key, value, &url->maximum, fault);
	if (strcmp(key, "settle") == 0)
		return set_number(key, value, &url->settle, fault);
	if (strcmp(key, "insecure") == 0 || strcmp(key, "ack") == 0) {
		bool yes = strcmp(value, "1") == 0;

		if (!yes && strcmp(value, "0") != 0)
			return complain(
			    fault, "%s=%s: write 0 or 1", key, value);
		*(key[0] == 'a' ? &url->indexer_acknowledges : &url->insecure) =
		    yes;
		return true;
	}
	nearest = nearest_word(key, texts);
	return complain(fault, "no setting `%s`%s%s%s", key,
	    nearest == NULL ? "" : "; did you mean `",
	    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "`?");
}

/* `key=value&key=value`. */
static bool
set_all(struct sink_url *url, const char *text, size_t length,
    char fault[SINK_FAULT_SIZE])
{
	const char *end = text + length;

	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));
		const char *equals;
		char *key, *value;
		bool set;

		stop = stop == NULL ? end : stop;
		equals = memchr(text, '=', (size_t)(stop - text));
		if (equals == NULL)
			return complain(fault, "`%.*s`: write key=value",
			    (int)(stop - text), text);
		key = copy(text, (size_t)(equals - text));
		value = decode(key, equals + 1, stop, fault);
		set = value != NULL && set_one(url, key, value, fault);
		free(key);
		free(value);
		if (!set)
			return false;
		text = stop + 1;
	}
	return true;
}

/* --- places --------------------------------------------------------------- */

/* `user` or `user:password`; neither is shown where it is wrong. */
static bool
set_credentials(struct sink_url *url, const char *at, const char *end,
    char fault[SINK_FAULT_SIZE])
{
	const char *colon = memchr(at, ':', (size_t)(end - at));

	url->user = decode("the user", at, colon == NULL ? end : colon, fault);
	if (url->user == NULL)
		return false;
	if (colon != NULL)
		url->password = decode("the password", colon + 1, end, fault);
	return colon == NULL || url->password != NULL;
}

/* `user:password@host:port/path`, up to the end or `?` or `#`. */
static bool
set_place(struct sink_url *url, const char *scheme, const char *at, size_t size,
    char fault[SINK_FAULT_SIZE])
{
	const char *end = at + size, *slash = memchr(at, '/', size);
	const char *stop = slash == NULL ? end : slash;
	const char *sign = memrchr(at, '@', (size_t)(stop - at));
	const char *host = sign == NULL ? at : sign + 1, *colon;
	const char *bracket =
	    *host == '[' ? memchr(host, ']', (size_t)(stop - host)) : NULL;
	const char *host_end;

	if (sign != NULL && !set_credentials(url, at, sign, fault))
		return false;
	if (asprintf(
		&url->shown, "%s://%.*s", scheme, (int)(end - host), host) < 0)
		return complain(fault, "out of memory");
	colon = memchr(bracket == NULL ? host : bracket, ':',
	    (size_t)(stop - (bracket == NULL ? host : bracket)));
	host_end = colon == NULL ? stop : colon;
	if (colon != NULL) {
		free(url->port);
		url->port = copy(colon + 1, (size_t)(stop - colon - 1));
	}
	if (bracket != NULL && url->kind != SINK_KAFKA) {
		host++;
		host_end = bracket;
	}
	if (url->kind == SINK_KAFKA)
		host_end = stop;
	url->host = copy(host, (size_t)(host_end - host));
	url->path = copy(stop, (size_t)(end - stop));
	if (url->host[0] == '\0')
		return complain(fault, "%s:// without a host", scheme);
	return true;
}

/* What an index or a stream is called has to be said. */
static bool
check_path(const struct sink_url *url, char fault[SINK_FAULT_SIZE])
{
	bool named = url->path[0] == '/' && url->path[1] != '\0';

	if (url->kind == SINK_ELASTIC && !named)
		return complain(fault,
		    "%s: which data stream? Write elastic+https://host:9200/"
		    "logs-hedgerow.alert-default",
		    url->shown);
	if (url->kind == SINK_REDIS && !named)
		return complain(fault,
		    "%s: which stream? Write redis://host:6379/hedgerow:alerts",
		    url->shown);
	if (url->kind == SINK_KAFKA && !named)
		return complain(fault,
		    "%s: which topic? Write kafka://broker:9092/hedgerow",
		    url->shown);
	return true;
}

static bool
parse_file(struct sink_url *url, const char *text, size_t size,
    char fault[SINK_FAULT_SIZE])
{
	url->kind = SINK_FILE;
	url->format = FORMAT_NATIVE;
	url->path = copy(text + 5, size - 5);
	url->shown = copy(text, size);
	return url->path[0] != '\0' ||
	       complain(fault, "file: without a path; write file:PATH");
}

static bool
parse(struct sink_url *url, const char *text, char fault[SINK_FAULT_SIZE])
{
	size_t size = strcspn(text, "?#"), rest;
	const char *settings = text + size;
	bool placed = false;

	url->settle = SETTLE_DEFAULT;
	url->maximum = MAXIMUM_DEFAULT;
	url->indexer_acknowledges = true;
	if (size >= 5 && strncmp(text, "file:", 5) == 0) {
		placed = true;
		if (!parse_file(url, text, size, fault))
			return false;
	}
	for (size_t i = 0; !placed && i < SCHEME_COUNT; i++) {
		size_t length = strlen(schemes[i].name);

		if (size < length + 3 ||
		    strncmp(text, schemes[i].name, length) != 0 ||
		    strncmp(text + length, "://", 3) != 0)
			continue;
		placed = true;
		url->kind = schemes[i].kind;
		url->secure = schemes[i].secure;
		url->format = schemes[i].format;
		url->port = copy(schemes[i].port, strlen(schemes[i].port));
		if (!set_place(url, schemes[i].name, text + length + 3,
			size - length - 3, fault) ||
		    !check_path(url, fault))
			return false;
	}
	if (!placed)
		return complain(fault, "`%.60s` is no sink: " FORMS, text);
	set_own_name(url);
	rest = *settings == '?' ? strcspn(settings + 1, "#") : 0;
	if (*settings == '?' && !set_all(url, settings + 1, rest, fault))
		return false;
	settings += *settings == '?' ? rest + 1 : 0;
	if (*settings == '#' && settings[1] != '\0')
		set_name(url, settings + 1);
	return true;
}

struct sink_url *
sink_url_parse(const char *text, char fault[SINK_FAULT_SIZE])
{
	struct sink_url *url = allocate(1, sizeof(*url));

	if (parse(url, text, fault))
		return url;
	sink_url_free(url);
	return NULL;
}

void
sink_url_free(struct sink_url *url)
{
	if (url == NULL)
		return;
	free(url->shown);
	free(url->user);
	if (url->password != NULL)
		explicit_bzero(url->password, strlen(url->password));
	free(url->password);
	free(url->host);
	free(url->port);
	free(url->path);
	free(url->ca);
	free(url->certificate);
	free(url->key);
	free(url->server_name);
	free(url->token_file);
	for (size_t i = 0; i < url->setting_count; i++) {
		char *value = url->settings[i].value;

		free(url->settings[i].key);
		explicit_bzero(value, strlen(value));
		free(value);
	}
	free(url);
}
