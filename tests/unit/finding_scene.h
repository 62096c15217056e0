/*
 * finding_scene -- a table of findings whose hooks write down what they were
 * told, for tests of it.
 */
#ifndef TESTS_UNIT_FINDING_SCENE_H
#define TESTS_UNIT_FINDING_SCENE_H

#include <string.h>

#include "alerts/finding.h"
#include "sensor/base/text.h"
#include "unit/alerts_scene.h"

/* What the hooks were told, one line each. */
struct heard {
	struct text log;
	struct findings *findings;
	char uid[FINDING_UID_SIZE];
	uint64_t alerts, updates, closed, told;
	enum severity severity;
	bool of_anomalies;
};

/* The sum holds at all times, so inside a hook as well. */
static inline void
check_sum(const struct findings *findings)
{
	struct finding_counts counts = findings_counts(findings);

	assert_int_equal(
	    counts.raised, counts.emitted + counts.suppressed + counts.dropped);
}

static inline void
say_subject(struct text *out, bool attempted, enum application application,
    uint8_t protocol, uint16_t port)
{
	if (attempted)
		text_add(out, "attempted");
	else if (application != APPLICATION_UNKNOWN)
		text_add(out, application_name(application));
	else
		text_format(out, "%u/%u", protocol, port);
}

static inline void
hear(struct heard *heard, const struct finding *finding, struct instant at)
{
	struct text *log = &heard->log;

	text_format(log, "%s %s %s ", finding_state_name(finding->state),
	    finding->client, deviation_name(finding->deviation));
	say_subject(log, finding->attempted,
	    application_find(finding->application), finding->protocol,
	    finding->port);
	if (finding->storm != STORM_NONE)
		text_format(log, " storm-%s", storm_kind_name(finding->storm));
	text_format(log, " %lu at %ld from %ld to %ld\n",
	    (unsigned long)finding->count, (long)at.ns,
	    (long)finding->first_seen.ns, (long)finding->last_seen.ns);
	memcpy(heard->uid, finding->uid, sizeof(heard->uid));
	heard->severity = finding->severity;
}

static inline void
on_raise(const struct finding *finding, const struct record_flow *about,
    const char *signature, struct instant at, void *context)
{
	struct heard *heard = context;

	assert_non_null(about);
	assert_string_equal(signature, finding->signature);
	assert_int_equal(finding->state, FINDING_NEW);
	if (!heard->of_anomalies)
		assert_int_equal(finding->count, 1);
	hear(heard, finding, at);
	heard->alerts++;
	heard->told++;
	check_sum(heard->findings);
}

static inline void
on_update(const struct finding *finding, struct instant at, void *context)
{
	struct heard *heard = context;

	hear(heard, finding, at);
	check_sum(heard->findings);
	if (finding->state != FINDING_CLOSED) {
		assert_int_equal(finding->state, FINDING_ONGOING);
		heard->updates++;
		return;
	}
	heard->closed++;
	heard->told += finding->count - 1;
}

static inline void
heard_init(struct heard *heard, size_t maximum)
{
	struct finding_hooks hooks = {on_raise, on_update, heard};

	*heard = (struct heard){.alerts = 0};
	text_init(&heard->log, (size_t)64 * 1024 * 1024);
	heard->findings = findings_new(maximum, &hooks);
}

static inline void
heard_release(struct heard *heard)
{
	findings_free(heard->findings);
	text_release(&heard->log);
}

static inline struct instant
after_seconds(int64_t seconds)
{
	return (struct instant){SCENE_START + seconds * NS_PER_SECOND};
}

static inline void
add(struct heard *heard, const struct scene *s, int64_t seconds)
{
	findings_add(heard->findings, &s->about, after_seconds(seconds));
	check_sum(heard->findings);
}

#endif
