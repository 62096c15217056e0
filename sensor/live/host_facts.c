#include "sensor/live/host_facts.h"

#include <errno.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include "sensor/base/confine.h"

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

static void
count_losses(const char *interface, struct host_card *card)
{
	static const char *const losses[] = {
	    "statistics/rx_dropped",
	    "statistics/rx_missed_errors",
	    "statistics/rx_fifo_errors",
	};
	char state[64];

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
		if (read_state(interface, losses[i], state))
			card->lost += strtoull(state, NULL, 10);
}

void
host_facts_card(const char *interface, struct host_card *card)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ethtool_value gro = {.cmd = ETHTOOL_GGRO};
	struct ethtool_ringparam ring = {.cmd = ETHTOOL_GRINGPARAM};
	char state[64];

	*card = (struct host_card){.lro = false};
	card->lro =
	    ask_driver(interface, &flags) && (flags.data & ETH_FLAG_LRO) != 0;
	card->gro = ask_driver(interface, &gro) && gro.data != 0;
	if (ask_driver(interface, &ring)) {
		card->ring = ring.rx_pending;
		card->ring_maximum = ring.rx_max_pending;
	}
	card->down = read_state(interface, "operstate", state) &&
		     strcmp(state, "down") == 0;
	count_losses(interface, card);
}

void
host_facts_clock(struct host_clock *clock)
{
	struct timex state = {0};

	*clock = (struct host_clock){.error = 0};
	if (adjtimex(&state) < 0)
		clock->error = errno;
	clock->synchronised = (state.status & STA_UNSYNC) == 0;
	clock->worst_us = state.maxerror;
}

void
host_facts_kernel(struct host_kernel *kernel)
{
	long files = sysconf(_SC_OPEN_MAX);

	kernel->landlock = confine_landlock_abi();
	kernel->seccomp =
	    access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0;
	kernel->files = files < 0 ? 0 : (uint64_t)files;
}
