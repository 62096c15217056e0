/*
 * journal_fill DIRECTORY COUNT PER_SECOND: keeps made alerts in a journal, each
 * with a uid of its own, which it prints once the journal has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alerts/journal.h"

static struct instant
wall(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

static int
make(char line[2048], unsigned long number)
{
	return snprintf(line, 2048,
	    "{\"timestamp\":\"2026-11-21T06:28:%02lu.%06lu+0000\","
	    "\"event_type\":\"alert\",\"host\":\"made\",\"flow_id\":%lu,"
	    "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
	    "\"dest_ip\":\"10.0.0.2\",\"dest_port\":6379,\"proto\":\"TCP\","
	    "\"app_proto\":\"redis\",\"app_confidence\":\"dpi\","
	    "\"alert\":{\"action\":\"allowed\",\"gid\":100,"
	    "\"signature_id\":1003,\"rev\":1,\"signature\":\"a\\\"b spoke "
	    "Redis to c\\n]d\",\"category\":\"Policy Violation\","
	    "\"severity\":2},\"policy\":{\"verdict\":\"deviation\","
	    "\"deviation\":\"application\",\"attempted\":false},"
	    "\"finding\":{\"uid\":\"%016lx\",\"state\":\"new\",\"count\":1}}",
	    number / 1000000 % 60, number % 1000000, number + 1, number);
}

int
main(int argc, char **argv)
{
	const struct journal_settings settings = {.segment = 1 << 18};
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long rate = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000;
	char fault[JOURNAL_FAULT_SIZE], line[2048];
	struct journal *journal;
	int error;

	if (argc < 3)
		return 2;
	journal = journal_open(argv[1], &settings, wall(), fault, &error);
	if (journal == NULL) {
		fprintf(stderr, "%s\n", fault);
		return 1;
	}
	while (journal_next(journal) <= count) {
		unsigned long number = (unsigned long)journal_next(journal);
		int length = make(line, number);
		const struct timespec pause = {.tv_nsec = 10000000};

		if (journal_append(journal, line, (size_t)length, wall()))
			printf("%016lx\n", number);
		if (number % (rate / 100 + 1) == 0) {
			(void)fflush(stdout);
			(void)nanosleep(&pause, NULL);
		}
	}
	return journal_close(journal) == 0 ? 0 : 1;
}
