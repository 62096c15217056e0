/*
 * beside -- what somebody beside the detectors remembers, for saving it with
 * what they do.
 *
 * Tables of plain entries without pointers, of which those of zeroes are left
 * out: they are restored into tables of zeroes.  Knows neither who that is nor
 * the detectors.
 */
#ifndef CLASSIFIERS_DETECTORS_BESIDE_H
#define CLASSIFIERS_DETECTORS_BESIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct beside_table {
	const char *name; /* below 32 octets, as the other one */
	void *at;         /* borrowed */
	size_t size, count;
};

#define BESIDE_TABLES 8

struct beside {
	const char *name;
	uint32_t revision; /* as a detector's */
	struct beside_table tables[BESIDE_TABLES];
	size_t table_count;
	/* Called behind a restoration, unless there was nothing of it;
	 * `whole`: every table was there. */
	void (*restored)(void *owner, bool whole);
	void *owner;
};

#endif
