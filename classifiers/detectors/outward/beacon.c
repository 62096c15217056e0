/*
 * beacon -- a workload that calls home.
 *
 * Idea.  What waits for orders asks for them at intervals, each time alike.
 * So do scrapes, probes and polls, but those are why models exist: what a
 * model allows is none, and inside the cluster only what a model forbids is
 * looked at: there it comes beside the deviation.  Polling of what nobody
 * modelled outside cannot be told from it.
 *
 * Formula.  RITA's measures (rhythm.h) over the last 64 connections, or
 * requests of HTTP in clear, of one workload to one destination and port; the
 * destination is the name that it asked for or was answered, else the address,
 * so that a name with many addresses is one.  It is one of `least` events with
 * a score of `score`, and a variation of intervals of `jitter` at most: RITA's
 * skew says little of a dozen events, and the standard deviation over the mean
 * tells uniform jitter of 50 % (0.26) from events at random (0.75).  The
 * longest tenth of the intervals is left out: pauses say nothing of the beat.
 * A beat faster than a second waits for nothing, and one slower than six hours
 * is a daily job's.  Events that come together, an eighth of the usual pause
 * apart at most, are one.  Fewer than 20 have to vary less, two thirds of
 * `jitter`: chance makes few look regular.
 *
 * A connection in which the server would not believe who the client is (a wrong
 * password, or none) gave it nothing, and is no event, nor is such a request: a
 * health check that never logs in, a program that was not told the new one.
 *
 * Within one connection: `within` times in a row, each time it was looked at
 * (every 10 s or more), the client sent small payloads of the same mean size,
 * and not only in answer to what the server began: a WebSocket's ping, or a
 * broker's, asks whether the client is there.  Not of SSH: OpenSSH's manual has
 * ServerAliveInterval, and what stays is long-connection's.
 *
 * Strobe: `strobe` connections in a day (RITA: 86 400).
 *
 * ATT&CK T1071 (application layer protocol).
 *
 * Spoofing: only what was answered and then used counts; a TLS handshake that
 * was given up is not used.
 *
 * What still gets through: intervals at random (variation above `jitter`), or
 * longer than six hours; fewer than `least` events while the entry lives;
 * orders fetched through what a model allows, or through DNS and ICMP
 * (detectors of their own); several beats mixed.
 */
#include <stdlib.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/destination.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/measures/rhythm.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_BEACON 2030
#define SIGNATURE_STROBE 2031

#define SERIES 4096

/* Seconds; what is faster waits for nothing: a flood, a scan, a transfer. */
#define INTERVAL_LEAST 1

/* What comes once or twice a day is a job's, at night mostly. */
#define INTERVAL_MOST (6 * 3600)

#define DAY (86400 * NS_PER_SECOND)

/* Payload of one beat within a connection; more is work. */
#define BEAT_OCTETS 4096

/* Fewer events than these are few. */
#define FEW 20

enum { LEAST, SCORE, JITTER, WITHIN, STROBE };

static const struct detector_setting settings[] = {
    {"least", "events", 10, 4, RHYTHM_EVENTS,
	"connections or requests before it can be a beacon",
	"RITA has 4, of a whole day"},
    {"score", "%", 70, 1, 100, "RITA's score", "RITA: medium"},
    {"jitter", "%", 40, 1, 200, "variation of the intervals, at most",
	"calculated: random events pass in 2 of 100 series of 64, uniform "
	"jitter of 50 % in all"},
    {"within", "times", 18, 5, 10000,
	"times in a row that one connection looks alike",
	"three minutes at the interval of sightings"},
    {"strobe", "connections", 86400, 100, 1e9, "connections in a day", "RITA"},
};

#define TURNED_AWAY 4

/* One client and one destination. */
struct series {
	int64_t times[RHYTHM_EVENTS]; /* rings: ms */
	int64_t sizes[RHYTHM_EVENTS];
	uint64_t packets[2]; /* the first, the latest */
	uint64_t count;
	int64_t first, last; /* ns */
	int64_t day;         /* since when `today` counts, ns */
	uint64_t today;
	/* Within one connection. */
	uint64_t flow;
	uint32_t beats, beat_size;
	/* The flows in which a login failed last: they end some seconds later,
	 * when the next may have begun. */
	uint64_t turned_away[TURNED_AWAY];
	uint64_t turned_next;
};

struct beacon {
	struct detector_host *host;
	struct memory *series;
	struct testimony testimony;
};

static void *
beacon_open(struct detector_host *host)
{
	struct beacon *beacon = allocate(1, sizeof(*beacon));

	beacon->host = host;
	beacon->series = memory_new(
	    SERIES, SERIES, sizeof(struct series), detector_key(host));
	testimony_init(&beacon->testimony);
	return beacon;
}

static void
beacon_close(void *state)
{
	struct beacon *beacon = state;

	memory_free(beacon->series);
	testimony_release(&beacon->testimony);
	free(beacon);
}

static struct memory *
beacon_memory(void *state, size_t index, const char **name)
{
	struct beacon *beacon = state;

	*name = "series";
	return index == 0 ? beacon->series : NULL;
}

/* --- what is said --------------------------------------------------------- */

static void
say(struct beacon *beacon, uint32_t signature, uint8_t confidence,
    const struct sighting *sighting)
{
	detector_raise(beacon->host,
	    &(struct anomaly){
		.signature = signature,
		.subject = &sighting->client,
		.object = destination_is_named(&sighting->server)
			      ? NULL
			      : &sighting->server,
		.about = destination_name(&sighting->server),
		.confidence = confidence,
		.count = 1,
		.sentence = beacon->testimony.sentence.at,
		.evidence = beacon->testimony.evidence.at,
		.silent_if = "a model that allows it, fewer events, or "
			     "intervals at random",
	    },
	    sighting);
}

static void
give_evidence(struct beacon *beacon, const struct series *series)
{
	struct testimony *testimony = &beacon->testimony;

	json_put_int(&testimony->json, "events", (int64_t)series->count);
	testimony_times(testimony, series->first, series->last);
	testimony_numbers(testimony, "packets", series->packets, 2);
}

static void
raise_beacon(struct beacon *beacon, const struct series *series,
    const struct rhythm *rhythm, const struct sighting *sighting)
{
	struct testimony *testimony = &beacon->testimony;

	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s calls %s on port %u every %.1f s, %llu times so far",
	    sighting->client.name, destination_name(&sighting->server),
	    sighting->port, rhythm->interval,
	    (unsigned long long)series->count);
	testimony_fraction(testimony, "score", rhythm->score);
	testimony_fraction(testimony, "interval", rhythm->interval);
	testimony_fraction(testimony, "times", rhythm->times);
	testimony_fraction(testimony, "sizes", rhythm->sizes);
	testimony_fraction(testimony, "variation", rhythm->variation);
	if (rhythm->histogram >= 0) {
		testimony_fraction(testimony, "histogram", rhythm->histogram);
		testimony_fraction(testimony, "duration", rhythm->duration);
	}
	give_evidence(beacon, series);
	say(beacon, SIGNATURE_BEACON,
	    (uint8_t)(rhythm->score * (series->count >= 20 ? 95 : 80)),
	    sighting);
}

static void
raise_within(struct beacon *beacon, const struct series *series,
    const struct sighting *sighting)
{
	struct testimony *testimony = &beacon->testimony;

	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s sends %s on port %u the same again and again in one "
	    "connection",
	    sighting->client.name, destination_name(&sighting->server),
	    sighting->port);
	json_put_int(&testimony->json, "beats", series->beats);
	json_put_int(&testimony->json, "octets", series->beat_size);
	give_evidence(beacon, series);
	say(beacon, SIGNATURE_BEACON, 55, sighting);
}

static void
raise_strobe(struct beacon *beacon, const struct series *series,
    const struct sighting *sighting)
{
	struct testimony *testimony = &beacon->testimony;

	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%s opened %llu connections to %s on port %u within a day",
	    sighting->client.name, (unsigned long long)series->today,
	    destination_name(&sighting->server), sighting->port);
	json_put_int(&testimony->json, "today", (int64_t)series->today);
	give_evidence(beacon, series);
	say(beacon, SIGNATURE_STROBE, 70, sighting);
}

/* --- what is seen --------------------------------------------------------- */

static bool
is_watched(const struct sighting *sighting)
{
	if (!sighting->judged || sighting->infrastructure ||
	    !sighting->flow->answered || !sighting->client.inside ||
	    (sighting->flow->protocol != PROTOCOL_TCP &&
		sighting->flow->protocol != PROTOCOL_UDP))
		return false;
	/* Clocks and names are asked for at intervals; for names see dns. */
	if (sighting->appid.application == APPLICATION_NTP ||
	    sighting->appid.application == APPLICATION_DNS)
		return false;
	return sighting->verdict == VERDICT_DEVIATION ||
	       (sighting->verdict != VERDICT_ALLOWED &&
		   !sighting->server.inside);
}

static struct series *
series_of(struct beacon *beacon, const struct sighting *sighting)
{
	uint64_t key = memory_key(
	    sighting->client.key, destination_key(&sighting->server));

	return memory_get(beacon->series, MEMORY_INSIDE,
	    memory_key(key, sighting->port), NULL);
}

static void
note_day(struct beacon *beacon, struct series *series, int64_t at,
    const struct sighting *sighting)
{
	if (series->today == 0 || at - series->day > DAY) {
		series->day = at;
		series->today = 0;
	}
	series->today++;
	if ((double)series->today >=
	    detector_setting(beacon->host, STROBE, sighting))
		raise_strobe(beacon, series, sighting);
}

/* The whole ring is measured, but not with every one of many events. */
static void
measure(struct beacon *beacon, const struct series *series,
    const struct sighting *sighting)
{
	int64_t times[RHYTHM_EVENTS], sizes[RHYTHM_EVENTS];
	size_t count = series->count < RHYTHM_EVENTS ? (size_t)series->count
						     : RHYTHM_EVENTS;
	double least = detector_setting(beacon->host, LEAST, sighting);
	double jitter = detector_setting(beacon->host, JITTER, sighting);
	struct rhythm rhythm;

	if ((double)count < least ||
	    (series->count > RHYTHM_EVENTS && series->count % 8 != 0))
		return;
	for (size_t i = 0; i < count; i++) {
		times[i] = series->times[i];
		sizes[i] = series->sizes[i];
	}
	rhythm = rhythm_of(times, sizes, count);
	if (rhythm.beats < FEW)
		jitter = jitter * 2 / 3;
	if ((double)rhythm.beats >= least &&
	    rhythm.interval >= INTERVAL_LEAST &&
	    rhythm.interval <= INTERVAL_MOST &&
	    rhythm.score * 100 >=
		detector_setting(beacon->host, SCORE, sighting) &&
	    rhythm.variation * 100 <= jitter)
		raise_beacon(beacon, series, &rhythm, sighting);
}

static void
take_event(struct beacon *beacon, const struct sighting *sighting, int64_t at,
    uint64_t size)
{
	struct series *series = series_of(beacon, sighting);
	size_t place = series->count % RHYTHM_EVENTS;

	series->times[place] = at / NS_PER_MS;
	series->sizes[place] = (int64_t)size;
	series->packets[series->count > 0] = sighting->flow->first_packet;
	if (series->count++ == 0 || at < series->first)
		series->first = at;
	if (at > series->last)
		series->last = at;
	note_day(beacon, series, at, sighting);
	measure(beacon, series, sighting);
}

static void
see_progress(struct beacon *beacon, const struct sighting *sighting)
{
	struct series *series = series_of(beacon, sighting);
	const struct sighted_amount *amount = &sighting->amount;
	uint32_t payloads = amount->payloads[0];
	uint64_t size;

	if (payloads == 0 || sighting->appid.application == APPLICATION_SSH ||
	    (amount->begun[1] > 0 && amount->begun[0] == 0))
		return; /* it was the server's turn */
	size = amount->octets[0] / amount->packets[0];
	if (series->flow != attempt_identity(sighting->flow) ||
	    amount->octets[0] > BEAT_OCTETS ||
	    size * 100 < series->beat_size * UINT64_C(85) ||
	    size * 100 > series->beat_size * UINT64_C(115)) {
		series->flow = attempt_identity(sighting->flow);
		series->beat_size = (uint32_t)size;
		series->beats = 0;
		return;
	}
	if (series->first == 0)
		series->first = sighting->flow->first.ns;
	series->last = sighting->flow->last.ns;
	series->packets[1] = sighting->packet;
	series->beats++;
	if (series->beats >= detector_setting(beacon->host, WITHIN, sighting))
		raise_within(beacon, series, sighting);
}

/* Requests are events of their own where they can be seen. */
static bool
shows_requests(const struct sighting *sighting)
{
	return sighting->appid.application == APPLICATION_HTTP &&
	       sighting->appid.carrier == APPLICATION_UNKNOWN;
}

/*
 * A handshake that one of the two gave up (a certificate that is not believed,
 * no version in common) carried nothing: who says hello, is answered and says
 * no more than once again has asked for nothing, and retries.
 */
static bool
is_given_up(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	return flow->protocol == PROTOCOL_TCP &&
	       (sighting->appid.carrier == APPLICATION_TLS ||
		   sighting->appid.application == APPLICATION_TLS) &&
	       sighting->amount.packets[0] == flow->packets[flow->client] &&
	       sighting->amount.turns < 3;
}

/* Its place among those that were turned away, or NULL. */
static uint64_t *
find_turned_away(struct series *series, const struct sighting *sighting)
{
	uint64_t flow = attempt_identity(sighting->flow);

	for (int i = 0; i < TURNED_AWAY; i++)
		if (series->turned_away[i] == flow)
			return &series->turned_away[i];
	return NULL;
}

static void
see_login(struct beacon *beacon, const struct sighting *sighting)
{
	struct series *series = series_of(beacon, sighting);
	uint64_t *place = find_turned_away(series, sighting);

	if (sighting->message.code == 0) {
		if (place != NULL)
			*place = 0;
	} else if (place == NULL) {
		place =
		    &series->turned_away[series->turned_next++ % TURNED_AWAY];
		*place = attempt_identity(sighting->flow);
	}
}

/* The request before was none if it had to say first who asks (RFC 9110,
 * 15.5.2, 15.5.8). */
static void
see_status(struct beacon *beacon, const struct sighting *sighting)
{
	struct series *series;

	if (sighting->message.code != 401 && sighting->message.code != 407)
		return;
	series = series_of(beacon, sighting);
	series->count -= series->count > 0;
}

/* A connection that paused for longer than flows are kept goes on as a flow
 * that has no beginning: nobody called. */
static bool
is_call(const struct flow *flow)
{
	return flow->protocol != PROTOCOL_TCP || !flow->midstream;
}

static bool
is_turned_away(struct beacon *beacon, const struct sighting *sighting)
{
	return find_turned_away(series_of(beacon, sighting), sighting) != NULL;
}

static void
see_message(struct beacon *beacon, const struct sighting *sighting)
{
	if (sighting->message.kind == MESSAGE_AUTHENTICATION)
		see_login(beacon, sighting);
	else if (sighting->message.kind == MESSAGE_HTTP_RESPONSE)
		see_status(beacon, sighting);
	else if (sighting->message.from_client)
		take_event(beacon, sighting, sighting->then.ns,
		    sighting->message.length);
}

static void
beacon_see(void *state, const struct sighting *sighting)
{
	struct beacon *beacon = state;
	const struct flow *flow = sighting->flow;

	if (!is_watched(sighting) || detector_is_off(beacon->host, sighting))
		return;
	if (sighting->kind == SIGHTED_PROGRESS) {
		see_progress(beacon, sighting);
	} else if (sighting->kind == SIGHTED_MESSAGE) {
		see_message(beacon, sighting);
	} else if (is_call(flow) && !shows_requests(sighting) &&
		   !is_given_up(sighting) &&
		   attempt_has_payload(flow, flow->client) &&
		   !is_turned_away(beacon, sighting)) {
		take_event(beacon, sighting, flow->first.ns,
		    flow->octets[flow->client]);
	}
}

const struct detector detector_beacon = {
    .name = "beacon",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_UNEXPECTED | FLOWS_JUDGED | FLOWS_ACCEPTED,
    .message_flows = FLOWS_UNEXPECTED | FLOWS_JUDGED | FLOWS_ACCEPTED,
    .kinds = 1U << SIGHTED_PROGRESS | 1U << SIGHTED_END | 1U << SIGHTED_MESSAGE,
    .messages = 1U << MESSAGE_HTTP_REQUEST | 1U << MESSAGE_HTTP_RESPONSE |
		1U << MESSAGE_AUTHENTICATION,
    .traits = TRAIT_HTTP_REQUEST | TRAIT_REFUSAL,
    .revision = 3,
    .open = beacon_open,
    .close = beacon_close,
    .see = beacon_see,
    .memory = beacon_memory,
};
