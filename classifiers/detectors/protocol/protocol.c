/*
 * protocols -- messages that no sound program sends, or no longer should.
 *
 * Idea and formula, each a thing of one message:
 *   ssh 1        the banner names a version below 1.99 (RFC 4253, 5.1): a
 *                protocol that can be read along since 2001
 *   sslv3        the server chose version 3.0 (forbidden by RFC 7568)
 *   sslv2        the first payload is a client's hello of SSL 2 that offers
 *                nothing newer (forbidden by RFC 6176)
 *   heartbleed   a heartbeat request that says it holds at least 1024 octets
 *                more than its record (CVE-2014-0160; RFC 6520, 4 wants such
 *                records dropped; the margin is NeuVector's)
 *   smuggling    two lengths of one HTTP request that differ, a length beside
 *                `Transfer-Encoding`, a coding that is `chunked` only to some,
 *                a space before the colon, a negative length, a folded line
 *                (RFC 9112, 5.1, 5.2, 6.1, 6.3: all of them errors)
 *   dns loop     a name whose pointer does not lead backwards (RFC 1035, 4.1.4
 *                knows prior occurrences only); also in what DNS's port is
 *                sent and nobody takes for DNS, as a question that is nothing
 *                but a pointer
 *
 *   overlap      a TCP segment that begins where the one before did and says
 *                something else (its first 64 octets, whole words of them):
 *                insertion, to show a reader another request than the server
 *                (Ptacek and Newsham, 1998), or an answer that is forged by who
 *                reads along and is faster than the server
 *
 * Thresholds: one message.
 *
 * Spoofing: whoever sees the connection can insert into it: the end in whose
 * name it was sent is named, and the sentence cannot say who it was.
 *
 * ATT&CK: T1557 for overlaps; T1190 for heartbleed, smuggling and loops; T1040
 * (sniffing) is what the old versions invite; those are of low severity.
 *
 * Still gets through: a heartbeat inside encryption, or one in the open that
 * is padded; requests whose headers are
 * divided over segments; segments that overlap others than the last, or begin
 * elsewhere; overlapping fragments: their receiver drops the datagram (RFC
 * 5722, Linux for IPv4 too), so do we, and count it.  SYNs with data are
 * ordinary (TCP Fast Open).
 */
#include <string.h>
#include <strings.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_query.h"
#include "classifiers/detectors/http/http_framing.h"
#include "classifiers/detectors/http/http_head.h"

#define SIGNATURE_SSH1       2100
#define SIGNATURE_SSL2       2101
#define SIGNATURE_SSL3       2102
#define SIGNATURE_HEARTBLEED 2104
#define SIGNATURE_SMUGGLING  2105
#define SIGNATURE_DNS_LOOP   2106
#define SIGNATURE_OVERLAP    2107

/* Of MESSAGE_TLS. */
#define TLS_SERVER_HELLO 2
#define TLS_HEARTBEAT    24

#define HEARTBLEED_MARGIN 1024

/* Octets of an encrypted heartbeat at least: 3, 16 of padding (RFC 6520, 4), 16
 * to know that it is sound.  What is shorter is in the open. */
#define HEARTBEAT_LEAST 35

#define DNS_PORT    53
#define DNS_NAME_AT 12 /* of the first question */

struct known {
	uint64_t messages;
	struct pace pace;
};

static void *
protocol_open(struct detector_host *host)
{
	return desk_open(host, 2048, 2048, sizeof(struct known));
}

struct verdict_of_message {
	uint32_t signature; /* 0: nothing wrong */
	uint8_t confidence;
	const char *what;
	bool by_server;
};

/* --- each protocol -------------------------------------------------------- */

static struct verdict_of_message
judge_banner(const struct message *message)
{
	const uint8_t *octets = message->octets;

	/*
	 * 1.99 is a server of version 2 that speaks 1 too (RFC 4253, 5.1).
	 * Where both speak version 1 it is one thing, and the server's to end.
	 */
	if (message->from_client || message->size < 7 ||
	    memcmp(octets, "SSH-1.", 6) != 0 ||
	    (message->size >= 9 && memcmp(octets, "SSH-1.99-", 9) == 0))
		return (struct verdict_of_message){0};
	return (struct verdict_of_message){
	    SIGNATURE_SSH1, 95, "speaks version 1 of SSH", true};
}

static struct verdict_of_message
judge_tls(const struct message *message)
{
	const uint8_t *octets = message->octets;

	if (message->code == TLS_SERVER_HELLO && message->size >= 6 &&
	    !message->from_client && octets[4] == 3 && octets[5] == 0)
		return (struct verdict_of_message){
		    SIGNATURE_SSL3, 95, "chose version 3.0 of SSL", true};
	if (message->code == TLS_HEARTBEAT && message->size >= 3 &&
	    message->length < HEARTBEAT_LEAST && octets[0] == 1 &&
	    (octets[1] << 8 | octets[2]) >=
		(int)message->length - 3 + HEARTBLEED_MARGIN)
		return (struct verdict_of_message){SIGNATURE_HEARTBLEED, 92,
		    "asks for memory by a heartbeat (Heartbleed)",
		    !message->from_client};
	return (struct verdict_of_message){0};
}

/* Two octets of length, CLIENT-HELLO, version 0.2, and three lengths that fill
 * it: ciphers of 3 octets each, a session of 0 or 16, a challenge of 16 to 32
 * (the SSL protocol, version 2, 2.5). */
static struct verdict_of_message
judge_opening(const struct message *message)
{
	const uint8_t *octets = message->octets;
	uint32_t length, ciphers, session, challenge;

	if (message->size < 11 || (octets[0] & 0x80) == 0 || octets[2] != 1 ||
	    octets[3] != 0 || octets[4] != 2)
		return (struct verdict_of_message){0};
	length = (uint32_t)(octets[0] & 0x7f) << 8 | octets[1];
	ciphers = (uint32_t)octets[5] << 8 | octets[6];
	session = (uint32_t)octets[7] << 8 | octets[8];
	challenge = (uint32_t)octets[9] << 8 | octets[10];
	if (ciphers % 3 != 0 || length != 9 + ciphers + session + challenge ||
	    challenge < 16 || challenge > 32)
		return (struct verdict_of_message){0};
	return (struct verdict_of_message){
	    SIGNATURE_SSL2, 90, "offers version 2 of SSL alone", false};
}

static struct verdict_of_message
judge_request(struct detector_host *host, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	const char *fault = NULL;

	if (detector_request(host, sighting)->frames)
		fault = http_framing_fault(message->octets, message->size);
	if (fault == NULL)
		return (struct verdict_of_message){0};
	return (struct verdict_of_message){
	    SIGNATURE_SMUGGLING, 82, fault, false};
}

static struct verdict_of_message
judge_dns(const struct message *message)
{
	struct dns_query query;

	dns_query_read(message->octets, message->size, &query);
	if (query.fault != DNS_LOOP)
		return (struct verdict_of_message){0};
	return (struct verdict_of_message){SIGNATURE_DNS_LOOP, 90,
	    "sends DNS names that lead in a circle", !message->from_client};
}

/*
 * A question (RFC 1035, 4.1.1: no response, of the kind QUERY, one question)
 * whose name is a pointer from its first octet on: nothing is before it.
 */
static struct verdict_of_message
judge_opening_of_dns(const struct message *message, bool stream)
{
	struct message inner = *message;
	uint32_t prefix = stream ? 2 : 0;

	if (message->size < prefix + DNS_NAME_AT + 6)
		return (struct verdict_of_message){0};
	inner.kind = MESSAGE_DNS_QUESTION;
	inner.octets += prefix;
	inner.size -= prefix;
	inner.length -= prefix;
	if ((inner.octets[2] & 0xf8) != 0 || inner.octets[4] != 0 ||
	    inner.octets[5] != 1)
		return (struct verdict_of_message){0};
	return judge_dns(&inner);
}

static struct verdict_of_message
judge_overlap(const struct message *message)
{
	return (struct verdict_of_message){SIGNATURE_OVERLAP, 75,
	    "sends segments that say two things in one place",
	    !message->from_client};
}

static struct verdict_of_message
judge_message(struct detector_host *host, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;

	switch (message->kind) {
	case MESSAGE_BANNER:
		return judge_banner(message);
	case MESSAGE_TLS:
		return judge_tls(message);
	case MESSAGE_OPENING:
		if (sighting->port == DNS_PORT && message->from_client)
			return judge_opening_of_dns(
			    message, sighting->flow->protocol == PROTOCOL_TCP);
		return judge_opening(message);
	case MESSAGE_HTTP_REQUEST:
		return judge_request(host, sighting);
	case MESSAGE_DNS_QUESTION:
	case MESSAGE_DNS_ANSWER:
		return judge_dns(message);
	case MESSAGE_OVERLAP:
		return judge_overlap(message);
	case MESSAGE_HTTP_RESPONSE:
	case MESSAGE_AUTHENTICATION:
	case MESSAGE_ECHO:
	case MESSAGE_RISKS:
	case MESSAGE_KINDS:
		break;
	}
	return (struct verdict_of_message){0};
}

/* --- saying it ------------------------------------------------------------ */

static void
protocol_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	struct verdict_of_message verdict;
	struct anomaly anomaly = {
	    .silent_if = "a message that keeps to its protocol's present form"};
	struct known *known;

	if (detector_is_off(desk->host, sighting))
		return;
	verdict = judge_message(desk->host, sighting);
	if (verdict.signature == 0)
		return;
	anomaly.signature = verdict.signature;
	anomaly.confidence = verdict.confidence;
	anomaly.subject =
	    verdict.by_server ? &sighting->server : &sighting->client;
	anomaly.object =
	    verdict.by_server ? &sighting->client : &sighting->server;
	known = memory_get(desk->memory, desk_class(anomaly.subject),
	    memory_key(memory_key(anomaly.subject->key, anomaly.object->key),
		verdict.signature),
	    NULL);
	known->messages++;
	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence, "%s %s, to %s", anomaly.subject->name,
	    verdict.what, anomaly.object->name);
	json_put_int(&desk->json, "messages", (int64_t)known->messages);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

const struct detector detector_protocols = {
    .name = "protocols",
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_BANNER | 1 << MESSAGE_TLS | 1 << MESSAGE_OPENING |
		1 << MESSAGE_HTTP_REQUEST | 1 << MESSAGE_DNS_QUESTION |
		1 << MESSAGE_DNS_ANSWER | 1 << MESSAGE_OVERLAP,
    .traits = TRAIT_ODD_POINTER | TRAIT_ODD_LENGTH,
    .revision = 1,
    .open = protocol_open,
    .close = desk_close,
    .see = protocol_see,
    .memory = desk_memory,
};
