#include "sensor/run/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/frame.h"
#include "sensor/run/observation_store.h"

/* Batches on their way: one that is filled, and one to wait for the slowest. */
#define BATCHES 4

/*
 * Frames of a batch.  Enough that waking a thread costs little for each, few
 * enough that a batch stays in the caches.
 */
#define BATCH_FRAMES 1024

/* Octets of a batch; more than any one packet has. */
#define BATCH_OCTETS ((size_t)1 << 20)

/* A frame for one shard, or the time for all. */
struct item {
	struct frame frame; /* points into the batch's octets */
	struct flow_place place;
	struct moment moment;
	uint32_t shard;
	bool clock;
};

struct batch {
	struct item items[BATCH_FRAMES];
	size_t count;
	uint8_t *octets; /* owned */
	size_t octet_count;
	uint32_t working; /* workers that are not done with it; locked */
	struct backlog backlogs[WORKERS_MAXIMUM];
};

struct worker {
	struct workers *crew;
	uint32_t number;
	pthread_t thread;
};

struct workers {
	struct shard *const *shards;
	uint32_t shard_count, thread_count;
	take_observation *take;
	void *context;
	struct worker workers[WORKERS_MAXIMUM];
	struct batch *batches[BATCHES];
	uint64_t collected; /* batches; the caller's alone */
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	/* Under the lock. */
	uint64_t submitted; /* batches */
	bool stopping;
};

/* --- on the workers' threads ---------------------------------------------- */

static void
observe(const struct observation *one, void *context)
{
	backlog_add(context, one);
}

static void
tell_time(const struct worker *worker, struct moment moment)
{
	const struct workers *crew = worker->crew;

	for (uint32_t s = worker->number; s < crew->shard_count;
	     s += crew->thread_count)
		shard_clock(crew->shards[s], moment);
}

/* The next item of the worker's own from `at` on, which is asked for. */
static const struct item *
look_ahead(const struct worker *worker, const struct batch *batch, size_t *at)
{
	const struct workers *crew = worker->crew;

	for (; *at < batch->count; (*at)++) {
		const struct item *item = &batch->items[*at];

		if (item->clock)
			return item;
		if (item->shard % crew->thread_count != worker->number)
			continue;
		shard_prefetch(crew->shards[item->shard], &item->place);
		return item;
	}
	return NULL;
}

static void
work_on(struct worker *worker, struct batch *batch)
{
	const struct workers *crew = worker->crew;
	size_t at = 0;
	const struct item *next;

	for (uint32_t s = worker->number; s < crew->shard_count;
	     s += crew->thread_count)
		shard_set_taker(
		    crew->shards[s], observe, &batch->backlogs[worker->number]);
	next = look_ahead(worker, batch, &at);
	while (next != NULL) {
		const struct item *item = next;

		at++;
		next = look_ahead(worker, batch, &at);
		if (item->clock)
			tell_time(worker, item->moment);
		else
			shard_frame(crew->shards[item->shard], &item->frame,
			    &item->place, item->moment);
	}
}

/* The next batch for this worker, or NULL when there will be none. */
static struct batch *
wait_for_batch(struct workers *crew, uint64_t next)
{
	struct batch *batch = NULL;

	pthread_mutex_lock(&crew->lock);
	while (crew->submitted == next && !crew->stopping)
		pthread_cond_wait(&crew->work, &crew->lock);
	if (crew->submitted > next)
		batch = crew->batches[next % BATCHES];
	pthread_mutex_unlock(&crew->lock);
	return batch;
}

static void *
worker_main(void *context)
{
	struct worker *worker = context;
	struct workers *crew = worker->crew;
	struct batch *batch;

	for (uint64_t next = 0; (batch = wait_for_batch(crew, next)) != NULL;
	     next++) {
		work_on(worker, batch);
		pthread_mutex_lock(&crew->lock);
		if (--batch->working == 0)
			pthread_cond_signal(&crew->done);
		pthread_mutex_unlock(&crew->lock);
	}
	return NULL;
}

/* --- on the caller's thread ----------------------------------------------- */

/* The batch that is being filled: no worker has it yet. */
static struct batch *
open_batch(const struct workers *crew)
{
	return crew->batches[crew->submitted % BATCHES];
}

/* Waits for the oldest batch and hands over what was observed in it. */
static void
collect(struct workers *crew)
{
	struct batch *batch = crew->batches[crew->collected % BATCHES];

	pthread_mutex_lock(&crew->lock);
	while (batch->working > 0)
		pthread_cond_wait(&crew->done, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	backlogs_drain(
	    batch->backlogs, crew->thread_count, crew->take, crew->context);
	batch->count = batch->octet_count = 0;
	crew->collected++;
}

static void
submit(struct workers *crew)
{
	struct batch *batch = open_batch(crew);

	if (batch->count == 0)
		return;
	pthread_mutex_lock(&crew->lock);
	batch->working = crew->thread_count;
	crew->submitted++;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	if (crew->submitted - crew->collected == BATCHES)
		collect(crew);
}

static struct item *
take_item(struct workers *crew, size_t octets)
{
	struct batch *batch = open_batch(crew);

	assert(octets <= BATCH_OCTETS);
	if (batch->count == BATCH_FRAMES ||
	    batch->octet_count + octets > BATCH_OCTETS) {
		submit(crew);
		batch = open_batch(crew);
	}
	return &batch->items[batch->count++];
}

/* What a shard reads of a frame: all from its innermost IP header. */
static size_t
octets_of(const struct frame *frame)
{
	size_t payload =
	    (size_t)(frame->payload - frame->ip) + frame->payload_captured;

	return payload > frame->ip_captured ? payload : frame->ip_captured;
}

void
workers_frame(struct workers *crew, const struct frame *frame,
    const struct flow_place *place, struct moment moment)
{
	size_t size = octets_of(frame);
	struct item *item = take_item(crew, size);
	struct batch *batch = open_batch(crew);
	uint8_t *octets = batch->octets + batch->octet_count;

	memcpy(octets, frame->ip, size);
	batch->octet_count += size;
	item->frame = *frame;
	item->frame.ip = octets;
	item->frame.payload = octets + (frame->payload - frame->ip);
	item->place = *place;
	item->moment = moment;
	item->shard = shard_of(place, crew->shard_count);
	item->clock = false;
}

void
workers_clock(struct workers *crew, struct moment moment)
{
	struct item *item = take_item(crew, 0);

	item->moment = moment;
	item->clock = true;
}

void
workers_drain(struct workers *crew)
{
	submit(crew);
	while (crew->collected < crew->submitted)
		collect(crew);
}

/* --- life ----------------------------------------------------------------- */

static void
make_batches(struct workers *crew)
{
	for (size_t i = 0; i < BATCHES; i++) {
		crew->batches[i] = allocate(1, sizeof(struct batch));
		crew->batches[i]->octets = allocate(BATCH_OCTETS, 1);
	}
}

static bool
start_threads(struct workers *crew, uint32_t threads)
{
	for (; crew->thread_count < threads; crew->thread_count++) {
		struct worker *worker = &crew->workers[crew->thread_count];

		worker->crew = crew;
		worker->number = crew->thread_count;
		if (pthread_create(
			&worker->thread, NULL, worker_main, worker) != 0)
			return false;
	}
	return true;
}

struct workers *
workers_new(struct shard *const *shards, uint32_t shard_count, uint32_t threads,
    take_observation *take, void *context)
{
	struct workers *crew = allocate(1, sizeof(*crew));

	assert(threads >= 1 && threads <= WORKERS_MAXIMUM);
	crew->shards = shards;
	crew->shard_count = shard_count;
	crew->take = take;
	crew->context = context;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->work, NULL);
	pthread_cond_init(&crew->done, NULL);
	make_batches(crew);
	if (!start_threads(crew, threads)) {
		workers_free(crew);
		return NULL;
	}
	return crew;
}

static void
free_batch(struct batch *batch)
{
	for (size_t i = 0; i < WORKERS_MAXIMUM; i++)
		backlog_release(&batch->backlogs[i]);
	free(batch->octets);
	free(batch);
}

void
workers_free(struct workers *crew)
{
	if (crew == NULL)
		return;
	pthread_mutex_lock(&crew->lock);
	crew->stopping = true;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	for (uint32_t i = 0; i < crew->thread_count; i++)
		pthread_join(crew->workers[i].thread, NULL);
	for (size_t i = 0; i < BATCHES; i++)
		free_batch(crew->batches[i]);
	pthread_cond_destroy(&crew->work);
	pthread_cond_destroy(&crew->done);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
}
