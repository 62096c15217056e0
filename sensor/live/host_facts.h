/*
 * host_facts -- what the kernel says of this host and its interfaces.
 *
 * Asks only; what it means for a sensor is host_check's to say.
 */
#ifndef SENSOR_LIVE_HOST_FACTS_H
#define SENSOR_LIVE_HOST_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* What a driver does with packets before anybody sees them (ethtool(8)). */
struct host_card {
	bool lro, gro;
	uint32_t ring, ring_maximum; /* packets; 0: it has none, or says none */
	bool down;
	uint64_t lost; /* packets, since the interface is there */
};

struct host_clock {
	int error;         /* an errno: nothing is known */
	bool synchronised; /* somebody keeps it right */
	long worst_us;     /* how far it may be off then */
};

struct host_kernel {
	int landlock; /* its ABI, 0: none */
	bool seccomp;
	uint64_t files; /* descriptors that a process may have */
};

void host_facts_card(const char *interface, struct host_card *card);
void host_facts_clock(struct host_clock *clock);
void host_facts_kernel(struct host_kernel *kernel);

#endif
