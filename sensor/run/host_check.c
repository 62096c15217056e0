#include "sensor/run/host_check.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/base/confine.h"
#include "sensor/base/listener.h"
#include "sensor/base/loop.h"
#include "sensor/capture_live.h"

/* Stamps that are further off name another holder of an address. */
#define CLOCK_ERROR_US 1000000

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

static void
check_kernel(struct host_check *check)
{
	char found[64];
	int abi = confine_landlock_abi();

	(void)snprintf(found, sizeof(found), "ABI %d", abi);
	if (abi > 0)
		host_check_ok("Landlock", found);
	else
		host_check_warn(check, "Landlock", "not in this kernel",
		    "boot with `lsm=landlock,...`; without it, files are kept "
		    "apart by their owners alone");
	if (access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0)
		host_check_ok("seccomp", "there");
	else
		host_check_miss(check, "seccomp", "not in this kernel",
		    "a kernel with CONFIG_SECCOMP_FILTER, or --no-confine");
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
	check_kernel(check);
}

/* --- clock ---------------------------------------------------------------- */

void
host_check_clock(struct host_check *check)
{
	struct timex state = {0};
	char found[96];

	if (adjtimex(&state) < 0) {
		host_check_warn(check, "clock", strerror(errno), NULL);
		return;
	}
	(void)snprintf(found, sizeof(found),
	    "synchronised, off by %ld ms at most", state.maxerror / 1000);
	if ((state.status & STA_UNSYNC) != 0)
		host_check_warn(check, "clock", "nobody keeps it right",
		    "run chrony or systemd-timesyncd: who held an address is "
		    "asked by time");
	else if (state.maxerror > CLOCK_ERROR_US)
		host_check_warn(check, "clock", found, NULL);
	else
		host_check_ok("clock", found);
}

/* --- interfaces ----------------------------------------------------------- */

/* Asks the driver; false when it does not know. */
static bool
ask_driver(const char *name, void *question)
{
	struct ifreq request = {0};
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool knows;

	if (descriptor < 0 || strlen(name) >= sizeof(request.ifr_name)) {
		if (descriptor >= 0)
			(void)close(descriptor);
		return false;
	}
	memcpy(request.ifr_name, name, strlen(name) + 1);
	request.ifr_data = question;
	knows = ioctl(descriptor, SIOCETHTOOL, &request) == 0;
	(void)close(descriptor);
	return knows;
}

/*
 * GRO's large segments fit our packets, but packets are counted as joined and
 * their acknowledgements seem late; what LRO makes has lost its lengths.
 */
static void
check_offload(struct host_check *check, const char *name)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ethtool_value gro = {.cmd = ETHTOOL_GGRO};
	char remedy[96];

	if (ask_driver(name, &flags) && (flags.data & ETH_FLAG_LRO) != 0) {
		(void)snprintf(
		    remedy, sizeof(remedy), "ethtool -K %s lro off", name);
		host_check_warn(check, name,
		    "LRO joins packets in a way that cannot be taken back",
		    remedy);
	}
	if (!ask_driver(name, &gro) || gro.data == 0)
		return;
	(void)snprintf(remedy, sizeof(remedy), "ethtool -K %s gro off", name);
	host_check_warn(check, name,
	    "GRO joins packets: flows and octets are right, packets are "
	    "counted as joined",
	    remedy);
}

/* A word or a number of /sys/class/net/NAME/WHAT. */
static bool
read_state(const char *name, const char *what, char out[64])
{
	char path[PATH_MAX];
	FILE *file;
	bool fine;

	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, what);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	fine = fgets(out, 64, file) != NULL;
	(void)fclose(file);
	if (fine)
		out[strcspn(out, "\n")] = '\0';
	return fine;
}

/* Down now, or packets that it lost before anybody could look. */
static void
check_state(struct host_check *check, const char *name)
{
	static const char *const losses[] = {
	    "statistics/rx_dropped",
	    "statistics/rx_missed_errors",
	    "statistics/rx_fifo_errors",
	};
	char state[64], found[128], remedy[96];
	unsigned long long lost = 0;

	(void)snprintf(remedy, sizeof(remedy), "ip link set %s up", name);
	if (read_state(name, "operstate", state) && strcmp(state, "down") == 0)
		host_check_warn(check, name, "is down", remedy);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
		if (read_state(name, losses[i], state))
			lost += strtoull(state, NULL, 10);
	if (lost == 0)
		return;
	(void)snprintf(
	    found, sizeof(found), "lost %llu packets since it is there", lost);
	host_check_warn(check, name, found,
	    "a larger ring of the card, more of its queues, or less traffic");
}

static void
check_receive_ring(struct host_check *check, const char *name)
{
	struct ethtool_ringparam ring = {.cmd = ETHTOOL_GRINGPARAM};
	char found[96], remedy[96];

	if (!ask_driver(name, &ring) || ring.rx_pending >= ring.rx_max_pending)
		return;
	(void)snprintf(found, sizeof(found),
	    "the card's own ring is %u of %u packets", ring.rx_pending,
	    ring.rx_max_pending);
	(void)snprintf(remedy, sizeof(remedy), "ethtool -G %s rx %u", name,
	    ring.rx_max_pending);
	host_check_warn(check, name, found, remedy);
}

void
host_check_interface(struct host_check *check, const char *name,
    const char *filter, size_t buffer)
{
	const struct capture_live_settings settings = {
	    .interface = name,
	    .filter = filter,
	    .buffer = buffer,
	    .promiscuous = true,
	};
	char fault[CAPTURE_LIVE_FAULT_SIZE];
	bool denied;
	struct capture_live *capture =
	    capture_live_open(&settings, fault, &denied);

	if (capture == NULL) {
		host_check_miss(check, "interface", fault, NULL);
		return;
	}
	capture_live_close(capture);
	host_check_ok("interface", name);
	check_state(check, name);
	check_offload(check, name);
	check_receive_ring(check, name);
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

void
host_check_directory(struct host_check *check, const char *what,
    const char *path, const char *user)
{
	char directory[PATH_MAX], remedy[PATH_MAX + 96];
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
	if (user_may(user, directory, W_OK | X_OK))
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

size_t
host_check_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0
		   ? (size_t)CPU_COUNT(&set)
		   : 1;
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
