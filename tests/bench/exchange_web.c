/*
 * What a service says to another: DNS, HTTP/1.1, HTTP/2 with and without gRPC,
 * TLS 1.3.
 */
#include "tests/bench/exchange.h"

#include <string.h>

#include "tests/bench/random.h"
#include "tests/bench/script.h"

/* A round's largest reply with room for what surrounds it. */
#define BODY_MAXIMUM 5000
#define ROUND_ROOM   (BODY_MAXIMUM + 2000)

/* --- DNS: RFC 1035, 4; AAAA: RFC 3596 ------------------------------------- */

enum { TYPE_A = 1, TYPE_AAAA = 28, CLASS_IN = 1 };

static void
dns_name(struct script *script, const char *name)
{
	while (*name != '\0') {
		size_t size = strcspn(name, ".");

		script_u8(script, (unsigned)size);
		script_add(script, name, size);
		name += size;
		name += *name == '.';
	}
	script_u8(script, 0);
}

static void
dns_message(struct script *script, unsigned identifier, const char *name,
    unsigned type, bool response)
{
	bool answered = response && type == TYPE_A;

	script_speak(script, response);
	script_be16(script, identifier);
	script_be16(script, response ? 0x8580 : 0x0100);
	script_be16(script, 1);
	script_be16(script, answered ? 1 : 0);
	script_be32(script, 0);
	dns_name(script, name);
	script_be16(script, type);
	script_be16(script, CLASS_IN);
	if (!answered)
		return;
	script_be16(script, 0xc00c); /* the name of the question */
	script_be16(script, TYPE_A);
	script_be16(script, CLASS_IN);
	script_be32(script, 30);
	script_be16(script, 4);
	script_be32(script, 0x0a2b0010);
}

/* As glibc asks: both families at once from one port. */
void
exchange_dns(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	unsigned identifier = random_below(random, 0x10000);

	(void)rounds;
	script->datagrams = true;
	dns_message(script, identifier, server, TYPE_A, false);
	dns_message(script, identifier ^ 0x5a5a, server, TYPE_AAAA, false);
	dns_message(script, identifier, server, TYPE_A, true);
	dns_message(script, identifier ^ 0x5a5a, server, TYPE_AAAA, true);
}

/* --- HTTP/1.1: RFC 9112 --------------------------------------------------- */

static void
add_json(struct script *script, struct random *random, size_t size)
{
	static const char filler[] = "{\"item\": 7, \"name\": \"marigold\", "
				     "\"in stock\": true, \"price\": 12.50},\n";

	while (size > 0) {
		size_t at = random_below(random, sizeof(filler) - 1);
		size_t part = sizeof(filler) - 1 - at;

		if (part > size)
			part = size;
		script_add(script, filler + at, part);
		size -= part;
	}
}

void
exchange_http(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	static const char *const methods[] = {"GET", "GET", "GET", "POST"};

	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		const char *method = methods[random_below(random, 4)];
		size_t sent =
		    *method == 'P' ? random_between(random, 20, 900) : 0;
		size_t got = random_between(random, 40, 400);

		if (random_below(random, 8) == 0)
			got = random_between(random, 1000, BODY_MAXIMUM);
		script_speak(script, false);
		script_text(script,
		    "%s /v1/items/%u HTTP/1.1\r\nHost: %s:8080\r\n"
		    "User-Agent: garden/2.1\r\nAccept: application/json\r\n"
		    "X-Request-Id: %08x\r\nContent-Length: %zu\r\n\r\n",
		    method, random_below(random, 100000), server,
		    random_below(random, UINT32_MAX), sent);
		add_json(script, random, sent);
		script_speak(script, true);
		script_text(script,
		    "HTTP/1.1 %s\r\nServer: garden\r\nContent-Type: "
		    "application/json\r\nContent-Length: %zu\r\n\r\n",
		    random_below(random, 20) == 0 ? "404 Not Found" : "200 OK",
		    got);
		add_json(script, random, got);
	}
}

/* --- HTTP/2: RFC 9113; HPACK: RFC 7541; gRPC: "gRPC over HTTP2" ----------- */

enum {
	FRAME_DATA = 0,
	FRAME_HEADERS = 1,
	FRAME_SETTINGS = 4,
	FRAME_WINDOW_UPDATE = 8,
	END_STREAM = 0x1,
	END_HEADERS = 0x4,
	/* rows of HPACK's static table, to be added to the dynamic one */
	INDEX_AUTHORITY = 0x41,
	INDEX_PATH = 0x44,
	INDEX_CONTENT_TYPE = 0x5f,
	/* rows of it that are whole fields */
	FIELD_POST = 0x83,
	FIELD_HTTP = 0x86,
	FIELD_STATUS_200 = 0x88,
};

static size_t
frame_begin(
    struct script *script, unsigned type, unsigned flags, uint32_t stream)
{
	size_t mark = script_mark(script);

	script_be24(script, 0);
	script_u8(script, type);
	script_u8(script, flags);
	script_be32(script, stream);
	return mark;
}

static void
frame_end(struct script *script, size_t mark)
{
	script_patch_be24(script, mark, script_mark(script) - mark - 9);
}

static void
hpack_field(struct script *script, unsigned index, const char *value)
{
	script_u8(script, index);
	script_u8(script, (unsigned)strlen(value));
	script_add(script, value, strlen(value));
}

static void
hpack_named(struct script *script, const char *name, const char *value)
{
	script_u8(script, 0x40);
	script_u8(script, (unsigned)strlen(name));
	script_add(script, name, strlen(name));
	script_u8(script, (unsigned)strlen(value));
	script_add(script, value, strlen(value));
}

/* One message in a DATA frame; gRPC puts a flag and a length before it. */
static void
http2_data(struct script *script, struct random *random, uint32_t stream,
    size_t size, bool last, bool grpc)
{
	size_t mark =
	    frame_begin(script, FRAME_DATA, last ? END_STREAM : 0, stream);

	if (grpc) {
		script_u8(script, 0);
		script_be32(script, (uint32_t)size);
		script_noise(script, random, size);
	} else {
		add_json(script, random, size);
	}
	frame_end(script, mark);
}

static void
http2_request(struct script *script, struct random *random, uint32_t stream,
    const char *server, bool grpc)
{
	size_t mark = frame_begin(script, FRAME_HEADERS, END_HEADERS, stream);

	script_u8(script, FIELD_POST);
	script_u8(script, FIELD_HTTP);
	hpack_field(script, INDEX_PATH,
	    grpc ? "/garden.v1.Beds/Water" : "/v1/beds/water");
	hpack_field(script, INDEX_AUTHORITY, server);
	hpack_field(script, INDEX_CONTENT_TYPE,
	    grpc ? "application/grpc" : "application/json");
	if (grpc)
		hpack_named(script, "te", "trailers");
	frame_end(script, mark);
	http2_data(script, random, stream, random_between(random, 10, 300),
	    true, grpc);
}

static void
http2_response(
    struct script *script, struct random *random, uint32_t stream, bool grpc)
{
	size_t size = random_between(random, 10, 600), mark;

	if (random_below(random, 8) == 0)
		size = random_between(random, 1000, BODY_MAXIMUM);
	mark = frame_begin(script, FRAME_HEADERS, END_HEADERS, stream);
	script_u8(script, FIELD_STATUS_200);
	hpack_field(script, INDEX_CONTENT_TYPE,
	    grpc ? "application/grpc" : "application/json");
	frame_end(script, mark);
	http2_data(script, random, stream, size, !grpc, grpc);
	if (!grpc)
		return;
	mark = frame_begin(
	    script, FRAME_HEADERS, END_HEADERS | END_STREAM, stream);
	hpack_named(script, "grpc-status", "0");
	frame_end(script, mark);
}

static void
http2_open(struct script *script)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

	script_speak(script, false);
	script_add(script, preface, sizeof(preface) - 1);
	frame_end(script, frame_begin(script, FRAME_SETTINGS, 0, 0));
	size_t mark = frame_begin(script, FRAME_WINDOW_UPDATE, 0, 0);
	script_be32(script, 983041);
	frame_end(script, mark);

	script_speak(script, true);
	mark = frame_begin(script, FRAME_SETTINGS, 0, 0);
	script_be16(script, 5); /* the largest frame */
	script_be32(script, 16384);
	frame_end(script, mark);
}

/* Three of four are gRPC, the others plain HTTP/2. */
void
exchange_grpc(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	bool grpc = random_below(random, 4) != 0;

	http2_open(script);
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		uint32_t stream = 2 * i + 1;

		script_speak(script, false);
		if (i == 0) /* the server's settings are acknowledged */
			frame_end(
			    script, frame_begin(script, FRAME_SETTINGS, 1, 0));
		http2_request(script, random, stream, server, grpc);
		script_speak(script, true);
		http2_response(script, random, stream, grpc);
	}
}

/* --- TLS 1.3: RFC 8446; server name: RFC 6066; ALPN: RFC 7301 ------------- */

enum {
	RECORD_CIPHER = 20,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
};

static void
tls_record(struct script *script, struct random *random, size_t size)
{
	script_u8(script, RECORD_DATA);
	script_be16(script, 0x0303);
	script_be16(script, (unsigned)size);
	script_noise(script, random, size);
}

static void
tls_change_cipher(struct script *script)
{
	static const uint8_t record[] = {RECORD_CIPHER, 3, 3, 0, 1, 1};

	script_add(script, record, sizeof(record));
}

static void
tls_key_share(struct script *script, struct random *random, bool client)
{
	script_be16(script, 51);
	script_be16(script, client ? 38 : 36);
	if (client)
		script_be16(script, 36);
	script_be16(script, 29); /* x25519 */
	script_be16(script, 32);
	script_noise(script, random, 32);
}

static void
tls_client_extensions(
    struct script *script, struct random *random, const char *server)
{
	/* groups, point formats, session ticket, ALPN h2 and http/1.1,
	 * signature schemes, versions 1.3 and 1.2, key exchange modes */
	static const uint8_t usual[] = {0, 10, 0, 6, 0, 4, 0, 29, 0, 23, 0, 11,
	    0, 2, 1, 0, 0, 35, 0, 0, 0, 16, 0, 14, 0, 12, 2, 'h', '2', 8, 'h',
	    't', 't', 'p', '/', '1', '.', '1', 0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4,
	    1, 0, 43, 0, 5, 4, 3, 4, 3, 3, 0, 45, 0, 2, 1, 1};
	size_t size = strlen(server);

	script_be16(script, 0);
	script_be16(script, (unsigned)(size + 5));
	script_be16(script, (unsigned)(size + 3));
	script_u8(script, 0);
	script_be16(script, (unsigned)size);
	script_add(script, server, size);
	script_add(script, usual, sizeof(usual));
	tls_key_share(script, random, true);
}

static void
tls_server_extensions(struct script *script, struct random *random)
{
	static const uint8_t version[] = {0, 43, 0, 2, 3, 4};

	script_add(script, version, sizeof(version));
	tls_key_share(script, random, false);
}

static void
tls_hello(struct script *script, struct random *random, const char *server)
{
	static const uint8_t suites[] = {
	    0, 8, 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2f, 1, 0};
	static const uint8_t suite[] = {0x13, 1, 0};
	bool client = server != NULL;
	size_t record, handshake, extensions, end;

	script_u8(script, RECORD_HANDSHAKE);
	script_be16(script, client ? 0x0301 : 0x0303);
	record = script_mark(script);
	script_be16(script, 0);
	script_u8(script, client ? CLIENT_HELLO : SERVER_HELLO);
	handshake = script_mark(script);
	script_be24(script, 0);
	script_be16(script, 0x0303);
	script_noise(script, random, 32);
	script_u8(script, 32);
	script_noise(script, random, 32);
	if (client)
		script_add(script, suites, sizeof(suites));
	else
		script_add(script, suite, sizeof(suite));
	extensions = script_mark(script);
	script_be16(script, 0);
	if (client)
		tls_client_extensions(script, random, server);
	else
		tls_server_extensions(script, random);
	end = script_mark(script);
	script_patch_be16(script, extensions, end - extensions - 2);
	script_patch_be24(script, handshake, end - handshake - 3);
	script_patch_be16(script, record, end - record - 2);
}

void
exchange_tls(struct script *script, struct random *random, const char *server,
    unsigned rounds)
{
	script_speak(script, false);
	tls_hello(script, random, server);
	script_speak(script, true);
	tls_hello(script, random, NULL);
	tls_change_cipher(script);
	tls_record(script, random, random_between(random, 900, 3200));
	for (unsigned i = 0; i < rounds && script_has_room(script, ROUND_ROOM);
	     i++) {
		script_speak(script, false);
		if (i == 0) {
			tls_change_cipher(script);
			tls_record(script, random, 53); /* Finished */
		}
		tls_record(script, random, random_between(random, 80, 500));
		script_speak(script, true);
		tls_record(script, random,
		    random_below(random, 8) == 0
			? random_between(random, 1000, BODY_MAXIMUM)
			: random_between(random, 100, 700));
	}
}
