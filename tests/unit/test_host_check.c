/*
 * Each line of `hedgerow check` about a host, from what the kernel would say of
 * one that lacks it: what was found, and the remedy under it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/live/host_check.h"
#include "sensor/live/host_facts.h"

static struct host_check check;
static char said[4096];
static int saved;
static FILE *out;

static void
listen_to(void)
{
	check = (struct host_check){0};
	out = tmpfile();
	assert_non_null(out);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	(void)dup2(fileno(out), STDOUT_FILENO);
}

static void
hear(void)
{
	size_t got;

	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	rewind(out);
	got = fread(said, 1, sizeof(said) - 1, out);
	said[got] = '\0';
	(void)fclose(out);
}

static void
hear_card(const struct host_card *card)
{
	listen_to();
	host_check_card(&check, "eth9", card);
	hear();
}

static void
hear_clock(const struct host_clock *clock)
{
	listen_to();
	host_check_clock(&check, clock);
	hear();
}

static void
hear_kernel(const struct host_kernel *kernel, size_t wanted)
{
	listen_to();
	host_check_kernel(&check, kernel, wanted);
	hear();
}

static void
expect(const char *text, unsigned warnings, unsigned missing)
{
	assert_string_equal(said, text);
	assert_int_equal(check.warnings, warnings);
	assert_int_equal(check.missing, missing);
}

static void
a_card_as_it_should_be(void **state)
{
	(void)state;
	hear_card(&(struct host_card){.ring = 4096, .ring_maximum = 4096});
	expect("", 0, 0);
}

static void
a_card_that_joins_packets(void **state)
{
	(void)state;
	hear_card(&(struct host_card){.lro = true});
	expect("warning  eth9: LRO joins packets in a way that cannot be taken "
	       "back\n           ethtool -K eth9 lro off\n",
	    1, 0);
	hear_card(&(struct host_card){.gro = true});
	expect("warning  eth9: GRO joins packets: flows are right, but "
	       "joined packets and their headers are counted once\n"
	       "           ethtool -K eth9 gro off\n",
	    1, 0);
}

static void
a_card_that_loses_packets(void **state)
{
	(void)state;
	hear_card(&(struct host_card){.ring = 256, .ring_maximum = 4096});
	expect("warning  eth9: the card's own ring is 256 of 4096 packets\n"
	       "           ethtool -G eth9 rx 4096\n",
	    1, 0);
	hear_card(&(struct host_card){.lost = 17, .down = true});
	expect("warning  eth9: is down\n"
	       "           ip link set eth9 up\n"
	       "warning  eth9: lost 17 packets since it is there\n"
	       "           a larger ring of the card, more of its queues, or "
	       "less traffic\n",
	    2, 0);
}

static void
clocks(void **state)
{
	(void)state;
	hear_clock(
	    &(struct host_clock){.synchronised = true, .worst_us = 2500});
	expect("ok       clock: synchronised, off by 2 ms at most\n", 0, 0);
	hear_clock(&(struct host_clock){.worst_us = 16000000});
	expect("warning  clock: nobody keeps it right\n"
	       "           run chrony or systemd-timesyncd: who held an "
	       "address is asked by time\n",
	    1, 0);
	hear_clock(
	    &(struct host_clock){.synchronised = true, .worst_us = 3000000});
	expect("warning  clock: synchronised, off by 3000 ms at most\n"
	       "           a nearer time server, or wait until it has "
	       "settled\n",
	    1, 0);
	hear_clock(&(struct host_clock){.error = EPERM});
	expect("warning  clock: Operation not permitted\n"
	       "           a container may not be told; look on its host\n",
	    1, 0);
}

static void
kernels(void **state)
{
	(void)state;
	hear_kernel(&(struct host_kernel){4, true, 1024}, 200);
	expect("ok       Landlock: ABI 4\n"
	       "ok       seccomp: there\n"
	       "ok       descriptors: 200 wanted, 1024 allowed\n",
	    0, 0);
	hear_kernel(&(struct host_kernel){0, false, 64}, 200);
	expect("warning  Landlock: not in this kernel\n"
	       "           boot with `lsm=landlock,...`; without it, files are "
	       "kept apart by their owners alone\n"
	       "missing  seccomp: not in this kernel\n"
	       "           a kernel with CONFIG_SECCOMP_FILTER, or "
	       "--no-confine\n"
	       "missing  descriptors: 200 wanted, 64 allowed\n"
	       "           `ulimit -n`, or LimitNOFILE= in the unit; or fewer "
	       "--workers\n",
	    1, 2);
}

/* What is asked is what the kernel has: of an interface that is always there,
 * and of one that never is. */
static void
the_kernel_is_asked(void **state)
{
	struct host_card card;
	struct host_clock clock;
	struct host_kernel kernel;

	(void)state;
	host_facts_card("no-such-card", &card);
	assert_false(card.lro || card.gro || card.down);
	assert_int_equal(card.ring + card.ring_maximum, 0);
	host_facts_clock(&clock);
	assert_true(clock.error != 0 || clock.worst_us >= 0);
	host_facts_kernel(&kernel);
	assert_int_equal(kernel.files, (uint64_t)sysconf(_SC_OPEN_MAX));
}

static void
hear_file(const char *path)
{
	listen_to();
	host_check_directory(&check, "alerts", path, "nobody");
	hear();
}

/* What `run` could not open is missing, and no warning about rotation. */
static void
files_that_cannot_be_written(void **state)
{
	char directory[] = "/tmp/hedgerow-check-XXXXXX", file[64], text[256];
	bool root = geteuid() == 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chmod(directory, 0777), 0);
	(void)snprintf(file, sizeof(file), "%s/alerts", directory);
	hear_file(directory);
	expect("missing  alerts: Is a directory\n", 0, 1);
	(void)snprintf(text, sizeof(text), "ok       alerts: %s\n", file);
	hear_file(file);
	expect(text, 0, 0);
	assert_int_equal(access(file, F_OK), -1); /* it makes nothing */
	assert_int_equal(chmod(directory, 0500), 0);
	if (root)
		assert_int_equal(setresuid(65534, 65534, 0), 0);
	hear_file(file);
	if (root)
		assert_int_equal(setresuid(0, 0, 0), 0);
	assert_int_equal(rmdir(directory), 0);
	(void)snprintf(text, sizeof(text),
	    "missing  alerts: Permission denied\n"
	    "           chown YOURSELF %s\n",
	    directory);
	expect(text, 0, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_card_as_it_should_be),
	    cmocka_unit_test(a_card_that_joins_packets),
	    cmocka_unit_test(a_card_that_loses_packets),
	    cmocka_unit_test(clocks),
	    cmocka_unit_test(kernels),
	    cmocka_unit_test(the_kernel_is_asked),
	    cmocka_unit_test(files_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
