/*
 * RFC 5424.  Without a byte order mark before the MSG: 6.4 asks for one before
 * UTF-8, yet no common receiver takes it away, and a JSON or CEF reader behind
 * it fails on it; without it the MSG is any octets, which UTF-8 are.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/format_parts.h"
#include "sensor/base/text.h"

/* Limits of section 6; a host name is cut, not refused. */
#define HOSTNAME_LIMIT ((size_t)255)
#define PROCID_LIMIT   ((size_t)128)

/*
 * 6.1 makes every receiver take 480 octets and asks for 2048: the longest
 * names and sentences still fit the latter.
 */
#define PARAMETER_LIMIT ((size_t)160)
#define SENTENCE_LIMIT  ((size_t)640)

static const struct escapes in_parameter = {"\"\\]", false};
static const struct escapes unescaped = {"", false};

/* Printable US-ASCII without the space; `-` where there is nothing to say. */
static void
put_word(struct text *out, const char *word, size_t maximum)
{
	size_t length = 0;

	if (word == NULL || word[0] == '\0') {
		text_add(out, " -");
		return;
	}
	text_add_char(out, ' ');
	for (; *word != '\0' && length < maximum; word++, length++)
		text_add_char(out, *word > ' ' && *word < 0x7f ? *word : '_');
}

void
format_syslog_header(struct text *out, const struct record_view *view,
    const struct format_settings *settings)
{
	char at[INSTANT_TEXT_SIZE];

	instant_print(view->at, at);
	text_format(out, "<%u>1 %s",
	    settings->facility * 8 + (unsigned)format_severity(view).syslog,
	    at);
	put_word(out, view->host, HOSTNAME_LIMIT);
	text_add(out, " " PRODUCT);
	put_word(out, settings->process, PROCID_LIMIT);
	text_format(out, " %s", view->event_type);
}

static void
put(struct text *out, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	text_format(out, " %s=\"", name);
	format_value(out, value, PARAMETER_LIMIT, &in_parameter);
	text_add_char(out, '"');
}

static void
put_number(struct text *out, const char *name, int64_t number)
{
	if (number >= 0)
		text_format(out, " %s=\"%lld\"", name, (long long)number);
}

static void
put_party(struct text *out, const char *name, const struct view_end *end)
{
	struct text party;

	text_init(&party, FORMAT_MAXIMUM);
	record_view_party(&party, end);
	put(out, name, party.at);
	text_release(&party);
}

/* What one filters by; the whole record goes in another format's MSG. */
void
format_syslog(struct text *out, const struct record_view *view,
    const struct format_settings *settings)
{
	char signature[SIGNATURE_TEXT_SIZE];

	format_signature(view, signature);
	format_syslog_header(out, view, settings);
	text_format(out, " [" PRODUCT "@%u", settings->enterprise);
	put(out, "uid", view->uid);
	put(out, "state", view->finding_state);
	put_number(out, "count", view->count);
	put(out, "sid", signature);
	put(out, "verdict", view->verdict);
	put(out, "deviation", view->deviation);
	if (record_view_application_shown(view))
		put(out, "app", view->application);
	put(out, "src", view->client.ip);
	put_number(out, "spt", view->client.port);
	put(out, "dst", view->server.ip);
	put_number(out, "dpt", view->server.port);
	put(out, "proto", view->protocol);
	put_party(out, "srcwl", &view->client);
	put_party(out, "dstwl", &view->server);
	put(out, "detector", view->detector);
	put(out, "technique", view->technique_id);
	put_number(out, "confidence", view->percent);
	put(out, "subject", view->subject);
	put(out, "object", view->object);
	put(out, "about", view->about);
	put(out, "model", view->model);
	put(out, "expected", view->expected);
	put(out, "cid", view->community_id);
	put(out, "domain", view->domain);
	text_add(out, "] ");
	format_value(out, view->sentence, SENTENCE_LIMIT, &unescaped);
}

/* --- settings ------------------------------------------------------------- */

/* Table 1 of section 6.2.1, by the names that syslog.conf(5) has for them. */
bool
format_facility(const char *name, unsigned *facility)
{
	static const char *const names[] = {"kern", "user", "mail", "daemon",
	    "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	    "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
	    "local3", "local4", "local5", "local6", "local7"};
	unsigned count = sizeof(names) / sizeof(names[0]);
	char *end;
	unsigned long number;

	for (unsigned i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0) {
			*facility = i;
			return true;
		}
	number = strtoul(name, &end, 10);
	if (!isdigit((unsigned char)name[0]) || *end != '\0' || number >= count)
		return false;
	*facility = (unsigned)number;
	return true;
}

/* IANA gives them from 32 bits. */
bool
format_enterprise(const char *text, uint32_t *enterprise)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end != '\0' || number == 0 ||
	    number > UINT32_MAX)
		return false;
	*enterprise = (uint32_t)number;
	return true;
}
