/*
 * path-guessing -- somebody asks a web server for one path after the other that
 * might be there.
 *
 * Idea.  Directory busters (gobuster, ffuf, dirb, feroxbuster, nikto) ask for
 * the words of a list, of which nearly none are there.  Browsers of a broken
 * page miss files too, but pictures, scripts and styles, and the same ones each
 * time; programs that look something up miss numbers and hashes.
 *
 * Formula.  Of one client (behind a proxy inside: of one address that it asks
 * for, in X-Forwarded-For, unless it was just asked the same) and one server:
 * after 10 answers of 404, 403 or 400 within a minute what it asks for is
 * noted.  It guesses when `paths` different ones were refused so within
 * `window`, nine of ten answers are such, and half of the refused ones are new;
 * 401 is no answer, for who is asked for a password was not told what is there.
 * A path counts by its last two segments.  Not counted: files that pages are
 * made of (js, css, pictures, fonts, maps), and last segments that are a number
 * or long and random, as keys of caches, registries and tables are.  Of who is
 * inside and asks for nobody else only what lies in the root counts: package
 * managers ask one registry after the other for names deeper down; and where a
 * model allows it, it takes three times as many.
 *
 * Distinct paths are counted by a bitmap (bitmap.h).
 *
 * ATT&CK T1595.003 (wordlist scanning).
 *
 * Spoofing: an answer needs a connection.
 *
 * Still gets through: lists of file names with a page's endings, or of numbers;
 * fewer than `paths` in `window`; servers that answer everything with 200 or a
 * redirect; what is inside TLS or HTTP/2.
 */
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/asked.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/forwarded.h"
#include "classifiers/detectors/http/http_request.h"
#include "classifiers/detectors/measures/bitmap.h"

#define SIGNATURE 2141

/* Refused within a minute before paths are noted. */
#define SUSPICIOUS  10
#define MISSES_TIME (60 * NS_PER_SECOND)

#define SUSPECTS 4096 /* bits; a power of two */

enum setting { PATHS, WINDOW };

static const struct detector_setting settings[] = {
    {"paths", "paths", 60, 20, 400,
	"different ones that were not there, of one client within the window",
	"a judgement: lists have thousands, a page some dozens of files"},
    {"window", "s", 60, 10, 3600, "within this time",
	"measured: tools ask for 20 to 1000 in a second"},
};

struct known {
	int64_t since;   /* of what is below */
	uint64_t misses; /* before paths are noted */
	uint64_t asked, refused;
	struct bitmap paths;
	uint32_t different;
	uint8_t noting, spare[3];
	char example[64];
	struct pace pace;
};

struct state {
	struct desk desk;
	struct asked asked;
	/* Of whom paths are noted, so that a request of anybody else costs a
	 * bit; set again by what they miss. */
	uint64_t suspects[SUSPECTS / 64];
	bool any;
	struct forwarded forwarded;
};

static void *
paths_open(struct detector_host *host)
{
	return desk_open_state(
	    sizeof(struct state), host, 512, 1024, sizeof(struct known));
}

/* --- what a path counts as ------------------------------------------------ */

static bool
is_part_of_page(struct http_piece path)
{
	static const char *const ends[] = {".js", ".mjs", ".css", ".map",
	    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".avif",
	    ".woff", ".woff2", ".ttf", ".mp4", ".webmanifest", NULL};

	for (size_t i = 0; ends[i] != NULL; i++) {
		size_t size = strlen(ends[i]);
		struct http_piece end = {path.at + path.size - size, size};

		if (size < path.size && http_piece_is(end, ends[i]))
			return true;
	}
	return false;
}

/* A number, a hash, a UUID: what programs look up. */
static bool
is_key(struct http_piece segment)
{
	size_t digits = 0, hex = 0, letters = 0, size = segment.size;

	for (size_t i = 0; i < size; i++) {
		char c = segment.at[i];
		bool digit = c >= '0' && c <= '9';

		if (c == '.' && letters + hex + digits >= 16) {
			size = i; /* a hash's file */
			break;
		}
		digits += digit;
		hex += !digit && ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
		letters += (c | 0x20) > 'f' && (c | 0x20) <= 'z';
	}
	if (digits == size)
		return true;
	if (letters == 0)
		return digits > 0 && digits + hex >= 8;
	return size >= 20 && digits >= size / 8;
}

/*
 * The last two segments, as what is asked of different hosts or deep down is
 * the same word; an empty one where it is not counted.
 */
static struct http_piece
word_of(struct http_piece path)
{
	struct http_piece none = {NULL, 0}, last = path, rest;
	const char *slash;

	while (last.size > 1 && last.at[last.size - 1] == '/')
		last.size--;
	rest = last;
	slash = memrchr(last.at, '/', last.size);
	if (slash == NULL || is_part_of_page(last))
		return none;
	last.size = (size_t)(last.at + last.size - slash) - 1;
	last.at = slash + 1;
	if (last.size == 0 || is_key(last))
		return none;
	slash = memrchr(rest.at, '/', (size_t)(slash - rest.at));
	if (slash == NULL)
		return last;
	return (struct http_piece){
	    slash + 1, (size_t)(rest.at + rest.size - slash) - 1};
}

static bool
is_in_root(struct http_piece path)
{
	const char *slash = memchr(path.at + 1, '/', path.size - 1);

	return slash == NULL || slash == path.at + path.size - 1;
}

/* --- who ------------------------------------------------------------------ */

static void
suspect(struct state *state, uint64_t pair)
{
	state->suspects[pair % SUSPECTS / 64] |= UINT64_C(1) << pair % 64;
	state->any = true;
}

/* Of those who share a bit the others set it again. */
static void
acquit(struct state *state, uint64_t pair)
{
	state->suspects[pair % SUSPECTS / 64] &= ~(UINT64_C(1) << pair % 64);
}

static bool
is_suspect(const struct state *state, uint64_t pair)
{
	return (state->suspects[pair % SUSPECTS / 64] >> pair % 64 & 1) != 0;
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

static uint64_t
pair_of(const struct sighting *sighting)
{
	return memory_key(sighting->client.key, sighting->server.key);
}

/* --- saying it ------------------------------------------------------------ */

static void
say(struct state *state, struct known *known, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	double seconds =
	    (double)(sighting->then.ns - known->since) / (double)NS_PER_SECOND;
	struct anomaly anomaly = {.signature = SIGNATURE,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = known->different >= 200 ? 92 : 80,
	    .silent_if = "fewer different paths that are not there, or more "
			 "that are"};

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s guesses paths of %s on port %u: %llu of %llu were not there",
	    sighting->client.name, sighting->server.name, sighting->port,
	    (unsigned long long)known->refused,
	    (unsigned long long)known->asked);
	json_put_int(&desk->json, "asked", (int64_t)known->asked);
	json_put_int(&desk->json, "refused", (int64_t)known->refused);
	json_put_int(&desk->json, "different", known->different);
	json_put_int(&desk->json, "seconds", (int64_t)seconds);
	json_put_string(&desk->json, "example", known->example);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* --- what is seen --------------------------------------------------------- */

static void
see_request(struct state *state, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct http_target target;
	struct http_piece word, person;
	struct known *known;
	uint64_t pair, key;

	if (!state->any || !is_suspect(state, pair = pair_of(sighting)) ||
	    !http_target_read(message->octets, message->size, &target))
		return;
	word = word_of(target.path);
	person = person_of(sighting);
	if (forwarded_is(
		&state->forwarded, http_piece_hash(target.path), sighting))
		return;
	key =
	    person.size == 0 ? pair : memory_key(pair, http_piece_hash(person));
	if (sighting->client.inside && person.size == 0 &&
	    !is_in_root(target.path))
		word.size = 0;
	known = memory_get(
	    state->desk.memory, desk_class(&sighting->client), key, NULL);
	if (known->example[0] == '\0')
		snprintf(known->example, sizeof(known->example), "%.*s",
		    target.path.size > 60 ? 60 : (int)target.path.size,
		    target.path.at);
	detector_await(state->desk.host, sighting);
	asked_put(&state->asked, sighting->flow,
	    word.size == 0 ? 0 : http_piece_hash(word) | 1, key);
}

static bool
is_allowed_inside(const struct sighting *sighting)
{
	return sighting->client.inside && sighting->judged &&
	       sighting->verdict == VERDICT_ALLOWED;
}

static bool
is_refusal(uint32_t code)
{
	return code == 404 || code == 403 || code == 400;
}

/* Counts what is refused before anybody looks at paths. */
static void
see_refusal(struct state *state, const struct sighting *sighting)
{
	uint64_t pair = pair_of(sighting);
	struct known *known = memory_get(
	    state->desk.memory, desk_class(&sighting->client), pair, NULL);

	if (sighting->then.ns - known->since > MISSES_TIME && !known->noting) {
		known->since = sighting->then.ns;
		known->misses = 0;
	}
	pace_begin(&known->pace, sighting);
	if (++known->misses < SUSPICIOUS)
		return;
	known->noting = true;
	suspect(state, pair);
}

static void
begin_anew(struct state *state, struct known *known, uint64_t key, int64_t now)
{
	if (known->refused < SUSPICIOUS)
		acquit(state, key);
	*known = (struct known){.since = now};
}

/* What was noted is answered. */
static void
see_answer(struct state *state, const struct asked_by *by,
    const struct sighting *sighting)
{
	double window = detector_setting(state->desk.host, WINDOW, sighting);
	double paths = detector_setting(state->desk.host, PATHS, sighting);
	int64_t now = sighting->then.ns;
	struct known *known = memory_get(
	    state->desk.memory, desk_class(&sighting->client), by->whom, NULL);

	if (known->asked == 0)
		known->since = now;
	if (now - known->since > (int64_t)(window * (double)NS_PER_SECOND))
		begin_anew(state, known, by->whom, now);
	pace_begin(&known->pace, sighting);
	if (sighting->message.code == 401)
		return;
	known->asked++;
	if (!is_refusal(sighting->message.code))
		return;
	known->refused++;
	if (by->what != 0 && bitmap_set(&known->paths, by->what))
		known->different = bitmap_count(&known->paths, NULL);
	if (is_allowed_inside(sighting) && by->whom == pair_of(sighting))
		paths *= 3;
	if (known->different >= paths &&
	    known->refused * 10 >= known->asked * 9 &&
	    known->different * 2 >= known->refused)
		say(state, known, sighting);
}

static void
see_response(struct state *state, const struct sighting *sighting)
{
	bool refused = is_refusal(sighting->message.code);
	struct asked_by by;

	if (asked_take(&state->asked, sighting->flow, &by))
		see_answer(state, &by, sighting);
	else if (refused && !detector_is_off(state->desk.host, sighting))
		see_refusal(state, sighting);
}

static void
paths_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;

	if (sighting->message.kind == MESSAGE_HTTP_RESPONSE)
		see_response(state, sighting);
	else if (sighting->message.from_client)
		see_request(state, sighting);
}

const struct detector detector_path_guessing = {
    .name = "path-guessing",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_HTTP_REQUEST | 1 << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_HTTP_REQUEST | TRAIT_REFUSAL | TRAIT_AWAITED,
    .revision = 1,
    .open = paths_open,
    .close = desk_close,
    .see = paths_see,
    .memory = desk_memory,
};
