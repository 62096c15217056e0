/*
 * icmp-tunnel -- data that travels in the payload of pings.
 *
 * Idea: what a ping carries says nothing: a time, then a pattern that is the
 * same in every packet, and the reply repeats it (RFC 792).  A tunnel's payload
 * is different each time and follows no pattern, and its replies hold what the
 * other side has to say.
 *
 * Formula: per client and server, over 10 minutes sliding, of echo payloads
 * without their first 24 octets (16 of time in iputils, 24 with the tracker
 * that Go programs add):
 *   different   payloads that are neither constant nor counting up, each once
 *   carried     their octets; of one that repeats itself, a period
 *   foreign     replies that repeat none of the last 16 requests
 *   large       requests of 512 octets or more with a pattern that no program
 *               uses by itself: longer than one octet and not counting up
 * It is a tunnel when different >= `payloads` and carried >= `octets`, when
 * foreign >= `foreign_replies` with such a payload, or, less surely, when large
 * >= `large_requests`.
 *
 * Thresholds: 10 payloads and 128 octets: a person who tries `ping -p` with
 * several patterns stays below; `ping -p` with a line of a file each time, the
 * tunnel that needs no tool, sends 16 octets a packet.  3 replies that are not
 * the request are what NeuVector takes for one; 10 large ones with
 * somebody's own pattern: who tries a path's MTU sends a few, and does not
 * choose what they hold.
 *
 * ATT&CK: T1095 (non-application-layer protocol), T1048.003.
 *
 * A stranger's first ping that nobody answers is not looked into, unless more
 * of it come in the same flow.
 *
 * Still gets through: data in the time of an ordinary ping (8 octets a packet),
 * in its identifier, its size or its pace; other types than echo.  Reported
 * wrongly: `fping -R`, which fills pings with random octets on purpose.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "classifiers/detectors/measures/letters.h"
#include "sensor/base/hash.h"
#include "sensor/base/sixteen.h"

#define SIGNATURE_TUNNEL 2070

#define WINDOW_HALF  (300 * NS_PER_SECOND)
#define TIME_OCTETS  24
#define REQUESTS     16
#define PERIOD_MOST  16 /* of `ping -p` */
#define EXAMPLE_SIZE 24
#define LARGE_OCTETS 512

enum setting { PAYLOADS, OCTETS, FOREIGN, LARGE };

static const struct detector_setting settings[] = {
    {"payloads", "payloads", 10, 3, 7000,
	"different ones without a pattern within 10 minutes", "a judgement"},
    {"octets", "octets", 128, 16, 1e9, "that they carry", "a judgement"},
    {"foreign_replies", "replies", 3, 2, 1e6, "that repeat no request",
	"NeuVector: 3"},
    {"large_requests", "requests", 10, 3, 1e9,
	"of 512 octets or more with a pattern of somebody's own",
	"a judgement"},
};

struct tally {
	struct bitmap payloads;
	uint32_t different, carried, foreign, requests, replies, large;
	uint32_t least, most; /* sizes */
};

struct known {
	int64_t since_ns;
	struct tally now, before;
	uint64_t asked[REQUESTS]; /* hashes of requests, a ring */
	uint64_t asked_next;
	struct pace pace;
	uint32_t example_size, entropy;
	uint8_t example[EXAMPLE_SIZE];
};

static void *
icmp_open(struct detector_host *host)
{
	return desk_open(host, 2048, 1024, sizeof(struct known));
}

/* --- one payload ---------------------------------------------------------- */

/* Whether sixteen octets all are the one before plus that step. */
static bool
steps_on(const uint8_t *octets, uint8_t step)
{
	sixteen steps = sixteen_load(octets) - sixteen_load(octets - 1);

	return !sixteen_any(~sixteen_is(steps, step));
}

/* Whether nearly all octets are the one before plus the same step. */
static bool
has_step(const uint8_t *octets, size_t size, uint8_t step)
{
	/* Windows begins its alphabet again after 23 letters. */
	size_t odd = size / 16, at = 1;

	while (at < size) {
		size_t end = at + 16 < size ? at + 16 : size;

		if (at + 16 == end && steps_on(octets + at, step))
			at = end;
		for (; at < end; at++)
			if ((uint8_t)(octets[at] - octets[at - 1]) != step &&
			    odd-- == 0)
				return false;
	}
	return true;
}

/* The period of a text that repeats itself, or its size. */
static size_t
period_of(const uint8_t *octets, size_t size)
{
	for (size_t period = 2; period <= PERIOD_MOST && period * 2 <= size;
	     period++) {
		if (memcmp(octets, octets + period, size - period) == 0)
			return period;
	}
	return size;
}

/* What may be told in a payload: 0 octets where it follows a pattern. */
static size_t
room_of(const uint8_t *octets, size_t size)
{
	if (size <= TIME_OCTETS)
		return 0;
	octets += TIME_OCTETS;
	size -= TIME_OCTETS;
	if (has_step(octets, size, 0) || has_step(octets, size, 1))
		return 0;
	return period_of(octets, size);
}

/* --- counting ------------------------------------------------------------- */

static struct known *
known_of(struct desk *desk, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	struct known *known = memory_get(desk->memory, desk_class(client),
	    memory_key(client->key, sighting->server.key), NULL);
	int passed =
	    halves_passed(&known->since_ns, sighting->then.ns, WINDOW_HALF);

	if (passed > 0) {
		known->before =
		    passed == 1 ? known->now : (struct tally){.least = 0};
		known->now = (struct tally){.least = 0};
	}
	if (passed == 2)
		known->pace = (struct pace){0};
	return known;
}

/* Whether a reply's payload is the beginning of one that was sent: the hash of
 * what is as long. */
static bool
was_asked(const struct known *known, uint64_t hash)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		if (known->asked[i] == hash)
			return true;
	}
	return false;
}

static void
remember_example(
    struct known *known, const uint8_t *octets, uint32_t size, uint32_t length)
{
	known->example_size = size > EXAMPLE_SIZE ? EXAMPLE_SIZE : size;
	memcpy(known->example, octets, known->example_size);
	known->entropy = letters_entropy(octets, size);
	if (length > known->now.most)
		known->now.most = length;
	if (known->now.least == 0 || length < known->now.least)
		known->now.least = length;
}

/* Returns whether the payload says something. */
static bool
count_payload(
    struct desk *desk, struct known *known, const struct message *message)
{
	const struct hash_key *key = detector_key(desk->host);
	size_t room = room_of(message->octets, message->size);
	struct tally *now = &known->now;
	uint64_t whole;

	now->requests += message->code == 0;
	now->replies += message->code != 0;
	/* Most replies, and of those that is all. */
	if (room == 0 && message->code != 0)
		return false;
	whole = hash_octets(key, message->octets, message->size) | 1;
	if (message->code == 0)
		known->asked[known->asked_next++ % REQUESTS] = whole;
	/* A reply that came before its request was seen, or one to a capture
	 * that cuts packets, proves nothing. */
	else if (message->size == message->length && known->asked_next > 0 &&
		 !was_asked(known, whole))
		now->foreign++;
	if (room == 0)
		return false;
	now->large += message->code == 0 && message->length >= LARGE_OCTETS;
	whole = hash_octets(
	    key, message->octets + TIME_OCTETS, message->size - TIME_OCTETS);
	if (bitmap_has(&known->before.payloads, whole) ||
	    !bitmap_set(&now->payloads, whole))
		return true;
	now->different++;
	now->carried += (uint32_t)room;
	remember_example(
	    known, message->octets, message->size, message->length);
	return true;
}

/* --- judging -------------------------------------------------------------- */

static struct tally
both(const struct known *known)
{
	struct tally sum = known->now;
	const struct tally *before = &known->before;

	sum.different += before->different;
	sum.carried += before->carried;
	sum.foreign += before->foreign;
	sum.requests += before->requests;
	sum.replies += before->replies;
	sum.large += before->large;
	if (before->most > sum.most)
		sum.most = before->most;
	if (sum.least == 0 || (before->least != 0 && before->least < sum.least))
		sum.least = before->least;
	return sum;
}

static void
put_example(struct desk *desk, const struct known *known)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * EXAMPLE_SIZE + 1];

	for (uint32_t i = 0; i < known->example_size; i++) {
		text[2 * i] = digits[known->example[i] >> 4];
		text[2 * i + 1] = digits[known->example[i] & 15];
	}
	text[2 * known->example_size] = '\0';
	json_put_string(&desk->json, "example", text);
	json_put_int(&desk->json, "entropy_millibits", known->entropy);
}

static void
describe(struct desk *desk, const struct known *known,
    const struct tally *tally, const struct sighting *sighting)
{
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s carries data in pings to %s: %u different payloads with %u "
	    "octets, %u large ones",
	    sighting->client.name, sighting->server.name, tally->different,
	    tally->carried, tally->large);
	json_put_int(&desk->json, "window_s", 600);
	json_put_int(&desk->json, "requests", tally->requests);
	json_put_int(&desk->json, "replies", tally->replies);
	json_put_int(&desk->json, "different_payloads", tally->different);
	json_put_int(&desk->json, "carried_octets", tally->carried);
	json_put_int(&desk->json, "foreign_replies", tally->foreign);
	json_put_int(&desk->json, "large_requests", tally->large);
	json_put_int(&desk->json, "least_size", tally->least);
	json_put_int(&desk->json, "most_size", tally->most);
	put_example(desk, known);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
}

/* How sure it is that this is a tunnel; 0: it is none. */
static uint8_t
judge_tally(struct desk *desk, const struct tally *tally,
    const struct sighting *sighting)
{
	struct detector_host *host = desk->host;
	uint8_t more = tally->carried >= 10000 ? 8 : 0;

	if (tally->foreign >= detector_setting(host, FOREIGN, sighting))
		return (uint8_t)(90 + more);
	if (tally->different >= detector_setting(host, PAYLOADS, sighting) &&
	    tally->carried >= detector_setting(host, OCTETS, sighting))
		return (uint8_t)(80 + more);
	return tally->large >= detector_setting(host, LARGE, sighting) ? 60 : 0;
}

static void
icmp_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	struct anomaly anomaly = {.signature = SIGNATURE_TUNNEL,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .silent_if = "pings whose payload follows a pattern and whose "
			 "replies repeat it"};
	struct known *known;
	struct tally tally;

	if (detector_is_off(desk->host, sighting))
		return;
	known = known_of(desk, sighting);
	if (!count_payload(desk, known, &sighting->message))
		return;
	pace_begin(&known->pace, sighting);
	tally = both(known);
	anomaly.confidence = judge_tally(desk, &tally, sighting);
	if (anomaly.confidence == 0)
		return;
	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	describe(desk, known, &tally, sighting);
	desk_raise(desk, anomaly, sighting);
}

const struct detector detector_icmp_tunnel = {
    .name = "icmp-tunnel",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_ECHO,
    .revision = 1,
    .open = icmp_open,
    .close = desk_close,
    .see = icmp_see,
    .memory = desk_memory,
};
