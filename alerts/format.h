/*
 * format -- says a native record in the form that a SIEM asks for.
 *
 *   native  Suricata's EVE, extended; see record.h
 *   ecs     Elastic Common Schema 8.11, one JSON object
 *   ocsf    OCSF 1.5.0, Detection Finding and Network Activity
 *   cef     ArcSight Common Event Format, CEF:0
 *   leef    IBM Log Event Extended Format 2.0
 *   syslog  a whole RFC 5424 message: structured data, and the sentence
 *
 * A native line goes in, one line comes out: the journal keeps native lines,
 * and each sink says them as its target wants them.  Pure; names in a record
 * are anybody's text and cannot break out of their field.
 */
#ifndef ALERTS_FORMAT_H
#define ALERTS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

enum format {
	FORMAT_NATIVE,
	FORMAT_ECS,
	FORMAT_OCSF,
	FORMAT_CEF,
	FORMAT_LEEF,
	FORMAT_SYSLOG,
	FORMAT_COUNT,
};

/*
 * Room for any record in any form: no format says one text of a record more
 * than four times.
 */
#define FORMAT_MAXIMUM ((size_t)256 * 1024)

/* What only RFC 5424 asks for. */
struct format_settings {
	uint32_t enterprise; /* private enterprise number of our SD-ID */
	unsigned facility;   /* 0 to 23 */
	const char *process; /* PROCID, or NULL */
};

/*
 * 32473 is the number that RFC 5612 keeps for documentation: hedgerow has none
 * of its own.  Facility 21 is local5, as Suricata's.
 */
#define FORMAT_SETTINGS_DEFAULT ((struct format_settings){32473, 21, NULL})

/*
 * Reads a facility: a number, or a name such as `local5`.
 *
 * returns    false, with `*facility` untouched, when there is none such
 */
bool format_facility(const char *name, unsigned *facility);

/* Reads a private enterprise number; 0 is none. */
bool format_enterprise(const char *text, uint32_t *enterprise);

const char *format_name(enum format format);

/* All names, NULL at their end. */
const char *const *format_names(void);

/* returns    false, with `*format` untouched, when there is no such name */
bool format_parse(const char *name, enum format *format);

/* Whether flow records have a place in it; alerts and findings always have. */
bool format_takes_flows(enum format format);

/*
 * Appends a native record in another form, without a newline.
 *
 * out        has room for FORMAT_MAXIMUM
 * native     one whole line, without its newline
 * returns    false, with nothing appended, when `native` is no record of
 *            ours that this format has a place for
 */
bool format_line(struct text *out, enum format format,
    const struct format_settings *settings, const char *native, size_t length);

/*
 * Appends a RFC 5424 message whose MSG is the record in the format `payload`,
 * for receivers that take CEF, LEEF or JSON by syslog.  MSG of FORMAT_SYSLOG
 * is the sentence.  returns as format_line()
 */
bool format_message(struct text *out, enum format payload,
    const struct format_settings *settings, const char *native, size_t length);

#endif
