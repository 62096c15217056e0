#include "sensor/commands/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alerts/journal.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"
#include "sensor/run/exit.h"

struct keeper {
	struct journal *journal;
};

static void
say(const char *message, void *context)
{
	(void)context;
	fprintf(stderr, "hedgerow: %s\n", message);
}

static struct instant
wall(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

struct keeper *
keeper_open(const char *journal, int *code)
{
	const struct journal_settings settings = {.say = say};
	char fault[JOURNAL_FAULT_SIZE];
	struct keeper *keeper = allocate(1, sizeof(*keeper));
	int error;

	keeper->journal =
	    journal_open(journal, &settings, wall(), fault, &error);
	if (keeper->journal != NULL)
		return keeper;
	fprintf(stderr, "hedgerow: --journal: %s\n", fault);
	*code =
	    error == -EACCES || error == -EPERM ? EXIT_PERMISSION : EXIT_USAGE;
	free(keeper);
	return NULL;
}

/* A text that overflowed is half a record, which is counted as lost. */
void
keeper_take(const struct text *native, void *context)
{
	const struct keeper *keeper = context;

	(void)journal_append(keeper->journal, native->at,
	    native->overflow ? SIZE_MAX : native->length, wall());
}

bool
keeper_close(struct keeper *keeper, bool quiet)
{
	struct journal_counts counts = journal_counts(keeper->journal);
	uint64_t lost = counts.lost + journal_close(keeper->journal);

	if (!quiet || lost > 0)
		fprintf(stderr,
		    "journal   %" PRIu64 " appended (%" PRIu64
		    " kept + %" PRIu64 " lost), %" PRIu64
		    " octets torn before, %" PRIu64 " segments dropped\n",
		    counts.kept + counts.lost, counts.kept + counts.lost - lost,
		    lost, counts.torn, counts.dropped);
	free(keeper);
	return lost == 0;
}
