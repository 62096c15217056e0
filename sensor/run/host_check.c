#include "sensor/run/host_check.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include "sensor/base/confine.h"
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

/* GRO's large segments fit our packets; what LRO makes has lost its lengths. */
static void
check_offload(struct host_check *check, const char *name)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	char remedy[96];

	if (!ask_driver(name, &flags) || (flags.data & ETH_FLAG_LRO) == 0)
		return;
	(void)snprintf(remedy, sizeof(remedy), "ethtool -K %s lro off", name);
	host_check_warn(check, name,
	    "LRO joins packets in a way that cannot be taken back", remedy);
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
	check_offload(check, name);
	check_receive_ring(check, name);
}
