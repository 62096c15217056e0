#include "classifiers/detectors/measures/rhythm.h"

#include <math.h>
#include <stdbool.h>

static void
sort(int64_t *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int64_t value = values[i];
		size_t j = i;

		for (; j > 0 && values[j - 1] > value; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

/* Of sorted values: the nearest one. */
static int64_t
quantile(const int64_t *sorted, size_t count, double which)
{
	return sorted[(size_t)lround(which * (double)(count - 1))];
}

static double
skew_of(const int64_t *sorted, size_t count)
{
	int64_t q1 = quantile(sorted, count, 0.25);
	int64_t q2 = quantile(sorted, count, 0.5);
	int64_t q3 = quantile(sorted, count, 0.75);

	if (q3 - q1 < 10 || q2 == q1 || q2 == q3)
		return 0;
	return (double)(q1 + q3 - 2 * q2) / (double)(q3 - q1);
}

/* The median absolute deviation. */
static int64_t
deviation_of(const int64_t *sorted, size_t count, int64_t median)
{
	int64_t away[RHYTHM_EVENTS];

	for (size_t i = 0; i < count; i++)
		away[i] = sorted[i] < median ? median - sorted[i]
					     : sorted[i] - median;
	sort(away, count);
	return quantile(away, count, 0.5);
}

static double
regularity(const int64_t *sorted, size_t count)
{
	int64_t median;
	double close;

	if (count == 0)
		return 0;
	median = quantile(sorted, count, 0.5);
	if (median == 0)
		return 0;
	close = fmax(0, (double)(median - deviation_of(sorted, count, median)) /
			    (double)median);
	return (1 - fabs(skew_of(sorted, count)) + close) / 2;
}

/* --- bars ----------------------------------------------------------------- */

static void
fill_bars(const int64_t *times, size_t count, uint32_t bars[RHYTHM_BARS])
{
	double span = (double)(times[count - 1] - times[0]) + 1;

	for (size_t i = 0; i < RHYTHM_BARS; i++)
		bars[i] = 0;
	for (size_t i = 0; i < count; i++)
		bars[(size_t)((double)(times[i] - times[0]) / span *
			      RHYTHM_BARS)]++;
}

static double
evenness(const uint32_t bars[RHYTHM_BARS], size_t count)
{
	double mean = (double)count / RHYTHM_BARS, squares = 0;

	for (size_t i = 0; i < RHYTHM_BARS; i++)
		squares += ((double)bars[i] - mean) * ((double)bars[i] - mean);
	return fmax(0, 1 - sqrt(squares / RHYTHM_BARS) / mean);
}

/* Two heights that most bars have, for beacons that wake and sleep. */
static double
two_heights(const uint32_t bars[RHYTHM_BARS])
{
	uint32_t groups[21] = {0}, most = 0, first = 0, second = 0;

	for (size_t i = 0; i < RHYTHM_BARS; i++)
		most = bars[i] > most ? bars[i] : most;
	for (size_t i = 0; i < RHYTHM_BARS; i++)
		groups[bars[i] * 20 / most]++;
	for (size_t i = 1; i < 21; i++) {
		if (groups[i] > first) {
			second = first;
			first = groups[i];
		} else if (groups[i] > second) {
			second = groups[i];
		}
	}
	return fmin(1, (double)(first + second) / (RHYTHM_BARS - 1));
}

static double
duration_of(const uint32_t bars[RHYTHM_BARS])
{
	uint32_t used = 0, run = 0, longest = 0;

	for (size_t i = 0; i < RHYTHM_BARS; i++) {
		used += bars[i] > 0;
		run = bars[i] > 0 ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return fmin(1, fmax(used / (double)RHYTHM_BARS, longest / 12.0));
}

/* --- beats ---------------------------------------------------------------- */

static void
sort_by_time(int64_t *times, int64_t *sizes, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int64_t time = times[i], size = sizes[i];
		size_t j = i;

		for (; j > 0 && times[j - 1] > time; j--) {
			times[j] = times[j - 1];
			sizes[j] = sizes[j - 1];
		}
		times[j] = time;
		sizes[j] = size;
	}
}

/*
 * So short beside the pause between beats is what comes together.  Of events at
 * random that joins one in six or so, which makes them no beat: they still vary
 * by more than half.
 */
#define PAUSE  0.8 /* of all intervals; so up to four events are one beat */
#define BESIDE 8

/* Makes one event of those that come together: at the first one's time, of all
 * their sizes.  Returns how many there are then. */
static size_t
join_beats(int64_t *times, int64_t *sizes, size_t count)
{
	int64_t gaps[RHYTHM_EVENTS], pause, latest = times[0];
	size_t made = 1;

	for (size_t i = 1; i < count; i++)
		gaps[i - 1] = times[i] - times[i - 1];
	sort(gaps, count - 1);
	pause = quantile(gaps, count - 1, PAUSE);
	for (size_t i = 1; i < count; i++) {
		bool together = (times[i] - latest) * BESIDE < pause;

		latest = times[i];
		if (together) {
			sizes[made - 1] += sizes[i];
		} else {
			times[made] = times[i];
			sizes[made++] = sizes[i];
		}
	}
	return made;
}

/* --- together ------------------------------------------------------------- */

static size_t
intervals_of(const int64_t *times, size_t count, int64_t *out)
{
	size_t made = 0;

	for (size_t i = 1; i < count; i++)
		if (times[i] != times[i - 1])
			out[made++] = times[i] - times[i - 1];
	sort(out, made);
	return made;
}

/* Pauses are long and few; they say nothing of the beat. */
static double
variation_of(const int64_t *sorted, size_t count)
{
	size_t kept = count - (count + 9) / 10;
	double mean = 0, squares = 0;

	if (kept == 0)
		return 0;
	for (size_t i = 0; i < kept; i++)
		mean += (double)sorted[i] / (double)kept;
	for (size_t i = 0; i < kept; i++)
		squares +=
		    ((double)sorted[i] - mean) * ((double)sorted[i] - mean);
	return sqrt(squares / (double)kept) / mean;
}

struct rhythm
rhythm_of(int64_t *times, int64_t *sizes, size_t count)
{
	struct rhythm rhythm = {
	    .beats = count, .histogram = -1, .duration = -1};
	int64_t intervals[RHYTHM_EVENTS];
	uint32_t bars[RHYTHM_BARS];
	size_t made;

	if (count < 2)
		return rhythm;
	sort_by_time(times, sizes, count);
	rhythm.beats = count = join_beats(times, sizes, count);
	sort(sizes, count);
	made = intervals_of(times, count, intervals);
	rhythm.times = regularity(intervals, made);
	rhythm.sizes = regularity(sizes, count);
	rhythm.score = (rhythm.times + rhythm.sizes) / 2;
	if (made > 0) {
		double median = (double)quantile(intervals, made, 0.5);

		rhythm.interval = median / 1000;
		rhythm.variation = variation_of(intervals, made);
	}
	if (count < RHYTHM_BARRED)
		return rhythm;
	fill_bars(times, count, bars);
	rhythm.histogram = fmax(evenness(bars, count), two_heights(bars));
	rhythm.duration = duration_of(bars);
	rhythm.score =
	    (rhythm.times + rhythm.sizes + rhythm.histogram + rhythm.duration) /
	    4;
	return rhythm;
}
