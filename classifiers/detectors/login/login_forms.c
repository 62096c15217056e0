/*
 * login-forms -- somebody tries passwords in the form of a web page.
 *
 * Idea.  Who logs in through a form posts a name and a password; whether that
 * was right stands in a page that says so in words, answered with 200, or in a
 * redirect back to the form.  Nobody but a tool posts one different password
 * after the other, or one password for ever other names.
 *
 * Formula.  Of one client (behind a proxy inside: of one address that it asks
 * for, in X-Forwarded-For, unless it was just asked the same), one server and
 * one path: a try is a POST whose body
 * has a field for a password (urlencoded, JSON or XML-RPC), or a GET whose
 * query has one.  Names and passwords are told apart by hashes.  A try failed
 * when it was answered with 400, 422 or 429, with a redirect to the same path
 * or to one that says login or error, or with 200 and neither a token nor a
 * cookie beside words of failure; it was right when it was redirected
 * elsewhere, or got a token.  (401, 403 and 407 are brute-force's.)  `tries`
 * different pairs within `window`, of which four of five failed or were
 * answered alike (the same status, and a length within 64 octets of the one
 * before), are
 *
 *      guessing   one name in two passwords or more, on average
 *      spraying   at most one password in four names
 *      stuffing   ever other names with ever other passwords; then failures
 *                 have to be plain, for many people look like this too
 *
 * Many sources: one name, whose passwords nobody else would know, is tried in
 * one form with twice `tries` different passwords from `sources` addresses
 * within `window`, of whom none guesses by itself, and nine of ten fail.  Then
 * nobody is named but the server.
 *
 * Not a try: the same pair again, whatever else a form carries (tokens against
 * forgery): a retry, or a health check that logs in; a password that is the one
 * before with a character more or less: somebody types it, and is told how good
 * it is.  Answered with 201 and no words of failure it made something: an
 * account with its first password.
 *
 * Addresses outside of one /64 of IPv6 are one client (RFC 8981: a host changes
 * its own within one), named by the first of them that is raised.
 *
 * ATT&CK T1110.001 (guessing), T1110.003 (spraying), T1110.004 (stuffing),
 * T1078 (let in afterwards).
 *
 * Spoofing: an answer needs a connection.
 *
 * Still gets through: what is inside TLS or HTTP/2; bodies in another segment
 * than their headers; passwords that the page encrypts under names of their
 * own; fewer than `tries` in `window`, or from one address each for ever other
 * names; answers in compressed pages of different lengths.
 */
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/asked.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/forwarded.h"
#include "classifiers/detectors/http/http_head.h"
#include "classifiers/detectors/login/login_form.h"

#define SIGNATURE_GUESSING 2023
#define SIGNATURE_SPRAYING 2024
#define SIGNATURE_STUFFING 2025
#define SIGNATURE_SUCCESS  2026

/* How far the lengths of two refusals lie apart at most: they name the user. */
#define ALIKE_OCTETS 64

/* Tries in a window whose pairs are known one by one. */
#define PAIRS 64

#define NAMES 256

/* Passwords of a name that are known one by one. */
#define PASSWORDS 64

enum setting { TRIES, WINDOW, SOURCES };

static const struct detector_setting settings[] = {
    {"tries", "tries", 12, 4, PAIRS,
	"different names and passwords of one client at one form",
	"people mistype three times; OWASP ASVS 2.2.1 locks after 5 to 100"},
    {"window", "s", 120, 5, 3600, "within this time",
	"measured: hydra's default makes some 10 to 200 tries a minute"},
    {"sources", "addresses", 8, 3, PASSWORDS,
	"that try one name with different passwords", "a judgement"},
};

/* One name in one form. */
struct wanted {
	struct wanted_try {
		int64_t at;
		uint64_t source;
		uint32_t password, spare; /* a hash */
	} tries[PASSWORDS];               /* a ring of different passwords */
	uint64_t next;
	uint64_t failed, let_in;
	struct pace pace;
};

struct known {
	struct login_pair {
		int64_t at;
		uint32_t name, password; /* hashes */
		uint32_t shorter, spare; /* as of struct login_form */
	} pairs[PAIRS];                  /* a ring of different ones */
	uint64_t tries, failed, plain, let_in, alike;
	uint32_t next, length, code, spare;
	int64_t since, raised;
	uint64_t counted;
	uint32_t kind, spare2; /* signature of what was said */
	uint64_t named;        /* of a /64: who stands for it */
	char path[64];
	struct pace pace, success;
};

struct state {
	struct desk desk;
	struct memory *wanted; /* names, by form */
	struct asked asked;
	struct forwarded forwarded;
};

static void *
forms_open(struct detector_host *host)
{
	struct state *state = desk_open_state(
	    sizeof(struct state), host, 256, 512, sizeof(struct known));

	if (state != NULL)
		state->wanted = memory_new(
		    NAMES, 1, sizeof(struct wanted), detector_key(host));
	return state;
}

static void
forms_close(void *opaque)
{
	struct state *state = opaque;

	if (state != NULL)
		memory_free(state->wanted);
	desk_close(state);
}

static struct memory *
forms_memory(void *opaque, size_t index, const char **name)
{
	struct state *state = opaque;

	if (index == 0)
		return desk_memory(state, index, name);
	*name = "wanted";
	return index == 1 ? state->wanted : NULL;
}

/* --- what was tried ------------------------------------------------------- */

/* A character more or less than the one before: a form that asks at each key
 * how good a password is. */
static bool
is_typed(const struct login_pair *before, const struct login_form *form)
{
	return before->at != 0 && before->name == form->name &&
	       (before->password == form->shorter ||
		   before->shorter == form->password);
}

/* Whether the pair is another than those of late; notes it. */
static bool
is_new_pair(struct known *known, const struct login_form *form, int64_t at)
{
	struct login_pair pair = {
	    at, form->name, form->password, form->shorter, 0};
	struct login_pair *before = &known->pairs[(known->next - 1) % PAIRS];

	for (size_t i = 0; i < PAIRS; i++)
		if (known->pairs[i].at != 0 &&
		    known->pairs[i].name == form->name &&
		    known->pairs[i].password == form->password)
			return false;
	if (is_typed(before, form)) {
		*before = pair;
		return false;
	}
	known->pairs[known->next++ % PAIRS] = pair;
	return true;
}

struct spread {
	uint32_t pairs, names, passwords;
};

/* Of the pairs of the window, how many are different in what. */
static struct spread
spread_of(const struct known *known, int64_t from)
{
	struct spread spread = {0, 0, 0};

	for (size_t i = 0; i < PAIRS; i++) {
		const struct login_pair *one = &known->pairs[i];
		bool name = true, password = true;

		if (one->at == 0 || one->at < from)
			continue;
		for (size_t j = 0; j < i; j++) {
			const struct login_pair *other = &known->pairs[j];

			if (other->at == 0 || other->at < from)
				continue;
			name &= other->name != one->name;
			password &= other->password != one->password;
		}
		spread.pairs++;
		spread.names += name;
		spread.passwords += password;
	}
	return spread;
}

/* --- saying it ------------------------------------------------------------ */

static void
write_down(struct desk *desk, const struct known *known,
    const struct spread *spread, const struct sighting *sighting)
{
	json_put_string(&desk->json, "path", known->path);
	json_put_int(&desk->json, "tries", (int64_t)known->tries);
	json_put_int(&desk->json, "failed", (int64_t)known->failed);
	json_put_int(&desk->json, "alike", (int64_t)known->alike);
	json_put_int(&desk->json, "let_in", (int64_t)known->let_in);
	json_put_int(&desk->json, "names", spread->names);
	json_put_int(&desk->json, "passwords", spread->passwords);
	json_put_int(&desk->json, "status", known->code);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
}

static void
say(struct state *state, struct known *known, const struct spread *spread,
    uint32_t signature, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	bool plain = known->plain * 2 > known->failed;
	struct anomaly anomaly = {.signature = signature,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .about = known->path,
	    .confidence = plain ? 90 : 75,
	    .silent_if = "fewer different names or passwords, or answers that "
			 "let them in"};

	known->kind = signature;
	if (known->named == 0)
		known->named = sighting->client.key;
	if (known->named != sighting->client.key && !sighting->client.inside)
		return;
	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    signature == SIGNATURE_GUESSING
		? "%s guesses passwords in a form of %s (%s): %u passwords "
		  "for %u name(s)"
	    : signature == SIGNATURE_SPRAYING
		? "%s tries few passwords for many names in a form of %s "
		  "(%s): %u for %u names"
		: "%s tries other people's passwords in a form of %s (%s): "
		  "%u for %u names",
	    sighting->client.name, sighting->server.name, known->path,
	    spread->passwords, spread->names);
	write_down(desk, known, spread, sighting);
	desk_raise(desk, anomaly, sighting);
}

static void
say_let_in(
    struct state *state, struct known *known, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	struct spread spread = spread_of(known, 0);
	struct anomaly anomaly = {.signature = SIGNATURE_SUCCESS,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .about = known->path,
	    .confidence = 75,
	    .silent_if = "fewer failures before, or an answer that refuses"};

	anomaly.count = pace_count(&known->success, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s was let in by a form of %s (%s) after %llu tries",
	    sighting->client.name, sighting->server.name, known->path,
	    (unsigned long long)known->tries);
	write_down(desk, known, &spread, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- judging -------------------------------------------------------------- */

static uint32_t
signature_of(const struct spread *spread)
{
	if (spread->passwords * 4 <= spread->names)
		return SIGNATURE_SPRAYING;
	return spread->passwords >= spread->names * 2 ? SIGNATURE_GUESSING
						      : SIGNATURE_STUFFING;
}

static void
weigh(struct state *state, struct known *known, const struct sighting *sighting)
{
	double tries = detector_setting(state->desk.host, TRIES, sighting);
	double window = detector_setting(state->desk.host, WINDOW, sighting);
	int64_t from =
	    sighting->then.ns - (int64_t)(window * (double)NS_PER_SECOND);
	uint64_t refused =
	    known->failed > known->alike ? known->failed : known->alike;
	struct spread spread;
	uint32_t signature;

	/* Half of them may be forgotten by now (forget_old); pairs are not. */
	if (2 * (double)known->tries < tries ||
	    refused * 5 < known->tries * 4 || known->let_in * 4 > known->tries)
		return;
	spread = spread_of(known, from);
	if (spread.pairs < tries)
		return;
	signature = signature_of(&spread);
	if (signature == SIGNATURE_STUFFING &&
	    known->plain * 5 < known->tries * 4)
		return;
	say(state, known, &spread, signature, sighting);
}

/* --- one name, many sources ----------------------------------------------- */

/* Whether the password is another than those of late; notes it. */
static bool
is_new_try(struct wanted *wanted, uint32_t password, uint64_t source,
    const struct sighting *sighting)
{
	for (size_t i = 0; i < PASSWORDS; i++)
		if (wanted->tries[i].at != 0 &&
		    wanted->tries[i].password == password)
			return false;
	wanted->tries[wanted->next++ % PASSWORDS] =
	    (struct wanted_try){sighting->then.ns, source, password, 0};
	return true;
}

/* Different passwords since then, and those who tried them. */
static uint32_t
tries_since(const struct wanted *wanted, int64_t from, uint32_t *sources)
{
	uint32_t count = 0;

	*sources = 0;
	for (size_t i = 0; i < PASSWORDS; i++) {
		const struct wanted_try *one = &wanted->tries[i];
		bool new = true;

		if (one->at == 0 || one->at < from)
			continue;
		for (size_t j = 0; j < i && new; j++)
			new = wanted->tries[j].at < from ||
			      wanted->tries[j].source != one->source;
		count++;
		*sources += new;
	}
	return count;
}

static void
say_wanted(struct state *state, struct wanted *wanted, const char *path,
    uint32_t passwords, uint32_t sources, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	struct anomaly anomaly = {.signature = SIGNATURE_GUESSING,
	    .subject = &sighting->server,
	    .about = path,
	    .confidence = 80,
	    .silent_if = "fewer addresses or passwords for one name, or "
			 "answers that let them in"};

	anomaly.count = pace_count(&wanted->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%u or more addresses guess passwords in a form of %s (%s): %u "
	    "passwords for 1 name",
	    sources, sighting->server.name, path, passwords);
	json_put_string(&desk->json, "path", path);
	json_put_int(&desk->json, "sources", sources);
	json_put_int(&desk->json, "passwords", passwords);
	json_put_int(&desk->json, "failed", (int64_t)wanted->failed);
	json_put_int(&desk->json, "let_in", (int64_t)wanted->let_in);
	seen_put(&desk->json, seen_of_pace(&wanted->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* The latest pair of that client was answered. */
static void
note_wanted(struct state *state, const struct known *known, uint64_t source,
    bool let_in, const struct sighting *sighting)
{
	const struct login_pair *pair =
	    &known->pairs[(known->next - 1) % PAIRS];
	double window = detector_setting(state->desk.host, WINDOW, sighting);
	struct wanted *wanted;
	uint32_t passwords, sources;

	/* Many share a form that asks for no name; who guesses alone is said.
	 */
	if (known->next == 0 || pair->name == 0 || known->kind != 0)
		return;
	wanted = memory_get(state->wanted, MEMORY_INSIDE,
	    memory_key(memory_key(sighting->server.key, pair->name),
		http_piece_hash(
		    (struct http_piece){known->path, strlen(known->path)})),
	    NULL);
	if (!is_new_try(wanted, pair->password, source, sighting))
		return;
	wanted->let_in += let_in;
	wanted->failed += !let_in;
	pace_begin(&wanted->pace, sighting);
	if (let_in || wanted->let_in * 10 > wanted->failed)
		return;
	passwords = tries_since(wanted,
	    sighting->then.ns - (int64_t)(window * (double)NS_PER_SECOND),
	    &sources);
	if (passwords >=
		2 * detector_setting(state->desk.host, TRIES, sighting) &&
	    sources >= detector_setting(state->desk.host, SOURCES, sighting))
		say_wanted(
		    state, wanted, known->path, passwords, sources, sighting);
}

/* --- what is seen --------------------------------------------------------- */

static void
see_request(struct state *state, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct http_piece person = {NULL, 0};
	struct login_form form;
	struct known *known;
	uint64_t key;
	bool new;

	if (!detector_request(state->desk.host, sighting)->logs_in ||
	    !login_form_read(message->octets, message->size, &form) ||
	    detector_is_off(state->desk.host, sighting))
		return;
	if (sighting->client.inside)
		person = http_forwarded_for(message->octets, message->size);
	if (forwarded_is(&state->forwarded,
		(uint64_t)form.name << 32 | form.password, sighting))
		return;
	key = memory_key(
	    memory_key(sighted_network(sighting), sighting->server.key),
	    http_piece_hash(form.path) ^
		(person.size == 0 ? 0 : http_piece_hash(person)));
	known = memory_get(
	    state->desk.memory, desk_class(&sighting->client), key, &new);
	if (new)
		snprintf(known->path, sizeof(known->path), "%.*s",
		    form.path.size > 60 ? 60 : (int)form.path.size,
		    form.path.at);
	if (!is_new_pair(known, &form, sighting->then.ns))
		return;
	detector_await(state->desk.host, sighting);
	asked_put(
	    &state->asked, sighting->flow, http_piece_hash(form.path), key);
}

/* Tries of long ago say nothing of now. */
static void
forget_old(
    struct state *state, struct known *known, const struct sighting *sighting)
{
	double window = detector_setting(state->desk.host, WINDOW, sighting);
	int64_t now = sighting->then.ns;

	if (known->since != 0 &&
	    now - known->since <= (int64_t)(window * (double)NS_PER_SECOND))
		return;
	known->since = now;
	known->tries /= 2;
	known->failed /= 2;
	known->plain /= 2;
	known->alike /= 2;
	known->let_in /= 2;
}

static void
see_answer(struct state *state, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct login_answer answer;
	struct asked_by by;
	struct known *known;
	uint32_t apart;

	if (!asked_take(&state->asked, sighting->flow, &by))
		return;
	known = memory_find(
	    state->desk.memory, desk_class(&sighting->client), by.whom);
	if (known == NULL)
		return;
	answer = login_answer_read(
	    message->octets, message->size, message->code, known->path);
	if (answer.outcome == LOGIN_ELSEWHERE)
		return;
	forget_old(state, known, sighting);
	if (known->tries == 0)
		known->pace.first_packet = 0;
	pace_begin(&known->pace, sighting);
	apart = answer.length > known->length ? answer.length - known->length
					      : known->length - answer.length;
	known->tries++;
	known->failed +=
	    answer.outcome == LOGIN_REFUSED || answer.outcome == LOGIN_UNCLEAR;
	known->plain += answer.outcome == LOGIN_REFUSED;
	known->alike += answer.outcome != LOGIN_LET_IN &&
			known->code == message->code && apart <= ALIKE_OCTETS;
	known->code = message->code;
	known->length = answer.length;
	note_wanted(
	    state, known, by.whom, answer.outcome == LOGIN_LET_IN, sighting);
	if (answer.outcome != LOGIN_LET_IN) {
		weigh(state, known, sighting);
		return;
	}
	known->let_in++;
	if (known->kind != 0)
		say_let_in(state, known, sighting);
}

static void
forms_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;

	if (sighting->message.kind == MESSAGE_HTTP_RESPONSE)
		see_answer(state, sighting);
	else if (sighting->message.from_client)
		see_request(state, sighting);
}

const struct detector detector_login_forms = {
    .name = "login-forms",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_HTTP_REQUEST | 1 << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_PASSWORD | TRAIT_AWAITED,
    .revision = 3,
    .open = forms_open,
    .close = forms_close,
    .see = forms_see,
    .memory = forms_memory,
};
