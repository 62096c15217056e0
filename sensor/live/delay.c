#include "sensor/live/delay.h"

/* Ten steps of a decade: the series R10 of ISO 3, to one more digit. */
static const int64_t steps[10] = {
    1000, 1259, 1585, 1995, 2512, 3162, 3981, 5012, 6310, 7943};

/* Of the first step of the first decade: 0.1 ms in thousandths. */
#define FIRST 100

int64_t
delay_bound(size_t place)
{
	int64_t scale = FIRST;

	for (size_t decade = 0; decade < place / 10; decade++)
		scale *= 10;
	return steps[place % 10] * scale;
}

void
delay_add(struct delays *delays, int64_t nanoseconds)
{
	size_t low = 0, high = DELAY_BOUNDS;

	if (nanoseconds < 0)
		nanoseconds = 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (delay_bound(middle) < nanoseconds)
			low = middle + 1;
		else
			high = middle;
	}
	delays->counts[low]++;
	delays->count++;
	delays->sum += nanoseconds;
}

int64_t
delay_quantile(const struct delays *delays, double share)
{
	double wanted = share * (double)delays->count;
	uint64_t sum = 0;

	for (size_t i = 0; i < DELAY_BOUNDS; i++) {
		sum += delays->counts[i];
		if (sum > 0 && (double)sum >= wanted)
			return delay_bound(i);
	}
	return delays->count == 0 ? 0 : delay_bound(DELAY_BOUNDS);
}
