/*
 * What detectors remember from one start to the next, and what they are told
 * of packets that nobody saw.
 */
#include <unistd.h>

#include "sensor/live/live_parts.h"
#include "sensor/run/assessment.h"
#include "sensor/run/detection.h"
#include "sensor/run/world.h"

/*
 * A crash costs what was remembered in this time: slow scans and learned
 * normals take hours, so a few minutes more or less are none.
 */
#define WRITE_INTERVAL (300 * NS_PER_SECOND)

/* Losses of a while are those of that long; shorter ones are mostly none. */
#define LOSS_INTERVAL (10 * NS_PER_SECOND)

const struct detectors_parts *
live_detectors(struct live *live, struct detectors_parts *parts)
{
	if (!live->settings->detectors)
		return NULL;
	*parts = detection_standard(world_view(live->world).tuning);
	detector_file_read(
	    &live->remembering.file, live->settings->state, parts);
	return parts;
}

void
live_detectors_begin(struct live *live)
{
	struct detection *detection = assessment_detection(live->assessment);
	struct live_remembering *remembering = &live->remembering;

	if (detection == NULL)
		return;
	live->crew->board->messages = detection_messages(detection);
	live->crew->board->progress = detection_wants_progress(detection);
	detector_file_restore(&remembering->file, detection_row(detection));
	/* Also makes the file ours, and shows now whether that can be. */
	if (detector_file_write(&remembering->file, detection_row(detection)) &&
	    remembering->file.path != NULL && live->settings->confined &&
	    geteuid() == 0)
		(void)!chown(remembering->file.path, live->user, live->group);
	remembering->written = remembering->counted = loop_steady(live->loop);
}

void
live_tune(struct live *live, const struct tuning *tuning)
{
	struct detection *detection = assessment_detection(live->assessment);

	if (detection != NULL)
		detectors_tune(detection_row(detection), tuning);
}

/* --- what was lost -------------------------------------------------------- */

static void
count_packets(const struct live *live, uint64_t *received, uint64_t *lost)
{
	*received = *lost = 0;
	for (size_t i = 0; i < live->counts.interface_count; i++) {
		const struct live_interface_counts *one =
		    &live->counts.interfaces[i];

		*received += one->counts.received;
		*lost += one->counts.dropped + one->counts.interface;
	}
}

/* Said when it begins and when it is over. */
static void
say_loss(struct live_remembering *since, uint32_t ppm)
{
	bool blind = ppm > DETECTORS_LOSS_BOUND;

	if (blind && !since->blind)
		live_say("%.1f %% of the packets are lost: detectors that go "
			 "by what is not there are silent",
		    ppm / 1e4);
	else if (!blind && since->blind)
		live_say("few packets are lost: every detector looks again");
	since->blind = blind;
}

static void
tell_loss(struct live *live, struct detection *detection)
{
	struct live_remembering *since = &live->remembering;
	uint64_t received, lost, ppm = 0;

	live_count_workers(live);
	count_packets(live, &received, &lost);
	if (received > since->received && lost > since->lost)
		ppm = (lost - since->lost) * 1000000 /
		      (received - since->received);
	if (ppm > 1000000)
		ppm = 1000000;
	say_loss(since, (uint32_t)ppm);
	detection_set_loss(detection, (uint32_t)ppm);
	since->received = received;
	since->lost = lost;
}

void
live_detectors_tick(struct live *live)
{
	struct detection *detection = assessment_detection(live->assessment);
	struct live_remembering *remembering = &live->remembering;
	struct instant now = loop_steady(live->loop);

	if (detection == NULL)
		return;
	if (instant_since(now, remembering->counted) >= LOSS_INTERVAL) {
		remembering->counted = now;
		tell_loss(live, detection);
	}
	if (instant_since(now, remembering->written) >= WRITE_INTERVAL) {
		remembering->written = now;
		(void)detector_file_write(
		    &remembering->file, detection_row(detection));
	}
}

void
live_detectors_end(struct live *live)
{
	struct detection *detection = assessment_detection(live->assessment);

	if (detection != NULL)
		(void)detector_file_write(
		    &live->remembering.file, detection_row(detection));
	detector_file_release(&live->remembering.file);
}
