#include "sensor/live/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "classifiers/inventory/service_set.h"
#include "sensor/base/arena.h"
#include "sensor/evidence.h"

/* Of Linux 5.1; not in every header. */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* Fewer flows than that are of no use to a worker. */
#define CAPACITY_LEAST 64

/* One is left for the sensor, which judges what all of them observe. */
uint32_t
crew_default(void)
{
	cpu_set_t processors;
	int count = 1;

	if (sched_getaffinity(0, sizeof(processors), &processors) == 0)
		count = CPU_COUNT(&processors) - 1;
	if (count < 1)
		return 1;
	return count > 8 ? 8 : (uint32_t)count;
}

/* --- life ----------------------------------------------------------------- */

static bool
make_services(struct crew *crew)
{
	size_t size = sizeof(struct service_set);
	int descriptor =
	    memfd_create("hedgerow-services", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *memory;

	crew->services_descriptor = descriptor;
	if (descriptor < 0 || ftruncate(descriptor, (off_t)size) != 0)
		return false;
	memory =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (memory == MAP_FAILED)
		return false;
	crew->services = memory;
	return true;
}

static bool
make_evidence(struct crew *crew, uint32_t number)
{
	if (crew->evidence_settings == NULL)
		return true;
	crew->evidence[number] = evidence_new(crew->evidence_settings);
	return crew->evidence[number] != NULL;
}

static bool
make(struct crew *crew)
{
	int ends[2];
	void *board = mmap(NULL, sizeof(*crew->board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (board == MAP_FAILED)
		return false;
	crew->board = board;
	for (uint32_t i = 0; i < crew->count; i++)
		if (!worker_link_make(&crew->links[i]) ||
		    !make_evidence(crew, i))
			return false;
	if (!make_services(crew) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	crew->sensor_end = ends[0];
	crew->supervisor_end = ends[1];
	return getrandom(&crew->key, sizeof(crew->key), 0) ==
	       (ssize_t)sizeof(crew->key);
}

struct crew *
crew_new(uint32_t workers, uint32_t flow_capacity,
    const struct evidence_settings *evidence, const char **fault)
{
	struct crew *crew = allocate(1, sizeof(*crew));

	crew->count = workers;
	crew->begun = wall_clock_new();
	crew->evidence_settings = evidence;
	crew->flow_capacity = flow_capacity / workers;
	if (crew->flow_capacity < CAPACITY_LEAST)
		crew->flow_capacity = CAPACITY_LEAST;
	crew->services_descriptor = -1;
	crew->sensor_end = crew->supervisor_end = -1;
	if (make(crew))
		return crew;
	*fault = "no memory or descriptors to be had for so many --workers";
	crew_free(crew);
	return NULL;
}

static void
let_go(int *descriptor)
{
	if (*descriptor >= 0)
		(void)close(*descriptor);
	*descriptor = -1;
}

static void
let_go_of_board(struct crew *crew)
{
	if (crew->board != NULL)
		(void)munmap(crew->board, sizeof(*crew->board));
	crew->board = NULL;
}

static void
let_go_of_services(struct crew *crew)
{
	if (crew->services != NULL)
		(void)munmap(crew->services, sizeof(struct service_set));
	crew->services = NULL;
}

static void
let_go_of_worker(struct crew *crew, uint32_t number)
{
	worker_link_release(&crew->links[number]);
	if (crew->evidence[number] != NULL)
		evidence_free(crew->evidence[number], crew->evidence_settings);
	crew->evidence[number] = NULL;
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	for (uint32_t i = 0; i < crew->count; i++)
		let_go_of_worker(crew, i);
	let_go_of_board(crew);
	let_go_of_services(crew);
	let_go(&crew->services_descriptor);
	let_go(&crew->sensor_end);
	let_go(&crew->supervisor_end);
	free(crew);
}

/* --- each keeps its own --------------------------------------------------- */

void
crew_keep_sensor(struct crew *crew)
{
	let_go(&crew->supervisor_end);
	let_go(&crew->services_descriptor);
}

void
crew_keep_worker(struct crew *crew, uint32_t number)
{
	for (uint32_t i = 0; i < crew->count; i++)
		if (i != number)
			let_go_of_worker(crew, i);
	let_go_of_board(crew);
	let_go(&crew->sensor_end);
	let_go(&crew->supervisor_end);
}

/* The sensor has its mapping already, and keeps it. */
bool
crew_seal(struct crew *crew)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE;
	void *memory;

	let_go_of_services(crew);
	let_go(&crew->sensor_end);
	if (fcntl(crew->services_descriptor, F_ADD_SEALS, seals) != 0)
		return false;
	memory = mmap(NULL, sizeof(struct service_set), PROT_READ, MAP_SHARED,
	    crew->services_descriptor, 0);
	let_go(&crew->services_descriptor);
	if (memory == MAP_FAILED)
		return false;
	crew->services = memory;
	return true;
}

/* --- words ---------------------------------------------------------------- */

struct said {
	uint8_t word;
	uint8_t worker;
};

bool
crew_say(int end, enum crew_word word, uint32_t worker)
{
	const struct said said = {(uint8_t)word, (uint8_t)worker};
	ssize_t sent;

	do
		sent =
		    send(end, &said, sizeof(said), MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof(said);
}

int
crew_hear(int end, enum crew_word *word, uint32_t *worker)
{
	struct said said;
	ssize_t got;

	do
		got = recv(end, &said, sizeof(said), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got != (ssize_t)sizeof(said))
		return -1;
	*word = (enum crew_word)said.word;
	*worker = said.worker;
	return 1;
}
