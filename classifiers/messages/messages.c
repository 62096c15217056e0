#include "classifiers/messages/messages.h"

#include "classifiers/appid.h"
#include "classifiers/messages/messages_parts.h"
#include "sensor/frame.h"

/* No reader for what a flow speaks. */
#define NO_READER UINT8_MAX

/*
 * Readers that look no further than this many segments of both ends.  A login
 * is over within a dozen (MySQL's longest is nine packets, SCRAM's eight); who
 * tries passwords on one connection without end goes on being read, for each
 * outcome sets the count back.
 */
#define LOGIN_LOOKS 32
#define HELLO_LOOKS 12

#define BIT(kind) (1U << (kind))

static const struct {
	enum application application;
	message_reader *read;
	uint32_t says; /* bits of kinds */
	uint8_t looks; /* at most; 0: without end */
} readers[] = {
    {APPLICATION_DNS, message_dns,
	BIT(MESSAGE_DNS_QUESTION) | BIT(MESSAGE_DNS_ANSWER), 0},
    {APPLICATION_HTTP, message_http,
	BIT(MESSAGE_HTTP_REQUEST) | BIT(MESSAGE_HTTP_RESPONSE), 0},
    {APPLICATION_DOCKER, message_http,
	BIT(MESSAGE_HTTP_REQUEST) | BIT(MESSAGE_HTTP_RESPONSE), 0},
    {APPLICATION_ELASTICSEARCH, message_http,
	BIT(MESSAGE_HTTP_REQUEST) | BIT(MESSAGE_HTTP_RESPONSE), 0},
    {APPLICATION_TLS, message_tls, BIT(MESSAGE_TLS), HELLO_LOOKS},
    {APPLICATION_SSH, message_ssh, BIT(MESSAGE_BANNER), HELLO_LOOKS},
    {APPLICATION_POSTGRESQL, message_postgresql, BIT(MESSAGE_AUTHENTICATION),
	LOGIN_LOOKS},
    {APPLICATION_MYSQL, message_mysql,
	BIT(MESSAGE_AUTHENTICATION) | BIT(MESSAGE_BANNER), LOGIN_LOOKS},
    {APPLICATION_REDIS, message_redis, BIT(MESSAGE_AUTHENTICATION), 0},
    {APPLICATION_LDAP, message_ldap, BIT(MESSAGE_AUTHENTICATION), 0},
    {APPLICATION_AMQP, message_amqp, BIT(MESSAGE_AUTHENTICATION), LOGIN_LOOKS},
    {APPLICATION_MONGODB, message_mongodb, BIT(MESSAGE_AUTHENTICATION),
	LOGIN_LOOKS},
    {APPLICATION_SMTP, message_smtp,
	BIT(MESSAGE_AUTHENTICATION) | BIT(MESSAGE_BANNER), LOGIN_LOOKS},
    {APPLICATION_IMAP, message_imap,
	BIT(MESSAGE_AUTHENTICATION) | BIT(MESSAGE_BANNER), LOGIN_LOOKS},
    {APPLICATION_POP3, message_pop3,
	BIT(MESSAGE_AUTHENTICATION) | BIT(MESSAGE_BANNER), LOGIN_LOOKS},
    {APPLICATION_FTP, message_ftp,
	BIT(MESSAGE_AUTHENTICATION) | BIT(MESSAGE_BANNER), LOGIN_LOOKS},
    {APPLICATION_MQTT, message_mqtt, BIT(MESSAGE_AUTHENTICATION), HELLO_LOOKS},
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

void
message_say(const struct segment_view *view, enum message_kind kind,
    uint32_t code, uint32_t at, uint32_t length)
{
	message_say_with(view, kind, code, UINT32_MAX, at, length);
}

void
message_say_with(const struct segment_view *view, enum message_kind kind,
    uint32_t code, uint32_t traits, uint32_t at, uint32_t length)
{
	uint32_t here = view->size - at;
	struct message message = {
	    .kind = kind,
	    .from_client = view->from_client,
	    .code = code,
	    .lacks = ~traits,
	    .octets = view->octets + at,
	    .length = length,
	};

	if ((view->taker->wanted & BIT(kind)) == 0)
		return;
	message.size = here < length ? here : length;
	if (message.size > MESSAGE_MAXIMUM)
		message.size = MESSAGE_MAXIMUM;
	if (kind == MESSAGE_AUTHENTICATION) {
		message.name = view->note->name;
		message.credential = view->note->credential;
		view->note->looks = 0;
	}
	view->taker->take(&message, view->taker->context);
}

/* --- which reader --------------------------------------------------------- */

static uint8_t
reader_of(const struct appid *appid, uint32_t wanted)
{
	for (size_t i = 0; i < READERS; i++)
		if (readers[i].application == appid->application)
			return (readers[i].says & wanted) != 0
				   ? (uint8_t)(i + 1)
				   : NO_READER;
	return NO_READER;
}

/*
 * What runs inside TLS shows its handshake and nothing else, whatever a name or
 * a mesh tells of it.
 */
static bool
is_in_tls(const struct appid *appid)
{
	return appid->carrier == APPLICATION_TLS ||
	       appid->carrier == APPLICATION_MESH ||
	       appid->application == APPLICATION_MESH;
}

static void
choose_reader(struct message_note *note, const struct message_taker *taker,
    const struct appid_flow *state)
{
	struct appid appid = state->result;

	if (appid.confidence != APP_DPI) {
		if (state->final)
			note->reader = NO_READER;
		return;
	}
	if (is_in_tls(&appid))
		appid.application = APPLICATION_TLS;
	note->reader = reader_of(&appid, taker->wanted);
}

static void
read_segment(const struct segment_view *view)
{
	struct message_note *note = view->note;
	size_t index = note->reader - 1U;

	if (readers[index].looks != 0 && ++note->looks > readers[index].looks) {
		note->over = true;
		return;
	}
	readers[index].read(view);
}

/* --- openings and echoes -------------------------------------------------- */

static void
say_opening(const struct segment_view *view, const struct appid_flow *appid)
{
	uint8_t bit = view->from_client ? 1 : 2;

	if ((view->note->opened & bit) != 0)
		return;
	view->note->opened |= bit;
	if (appid->result.confidence != APP_DPI)
		message_say(view, MESSAGE_OPENING, 0, 0, view->length);
}

/*
 * Echo and echo reply (RFC 792, RFC 4443 section 4).  Many say nothing in a
 * ping that says the same in all, so each is handed over.
 */
static void
read_echo(const struct segment_view *view, const struct frame *frame)
{
	bool v4 = frame->key.protocol == PROTOCOL_ICMP;

	if (frame->icmp_type == (v4 ? 8 : 128))
		message_say(view, MESSAGE_ECHO, 0, 0, view->length);
	else if (frame->icmp_type == (v4 ? 0 : 129))
		message_say(view, MESSAGE_ECHO, 1, 0, view->length);
}

/* --- frames --------------------------------------------------------------- */

/*
 * Of the first octets of a segment.  It is no secret: who knows which octets
 * come to the same can send one of four milliards unseen.
 */
static uint32_t
digest_of(const uint8_t *octets, uint32_t size)
{
	uint64_t digest = size, word;

	for (uint32_t at = 0; at + sizeof(word) <= size; at += 8) {
		memcpy(&word, octets + at, sizeof(word));
		digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		digest ^= digest >> 29;
	}
	return (uint32_t)(digest >> 32 ^ digest);
}

/* Whole words of what is compared; 0 where it is too short to tell a probe of
 * keep-alive, whose octet is anything, from data. */
static uint8_t
digested_of(const struct frame *frame)
{
	uint32_t size = frame->payload_captured;

	return (
	    uint8_t)((size < MESSAGE_DIGESTED ? size : MESSAGE_DIGESTED) & ~7U);
}

/*
 * A receiver takes what came first, or what came last, or what the sensor never
 * saw refused (Ptacek and Newsham: "Insertion, Evasion, and Denial of Service",
 * 1998): who sends two things in one place, or answers before the server does,
 * means to deceive one who reads along.  A sound sender repeats the same.
 */
static void
compare_again(
    const struct segment_view *view, const struct frame *frame, int direction)
{
	const struct message_note *note = view->note;
	uint8_t digested = note->digested[direction];

	if (digested == 0 || frame->tcp_sequence != note->from[direction] ||
	    frame->payload_captured < digested ||
	    digest_of(frame->payload, digested) == note->digest[direction])
		return;
	message_say(view, MESSAGE_OVERLAP, 0, 0, view->length);
}

static void
note_segment(
    struct message_note *note, const struct frame *frame, int direction)
{
	uint8_t digested = digested_of(frame);

	note->from[direction] = frame->tcp_sequence;
	note->digested[direction] = digested;
	if (digested > 0)
		note->digest[direction] = digest_of(frame->payload, digested);
}

/*
 * Whether a segment begins where or after the last one ended: what was sent
 * again is not a message more.  A segment that overtook another is lost here.
 */
static bool
goes_on(struct message_note *note, const struct frame *frame, int direction)
{
	uint8_t bit = (uint8_t)(1 << direction);
	uint32_t next = frame->tcp_sequence + frame->payload_length;

	if ((note->begun & bit) != 0 &&
	    (int32_t)(frame->tcp_sequence - note->next[direction]) < 0)
		return false;
	note->begun |= bit;
	note->next[direction] = next;
	return true;
}

static bool
is_icmp(const struct frame *frame)
{
	return frame->key.protocol == PROTOCOL_ICMP ||
	       frame->key.protocol == PROTOCOL_ICMPV6;
}

void
messages_frame(struct message_note *note, const struct message_taker *taker,
    const struct appid_flow *appid, const struct frame *frame, bool from_client)
{
	const struct segment_view view = {
	    .note = note,
	    .taker = taker,
	    .octets = frame->payload,
	    .size = frame->payload_captured,
	    .length = frame->payload_length,
	    .from_client = from_client,
	    .stream = frame->key.protocol == PROTOCOL_TCP,
	};

	int direction = from_client ? 0 : 1;

	if (view.size == 0)
		return;
	if (is_icmp(frame)) {
		read_echo(&view, frame);
		return;
	}
	if (view.stream && !goes_on(note, frame, direction)) {
		compare_again(&view, frame, direction);
		return;
	}
	if (view.stream && (taker->wanted & BIT(MESSAGE_OVERLAP)) != 0)
		note_segment(note, frame, direction);
	say_opening(&view, appid);
	if (note->reader == 0)
		choose_reader(note, taker, appid);
	if (note->reader == NO_READER)
		note->over =
		    note->opened == 3 || appid->result.confidence == APP_DPI;
	else if (note->reader != 0)
		read_segment(&view);
}
