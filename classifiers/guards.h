/*
 * guards -- whether nDPI is guarded from what it cannot bear (ndpi.h).
 *
 * It is.  A program that is built for tests (HEDGEROW_TESTING) can be told not
 * to, so that they see a worker die of the packet that the guard is for.
 */
#ifndef CLASSIFIERS_GUARDS_H
#define CLASSIFIERS_GUARDS_H

#include <stdbool.h>
#include <stdlib.h>

static inline bool
guards_are_up(void)
{
#ifdef HEDGEROW_TESTING
	return getenv("HEDGEROW_TEST_UNGUARDED") == NULL;
#else
	return true;
#endif
}

#endif
