#include "classifiers/detectors/flood/siege.h"

#include <math.h>
#include <string.h>

#include "classifiers/detectors/memory.h"

#define BITS (SIEGE_WORDS * 64)

/* Who came before it was too much, in small numbers, has no part in it. */
static void
begin_sources(struct siege *siege, int64_t bin)
{
	memset(siege->sources, 0, sizeof(siege->sources));
	siege->suspect = siege->lead = siege->by_all = 0;
	siege->calm = siege->bin = bin;
}

/* So that it is theirs who do it now, not who did it before. */
static void
age_sources(struct siege *siege, int64_t bin)
{
	for (; siege->bin < bin && siege->by_all > 0; siege->bin++) {
		siege->by_all /= 2;
		siege->lead /= 2;
	}
	if (siege->bin < bin)
		siege->bin = bin;
}

static void
note_source(struct siege *siege, const struct siege_blow *blow)
{
	uint64_t bit = memory_key(blow->source, 5) % BITS;

	siege->sources[bit / 64] |= UINT64_C(1) << (bit % 64);
	siege->by_all += blow->count;
	if (siege->lead == 0)
		siege->suspect = blow->source;
	if (siege->suspect == blow->source)
		siege->lead += blow->count;
	else
		siege->lead -=
		    blow->count < siege->lead ? blow->count : siege->lead;
}

bool
siege_add(struct siege *siege, const struct rate_rule *rule,
    const struct siege_blow *blow)
{
	double sum = rate_add(&siege->rate, rule, blow->at, blow->count);
	int64_t bin = rate_bin(blow->at);

	if (!siege->on && sum <= (double)blow->count && siege->calm != bin)
		begin_sources(siege, bin);
	age_sources(siege, bin);
	note_source(siege, blow);
	if (sum <= rule->h) {
		siege->on = siege->on && sum > 0;
		return false;
	}
	if (!siege->on) {
		siege->on = true;
		siege->total = (uint64_t)rate_excess(&siege->rate);
		siege->total -=
		    blow->count < siege->total ? blow->count : siege->total;
		siege->counted = 0;
		siege->first = siege->rate.rising;
		siege->example = blow->packet;
	}
	siege->total += blow->count;
	return true;
}

uint32_t
siege_sources(const struct siege *siege)
{
	uint32_t set = 0;

	for (int i = 0; i < SIEGE_WORDS; i++)
		set += (uint32_t)__builtin_popcountll(siege->sources[i]);
	if (set >= BITS)
		set = BITS - 1;
	/* Linear counting, as bitmap.h has it. */
	return (uint32_t)(-(double)BITS * log(1 - (double)set / BITS) + 0.5);
}

bool
siege_is_by_one(const struct siege *siege)
{
	return siege->lead * 2 > siege->by_all;
}

bool
siege_is_by(const struct siege *siege, uint64_t source)
{
	return siege_is_by_one(siege) && siege->suspect == source;
}

uint64_t
siege_tell(struct siege *siege, struct instant now)
{
	uint64_t more = siege->total - siege->counted;

	if (more <= siege->counted / 4 &&
	    now.ns - siege->raised < NS_PER_SECOND)
		return 0;
	siege->counted = siege->total;
	siege->raised = now.ns;
	return more;
}
