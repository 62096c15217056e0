/*
 * shells -- a shell at the wrong end of a connection.
 *
 * Idea: a reverse shell is opened by the victim and used by the server; a bind
 * shell listens.  Shells greet and prompt, people begin with `id`, and the talk
 * has the rhythm of a person: short lines one way, longer answers the other,
 * and time to think.
 *
 * Formula: of flows of TCP whose application nobody recognised, and of UDP once
 * both ends have spoken, the first payload of each end (shell_text.h):
 *   reverse   the client sends a prompt, a shell's greeting, or what a first
 *             command prints; or the server spoke first, sent such a command,
 *             and the client answered
 *   bind      the server sends a prompt or greeting; or the client sent such a
 *             command and the server what it prints, or repeats it as terminals
 *             do
 *   rhythm    TCP: the server spoke first, payload changed sides `turns` times
 *             or more in `seconds` or more, its packets hold 60 octets on
 *             average or less, the client sent more than it got, no faster
 *             than 4 turns a second, and no model allows the flow
 *
 * Thresholds: a prompt is enough.  8 turns: four commands.  60 octets: commands
 * that people type are 5 to 40 characters long.  4 turns a second: nobody types
 * two commands a second.
 *
 * ATT&CK: T1059.004 (Unix shell), T1571 where it uses another's port.
 *
 * Still gets through: shells inside TLS, HTTP or DNS (of which beacons and
 * tunnels are seen); a first command that is none of the list, typed without a
 * prompt, in a short talk.  Reported wrongly: consoles of devices that somebody
 * reaches by plain TCP from outside: tell the model of it, or switch it off.
 */
#include <string.h>

#include "classifiers/detectors/attempt.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/shell/shell_text.h"

#define SIGNATURE_REVERSE 2085
#define SIGNATURE_BIND    2086
#define SIGNATURE_RHYTHM  2087

/* IP and TCP headers with the usual options (RFC 7323). */
#define HEADER_OCTETS 52
#define LINE_OCTETS   60

enum setting { TURNS, SECONDS };

static const struct detector_setting settings[] = {
    {"turns", "turns", 8, 4, 1e6,
	"that a talk of a person's rhythm has at least", "a judgement"},
    {"seconds", "s", 10, 2, 86400, "that it lasts at least", "a judgement"},
};

enum {
	SPOKE_CLIENT = 1,
	SPOKE_SERVER = 2,
	SAID_PROMPT = 4, /* what follows: by the client; shifted: the server */
	SAID_COMMAND = 8,
	SAID_RESULT = 16,
	SERVER_SHIFT = 3,
	SERVER_FIRST = 256,
	BY_TERMINAL = 512, /* the client's line ends in \n alone */
};

/* Of a flow while it lasts. */
struct known {
	uint64_t bits;
	uint64_t turns, packets[2], octets[2];
	int64_t first_ns;
	struct pace pace;
	char example[80];
};

static void *
shell_open(struct detector_host *host)
{
	return desk_open(host, 8192, 1024, sizeof(struct known));
}

static uint64_t
key_of(const struct sighting *sighting)
{
	return memory_key(
	    sighting->client.instance, attempt_identity(sighting->flow));
}

static struct known *
known_of(struct desk *desk, const struct sighting *sighting, bool make)
{
	enum memory_class class = desk_class(
	    sighting->client.inside ? &sighting->client : &sighting->server);
	uint64_t key = key_of(sighting);

	return make ? memory_get(desk->memory, class, key, NULL)
		    : memory_find(desk->memory, class, key);
}

static void
keep_example(struct known *known, const struct message *message)
{
	size_t to = 0;

	for (size_t i = 0; i < message->size && to + 1 < sizeof(known->example);
	     i++) {
		uint8_t c = message->octets[i];

		known->example[to++] = c >= ' ' && c < 127 ? (char)c : ' ';
	}
	known->example[to] = '\0';
}

/* --- saying it ------------------------------------------------------------ */

static void
say(struct desk *desk, struct known *known, const struct sighting *sighting,
    uint32_t signature, uint8_t confidence)
{
	bool bind = signature == SIGNATURE_BIND;
	const struct sighted_end *victim =
	    bind ? &sighting->server : &sighting->client;
	const struct sighted_end *user =
	    bind ? &sighting->client : &sighting->server;
	struct anomaly anomaly = {.signature = signature,
	    .subject = victim,
	    .object = user,
	    .confidence = confidence,
	    .names_flow = true,
	    .silent_if = "no prompt, no command and another rhythm"};

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	if (signature == SIGNATURE_RHYTHM)
		text_format(&desk->sentence,
		    "%s opened a connection over which %s commands it, by its "
		    "rhythm",
		    victim->name, user->name);
	else
		text_format(&desk->sentence,
		    bind ? "%s gives a shell to %s, which connected to it"
			 : "%s gives a shell to %s, to which it connected",
		    victim->name, user->name);
	json_put_string(&desk->json, "example",
	    known->example[0] == '\0' ? NULL : known->example);
	json_put_int(&desk->json, "port", sighting->port);
	if (known->turns > 0)
		json_put_int(&desk->json, "turns", (int64_t)known->turns);
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* --- words ---------------------------------------------------------------- */

static uint64_t
bits_of(enum shell_text said)
{
	switch (said) {
	case SHELL_NOTHING:
		return 0;
	case SHELL_PROMPT:
		return SAID_PROMPT;
	case SHELL_COMMAND:
		return SAID_COMMAND;
	case SHELL_RESULT:
		break;
	}
	return SAID_RESULT;
}

/* What both openings come to: a signature with how sure it is, or 0. */
static uint32_t
judge_words(uint64_t bits, uint8_t *confidence)
{
	uint64_t client = bits & (SAID_PROMPT | SAID_COMMAND | SAID_RESULT);
	uint64_t server =
	    bits >> SERVER_SHIFT & (SAID_PROMPT | SAID_COMMAND | SAID_RESULT);
	bool both = (bits & SPOKE_CLIENT) != 0 && (bits & SPOKE_SERVER) != 0;

	*confidence = 95;
	if ((client & SAID_PROMPT) != 0 ||
	    ((client & SAID_RESULT) != 0 && (bits & SERVER_FIRST) != 0))
		return SIGNATURE_REVERSE;
	if ((server & SAID_PROMPT) != 0 ||
	    ((server & SAID_RESULT) != 0 && (client & SAID_COMMAND) != 0))
		return SIGNATURE_BIND;
	*confidence = 80;
	if ((server & SAID_COMMAND) != 0 && both && (bits & SERVER_FIRST) != 0)
		return SIGNATURE_REVERSE;
	return 0;
}

/* As a line does that netcat sends. */
static bool
ends_plainly(const struct message *message)
{
	const uint8_t *end = memchr(message->octets, '\n', message->size);

	return end != NULL && end > message->octets && end[-1] != '\r';
}

/*
 * A terminal repeats what is typed, with the carriage return that was not
 * (POSIX, termios: ECHO and ONLCR); who just repeats octets does not.
 */
static bool
is_echo(const struct known *known, const struct message *message)
{
	size_t size = strlen(known->example);

	while (size > 0 && known->example[size - 1] == ' ')
		size--;
	return (known->bits & BY_TERMINAL) != 0 && size > 0 &&
	       message->size > size && message->octets[size] == '\r' &&
	       memcmp(message->octets, known->example, size) == 0;
}

/* One datagram proves nobody: it may be forged, or a line of a log. */
static bool
may_be_shell(const struct known *known, const struct sighting *sighting)
{
	uint64_t both = SPOKE_CLIENT | SPOKE_SERVER;

	return sighting->flow->protocol == PROTOCOL_TCP ||
	       (known->bits & both) == both;
}

static void
see_opening(struct desk *desk, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	uint64_t said =
	    bits_of(shell_text_read(message->octets, message->size));
	/* Of datagrams' flows, which are many, those with a word are kept. */
	struct known *known = known_of(desk, sighting,
	    said != 0 || sighting->flow->protocol == PROTOCOL_TCP);
	uint32_t signature;
	uint8_t confidence;

	if (known == NULL)
		return;
	if (message->from_client) {
		known->bits |= SPOKE_CLIENT | said;
		if (said == SAID_COMMAND && ends_plainly(message))
			known->bits |= BY_TERMINAL;
	} else {
		if (is_echo(known, message))
			said = SAID_RESULT;
		if ((known->bits & SPOKE_CLIENT) == 0)
			known->bits |= SERVER_FIRST;
		known->bits |= SPOKE_SERVER | said << SERVER_SHIFT;
	}
	if (known->first_ns == 0)
		known->first_ns = sighting->then.ns;
	if (said != 0)
		keep_example(known, message);
	signature = judge_words(known->bits, &confidence);
	if (signature != 0 && may_be_shell(known, sighting))
		say(desk, known, sighting, signature, confidence);
}

/* --- rhythm --------------------------------------------------------------- */

static bool
has_rhythm(struct desk *desk, const struct known *known,
    const struct sighting *sighting)
{
	double seconds =
	    (double)instant_since(sighting->flow->last, sighting->flow->first) /
	    (double)NS_PER_SECOND;

	return (known->bits & SERVER_FIRST) != 0 &&
	       sighting->client.party->attribution == ATTRIBUTION_EXACT &&
	       sighting->appid.confidence != APP_DPI &&
	       sighting->verdict != VERDICT_ALLOWED && known->packets[1] > 0 &&
	       (double)known->turns >=
		   detector_setting(desk->host, TURNS, sighting) &&
	       seconds >= detector_setting(desk->host, SECONDS, sighting) &&
	       (double)known->turns < 4 * seconds &&
	       known->octets[1] <= LINE_OCTETS * known->packets[1] &&
	       known->octets[0] > known->octets[1];
}

/* Octets of payload, about: acknowledgements have none. */
static uint64_t
payload_of(const struct sighted_amount *amount, int end)
{
	uint64_t headers = HEADER_OCTETS * amount->packets[end];

	return amount->octets[end] > headers ? amount->octets[end] - headers
					     : 0;
}

/* All that it ever sent is in this amount, and none of it has payload: then
 * there was no opening. */
static bool
has_said_nothing(const struct sighting *sighting)
{
	const struct sighted_amount *amount = &sighting->amount;
	const struct flow *flow = sighting->flow;

	return (amount->payloads[0] | amount->payloads[1]) == 0 &&
	       amount->packets[0] + amount->packets[1] ==
		   flow->packets[0] + flow->packets[1];
}

static void
see_amount(struct desk *desk, const struct sighting *sighting)
{
	struct known *known;

	/* Mostly there was no opening, of anybody. */
	if (memory_counts(desk->memory).held == 0 || has_said_nothing(sighting))
		return;
	known = known_of(desk, sighting, false);
	if (known == NULL)
		return;
	known->turns += sighting->amount.turns;
	for (int end = 0; end < 2; end++) {
		known->packets[end] += sighting->amount.payloads[end];
		known->octets[end] += payload_of(&sighting->amount, end);
	}
	if (known->pace.said_ns == 0 && sighting->judged &&
	    has_rhythm(desk, known, sighting))
		say(desk, known, sighting, SIGNATURE_RHYTHM, 60);
	if (sighting->kind == SIGHTED_END)
		memory_drop(desk->memory,
		    desk_class(sighting->client.inside ? &sighting->client
						       : &sighting->server),
		    key_of(sighting));
}

static void
shell_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;

	if (detector_is_off(desk->host, sighting))
		return;
	if (sighting->kind == SIGHTED_MESSAGE)
		see_opening(desk, sighting);
	else
		see_amount(desk, sighting);
}

const struct detector detector_shells = {
    .name = "shells",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_TCP,
    .kinds = 1 << SIGHTED_MESSAGE | 1 << SIGHTED_PROGRESS | 1 << SIGHTED_END,
    .messages = 1 << MESSAGE_OPENING,
    .revision = 2,
    .open = shell_open,
    .close = desk_close,
    .see = shell_see,
    .memory = desk_memory,
};
