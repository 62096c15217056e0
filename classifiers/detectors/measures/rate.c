#include "classifiers/detectors/measures/rate.h"

#include <math.h>
#include <string.h>

/* Weight of a new bin: about the last three minutes. */
#define WEIGHT 0.05

#define BINS_PER_HOUR (3600 * NS_PER_SECOND / RATE_BIN)

/* After so many empty bins nothing of the past is left: 0.95 ^ 400. */
#define FORGOTTEN 400

/* Nothing here is no number, which fmax() would have to be called for. */
static inline double
larger(double one, double other)
{
	return one > other ? one : other;
}

static inline double
smaller(double one, double other)
{
	return one < other ? one : other;
}

int64_t
rate_bin(struct instant at)
{
	return at.ns / RATE_BIN;
}

static double
slack_of(const struct rate *rate, const struct rate_rule *rule)
{
	double slack = larger(rule->k, rate->mean);

	return larger(slack, 3 * sqrt(rate->variance));
}

/* The mean that is allowed at a bin. */
static double
ceiling_of(const struct rate *rate, const struct rate_rule *rule, int64_t bin)
{
	double hours = (double)(bin - rate->anchored) / (double)BINS_PER_HOUR;
	/* From nothing nothing would grow. */
	double from = larger(rate->anchor, rule->limit / 8);

	return smaller(rule->limit, from * (1 + rule->growth * hours));
}

/* A bin is over. */
static void
retire(
    struct rate *rate, const struct rate_rule *rule, int64_t bin, double count)
{
	double difference = count - rate->mean;

	rate->sum = larger(0, rate->sum + difference - slack_of(rate, rule));
	if (rate->sum > rule->h) {
		/* Calm returns as fast as it went. */
		rate->sum = smaller(rate->sum, 2 * rule->h);
		return;
	}
	rate->mean += WEIGHT * difference;
	rate->mean = smaller(rate->mean, ceiling_of(rate, rule, bin));
	rate->variance =
	    (1 - WEIGHT) * (rate->variance + WEIGHT * difference * difference);
	/* So that a burst cannot buy room for the next. */
	rate->variance = smaller(rate->variance, rule->limit * rule->limit / 9);
	if (bin - rate->anchored >= BINS_PER_HOUR) {
		rate->anchor = rate->mean;
		rate->anchored = bin;
	}
}

static void
advance(struct rate *rate, const struct rate_rule *rule, int64_t bin)
{
	if (rate->newest == 0) {
		rate->newest = rate->anchored = bin;
		return;
	}
	if (bin - rate->newest > FORGOTTEN) {
		*rate = (struct rate){
		    .newest = bin, .anchored = bin, .anchor = rate->anchor};
		return;
	}
	while (rate->newest < bin) {
		uint64_t *slot;

		rate->newest++;
		slot = &rate->counts[(uint64_t)rate->newest % RATE_BINS];
		retire(rate, rule, rate->newest - RATE_BINS, (double)*slot);
		*slot = 0;
	}
}

double
rate_add(struct rate *rate, const struct rate_rule *rule, struct instant at,
    uint64_t count)
{
	int64_t bin = rate_bin(at), oldest;
	double sum, usual;

	advance(rate, rule, bin);
	oldest = rate->newest - RATE_BINS + 1;
	if (bin < oldest)
		bin = oldest;
	rate->counts[(uint64_t)bin % RATE_BINS] += count;
	sum = rate->sum;
	usual = rate->mean + slack_of(rate, rule);
	for (int64_t i = oldest; i <= rate->newest; i++)
		sum = larger(
		    0, sum + (double)rate->counts[(uint64_t)i % RATE_BINS] -
			   usual);
	if (at.ns < rate->rising ||
	    (sum <= (double)count &&
		rate_bin(at) != rate_bin((struct instant){rate->rising})))
		rate->rising = at.ns;
	return sum;
}

double
rate_excess(const struct rate *rate)
{
	double excess = 0;

	for (int i = 0; i < RATE_BINS; i++)
		excess += larger(0, (double)rate->counts[i] - rate->mean);
	return excess;
}
