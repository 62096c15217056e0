/*
 * brute_force -- somebody tries passwords.
 *
 * Idea.  Failed logins are common where a password was changed: then a program
 * tries the same one again, in a steady or slowing beat.  Who guesses tries
 * others, quickly, several in one connection or on several at once.
 *
 * A failure is what the server said where it can be read (PostgreSQL, MySQL,
 * Redis, LDAP, AMQP, MongoDB, MQTT, mail, FTP; HTTP 401, 403 and 407), and
 * where it cannot (SSH, and logins inside TLS to services that have them) an
 * exchange that is too short for anything else: over in 30 s, with not more
 * payload than a key exchange and some tries; of SSH, whose turns are known,
 * as many tries as it has turns for, and none where it ends with the server's
 * key, as for monitors and ssh-keyscan.
 *
 * Formula.  Of one pod (outside: of one address, or one /64 of IPv6, named by
 * the first of its addresses that is raised) at one port of a workload:
 * `attempts` failures within `window`, more than twice as many as successes,
 * and not a retry.
 *
 * A retry, where the credential is shown, is one or two of them at whatever
 * rhythm; others are a guesser's at any rhythm.  It is shown by HTTP in the
 * Authorization header or the body, and by what sends passwords in clear
 * (Redis, LDAP's simple bind, AMQP's and SASL's PLAIN and LOGIN, MQTT, FTP,
 * POP3, IMAP, PostgreSQL's password).
 *
 * A retry, where it is not shown, is of fewer than four names (PostgreSQL and
 * MySQL show them) and comes in one of these ways:
 *
 * - One try per connection, one after the other, with a median of a second or
 *   more between them, in a slowing beat or a steady one: a median absolute
 *   deviation within 20 % of the median, or within 50 %, for jitter, where the
 *   median is two seconds or more and there were never two at once.
 * - As a pool of connections does: 32 at most within a second, of which no more
 *   than ten, or not half, begin after another was refused; then 5 s or more
 *   without any, in such a beat.
 *
 * - At home, which is inside where no model forbids it, at whatever rhythm: one
 *   name, and not one that everybody knows, one try per connection, and more
 *   than half of the time spent in rests of 100 ms or more.  So do replicas and
 *   pools whose password was rotated; and they are let in when it is mended.
 *   Of one name at home that does not rest it is 55 % sure.
 *
 * A burst that is not longer than a second is judged when another has followed
 * it.  What can only be told by its length needs half as many failures again.
 * A pair inside that a model allows needs three times as many, is not told by
 * length, and may be a pool with pauses of half a second.  Who comes from
 * outside is allowed as everybody is.
 *
 * At any pace 32 failures within six hours and never a success: with 16
 * different credentials (of HTTP, whose may be tokens, only from outside or
 * where no model lets it); or, where they are not seen, from outside or where
 * no model lets it, under a name that everybody knows (`root`, `postgres`), or
 * in a beat that no timer has (median absolute deviation above 5 %); unless its
 * waits grew from the first on, as a back-off's do, or it is a pool.  Unseen it
 * is 50 % sure: a wrong password in a configuration looks almost the same.
 *
 * Spraying: one workload fails at `servers` different ones within 10 minutes,
 * a few times each, none of which a model allows.
 *
 * Many sources: `sources` addresses outside fail at one server within 10
 * minutes, twice each on average, at logins by which servers are run (SSH, RDP,
 * databases), and not a third as many are let in.  Nobody is named then; the
 * server is.
 *
 * Success: of who guesses, or has failed at least half as often as makes it
 * guess: a login that is believed.
 *
 * ATT&CK T1110.001 (guessing), T1110.003 (spraying), T1078 (success).
 *
 * Spoofing: a login needs a handshake, so whoever is named did it; a proxy that
 * was just asked the same by HTTP is not named.
 *
 * What still gets through:
 *
 * - where the credential cannot be seen (it is hashed with a salt, as MySQL's
 *   and SCRAM): one try at a time, in a steady beat of a second or an uneven
 *   one of two seconds or more, by whom a model lets there, or in a timer's
 *   beat under a name of one's own, or above `window` in less than 32; such
 *   bursts as a pool's; 32 tries at once, and then never again; guesses of one
 *   name of a program's own by whom no model forbids it, with a rest of 100 ms
 *   between them;
 * - guesses inside HTTPS; logins by protocols that nobody here reads.
 */
#include <stdlib.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detector.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/forwarded.h"
#include "classifiers/detectors/http/http_head.h"
#include "classifiers/detectors/login/credential.h"
#include "classifiers/detectors/login/guesser.h"
#include "classifiers/detectors/login/unseen_login.h"
#include "classifiers/detectors/measures/bitmap.h"
#include "classifiers/detectors/memory.h"
#include "classifiers/detectors/testimony.h"
#include "sensor/base/arena.h"

#define SIGNATURE_GUESSING 2020
#define SIGNATURE_SPRAYING 2021
#define SIGNATURE_SUCCESS  2022

#define GUESSERS 4096
#define SPRAYERS 2048
#define BESIEGED 256

#define SHOWED_BITS 16384 /* a power of two */

#define SPRAY_WINDOW  (600 * NS_PER_SECOND)
#define SPRAY_TARGETS 16
/* Tries at one server: more are guessing, or a retry. */
#define SPRAY_TRIES 5

/* How sure it is at most of one name inside that no model forbids. */
#define ONE_NAME 55

enum { ATTEMPTS, WINDOW, SERVERS, SOURCES };

static const struct detector_setting settings[] = {
    {"attempts", "failures", 10, 3, 32,
	"failed logins of one pod at one port before it guesses",
	"OpenSSH gives 6 tries a connection; people mistype three times"},
    {"window", "s", 60, 5, 3600, "within this time",
	"measured: hydra's default makes some 10 to 200 tries a minute"},
    {"servers", "servers", 6, 3, 16,
	"different servers that one workload fails at within 10 minutes",
	"more than the replicas of one service, which count once"},
    {"sources", "addresses", 20, 5, 1000,
	"outside that fail at one server within 10 minutes",
	"a judgement: people of one house come from fewer addresses"},
};

struct sprayed {
	uint64_t server;
	int64_t at;
	uint64_t packet; /* of the latest */
	uint32_t times;
	uint32_t spare;
};

struct sprayer {
	struct sprayed at[SPRAY_TARGETS]; /* a ring */
	uint32_t next, spare;
	uint64_t named; /* of a /64, its key */
};

/* Of a server: who failed at it from outside, by halves of 10 minutes. */
struct besieged {
	struct bitmap now, before;
	int64_t since;
	uint64_t failed[2], succeeded[2]; /* now, before */
	struct pace pace;
};

struct brute_force {
	struct detector_host *host;
	struct memory *guessers, *sprayers, *besieged;
	struct testimony testimony;
	struct forwarded forwarded;
	/* Bits of flows that showed a credential: the answers of others say
	 * nothing of who is believed. */
	uint64_t showed[SHOWED_BITS / 64];
};

static void *
brute_force_open(struct detector_host *host)
{
	struct brute_force *brute = allocate(1, sizeof(*brute));
	const struct hash_key *key = detector_key(host);

	brute->host = host;
	brute->guessers =
	    memory_new(GUESSERS, GUESSERS, sizeof(struct guesser), key);
	brute->sprayers =
	    memory_new(SPRAYERS, SPRAYERS, sizeof(struct sprayer), key);
	brute->besieged = memory_new(BESIEGED, 1, sizeof(struct besieged), key);
	testimony_init(&brute->testimony);
	return brute;
}

static void
brute_force_close(void *state)
{
	struct brute_force *brute = state;

	memory_free(brute->guessers);
	memory_free(brute->sprayers);
	memory_free(brute->besieged);
	testimony_release(&brute->testimony);
	free(brute);
}

static struct memory *
brute_force_memory(void *state, size_t index, const char **name)
{
	struct brute_force *brute = state;

	struct memory *memories[] = {
	    brute->guessers, brute->sprayers, brute->besieged};
	static const char *const names[] = {"guessers", "sprayers", "besieged"};

	if (index >= sizeof(memories) / sizeof(memories[0]))
		return NULL;
	*name = names[index];
	return memories[index];
}

static enum memory_class
class_of(const struct sighted_end *end)
{
	return end->inside ? MEMORY_INSIDE : MEMORY_OUTSIDE;
}

/* Of one pod; outside of a whole /64 of IPv6. */
static uint64_t
pair_key(const struct sighting *sighting)
{
	uint64_t client = sighting->client.inside ? sighting->client.instance
						  : sighted_network(sighting);

	return memory_key(
	    memory_key(client, sighting->server.key), sighting->port);
}

/* Whether it is who stands for its /64: the first that anything is said of. */
static bool
is_named(uint64_t *named, const struct sighting *sighting)
{
	if (*named == 0)
		*named = sighting->client.key;
	return *named == sighting->client.key || sighting->client.inside;
}

static struct guesser *
guesser_of(struct brute_force *brute, const struct sighting *sighting)
{
	return memory_get(brute->guessers, class_of(&sighting->client),
	    pair_key(sighting), NULL);
}

static bool
is_allowed(const struct sighting *sighting)
{
	return sighting->judged && sighting->verdict == VERDICT_ALLOWED;
}

/* A server that is open to everybody outside is not open to this one. */
static bool
is_known_here(const struct sighting *sighting)
{
	return is_allowed(sighting) && sighting->client.inside;
}

/* Whom no model lets there; or who is let in from anywhere, as all are. */
static bool
is_uninvited(const struct sighting *sighting)
{
	if (!sighting->client.inside)
		return sighting->server.inside;
	return sighting->judged && sighting->verdict == VERDICT_DEVIATION;
}

/* Both inside, and a model lets it there or nobody made one: then a password
 * that was changed is likelier than a guess. */
static bool
is_at_home(const struct sighting *sighting)
{
	return sighting->client.inside && sighting->server.inside &&
	       (!sighting->judged || sighting->verdict != VERDICT_DEVIATION);
}

/* Whether it tries again what was right once, as far as anybody can tell. */
static bool
is_retry(const struct guesser *guesser, const struct sighting *sighting)
{
	return guesser_is_retrying(guesser) ||
	       (is_known_here(sighting) && guesser_is_in_step(guesser)) ||
	       (is_at_home(sighting) && guesser_is_outdated(guesser));
}

/* A pool's retries without a rest look the same as guesses of one name. */
static uint8_t
sure_of(const struct guesser *guesser, uint8_t confidence,
    const struct sighting *sighting)
{
	bool doubtful = is_at_home(sighting) && guesser_is_of_one(guesser);

	return doubtful && confidence > ONE_NAME ? ONE_NAME : confidence;
}

/* --- what is said --------------------------------------------------------- */

static const char *
service_name(const struct sighting *sighting)
{
	return application_name(sighting->appid.application);
}

static void
give_evidence(struct brute_force *brute, const struct guesser *guesser)
{
	struct testimony *testimony = &brute->testimony;
	struct json_writer *json = &testimony->json;

	json_put_int(json, "failures", (int64_t)guesser->failed);
	json_put_int(json, "successes", (int64_t)guesser->succeeded);
	if (guesser->shown > 0)
		json_put_int(json, "credentials", guesser_credentials(guesser));
	json_put_int(json, "same_connection", guesser->repeated);
	json_put_int(json, "at_once", guesser->parallel);
	testimony_times(testimony, guesser->first, guesser->last);
	testimony_numbers(
	    testimony, "packets", guesser->examples, GUESSER_EXAMPLES);
}

static void
raise_pair(struct brute_force *brute, uint32_t signature, uint8_t confidence,
    uint64_t count, const struct sighting *sighting)
{
	detector_raise(brute->host,
	    &(struct anomaly){
		.signature = signature,
		.subject = &sighting->client,
		.object = &sighting->server,
		.about = service_name(sighting),
		.confidence = confidence,
		.count = count,
		.sentence = brute->testimony.sentence.at,
		.evidence = brute->testimony.evidence.at,
		.silent_if = "fewer failures in the window, one credential, "
			     "or a steady beat of single tries",
	    },
	    sighting);
}

/* By what it is known. */
enum ground { BY_ANSWERS, BY_LENGTH, BY_PERSISTENCE };

static const struct {
	uint8_t confidence;
	const char *of;
} grounds[] = {
    [BY_ANSWERS] = {90, "logins failed"},
    [BY_LENGTH] = {70, "tries, by the length of the exchanges"},
    [BY_PERSISTENCE] = {50, "logins failed, every one; "
			    "a wrong password in a configuration looks almost "
			    "the same"},
};

static void
raise_guessing(struct brute_force *brute, struct guesser *guesser,
    enum ground ground, const struct sighting *sighting)
{
	uint64_t more = guesser->failed - guesser->counted;

	if (!is_named(&guesser->named, sighting) ||
	    (guesser->guessing && more < guesser->counted / 4 &&
		guesser->last - guesser->raised < NS_PER_SECOND))
		return;
	testimony_begin(&brute->testimony);
	text_format(&brute->testimony.sentence,
	    "%s guesses passwords of %s (%s on port %u): %llu %s",
	    sighting->client.name, sighting->server.name,
	    service_name(sighting), sighting->port,
	    (unsigned long long)guesser->failed, grounds[ground].of);
	give_evidence(brute, guesser);
	raise_pair(brute, SIGNATURE_GUESSING,
	    sure_of(guesser, grounds[ground].confidence, sighting), more,
	    sighting);
	guesser->counted = guesser->failed;
	guesser->raised = guesser->last;
	guesser->guessing = true;
	if (guesser->began == 0)
		guesser->began = guesser->last;
}

/* --- spraying ------------------------------------------------------------- */

static struct sprayed *
sprayed_of(struct sprayer *sprayer, uint64_t server)
{
	struct sprayed *one;

	for (int i = 0; i < SPRAY_TARGETS; i++)
		if (sprayer->at[i].server == server)
			return &sprayer->at[i];
	one = &sprayer->at[sprayer->next++ % SPRAY_TARGETS];
	*one = (struct sprayed){.server = server};
	return one;
}

/* What is said is of what is counted: servers within the time. */
static bool
is_sprayed(const struct sprayed *one, int64_t at)
{
	return one->server != 0 && at - one->at <= SPRAY_WINDOW &&
	       one->times <= SPRAY_TRIES;
}

static void
put_sprayed(
    struct testimony *testimony, const struct sprayer *sprayer, int64_t at)
{
	uint64_t packets[SPRAY_TARGETS];
	int64_t first = at;
	size_t count = 0;

	for (int i = 0; i < SPRAY_TARGETS; i++) {
		const struct sprayed *one = &sprayer->at[i];

		if (!is_sprayed(one, at))
			continue;
		first = one->at < first ? one->at : first;
		packets[count++] = one->packet;
	}
	testimony_times(testimony, first, at);
	testimony_numbers(testimony, "packets", packets, count);
}

static void
note_spraying(
    struct brute_force *brute, const struct sighting *sighting, int64_t at)
{
	struct sprayer *sprayer = memory_get(brute->sprayers,
	    class_of(&sighting->client), sighted_network(sighting), NULL);
	struct sprayed *one = sprayed_of(sprayer, sighting->server.key);
	uint32_t servers = 0, tries = 0;

	one->at = at;
	one->packet = sighting->packet;
	one->times++;
	for (int i = 0; i < SPRAY_TARGETS; i++) {
		const struct sprayed *other = &sprayer->at[i];

		if (!is_sprayed(other, at))
			continue;
		servers++;
		tries += other->times;
	}
	if (servers < detector_setting(brute->host, SERVERS, sighting) ||
	    !is_named(&sprayer->named, sighting))
		return;
	testimony_begin(&brute->testimony);
	text_format(&brute->testimony.sentence,
	    "%s tries passwords at %u servers, %u in all, a few at each",
	    sighting->client.name, servers, tries);
	json_put_int(&brute->testimony.json, "servers", servers);
	json_put_int(&brute->testimony.json, "failures", tries);
	put_sprayed(&brute->testimony, sprayer, at);
	detector_raise(brute->host,
	    &(struct anomaly){
		.signature = SIGNATURE_SPRAYING,
		.subject = &sighting->client,
		.confidence = 75,
		.count = 1,
		.sentence = brute->testimony.sentence.at,
		.evidence = brute->testimony.evidence.at,
		.silent_if = "fewer servers within ten minutes, or a model "
			     "that allows them",
	    },
	    sighting);
}

/* --- many sources --------------------------------------------------------- */

/* Logins by which servers are run: of mail and the web many people's fail at
 * once when what knows them is down. */
static bool
is_besieging(const struct sighting *sighting)
{
	if (sighting->client.inside || !sighting->server.inside)
		return false;
	switch ((int)sighting->appid.application) {
	case APPLICATION_SSH:
	case APPLICATION_RDP:
	case APPLICATION_VNC:
	case APPLICATION_TELNET:
	case APPLICATION_FTP:
	case APPLICATION_POSTGRESQL:
	case APPLICATION_MYSQL:
	case APPLICATION_REDIS:
		return true;
	default:
		return false;
	}
}

static struct besieged *
besieged_of(struct brute_force *brute, const struct sighting *sighting)
{
	struct besieged *besieged = memory_get(brute->besieged, MEMORY_INSIDE,
	    memory_key(sighting->server.key, sighting->port), NULL);
	int halves = halves_passed(
	    &besieged->since, sighting->then.ns, SPRAY_WINDOW / 2);

	for (; halves > 0; halves--) {
		besieged->before = besieged->now;
		besieged->now = (struct bitmap){.words = {0}};
		besieged->failed[1] = besieged->failed[0];
		besieged->succeeded[1] = besieged->succeeded[0];
		besieged->failed[0] = besieged->succeeded[0] = 0;
	}
	return besieged;
}

static void
raise_siege(struct brute_force *brute, struct besieged *besieged,
    uint32_t sources, uint64_t failed, const struct sighting *sighting)
{
	struct testimony *testimony = &brute->testimony;
	uint64_t count = pace_count(&besieged->pace, sighting);

	if (count == 0)
		return;
	testimony_begin(testimony);
	text_format(&testimony->sentence,
	    "%u or more addresses guess passwords of %s (%s on port %u): %llu "
	    "tries, a few each",
	    testimony_at_least(sources), sighting->server.name,
	    service_name(sighting), sighting->port, (unsigned long long)failed);
	json_put_int(&testimony->json, "sources", sources);
	json_put_int(&testimony->json, "failures", (int64_t)failed);
	seen_put(&testimony->json, seen_of_pace(&besieged->pace, sighting));
	detector_raise(brute->host,
	    &(struct anomaly){
		.signature = SIGNATURE_GUESSING,
		.subject = &sighting->server,
		.about = service_name(sighting),
		.confidence = 70,
		.count = count,
		.sentence = testimony->sentence.at,
		.evidence = testimony->evidence.at,
		.silent_if = "fewer addresses within ten minutes, or more "
			     "that are let in",
	    },
	    sighting);
}

static void
note_siege(struct brute_force *brute, const struct sighting *sighting)
{
	struct besieged *besieged = besieged_of(brute, sighting);
	uint64_t failed, succeeded;
	uint32_t sources;

	bitmap_set(&besieged->now, memory_mix(sighted_network(sighting)));
	besieged->failed[0]++;
	failed = besieged->failed[0] + besieged->failed[1];
	succeeded = besieged->succeeded[0] + besieged->succeeded[1];
	pace_begin(&besieged->pace, sighting);
	/* Counting a bitmap is for every eighth try enough. */
	if (failed % 8 != 0 || succeeded * 3 > failed)
		return;
	sources = bitmap_count(&besieged->now, &besieged->before);
	if (sources >= detector_setting(brute->host, SOURCES, sighting) &&
	    failed >= 2 * (uint64_t)sources)
		raise_siege(brute, besieged, sources, failed, sighting);
}

/* --- failure and success -------------------------------------------------- */

/* Who shows ever other passwords guesses wherever he may log in; what HTTP
 * shows may be tokens. */
static bool
may_persist(const struct guesser *guesser, const struct sighting *sighting)
{
	return is_uninvited(sighting) ||
	       (guesser->shown > guesser->unshown &&
		   sighting->message.kind == MESSAGE_AUTHENTICATION);
}

/*
 * guessed    nobody said that it failed; it was too short
 */
static void
take_failure(struct brute_force *brute, const struct sighting *sighting,
    const struct guess *guess, bool guessed)
{
	struct guesser *guesser = guesser_of(brute, sighting);
	double attempts = detector_setting(brute->host, ATTEMPTS, sighting);
	double window = detector_setting(brute->host, WINDOW, sighting);
	uint32_t recent;

	guesser_failed(guesser, guess);
	if (!is_allowed(sighting))
		note_spraying(brute, sighting, guess->at);
	if (is_besieging(sighting))
		note_siege(brute, sighting);
	if (guessed)
		attempts *= 1.5;
	if (is_known_here(sighting))
		attempts *= 3;
	if (attempts > GUESSER_FAILURES)
		attempts = GUESSER_FAILURES;
	recent =
	    guesser_recent(guesser, (int64_t)(window * (double)NS_PER_SECOND));
	if (recent < attempts || guesser->succeeded * 2 > guesser->failed ||
	    is_retry(guesser, sighting)) {
		if (!guessed && may_persist(guesser, sighting) &&
		    guesser_is_persistent(guesser))
			raise_guessing(brute, guesser,
			    guesser->shown > guesser->unshown ? BY_ANSWERS
							      : BY_PERSISTENCE,
			    sighting);
		return;
	}
	raise_guessing(
	    brute, guesser, guessed ? BY_LENGTH : BY_ANSWERS, sighting);
}

static void
take_success(
    struct brute_force *brute, const struct sighting *sighting, int64_t at)
{
	struct guesser *guesser = memory_find(
	    brute->guessers, class_of(&sighting->client), pair_key(sighting));
	double attempts = detector_setting(brute->host, ATTEMPTS, sighting);

	/* Who is let in where no model lets him has a right to mistype. */
	if (guesser == NULL && is_uninvited(sighting))
		guesser = guesser_of(brute, sighting);
	if (is_besieging(sighting))
		besieged_of(brute, sighting)->succeeded[0]++;
	if (guesser == NULL)
		return;
	guesser->succeeded++;
	if (at - guesser->last > SPRAY_WINDOW || guesser->failed < 2 ||
	    guesser->succeeded * 2 > guesser->failed)
		return;
	if (guesser_is_in_step(guesser) ||
	    (!guesser->guessing && (guesser->failed < attempts / 2 ||
				       is_retry(guesser, sighting))))
		return;
	testimony_begin(&brute->testimony);
	text_format(&brute->testimony.sentence,
	    "%s was let in by %s (%s on port %u) after %llu failed logins",
	    sighting->client.name, sighting->server.name,
	    service_name(sighting), sighting->port,
	    (unsigned long long)guesser->failed);
	give_evidence(brute, guesser);
	raise_pair(brute, SIGNATURE_SUCCESS, sure_of(guesser, 85, sighting), 1,
	    sighting);
}

/* --- what is seen --------------------------------------------------------- */

static struct guess
guess_of(const struct sighting *sighting, uint32_t credential)
{
	bool named = sighting->message.kind == MESSAGE_AUTHENTICATION;

	return (struct guess){
	    .at = sighting->then.ns,
	    .began = sighting->flow->first.ns,
	    .flow = attempt_identity(sighting->flow),
	    .packet = sighting->packet,
	    .credential = credential,
	    .name = named ? sighting->message.name : 0,
	    .famous = named && credential_is_famous(sighting->message.name),
	};
}

static void
see_response(struct brute_force *brute, const struct sighting *sighting)
{
	uint32_t code = sighting->message.code, credential = 0;
	uint64_t flow = attempt_identity(sighting->flow);
	struct guesser *guesser;
	struct guess guess;

	/* Without a request that was seen there is nothing to compare. */
	if ((brute->showed[flow % SHOWED_BITS / 64] >> flow % 64 & 1) == 0)
		return;
	guesser = memory_find(
	    brute->guessers, class_of(&sighting->client), pair_key(sighting));
	if (guesser != NULL)
		credential = guesser_asked_with(guesser, flow);
	if (credential == 0)
		return;
	guess = guess_of(sighting, credential);
	if (code == 401 || code == 403 || code == 407)
		take_failure(brute, sighting, &guess, false);
	else if (code >= 200 && code < 400)
		take_success(brute, sighting, sighting->then.ns);
}

static void
see_request(struct brute_force *brute, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	const struct http_head *head = detector_request(brute->host, sighting);
	uint64_t flow;
	uint32_t credential;

	if (!head->authorizes && !head->logs_in)
		return;
	credential = credential_of_http(message->octets, message->size);
	if (credential == 0 ||
	    forwarded_is(&brute->forwarded, credential, sighting))
		return;
	flow = attempt_identity(sighting->flow);
	brute->showed[flow % SHOWED_BITS / 64] |= UINT64_C(1) << flow % 64;
	guesser_ask(guesser_of(brute, sighting), flow, credential);
	detector_await(brute->host, sighting);
}

/* An app that has no password at all, and says so with every command. */
static bool
is_no_guess(const struct message *message)
{
	static const char noauth[] = "-NOAUTH";

	return message->size >= sizeof(noauth) - 1 &&
	       memcmp(message->octets, noauth, sizeof(noauth) - 1) == 0;
}

static void
see_message(struct brute_force *brute, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct guess guess;

	if (message->kind == MESSAGE_HTTP_REQUEST) {
		if (message->from_client)
			see_request(brute, sighting);
	} else if (message->kind == MESSAGE_HTTP_RESPONSE) {
		if (!message->from_client)
			see_response(brute, sighting);
	} else if (message->code == 0) {
		take_success(brute, sighting, sighting->then.ns);
	} else if (!is_no_guess(message)) {
		guess = guess_of(sighting, message->credential);
		take_failure(brute, sighting, &guess, false);
	}
}

/* A connection is over: was it a try? */
static void
see_end(struct brute_force *brute, const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;
	struct guess guess;

	switch (unseen_login_read(sighting)) {
	case UNSEEN_NO_TRY:
		return;
	case UNSEEN_LET_IN:
		take_success(brute, sighting, flow->last.ns);
		return;
	case UNSEEN_TRIED:
		break;
	}
	guess = guess_of(sighting, 0);
	guess.at = flow->last.ns;
	guess.packet = flow->first_packet;
	for (uint32_t i = 0;
	     i < unseen_login_tries(sighting) && !is_known_here(sighting); i++)
		take_failure(brute, sighting, &guess, true);
}

static void
brute_force_see(void *state, const struct sighting *sighting)
{
	struct brute_force *brute = state;

	if (detector_is_off(brute->host, sighting))
		return;
	if (sighting->kind == SIGHTED_MESSAGE)
		see_message(brute, sighting);
	else if (sighting->kind == SIGHTED_END)
		see_end(brute, sighting);
}

const struct detector detector_brute_force = {
    .name = "brute-force",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_TCP | FLOWS_ACCEPTED,
    .kinds = 1U << SIGHTED_MESSAGE | 1U << SIGHTED_END,
    .messages = 1U << MESSAGE_AUTHENTICATION | 1U << MESSAGE_HTTP_REQUEST |
		1U << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_CREDENTIALS | TRAIT_PASSWORD | TRAIT_AWAITED,
    .revision = 7,
    .open = brute_force_open,
    .close = brute_force_close,
    .see = brute_force_see,
    .memory = brute_force_memory,
};
