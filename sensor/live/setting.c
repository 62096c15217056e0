#include "sensor/live/setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/journal.h"
#include "sensor/base/listener.h"
#include "sensor/base/report.h"
#include "sensor/capture_live.h"
#include "sensor/flowtable.h"
#include "sensor/live/live.h"

#define AT(member)   offsetof(struct live_settings, member)
#define KIB          ((uint64_t)1 << 10)
#define MIB          ((uint64_t)1 << 20)
#define SECOND       ((uint64_t)NS_PER_SECOND)
#define DAY_SECONDS  86400
#define WEEK_SECONDS ((uint64_t)7 * DAY_SECONDS)

/* clang-format off */
static const struct setting rows[] = {
    {"sensor", "", "sensor", SETTING_TEXT, AT(sensor), 0, 0, 0,
	"the sensor's name in records (the host's)"},
    {"user", "", "user", SETTING_TEXT, AT(user), 0, 0, 0,
	"who to be when all is open (" LIVE_USER ")"},
    {NULL, "", "confine", SETTING_FLAG, AT(confined), 0, 0, 0,
	"give up every right that is not needed (true)"},
    {"control", "", "control", SETTING_TEXT, AT(control), 0, 0, 0,
	"the socket for `hedgerow ctl` (" LIVE_CONTROL ")"},
    {"metrics", "", "metrics", SETTING_ADDRESS, AT(metrics), 0, 0, 0,
	"ADDRESS:PORT of Prometheus metrics (none)"},
    {NULL, "", "quiet", SETTING_FLAG, AT(quiet), 0, 0, 0,
	"no summary, only what is wrong (false)"},

    {NULL, "capture", "filter", SETTING_TEXT, AT(filter), 0, 0, 0,
	"a BPF expression (every packet)"},
    {"buffer", "capture", "ring", SETTING_SIZE, AT(buffer), MIB,
	CAPTURE_LIVE_BUFFER_MAXIMUM, MIB, "of each interface (32MiB)"},
    {"workers", "capture", "workers", SETTING_COUNT, AT(workers), 1,
	LIVE_WORKERS, 1, "processes among which packets are parted (as many "
	"as there are processors)"},
    {NULL, "capture", "promiscuous", SETTING_FLAG, AT(promiscuous), 0, 0, 0,
	"also what is for other stations (true)"},

    {"flow-capacity", "limits", "flows", SETTING_COUNT, AT(flow_capacity), 1,
	FLOWTABLE_CAPACITY_MAXIMUM, 1, "in progress at once (262144)"},

    {"saved", "inventory", "saved", SETTING_TEXT, AT(saved), 0, 0, 0,
	"what Redis told last, for a start without it (none)"},

    {NULL, "detectors", "enabled", SETTING_FLAG, AT(detectors), 0, 0, 0,
	"look for anomalies (true)"},
    {"state", "detectors", "state", SETTING_TEXT, AT(state), 0, 0, 0,
	"what they remember, across restarts (none)"},

    {"alerts", "alerts", "file", SETTING_TEXT, AT(alerts), 0, 0, 0,
	"where they go; - is standard output (-)"},
    {"format", "alerts", "format", SETTING_FORMAT, AT(format), 0, 0, 0,
	"native, ecs, ocsf, cef, leef or syslog (native)"},
    {"facility", "alerts", "facility", SETTING_FACILITY,
	AT(delivery.format.facility), 0, 0, 0,
	"of syslog messages (local5)"},
    {"enterprise", "alerts", "enterprise", SETTING_COUNT,
	AT(delivery.format.enterprise), 1, UINT32_MAX, 1,
	"your private enterprise number, for syslog (32473)"},
    {NULL, "alerts", "update", SETTING_TIME, AT(times.update), SECOND,
	WEEK_SECONDS * SECOND, 0,
	"how often a finding that goes on is said again (5m)"},
    {NULL, "alerts", "quiet", SETTING_TIME, AT(times.quiet), SECOND,
	WEEK_SECONDS * SECOND, 0, "silence that closes a finding (15m)"},
    {"flows", "flows", "file", SETTING_TEXT, AT(flows), 0, 0, 0,
	"where flow records go (none)"},
    {"stats", "stats", "file", SETTING_TEXT, AT(stats), 0, 0, 0,
	"where stats records go (none)"},
    {"stats-interval", "stats", "interval", SETTING_SECONDS,
	AT(stats_seconds), 1, DAY_SECONDS, 1, "how often (1m)"},

    {"evidence", "evidence", "file", SETTING_TEXT, AT(witness.file.path), 0,
	0, 0, "where packets of findings go, as pcapng (none)"},
    {NULL, "evidence", "size", SETTING_SIZE, AT(witness.file.size),
	EVIDENCE_FILE_SIZE_LEAST, EVIDENCE_FILE_SIZE_MOST, 0,
	"of one file; then the next begins (64MiB)"},
    {NULL, "evidence", "files", SETTING_COUNT, AT(witness.file.count), 1,
	EVIDENCE_FILE_COUNT_MOST, 0, "that are kept (8)"},
    {NULL, "evidence", "memory", SETTING_SIZE, AT(witness.evidence.memory),
	EVIDENCE_MEMORY_LEAST, EVIDENCE_MEMORY_MOST, 0,
	"for packets that may become evidence, of each worker (64MiB)"},
    {NULL, "evidence", "packets", SETTING_COUNT,
	AT(witness.evidence.packets), 1, EVIDENCE_PACKETS_MOST, 0,
	"of one flow in that memory (24)"},
    {NULL, "evidence", "octets", SETTING_SIZE, AT(witness.evidence.octets),
	KIB, EVIDENCE_OCTETS_MOST, 0, "likewise (16KiB)"},
    {NULL, "evidence", "follow", SETTING_TIME, AT(witness.follow), SECOND,
	(uint64_t)WITNESS_FOLLOW_MOST, 0,
	"how long a flow is followed after its alert (10s)"},

    {"journal", "journal", "directory", SETTING_TEXT, AT(delivery.journal),
	0, 0, 0, "where every alert is kept first (none)"},
    {NULL, "journal", "sync", SETTING_SYNC, AT(delivery.sync), 0, 0, 0,
	"what a crash of the machine may cost: interval, every, never"},
    {NULL, "journal", "size", SETTING_SIZE, AT(delivery.maximum), 32 * MIB,
	(uint64_t)1 << 40, 0, "on disk; then the oldest goes (1GiB)"},
    {NULL, "journal", "age", SETTING_TIME, AT(delivery.age), 60 * SECOND,
	3650 * DAY_SECONDS * SECOND, 0, "of the oldest that is kept (30d)"},
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct setting *
setting_rows(size_t *count)
{
	*count = ROWS;
	return rows;
}

const struct setting *
setting_of_option(const char *option)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].option != NULL &&
		    strcmp(rows[i].option, option) == 0)
			return &rows[i];
	return NULL;
}

/* --- numbers -------------------------------------------------------------- */

struct unit {
	const char *name;
	uint64_t value;
};

static const struct unit sizes[] = {
    {"B", 1},
    {"KiB", KIB},
    {"MiB", MIB},
    {"GiB", (uint64_t)1 << 30},
    {NULL, 0},
};

static const struct unit times[] = {
    {"ms", (uint64_t)NS_PER_MS},
    {"s", SECOND},
    {"m", 60 * SECOND},
    {"h", 3600 * SECOND},
    {"d", DAY_SECONDS *SECOND},
    {NULL, 0},
};

static const struct unit none[] = {{NULL, 0}};

static const struct unit *
units_of(enum setting_kind kind)
{
	if (kind == SETTING_SIZE)
		return sizes;
	if (kind == SETTING_TIME || kind == SETTING_SECONDS)
		return times;
	return none;
}

/* Says a value as the largest unit has it. */
static void
print_value(uint64_t value, const struct unit *units, char out[32])
{
	const struct unit *best = NULL;

	for (; units->name != NULL; units++)
		if (value >= units->value && value % units->value == 0)
			best = units;
	if (best == NULL)
		(void)snprintf(out, 32, "%llu", (unsigned long long)value);
	else
		(void)snprintf(out, 32, "%llu%s",
		    (unsigned long long)(value / best->value), best->name);
}

/* Digits, then a unit that the kind has, or none where that is allowed. */
static bool
read_number(
    const char *text, const struct unit *units, uint64_t bare, uint64_t *value)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno != 0)
		return false;
	if (*end == '\0')
		return bare != 0 &&
		       !__builtin_mul_overflow(number, bare, value);
	for (; units->name != NULL; units++)
		if (strcmp(end, units->name) == 0)
			return !__builtin_mul_overflow(
			    number, units->value, value);
	return false;
}

static bool
refuse_number(const struct setting *row, const char *text,
    const struct unit *units, uint64_t scale, char fault[SETTING_FAULT_SIZE])
{
	char least[32], most[32];

	print_value(row->least * scale, units, least);
	print_value(row->most * scale, units, most);
	(void)snprintf(fault, SETTING_FAULT_SIZE, "'%.40s' is not %s to %s",
	    text, least, most);
	return false;
}

static bool
take_number(const struct setting *row, const char *text, bool bare,
    void *target, char fault[SETTING_FAULT_SIZE])
{
	const struct unit *units = units_of(row->kind);
	uint64_t scale = row->kind == SETTING_SECONDS ? SECOND : 1;
	uint64_t unit = row->kind == SETTING_COUNT ? 1
			: bare                     ? row->unit * scale
						   : 0;
	uint64_t value = 0;

	if (!read_number(text, units, unit, &value) || value % scale != 0 ||
	    value / scale < row->least || value / scale > row->most)
		return refuse_number(row, text, units, scale, fault);
	value /= scale;
	if (row->kind == SETTING_SIZE)
		*(size_t *)target = (size_t)value;
	else if (row->kind == SETTING_TIME)
		*(int64_t *)target = (int64_t)value;
	else
		*(uint32_t *)target = (uint32_t)value;
	return true;
}

/* --- words ---------------------------------------------------------------- */

static bool
take_flag(const char *text, bool *target, char fault[SETTING_FAULT_SIZE])
{
	bool yes = strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "false") != 0) {
		(void)snprintf(fault, SETTING_FAULT_SIZE,
		    "'%.40s' is not true or false", text);
		return false;
	}
	*target = yes;
	return true;
}

static bool
take_format(
    const char *text, enum format *target, char fault[SETTING_FAULT_SIZE])
{
	const char *nearest;

	if (format_parse(text, target))
		return true;
	nearest = nearest_word(text, format_names());
	(void)snprintf(fault, SETTING_FAULT_SIZE,
	    "'%.40s' is not native, ecs, ocsf, cef, leef or syslog%s%s", text,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
	return false;
}

static bool
take_sync(
    const char *text, enum journal_sync *target, char fault[SETTING_FAULT_SIZE])
{
	static const char *const names[] = {
	    [JOURNAL_SYNC_INTERVAL] = "interval",
	    [JOURNAL_SYNC_EVERY] = "every",
	    [JOURNAL_SYNC_NEVER] = "never",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*target = (enum journal_sync)i;
			return true;
		}
	(void)snprintf(fault, SETTING_FAULT_SIZE,
	    "'%.40s' is not interval, every or never", text);
	return false;
}

static bool
take_facility(
    const char *text, unsigned *target, char fault[SETTING_FAULT_SIZE])
{
	if (format_facility(text, target))
		return true;
	(void)snprintf(fault, SETTING_FAULT_SIZE,
	    "'%.40s' is not a name such as local5, or 0 to 23", text);
	return false;
}

static bool
take_address(
    const char *text, const char **target, char fault[SETTING_FAULT_SIZE])
{
	if (!listener_is_address(text)) {
		(void)snprintf(fault, SETTING_FAULT_SIZE,
		    "'%.60s' is not ADDRESS:PORT, such as 127.0.0.1:9847 or "
		    "[::1]:9847",
		    text);
		return false;
	}
	*target = text;
	return true;
}

bool
setting_take(const struct setting *row, const char *text, bool bare,
    struct live_settings *settings, char fault[SETTING_FAULT_SIZE])
{
	void *target = (char *)settings + row->offset;

	switch (row->kind) {
	case SETTING_TEXT:
		if (text[0] == '\0') {
			(void)snprintf(
			    fault, SETTING_FAULT_SIZE, "there is nothing");
			return false;
		}
		*(const char **)target = text;
		return true;
	case SETTING_ADDRESS:
		return take_address(text, target, fault);
	case SETTING_FLAG:
		return take_flag(text, target, fault);
	case SETTING_FORMAT:
		return take_format(text, target, fault);
	case SETTING_SYNC:
		return take_sync(text, target, fault);
	case SETTING_FACILITY:
		return take_facility(text, target, fault);
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_TIME:
	case SETTING_SECONDS:
		return take_number(row, text, bare, target, fault);
	}
	return false;
}

static size_t
size_of(enum setting_kind kind)
{
	switch (kind) {
	case SETTING_TEXT:
	case SETTING_ADDRESS:
		return sizeof(const char *);
	case SETTING_FLAG:
		return sizeof(bool);
	case SETTING_COUNT:
	case SETTING_SECONDS:
		return sizeof(uint32_t);
	case SETTING_SIZE:
		return sizeof(size_t);
	case SETTING_TIME:
		return sizeof(int64_t);
	case SETTING_FORMAT:
		return sizeof(enum format);
	case SETTING_SYNC:
		return sizeof(enum journal_sync);
	case SETTING_FACILITY:
		return sizeof(unsigned);
	}
	return 0;
}

bool
setting_is_same(const struct setting *row, const struct live_settings *a,
    const struct live_settings *b)
{
	const char *left = (const char *)a + row->offset;
	const char *right = (const char *)b + row->offset;
	const char *left_text, *right_text;

	if (row->kind != SETTING_TEXT && row->kind != SETTING_ADDRESS)
		return memcmp(left, right, size_of(row->kind)) == 0;
	memcpy(&left_text, left, sizeof(left_text));
	memcpy(&right_text, right, sizeof(right_text));
	return left_text == right_text ||
	       (left_text != NULL && right_text != NULL &&
		   strcmp(left_text, right_text) == 0);
}
