#include "sensor/live/live_counts.h"

uint64_t
live_counts_unread(const struct live_interface_counts *one)
{
	uint64_t known = one->counts.dropped + one->counts.taken + one->lost;

	/* Packets come between the two looks. */
	return one->counts.received < known ? 0 : one->counts.received - known;
}

struct capture_live_counts
live_counts_capture(const struct live_counts *counts)
{
	struct capture_live_counts sum = {0};

	for (size_t i = 0; i < counts->interface_count; i++) {
		const struct capture_live_counts *one =
		    &counts->interfaces[i].counts;

		sum.received += one->received;
		sum.dropped += one->dropped;
		sum.interface += one->interface;
		sum.taken += one->taken;
		sum.octets += one->octets;
		sum.downs += one->downs;
	}
	return sum;
}

uint64_t
live_counts_deaths(const struct live_counts *counts)
{
	uint64_t deaths = 0;

	for (size_t i = 0; i < counts->worker_count; i++)
		deaths += counts->workers[i].died;
	return deaths;
}
