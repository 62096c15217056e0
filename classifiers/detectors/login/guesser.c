#include "classifiers/detectors/login/guesser.h"

#include <string.h>

#include "classifiers/detectors/memory.h"
#include "sensor/base/instant.h"

/* Programs wait at least so long before they try again: restarts by an
 * orchestrator take as long, and back-off begins there. */
#define PATIENCE NS_PER_SECOND

/*
 * How far intervals of a steady beat lie from their median at most, in percent:
 * half of them closer than this (the median absolute deviation).
 */
#define STEADY 20

/*
 * Back-off with jitter (half to one and a half of the delay, or "full jitter")
 * scatters more; but it waits longer than any tool does, and never tries twice
 * at once.
 */
#define JITTERY_PATIENCE (2 * NS_PER_SECOND)
#define JITTERY          50

/* Connections that a pool opens at once, at most; defaults are 5 to 20. */
#define POOL 32

/* Of one burst: more than `attempts` in a row that nobody waited with. */
#define ANEW 10

/* Names of which a program has more than it is likely to have pools. */
#define NAMES 4

/* Tokens that serve as passwords live so long: what fails after a pause of
 * this is another one, and yet no guess. */
#define LIFETIME (3600 * NS_PER_SECOND)

/* A judgement: who tries the same again waits at least so long.  Measured: a
 * shell's loop over a list takes 15 to 40 ms from one refusal to the next. */
#define REST (NS_PER_SECOND / 10)

/* A pool that failed waits so long; who guesses has no reason to wait. */
#define POOL_PAUSE (5 * NS_PER_SECOND)

/* One try in eleven minutes is the slowest that is followed. */
#define PERSISTENCE (6 * 3600 * NS_PER_SECOND)

/* In percent, as STEADY: measured, 0 to 4 of programs that sleep a fixed time
 * before they try again; 10 is a jitter of 20. */
#define TIMER 5

/* The first waits of a back-off, which begin at a small part of its last. */
#define BEGINNING 4

/* The failure `back` before the newest. */
static int64_t
failure_at(const struct guesser *guesser, uint64_t back)
{
	return guesser
	    ->failures[(guesser->failed - 1 - back) % GUESSER_FAILURES];
}

static uint32_t
known(const struct guesser *guesser)
{
	return guesser->failed < GUESSER_FAILURES ? (uint32_t)guesser->failed
						  : GUESSER_FAILURES;
}

static void
sort(int64_t *values, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j > 0 && values[j - 1] > values[j]; j--) {
			int64_t value = values[j];

			values[j] = values[j - 1];
			values[j - 1] = value;
		}
}

/* Intervals, the oldest first. */
static size_t
intervals_of(const struct guesser *guesser, int64_t out[GUESSER_FAILURES])
{
	uint32_t count = known(guesser);
	size_t made = 0;

	for (uint32_t i = count; i > 1; i--)
		out[made++] =
		    failure_at(guesser, i - 2) - failure_at(guesser, i - 1);
	return made;
}

static struct guesser_burst *
latest_burst(struct guesser *guesser)
{
	return &guesser->bursts[(guesser->burst_count - 1) % GUESSER_BURSTS];
}

/* Failures of several connections may be told in another order. */
static void
note_burst(struct guesser *guesser, const struct guess *guess)
{
	struct guesser_burst *burst;

	if (guesser->failed == 0 || guess->began - guesser->last >= PATIENCE) {
		guesser->burst_count++;
		*latest_burst(guesser) =
		    (struct guesser_burst){.began = guess->began,
			.ended = guess->began,
			.refused = guess->at,
			.tries = 1};
		return;
	}
	burst = latest_burst(guesser);
	burst->tries++;
	burst->anew += guess->began > burst->refused;
	if (guess->at < burst->refused)
		burst->refused = guess->at;
	if (guess->began > burst->ended)
		burst->ended = guess->began;
	if (guess->began < burst->began &&
	    burst->began - guess->began < PATIENCE)
		burst->began = guess->began;
}

static void
note_rest(struct guesser *guesser, const struct guess *guess)
{
	if (guesser->awake == 0)
		guesser->awake = guess->began;
	else if (guess->began - guesser->last >= REST)
		guesser->rested += guess->began - guesser->last;
}

static bool
has_failed(const struct guesser *guesser, uint64_t flow)
{
	for (int i = 0; i < GUESSER_FLOWS; i++)
		if (guesser->flows[i] == flow)
			return true;
	return false;
}

static void
note_way(struct guesser *guesser, const struct guess *guess)
{
	if (guesser->failed == 0)
		return;
	if (has_failed(guesser, guess->flow))
		guesser->repeated++;
	else if (guess->began < guesser->last)
		guesser->parallel++;
}

static void
note_shown(struct guesser *guesser, const struct guess *guess)
{
	uint64_t bit = memory_key(guess->credential, 7) % 256;

	if (guesser->failed > 0 && guess->at - guesser->last > LIFETIME) {
		guesser->shown = guesser->unshown = guesser->names = 0;
		guesser->famous = 0;
		guesser->awake = guesser->rested = 0;
		memset(guesser->credentials, 0, sizeof(guesser->credentials));
	}
	if (guess->name != 0)
		guesser->names |= UINT64_C(1)
				  << memory_key(guess->name, 7) % 64;
	if (guess->credential == 0) {
		guesser->unshown++;
		return;
	}
	guesser->shown++;
	guesser->credentials[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Whether its first waits were short beside the later ones. */
static bool
has_slowed(const struct guesser *guesser)
{
	int64_t intervals[GUESSER_FAILURES], beginning = 0;
	size_t count = intervals_of(guesser, intervals);

	if (count <= BEGINNING)
		return false;
	for (size_t i = 0; i < BEGINNING; i++)
		beginning += intervals[i];
	sort(intervals + BEGINNING, count - BEGINNING);
	return beginning * 2 <
	       intervals[BEGINNING + (count - BEGINNING) / 2] * BEGINNING;
}

void
guesser_failed(struct guesser *guesser, const struct guess *guess)
{
	note_shown(guesser, guess);
	guesser->famous += guess->famous;
	note_way(guesser, guess);
	note_burst(guesser, guess);
	note_rest(guesser, guess);
	if (guesser->failed == 0)
		guesser->first = guess->at;
	if (guesser->failed < GUESSER_EXAMPLES)
		guesser->examples[guesser->failed] = guess->packet;
	guesser->failures[guesser->failed % GUESSER_FAILURES] = guess->at;
	if (!has_failed(guesser, guess->flow))
		guesser->flows[guesser->failed % GUESSER_FLOWS] = guess->flow;
	guesser->failed++;
	if (guess->at > guesser->last)
		guesser->last = guess->at;
	if (guesser->failed == GUESSER_FAILURES)
		guesser->slowed = has_slowed(guesser);
}

void
guesser_ask(struct guesser *guesser, uint64_t flow, uint32_t credential)
{
	guesser->asked[flow % GUESSER_ASKED] =
	    (struct guesser_asked){flow, credential, 0};
}

uint32_t
guesser_asked_with(const struct guesser *guesser, uint64_t flow)
{
	const struct guesser_asked *asked =
	    &guesser->asked[flow % GUESSER_ASKED];

	return asked->flow == flow ? asked->credential : 0;
}

uint32_t
guesser_recent(const struct guesser *guesser, int64_t window)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < known(guesser); i++)
		count += guesser->last - failure_at(guesser, i) <= window;
	return count;
}

uint32_t
guesser_credentials(const struct guesser *guesser)
{
	uint32_t count = 0;

	for (int i = 0; i < 4; i++)
		count +=
		    (uint32_t)__builtin_popcountll(guesser->credentials[i]);
	return count;
}

/* --- retries -------------------------------------------------------------- */

/* Hardly ever shorter than the one before. */
static bool
is_slowing(const int64_t *intervals, size_t count)
{
	size_t shorter = 0;

	for (size_t i = 1; i < count; i++)
		shorter += intervals[i] < intervals[i - 1] * 9 / 10;
	return shorter <= count / 8;
}

/* Half of them within that many percent of the median; `intervals` is lost. */
static bool
is_steady(int64_t *intervals, size_t count, int64_t median, int64_t percent)
{
	for (size_t i = 0; i < count; i++)
		intervals[i] = intervals[i] < median ? median - intervals[i]
						     : intervals[i] - median;
	sort(intervals, count);
	return intervals[count / 2] * 100 <= median * percent;
}

/*
 * In a beat of a second or more; `intervals` is lost.
 *
 * one_by_one    never twice in or beside one connection
 */
static bool
is_patient(int64_t *intervals, size_t count, bool one_by_one)
{
	bool slowing = is_slowing(intervals, count);

	int64_t median;

	if (count == 0)
		return true;
	sort(intervals, count);
	median = intervals[count / 2];
	if (median < PATIENCE)
		return false;
	return count < 3 || slowing ||
	       is_steady(intervals, count, median,
		   median >= JITTERY_PATIENCE && one_by_one ? JITTERY : STEADY);
}

/*
 * Whether it is a pool of connections, which opens all of them at once: of a
 * single burst nobody can tell yet, but who guesses goes on, and makes it
 * longer; or begins anew as soon as it is refused, and fills it with that.
 */
static bool
is_pool(const struct guesser *guesser)
{
	uint64_t kept = guesser->burst_count < GUESSER_BURSTS
			    ? guesser->burst_count
			    : GUESSER_BURSTS;
	int64_t pauses[GUESSER_BURSTS];
	uint64_t tries = 0;

	for (uint64_t i = 0; i < kept; i++) {
		uint64_t number = guesser->burst_count - kept + i;
		const struct guesser_burst *burst =
		    &guesser->bursts[number % GUESSER_BURSTS];
		const struct guesser_burst *before =
		    &guesser->bursts[(number - 1) % GUESSER_BURSTS];

		if (burst->tries > POOL ||
		    (burst->anew > ANEW && burst->anew * 2 > burst->tries) ||
		    burst->ended - burst->began >= PATIENCE)
			return false;
		tries += burst->tries;
		if (i == 0)
			continue;
		pauses[i - 1] = burst->began - before->began;
		if (burst->began - before->ended < POOL_PAUSE)
			return false;
	}
	return kept > 0 && tries >= 2 * kept &&
	       is_patient(pauses, (size_t)kept - 1, false);
}

/* Apart in one burst at most, and between two at least. */
#define AT_ONCE (NS_PER_SECOND / 10)
#define STEP    (NS_PER_SECOND / 2)

bool
guesser_is_in_step(const struct guesser *guesser)
{
	int64_t intervals[GUESSER_FAILURES], steps[GUESSER_FAILURES];
	size_t count, made = 0, odd = 0;

	if (guesser->shown > guesser->unshown)
		return guesser_credentials(guesser) <= 2;
	if (guesser->repeated > guesser->failed / 8)
		return false;
	count = intervals_of(guesser, intervals);
	for (size_t i = 0; i < count; i++) {
		if (intervals[i] >= STEP)
			steps[made++] = intervals[i];
		else
			odd += intervals[i] > AT_ONCE;
	}
	if (made == 0 || odd > count / 10)
		return false;
	sort(steps, made);
	return is_steady(steps, made, steps[made / 2], STEADY);
}

bool
guesser_is_retrying(const struct guesser *guesser)
{
	int64_t intervals[GUESSER_FAILURES];
	size_t count;

	if (guesser->shown > guesser->unshown)
		return guesser_credentials(guesser) <= 2;
	if (__builtin_popcountll(guesser->names) >= NAMES)
		return false;
	if (guesser->repeated > guesser->failed / 8)
		return false;
	if (is_pool(guesser))
		return true;
	if (guesser->repeated + guesser->parallel > guesser->failed / 8)
		return false;
	count = intervals_of(guesser, intervals);
	return is_patient(
	    intervals, count, guesser->repeated == 0 && guesser->parallel == 0);
}

bool
guesser_is_of_one(const struct guesser *guesser)
{
	return guesser->shown <= guesser->unshown &&
	       __builtin_popcountll(guesser->names) == 1;
}

bool
guesser_is_outdated(const struct guesser *guesser)
{
	return guesser_is_of_one(guesser) &&
	       guesser->famous * UINT64_C(2) <= guesser->unshown &&
	       guesser->repeated <= guesser->failed / 8 &&
	       guesser->rested > (guesser->last - guesser->awake) / 2;
}

bool
guesser_is_persistent(const struct guesser *guesser)
{
	int64_t intervals[GUESSER_FAILURES];
	size_t count;

	if (guesser->failed < GUESSER_FAILURES || guesser->succeeded > 0 ||
	    guesser->slowed ||
	    guesser_recent(guesser, PERSISTENCE) < GUESSER_FAILURES)
		return false;
	if (guesser->shown > guesser->unshown)
		return guesser_credentials(guesser) >= GUESSER_FAILURES / 2;
	if (is_pool(guesser))
		return false;
	if (guesser->famous * UINT64_C(2) > guesser->unshown ||
	    guesser->repeated > guesser->failed / 8)
		return true;
	count = intervals_of(guesser, intervals);
	sort(intervals, count);
	return intervals[count / 2] >= PATIENCE &&
	       !is_steady(intervals, count, intervals[count / 2], TIMER);
}
