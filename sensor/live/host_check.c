#include "sensor/live/host_check.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "classifiers/redis/redis.h"
#include "sensor/base/confine.h"
#include "sensor/base/file.h"
#include "sensor/base/listener.h"
#include "sensor/base/loop.h"
#include "sensor/capture_live.h"
#include "sensor/live/host_facts.h"

/* Stamps that are further off name another holder of an address. */
#define CLOCK_ERROR_US 1000000

#define REDIS_PATIENCE (5 * NS_PER_SECOND)

/* --- results -------------------------------------------------------------- */

static void
print(const char *kind, const char *what, const char *found, const char *remedy)
{
	printf("%-8s %s: %s\n", kind, what, found);
	if (remedy != NULL)
		printf("%-8s   %s\n", "", remedy);
}

void
host_check_ok(const char *what, const char *found)
{
	print("ok", what, found, NULL);
}

void
host_check_warn(struct host_check *check, const char *what, const char *found,
    const char *remedy)
{
	check->warnings++;
	print("warning", what, found, remedy);
}

void
host_check_miss(struct host_check *check, const char *what, const char *found,
    const char *remedy)
{
	check->missing++;
	print("missing", what, found, remedy);
}

/* --- rights --------------------------------------------------------------- */

static void
check_user(struct host_check *check, const char *user)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0)
		host_check_ok("user", "not root already; it stays as it is");
	else if (!confine_user(user, &uid, &gid))
		host_check_miss(check, "user", "no such user",
		    "name another one by --user, or `adduser --system "
		    "hedgerow`");
	else if (uid == 0)
		host_check_warn(check, "user", "is root",
		    "name an unprivileged one by --user");
	else
		host_check_ok("user", user);
}

void
host_check_kernel(
    struct host_check *check, const struct host_kernel *kernel, size_t wanted)
{
	char found[96];

	(void)snprintf(found, sizeof(found), "ABI %d", kernel->landlock);
	if (kernel->landlock > 0)
		host_check_ok("Landlock", found);
	else
		host_check_warn(check, "Landlock", "not in this kernel",
		    "boot with `lsm=landlock,...`; without it, files are kept "
		    "apart by their owners alone");
	if (kernel->seccomp)
		host_check_ok("seccomp", "there");
	else
		host_check_miss(check, "seccomp", "not in this kernel",
		    "a kernel with CONFIG_SECCOMP_FILTER, or --no-confine");
	(void)snprintf(found, sizeof(found), "%zu wanted, %llu allowed", wanted,
	    (unsigned long long)kernel->files);
	if (kernel->files >= wanted)
		host_check_ok("descriptors", found);
	else
		host_check_miss(check, "descriptors", found,
		    "`ulimit -n`, or LimitNOFILE= in the unit; or fewer "
		    "--workers");
}

void
host_check_rights(struct host_check *check, const char *user)
{
	if (confine_has_capabilities(1ULL << CAP_NET_RAW))
		host_check_ok("capture", "CAP_NET_RAW");
	else
		host_check_miss(check, "capture", "no CAP_NET_RAW",
		    "run as root or by deploy/systemd/hedgerow.service, or "
		    "`setcap cap_net_raw,cap_net_admin=ep hedgerow`");
	check_user(check, user);
}

/* --- clock ---------------------------------------------------------------- */

void
host_check_clock(struct host_check *check, const struct host_clock *clock)
{
	char found[96];

	if (clock->error != 0) {
		host_check_warn(check, "clock", strerror(clock->error),
		    "a container may not be told; look on its host");
		return;
	}
	(void)snprintf(found, sizeof(found),
	    "synchronised, off by %ld ms at most", clock->worst_us / 1000);
	if (!clock->synchronised)
		host_check_warn(check, "clock", "nobody keeps it right",
		    "run chrony or systemd-timesyncd: who held an address is "
		    "asked by time");
	else if (clock->worst_us > CLOCK_ERROR_US)
		host_check_warn(check, "clock", found,
		    "a nearer time server, or wait until it has settled");
	else
		host_check_ok("clock", found);
}

/* --- interfaces ----------------------------------------------------------- */

/*
 * GRO's large segments fit our packets, but packets are counted as joined and
 * their acknowledgements seem late; what LRO makes has lost its lengths.
 */
static void
check_offload(
    struct host_check *check, const char *name, const struct host_card *card)
{
	char remedy[96];

	if (card->lro) {
		(void)snprintf(
		    remedy, sizeof(remedy), "ethtool -K %s lro off", name);
		host_check_warn(check, name,
		    "LRO joins packets in a way that cannot be taken back",
		    remedy);
	}
	if (!card->gro)
		return;
	(void)snprintf(remedy, sizeof(remedy), "ethtool -K %s gro off", name);
	host_check_warn(check, name,
	    "GRO joins packets: flows are right, but joined packets and "
	    "their headers are counted once",
	    remedy);
}

static void
check_ring(
    struct host_check *check, const char *name, const struct host_card *card)
{
	char found[96], remedy[96];

	if (card->ring >= card->ring_maximum)
		return;
	(void)snprintf(found, sizeof(found),
	    "the card's own ring is %u of %u packets", card->ring,
	    card->ring_maximum);
	(void)snprintf(remedy, sizeof(remedy), "ethtool -G %s rx %u", name,
	    card->ring_maximum);
	host_check_warn(check, name, found, remedy);
}

void
host_check_card(
    struct host_check *check, const char *name, const struct host_card *card)
{
	char found[128], remedy[96];

	(void)snprintf(remedy, sizeof(remedy), "ip link set %s up", name);
	if (card->down)
		host_check_warn(check, name, "is down", remedy);
	(void)snprintf(found, sizeof(found),
	    "lost %llu packets since it is there",
	    (unsigned long long)card->lost);
	if (card->lost > 0)
		host_check_warn(check, name, found,
		    "a larger ring of the card, more of its queues, or less "
		    "traffic");
	check_offload(check, name, card);
	check_ring(check, name, card);
}

/* It is as it would be: a ring of that size, whole packets. */
static void
say_open(const char *name, size_t buffer, bool promiscuous)
{
	char found[160];

	(void)snprintf(found, sizeof(found),
	    "%s: a ring of %zu MiB, packets of up to %u octets, %s", name,
	    (buffer == 0 ? CAPTURE_LIVE_BUFFER : buffer) >> 20,
	    CAPTURE_LIVE_SNAPLEN,
	    promiscuous ? "promiscuous" : "only what is for this host");
	host_check_ok("interface", found);
}

void
host_check_interface(struct host_check *check, const char *name,
    const char *filter, size_t buffer, bool promiscuous)
{
	const struct capture_live_settings settings = {
	    .interface = name,
	    .filter = filter,
	    .buffer = buffer,
	    .promiscuous = promiscuous,
	};
	char fault[CAPTURE_LIVE_FAULT_SIZE];
	struct host_card card;
	bool denied;
	struct capture_live *capture =
	    capture_live_open(&settings, fault, &denied);

	if (capture == NULL) {
		host_check_miss(check, "interface", fault, NULL);
		return;
	}
	capture_live_close(capture);
	say_open(name, buffer, promiscuous);
	host_facts_card(name, &card);
	host_check_card(check, name, &card);
}

/* --- Redis ---------------------------------------------------------------- */

struct asking {
	struct loop *loop;
	bool up;
	char why[REDIS_FAULT_SIZE];
};

static void
on_up(void *context)
{
	struct asking *asking = context;

	asking->up = true;
	loop_stop(asking->loop);
}

static void
on_down(const char *why, void *context)
{
	struct asking *asking = context;

	(void)snprintf(asking->why, sizeof(asking->why), "%s", why);
	loop_stop(asking->loop);
}

static void
on_late(void *context)
{
	struct asking *asking = context;

	loop_stop(asking->loop);
}

static bool
ask_redis(const struct redis_url *url, struct asking *asking)
{
	const struct redis_events events = {on_up, on_down, asking};
	struct loop_timer *patience =
	    loop_timer_new(asking->loop, on_late, asking);
	struct redis *redis;

	loop_timer_set(patience, REDIS_PATIENCE);
	redis = redis_new(asking->loop, url, &events);
	loop_run(asking->loop);
	redis_free(redis);
	loop_timer_free(patience);
	return asking->up;
}

bool
host_check_redis(struct host_check *check, const char *argument)
{
	struct asking asking = {loop_new(), false, "it does not answer"};
	char found[2 * REDIS_FAULT_SIZE], fault[REDIS_FAULT_SIZE];
	struct redis_url *url = redis_url_argument(argument, fault);
	bool fine = false;

	if (url == NULL) {
		host_check_miss(check, "Redis", fault, NULL);
	} else if (asking.loop != NULL) {
		fine = ask_redis(url, &asking);
		(void)snprintf(found, sizeof(found), "%s: %s",
		    redis_url_shown(url), fine ? "answers" : asking.why);
		if (fine)
			host_check_ok("Redis", found);
		else
			host_check_miss(check, "Redis", found,
			    "is it there, and may this user ask it?  With "
			    "--saved FILE a sensor begins with what it told "
			    "last");
	}
	redis_url_free(url);
	loop_free(asking.loop);
	return fine;
}

/* --- files ---------------------------------------------------------------- */

/* Whether that user may; asked by a process that is the user. */
static bool
user_may(const char *user, const char *path, int what)
{
	uid_t uid;
	gid_t gid;
	int status = 0;
	pid_t child;

	if (geteuid() != 0 || !confine_user(user, &uid, &gid))
		return access(path, what) == 0;
	child = fork();
	if (child == 0)
		_exit(setgroups(0, NULL) != 0 || setgid(gid) != 0 ||
		      setuid(uid) != 0 || access(path, what) != 0);
	return child > 0 && waitpid(child, &status, 0) == child &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What whoever opens it for writing would be told, without making it. */
static int
fault_of_writing(const char *path, const char *directory)
{
	int fine;

	if (file_is_directory(path))
		return EISDIR;
	fine = access(path, F_OK) == 0 ? access(path, W_OK)
				       : access(directory, W_OK | X_OK);
	return fine == 0 ? 0 : errno;
}

void
host_check_directory(struct host_check *check, const char *what,
    const char *path, const char *user)
{
	char directory[PATH_MAX], remedy[PATH_MAX + 96];
	int fault;
	char *slash;

	(void)snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash == NULL)
		(void)snprintf(directory, sizeof(directory), ".");
	else
		slash[slash == directory ? 1 : 0] = '\0';
	if (access(directory, F_OK) != 0) {
		(void)snprintf(remedy, sizeof(remedy), "mkdir %s", directory);
		host_check_miss(check, what, strerror(errno), remedy);
		return;
	}
	(void)snprintf(remedy, sizeof(remedy), "chown %s %s",
	    geteuid() == 0 ? user : "YOURSELF", directory);
	fault = fault_of_writing(path, directory);
	if (fault != 0)
		host_check_miss(check, what, strerror(fault),
		    access(path, F_OK) != 0 ? remedy : NULL);
	else if (user_may(user, directory, W_OK | X_OK))
		host_check_ok(what, path);
	else
		host_check_warn(check, what,
		    "the sensor's user cannot make files there, so nobody can "
		    "rotate them",
		    remedy);
}

void
host_check_readable(struct host_check *check, const char *what,
    const char *path, const char *user)
{
	char remedy[PATH_MAX + 96];

	if (access(path, F_OK) != 0 || user_may(user, path, R_OK))
		return; /* what is not there is said by whoever loads it */
	(void)snprintf(remedy, sizeof(remedy), "chmod -R a+rX %s", path);
	host_check_warn(check, what,
	    "the sensor's user cannot read them, so a reload will fail",
	    remedy);
}

/* --- the rest ------------------------------------------------------------- */

void
host_check_address(
    struct host_check *check, const char *what, const char *address)
{
	const struct listener_settings settings = {NULL, NULL, NULL};
	char fault[LISTENER_FAULT_SIZE];
	struct loop *loop = loop_new();
	struct listener *listener = NULL;

	if (loop != NULL)
		listener = listener_new_tcp(loop, address, &settings, fault);
	if (listener != NULL)
		host_check_ok(what, address);
	else
		host_check_warn(check, what,
		    loop == NULL ? "no event loop" : fault,
		    "another address, or end what has it (a sensor?)");
	listener_free(listener);
	loop_free(loop);
}

void
host_check_memory(struct host_check *check, size_t wanted)
{
	char found[128];
	size_t there =
	    (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);

	if (wanted == 0)
		return;
	(void)snprintf(found, sizeof(found),
	    "rings and evidence take %zu of %zu MiB", wanted >> 20,
	    there >> 20);
	if (wanted > there / 2)
		host_check_warn(check, "memory", found,
		    "a smaller --buffer, fewer --workers, or less `evidence: "
		    "{memory: ...}`");
	else
		host_check_ok("memory", found);
}
