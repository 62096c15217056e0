/*
 * tls-clients -- a workload in which a new program opens TLS.
 *
 * Idea: an image holds one program or two that open TLS, each with its own way
 * of saying hello (tls_fingerprint.h).  A hello that was never met, to somebody
 * outside, is another program: a new version, or what an intruder brought.
 *
 * Formula: per workload (replicas are one), the 8 fingerprints that it used
 * last.  After `learning` seconds since the first hello and `hellos` of them at
 * least, one that is not among them, to the outside, in a flow that no model
 * allows, is said once; then it is known.  Whoever has 5 or more by then
 * (proxies, gateways, build machines) has no way of its own, and is left alone.
 *
 * Thresholds: a day: every job of a day has run.  20 hellos: a workload that
 * opens TLS once a day is not learned within a day.
 *
 * And at once: all containers of the workload are of known images
 * (impostor_images.h) that serve the web and whose libraries of TLS are known,
 * and the hello is one of a library (OpenSSL's, GnuTLS's, Go's, Java's, by the
 * order of ciphers that each has as it comes) that none of them has: to the
 * outside, in a flow that no model allows.  Confidence 60 %: images are built
 * anew with programs that their names do not tell.
 *
 * ATT&CK: T1036 (masquerading), as for impostors; confidence is low, for new
 * versions look the same.
 *
 * Still gets through: a program that uses the image's own library, such as a
 * script in its language; what was there while it learned; hellos that are
 * divided over segments.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/impostor/impostor_images.h"
#include "classifiers/detectors/impostor/tls_fingerprint.h"

#define SIGNATURE_NEW     2079
#define SIGNATURE_LIBRARY 2082

#define FINGERPRINTS 8
#define MANY         5
#define CLIENT_HELLO 1

enum setting { LEARNING, HELLOS };

static const struct detector_setting settings[] = {
    {"learning", "s", 86400, 0, 31536000,
	"after the first hello, until a new one is said", "a judgement"},
    {"hellos", "hellos", 20, 1, 1e9, "that are learned from at least",
	"a judgement"},
};

struct known {
	int64_t since_ns;
	uint64_t hellos;
	uint64_t at[FINGERPRINTS]; /* the latest first */
	struct pace strange;       /* hellos of a library that it has not */
};

static void *
tls_open(struct detector_host *host)
{
	return desk_open(host, 4096, 16, sizeof(struct known));
}

static size_t
count_known(const struct known *known)
{
	size_t count = 0;

	while (count < FINGERPRINTS && known->at[count] != 0)
		count++;
	return count;
}

/* Moves it to the front; returns whether it is new. */
static bool
meet(struct known *known, uint64_t fingerprint)
{
	size_t at = 0;
	bool new;

	while (at < FINGERPRINTS - 1 && known->at[at] != fingerprint)
		at++;
	new = known->at[at] != fingerprint;
	memmove(known->at + 1, known->at, at * sizeof(known->at[0]));
	known->at[0] = fingerprint;
	return new;
}

static void
say(struct desk *desk, const struct known *known,
    const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_NEW,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 50,
	    .count = 1,
	    .silent_if = "a way of saying hello that it used in its learning "
			 "time, or a model that allows the flow"};
	char text[17];

	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s opened TLS to %s with a program that it never used before",
	    sighting->client.name, sighting->server.name);
	snprintf(
	    text, sizeof(text), "%016llx", (unsigned long long)known->at[0]);
	json_put_string(&desk->json, "fingerprint", text);
	json_put_int(&desk->json, "fingerprints_before",
	    (int64_t)count_known(known) - 1);
	json_put_int(&desk->json, "hellos_learned", (int64_t)known->hellos);
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- a library that its image has not ------------------------------------- */

static bool
is_strange(const struct workload *client, enum tls_library library)
{
	uint8_t libraries;

	if (library == TLS_LIBRARY_UNKNOWN || !known_images_only(client))
		return false;
	libraries = known_images_libraries(client);
	return libraries != 0 && (libraries & 1U << library) == 0;
}

static void
judge_library(
    struct desk *desk, struct known *known, const struct sighting *sighting)
{
	const struct workload *client = sighting->client.party->workload;
	const struct message *message = &sighting->message;
	enum tls_library library =
	    tls_library_of(message->octets, message->size);
	struct anomaly anomaly = {.signature = SIGNATURE_LIBRARY,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 60,
	    .silent_if = "a hello of a library that its image has, a container "
			 "of an image that is not known, or a model that "
			 "allows the flow"};

	if (!is_strange(client, library))
		return;
	anomaly.count = pace_count(&known->strange, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s has the image %s, but opened TLS to %s with the library of %s",
	    sighting->client.name, client->containers[0].image.base,
	    sighting->server.name, tls_library_name(library));
	json_put_string(&desk->json, "image", client->containers[0].image.name);
	json_put_string(&desk->json, "library", tls_library_name(library));
	json_put_int(&desk->json, "port", sighting->port);
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

static void
tls_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	const struct message *message = &sighting->message;
	struct known *known;
	uint64_t fingerprint;
	bool learned, new, allowed;

	if (message->code != CLIENT_HELLO || !message->from_client ||
	    sighting->client.party->attribution != ATTRIBUTION_EXACT ||
	    sighting->server.inside || detector_is_off(desk->host, sighting))
		return;
	fingerprint = tls_fingerprint(message->octets, message->size);
	if (fingerprint == 0)
		return;
	known =
	    memory_get(desk->memory, MEMORY_INSIDE, sighting->client.key, NULL);
	if (known->since_ns == 0)
		known->since_ns = sighting->at.ns;
	learned = (double)known->hellos >=
		      detector_setting(desk->host, HELLOS, sighting) &&
		  (double)(sighting->at.ns - known->since_ns) >=
		      detector_setting(desk->host, LEARNING, sighting) *
			  (double)NS_PER_SECOND &&
		  count_known(known) < MANY;
	known->hellos++;
	new = meet(known, fingerprint);
	allowed = sighting->judged && sighting->verdict == VERDICT_ALLOWED;
	if (new &&learned && !allowed)
		say(desk, known, sighting);
	if (!allowed)
		judge_library(desk, known, sighting);
}

const struct detector detector_tls_clients = {
    .name = "tls-clients",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_TLS,
    .revision = 2,
    .open = tls_open,
    .close = desk_close,
    .see = tls_see,
    .memory = desk_memory,
};
