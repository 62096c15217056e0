/*
 * secret-paths -- somebody tries whether a web server gives its secrets away.
 *
 * Idea.  Configuration, repositories, keys and dumps come to lie where a web
 * server serves them; scanners ask every server for a dozen of these names, and
 * no program has a reason to ask for one of them, let alone several.
 *
 * Formula.  Of one client (behind a proxy inside: of one address that it asks
 * for, in X-Forwarded-For), within 10 minutes, wherever it asks: `paths`
 * different ones of a table of names that end a path, or one that was answered
 * with 200 and more than nothing, unless with a page: servers of one-page
 * applications answer everything with that.  Names deeper than two directories
 * are somebody's look at a repository.  What a server tells of itself
 * (server-status, Spring's actuator, phpinfo) is read by monitoring, and dumps
 * by jobs: from inside they count for nothing.  Nor does what git itself, by
 * its agent, asks a server inside for after `info/refs`: it clones.
 *
 * ATT&CK T1595.003 (wordlist scanning); T1552.001 (credentials in files) where
 * it was answered.
 *
 * Spoofing: an answer needs a connection.  Who is inside and is no proxy can
 * write whom it likes into X-Forwarded-For: the finding is still its own.
 *
 * Still gets through: what is inside TLS or HTTP/2; other names; fewer than
 * `paths` that are all refused.
 */
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/asked.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/forwarded.h"
#include "classifiers/detectors/http/http_request.h"

#define SIGNATURE_PROBES 2142
#define SIGNATURE_SERVED 2143

#define HALF (300 * NS_PER_SECOND)

#define CLONES     32
#define CLONE_TIME (600 * NS_PER_SECOND)

enum setting { PATHS };

static const struct detector_setting settings[] = {
    {"paths", "paths", 3, 1, 48,
	"different secret names that one client asks for within 10 minutes",
	"a judgement: scanners ask for dozens, people for none"},
};

/*
 * Ends of paths, in the case that they are printed in; what begins with a slash
 * is a whole segment or more.  Sources: OWASP's Web Security Testing Guide
 * (4.2, "Review Old Backup and Unreferenced Files", "Test Application Platform
 * Configuration"), the manuals of Spring Boot's actuator and of Apache's
 * mod_status.
 */
static const struct name {
	const char *text;
	enum kind {
		FILE_OF_SECRETS,
		DUMP,   /* of data: jobs inside fetch such */
		STATUS, /* a page, perhaps; monitoring inside reads it */
	} kind;
} names[] = {
    {"/.env", FILE_OF_SECRETS},
    {"/.env.local", FILE_OF_SECRETS},
    {"/.env.production", FILE_OF_SECRETS},
    {"/.env.prod", FILE_OF_SECRETS},
    {"/.env.dev", FILE_OF_SECRETS},
    {"/.env.bak", FILE_OF_SECRETS},
    {"/.env.old", FILE_OF_SECRETS},
    {"/.git/config", FILE_OF_SECRETS},
    {"/.git/HEAD", FILE_OF_SECRETS},
    {"/.git/index", FILE_OF_SECRETS},
    {"/.git/credentials", FILE_OF_SECRETS},
    {"/.git-credentials", FILE_OF_SECRETS},
    {"/.svn/entries", FILE_OF_SECRETS},
    {"/.svn/wc.db", FILE_OF_SECRETS},
    {"/.htpasswd", FILE_OF_SECRETS},
    {"/.aws/credentials", FILE_OF_SECRETS},
    {"/.aws/config", FILE_OF_SECRETS},
    {"/.ssh/id_rsa", FILE_OF_SECRETS},
    {"/.ssh/id_ed25519", FILE_OF_SECRETS},
    {"/.docker/config.json", FILE_OF_SECRETS},
    {"/.dockercfg", FILE_OF_SECRETS},
    {"/.kube/config", FILE_OF_SECRETS},
    {"/.npmrc", FILE_OF_SECRETS},
    {"/.bash_history", FILE_OF_SECRETS},
    {"/.DS_Store", DUMP},
    {"/id_rsa", FILE_OF_SECRETS},
    {"/wp-config.php.bak", FILE_OF_SECRETS},
    {"/wp-config.php~", FILE_OF_SECRETS},
    {"/wp-config.php.old", FILE_OF_SECRETS},
    {"/wp-config.php.save", FILE_OF_SECRETS},
    {"/wp-config.php.swp", FILE_OF_SECRETS},
    {"/WEB-INF/web.xml", FILE_OF_SECRETS},
    {"/backup.sql", DUMP},
    {"/dump.sql", DUMP},
    {"/database.sql", DUMP},
    {"/db.sql", DUMP},
    {"/backup.zip", DUMP},
    {"/backup.tar.gz", DUMP},
    {"/phpinfo.php", STATUS},
    {"/info.php", STATUS},
    {"/server-status", STATUS},
    {"/server-info", STATUS},
    {"/actuator/env", STATUS},
    {"/actuator/heapdump", STATUS},
    {"/actuator/configprops", STATUS},
    {"/heapdump", STATUS},
    {"/_profiler/phpinfo", STATUS},
    {"/jolokia/list", STATUS},
    {"/minio/bootstrap/v1/verify", STATUS},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

struct known {
	uint64_t now, before; /* bit per name, by halves of the window */
	int64_t since;
	uint64_t asked, served;
	struct pace probes, leaks;
};

struct state {
	struct desk desk;
	struct asked asked;
	/* Lengths of last segments by their first letter, for nearly all paths
	 * end in none of these. */
	uint32_t lengths[128];
	struct forwarded forwarded;
	/* Who asks which server for repositories as git does; a ring. */
	struct {
		uint64_t who;
		int64_t at;
	} clones[CLONES];
	uint32_t clones_next;
};

static size_t
last_segment(const char *text, size_t size)
{
	const char *slash = memrchr(text, '/', size);

	return slash == NULL ? 0 : (size_t)(slash - text) + 1;
}

static uint8_t
low(char c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static void *
secrets_open(struct detector_host *host)
{
	struct state *state = desk_open_state(
	    sizeof(struct state), host, 1024, 4096, sizeof(struct known));

	if (state == NULL)
		return NULL;
	for (size_t i = 0; i < NAMES; i++) {
		size_t size = strlen(names[i].text);
		size_t from = last_segment(names[i].text, size);

		state->lengths[low(names[i].text[from]) & 127] |=
		    1U << (size - from);
	}
	return state;
}

/*
 * Deep down lie the files of repositories that people look at in a browser
 * (`/group/project/-/raw/main/.npmrc`).
 */
static bool
is_near_root(struct http_piece path, size_t end)
{
	size_t slashes = 0;

	for (size_t i = 0; i < end; i++)
		slashes += path.at[i] == '/';
	return slashes <= 2;
}

/* Which name a path ends in; -1: none. */
static int
name_of(const struct state *state, struct http_piece path)
{
	size_t from = last_segment(path.at, path.size);
	size_t size = path.size - from;
	uint8_t first;

	if (size == 0 || size > 31)
		return -1;
	first = low(path.at[from]);
	if (first > 127 || (state->lengths[first] >> size & 1) == 0)
		return -1;
	for (size_t i = 0; i < NAMES; i++) {
		size_t length = strlen(names[i].text);
		struct http_piece end = {path.at + path.size - length, length};

		if (length <= path.size && http_piece_is(end, names[i].text) &&
		    is_near_root(path, path.size - length))
			return (int)i;
	}
	return -1;
}

static int
distinct(const struct known *known)
{
	return __builtin_popcountll(known->now | known->before);
}

static void
turn(struct known *known, const struct sighting *sighting)
{
	int halves = halves_passed(&known->since, sighting->then.ns, HALF);

	if (halves == 0)
		return;
	known->before = halves == 1 ? known->now : 0;
	known->now = 0;
	if (known->before == 0)
		known->probes.first_packet = 0;
}

static void
say(struct state *state, struct known *known, uint32_t signature, size_t name,
    struct http_piece person, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	bool served = signature == SIGNATURE_SERVED;
	int shown = person.size > 45 ? 45 : (int)person.size;
	char about[64];
	struct anomaly anomaly = {.signature = signature,
	    .subject = &sighting->client,
	    .object = served ? &sighting->server : NULL,
	    .about = shown > 0 ? about : NULL,
	    .confidence = served ? 85 : 80,
	    .silent_if = "another path, or fewer different ones"};

	anomaly.count =
	    pace_count(served ? &known->leaks : &known->probes, sighting);
	if (anomaly.count == 0)
		return;
	snprintf(about, sizeof(about), "%.*s", shown, person.at);
	desk_begin(desk);
	if (served)
		text_format(&desk->sentence, "%s got %s from %s",
		    sighting->client.name, names[name].text,
		    sighting->server.name);
	else
		text_format(&desk->sentence,
		    "%s asks %s for secrets: %d different names, such as %s",
		    sighting->client.name, sighting->server.name,
		    distinct(known), names[name].text);
	if (shown > 0)
		text_format(&desk->sentence, " (for %s)", about);
	json_put_int(&desk->json, "names", distinct(known));
	json_put_string(&desk->json, "example", names[name].text);
	json_put_int(&desk->json, "requests", (int64_t)known->asked);
	json_put_int(&desk->json, "answered", (int64_t)known->served);
	seen_put(&desk->json,
	    seen_of_pace(served ? &known->leaks : &known->probes, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* Behind a proxy inside there are many. */
static struct http_piece
person_of(const struct sighting *sighting)
{
	const struct message *message = &sighting->message;

	if (!sighting->client.inside)
		return (struct http_piece){NULL, 0};
	return http_forwarded_for(message->octets, message->size);
}

/* --- git's own doing ------------------------------------------------------ */

/*
 * Git begins with `info/refs`, and asks a server that only has files for HEAD
 * then (gitprotocol-http, "Dumb Clients").  From outside that is somebody who
 * takes a repository, whatever with.
 */
static bool
is_clone(struct state *state, struct http_piece path, int name,
    const struct sighting *sighting)
{
	static const char refs[] = "/info/refs";
	const struct message *message = &sighting->message;
	size_t size = sizeof(refs) - 1;
	uint64_t who = memory_key(sighting->client.key, sighting->server.key);
	int64_t now = sighting->then.ns;
	bool begins = path.size >= size &&
		      memcmp(path.at + path.size - size, refs, size) == 0;

	if (!sighting->client.inside ||
	    !(begins || (name >= 0 && http_piece_has(path, "/.git/"))) ||
	    !http_piece_begins(
		http_header(message->octets, message->size, "user-agent"),
		"git/"))
		return false;
	for (int i = 0; i < CLONES; i++)
		if (state->clones[i].who == who &&
		    now - state->clones[i].at <= CLONE_TIME)
			return true;
	if (begins) {
		uint32_t place = state->clones_next++ % CLONES;

		state->clones[place].who = who;
		state->clones[place].at = now;
	}
	return begins;
}

static void
see_request(struct state *state, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct http_target target;
	struct http_piece person;
	struct known *known;
	uint64_t key;
	int name;

	if (!http_target_read(message->octets, message->size, &target))
		return;
	name = name_of(state, target.path);
	if (is_clone(state, target.path, name, sighting) || name < 0 ||
	    detector_is_off(state->desk.host, sighting))
		return;
	person = person_of(sighting);
	if (forwarded_is(
		&state->forwarded, http_piece_hash(target.path), sighting))
		return;
	if (sighting->client.inside && names[name].kind != FILE_OF_SECRETS &&
	    person.size == 0)
		return;
	key = memory_key(sighting->client.key,
	    person.size == 0 ? 0 : http_piece_hash(person));
	known = memory_get(
	    state->desk.memory, desk_class(&sighting->client), key, NULL);
	turn(known, sighting);
	pace_begin(&known->probes, sighting);
	known->now |= UINT64_C(1) << name;
	known->asked++;
	detector_await(state->desk.host, sighting);
	asked_put(&state->asked, sighting->flow, (uint64_t)name, key);
	if (distinct(known) >=
	    detector_setting(state->desk.host, PATHS, sighting))
		say(state, known, SIGNATURE_PROBES, (size_t)name, person,
		    sighting);
}

/* Of what an answer is, and whether there is any. */
static bool
gives(const struct message *message, bool page)
{
	struct http_piece length =
	    http_header(message->octets, message->size, "content-length");
	struct http_piece type =
	    http_header(message->octets, message->size, "content-type");
	struct http_piece body = http_body(message->octets, message->size);

	if (message->code != 200 || http_piece_is(length, "0"))
		return false;
	return page || !http_piece_begins(type, "text/html") ||
	       (body.size > 0 && *body.at != '<');
}

static void
see_response(struct state *state, const struct sighting *sighting)
{
	const struct http_piece nobody = {NULL, 0};
	struct known known = {.asked = 1, .served = 1};
	struct asked_by by;
	size_t name;

	if (!asked_take(&state->asked, sighting->flow, &by))
		return;
	name = by.what;
	known.now = UINT64_C(1) << name;
	if (gives(&sighting->message, names[name].kind == STATUS))
		say(state, &known, SIGNATURE_SERVED, name, nobody, sighting);
}

static void
secrets_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;

	if (sighting->message.kind == MESSAGE_HTTP_RESPONSE)
		see_response(state, sighting);
	else if (sighting->message.from_client)
		see_request(state, sighting);
}

const struct detector detector_secret_paths = {
    .name = "secret-paths",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_HTTP_REQUEST | 1 << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_HTTP_REQUEST | TRAIT_AWAITED,
    .revision = 1,
    .open = secrets_open,
    .close = desk_close,
    .see = secrets_see,
    .memory = desk_memory,
};
