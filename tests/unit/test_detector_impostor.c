/* Workloads that are not what they say: impostors, miners, shells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/impostor/impostor_images.h"
#include "classifiers/detectors/impostor/tls_fingerprint.h"
#include "classifiers/detectors/shell/shell_text.h"
#include "tests/detector_stage.h"
#include "tests/unit/tls_offer.h"

/* --- impostors ------------------------------------------------------------ */

struct pod {
	struct container containers[2];
	struct container_port ports[2];
};

/* A workload of one image, and of a second where it is not NULL. */
static void
make_pod(struct stage *stage, const char *name, struct pod *pod,
    const char *image, const char *second, uint16_t port, const char *says)
{
	struct stage_end *end = stage_end_of(stage, name);

	memset(pod, 0, sizeof(*pod));
	pod->ports[0] = (struct container_port){port, PROTOCOL_TCP, says};
	pod->containers[0] = (struct container){.name = "one",
	    .image = {image, "", image, image, "", ""},
	    .ports = pod->ports,
	    .port_count = port != 0};
	pod->containers[1] = (struct container){
	    .name = "two", .image = {second, "", second, second, "", ""}};
	end->workload.containers = pod->containers;
	end->workload.container_count = second == NULL ? 1 : 2;
}

static struct stage_flow
open_flow(struct stage *stage, const char *client, const char *server,
    uint16_t port, enum application application, enum verdict_kind verdict)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, port);

	stage_answer(&flow, application);
	flow.sighting.verdict = verdict;
	stage_ready(stage, &flow);
	stage_send(stage, &flow, true, 1, 100);
	stage_send(stage, &flow, false, 1, 100);
	stage_send(stage, &flow, true, 1, 100);
	stage_progress(stage, &flow);
	return flow;
}

static void
answer_http(struct stage *stage, struct stage_flow *flow)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\n\r\n";

	stage_message(
	    stage, flow, MESSAGE_HTTP_RESPONSE, false, 200, ok, sizeof(ok) - 1);
}

static void
test_an_image_that_serves_another(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;
	struct stage_flow flow;

	(void)state;
	make_pod(stage, "shop/db", &pod, "postgres", "postgres-exporter", 5432,
	    "postgresql");
	open_flow(stage, "shop/carts", "shop/db", 5432, APPLICATION_POSTGRESQL,
	    VERDICT_ALLOWED);
	open_flow(stage, "shop/carts", "shop/db", 6379, APPLICATION_REDIS,
	    VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 0), 1);
	assert_string_equal(stage_found(stage, 2075)->about, "redis");
	/* The exporter beside it serves HTTP. */
	flow = open_flow(stage, "mon/prom", "shop/db", 9187, APPLICATION_HTTP,
	    VERDICT_ALLOWED);
	answer_http(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 1);
	stage_free(stage);
}

/* `server` alone says nothing; what stands before it does. */
static void
an_image_is_known_by_its_last_two_parts(void **state)
{
	static const char *const repositories[] = {
	    "mssql/server", "ours/server", "server", "a/mssql/server"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct image image = {
		    .base = "server", .repository = repositories[i]};

		assert_int_equal(known_image(&image) != NULL, i % 3 == 0);
	}
}

/* A client that speaks HTTP to a database makes no web server of it. */
static void
test_probes_do_not_blame_the_server(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;
	struct stage_flow flow;

	(void)state;
	make_pod(stage, "shop/db", &pod, "postgres", NULL, 5432, "postgresql");
	flow = open_flow(stage, "evil/scan", "shop/db", 5432, APPLICATION_HTTP,
	    VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 2075), 0);
	answer_http(stage, &flow);
	assert_int_equal(stage_findings(stage, 2075), 1);
	stage_free(stage);
}

/* nmap asks every port in every protocol; and a ping is no application. */
static void
test_what_only_the_client_speaks_is_not_served(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;
	struct stage_flow flow;

	(void)state;
	make_pod(stage, "shop/db", &pod, "postgres", NULL, 5432, "postgresql");
	flow = stage_flow(stage, "evil/scan", "shop/db", PROTOCOL_TCP, 5432);
	stage_answer(&flow, APPLICATION_DNS);
	flow.sighting.verdict = VERDICT_DEVIATION;
	stage_ready(stage, &flow);
	stage_send(stage, &flow, true, 1, 32);
	stage_send(stage, &flow, false, 1, 90);
	stage_over(stage, &flow);
	flow = stage_flow(stage, "mon/ping", "shop/db", PROTOCOL_ICMP, 0);
	stage_answer(&flow, APPLICATION_ICMP);
	stage_ready(stage, &flow);
	stage_over(stage, &flow);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

/* Of an image that nobody knows, and of a pod with one, nothing is said. */
static void
test_unknown_images_are_silent(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod one, two;

	(void)state;
	make_pod(stage, "shop/app", &one, "our-own", NULL, 0, "");
	make_pod(stage, "shop/db", &two, "postgres", "our-sidecar", 5432, "");
	open_flow(stage, "shop/carts", "shop/app", 22, APPLICATION_SSH,
	    VERDICT_ALLOWED);
	open_flow(stage, "shop/carts", "shop/db", 6379, APPLICATION_REDIS,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/db", "203.0.113.9", 443, APPLICATION_TLS,
	    VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_free(stage);
}

static void
test_a_port_that_is_declared_as_another(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;

	(void)state;
	assert_int_equal(known_port_name("grpc-web"), APPLICATION_GRPC);
	assert_int_equal(known_port_name("https"), APPLICATION_TLS);
	assert_int_equal(known_port_name("client"), APPLICATION_UNKNOWN);
	make_pod(stage, "shop/pay", &pod, "payment", NULL, 443, "https");
	open_flow(stage, "shop/carts", "shop/pay", 443, APPLICATION_TLS,
	    VERDICT_ALLOWED);
	open_flow(stage, "shop/carts", "shop/pay", 443, APPLICATION_HTTP,
	    VERDICT_ALLOWED);
	assert_int_equal(stage_findings(stage, 0), 0);
	open_flow(stage, "shop/carts", "shop/pay", 443, APPLICATION_REDIS,
	    VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 2075), 1);
	stage_free(stage);
}

static void
test_a_store_that_opens_connections(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;

	(void)state;
	make_pod(stage, "shop/db", &pod, "postgres", NULL, 5432, "");
	open_flow(stage, "shop/db", "shop/db2", 5432, APPLICATION_POSTGRESQL,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/db", "198.51.100.9", 443, APPLICATION_TLS,
	    VERDICT_ALLOWED);
	assert_int_equal(stage_findings(stage, 0), 0);
	open_flow(stage, "shop/db", "shop/bastion", 22, APPLICATION_SSH,
	    VERDICT_DEVIATION);
	open_flow(stage, "shop/db", "203.0.113.9", 443, APPLICATION_TLS,
	    VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 2076), 2);
	stage_free(stage);
}

static void
test_ports_of_others(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);

	(void)state;
	open_flow(stage, "shop/carts", "203.0.113.9", 443, APPLICATION_TLS,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/carts", "203.0.113.9", 443, APPLICATION_QUIC,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/carts", "203.0.113.9", 80, APPLICATION_TLS,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/carts", "203.0.113.9", 443, APPLICATION_SSH,
	    VERDICT_ALLOWED);
	open_flow(stage, "shop/carts", "shop/other", 443, APPLICATION_SSH,
	    VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 0);
	open_flow(stage, "shop/carts", "203.0.113.9", 443, APPLICATION_SSH,
	    VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2078), 1);
	stage_free(stage);
}

static void
test_a_new_port_listens(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod pod;

	(void)state;
	make_pod(stage, "shop/app", &pod, "our-own", NULL, 8080, "http");
	for (int i = 0; i < 30; i++) {
		stage_at(stage, i * 60);
		open_flow(stage, "shop/carts", "shop/app",
		    (uint16_t)(9000 + i % 3), APPLICATION_UNKNOWN,
		    VERDICT_UNMODELLED);
	}
	/* Within the hour everything is learned. */
	assert_int_equal(stage_findings(stage, 0), 0);
	stage_at(stage, 4000);
	open_flow(stage, "shop/carts", "shop/app", 8080, APPLICATION_HTTP,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/carts", "shop/app", 9001, APPLICATION_UNKNOWN,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/carts", "shop/app", 7777, APPLICATION_UNKNOWN,
	    VERDICT_ALLOWED);
	assert_int_equal(stage_findings(stage, 0), 0);
	open_flow(stage, "evil/x", "shop/app", 4444, APPLICATION_UNKNOWN,
	    VERDICT_DEVIATION);
	assert_int_equal(stage_findings(stage, 2077), 1);
	assert_string_equal(stage_found(stage, 2077)->about, "tcp/4444");
	stage_free(stage);
}

/* --- miners --------------------------------------------------------------- */

static void
test_miners(void **state)
{
	static const char *const words[] = {
	    "{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n",
	    "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{"
	    "\"login\":\"4A\",\"pass\":\"x\",\"agent\":\"XMRig/6.21\"}}\n",
	    "{\"method\":\"eth_submitLogin\",\"params\":[\"0x1\"],\"id\":1}\n",
	};
	static const char *const others[] = {
	    "{\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{\"user\":1,"
	    "\"pass\":\"x\"}}\n",
	    "{\"method\":\"eth_getBalance\",\"params\":[\"0x1\"],\"id\":1}\n",
	    "mining.subscribe is what miners say first\n",
	    "{\"text\":\"mining.subscribe\"}\n",
	};
	struct stage *stage = stage_new(&detector_mining);
	struct stage_flow flow;
	char server[32];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(server, sizeof(server), "203.0.113.%u", 10 + i);
		flow =
		    stage_flow(stage, "shop/carts", server, PROTOCOL_TCP, 3333);
		stage_message(stage, &flow, MESSAGE_OPENING, true, 0, others[i],
		    strlen(others[i]));
	}
	assert_int_equal(stage_findings(stage, 0), 0);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(server, sizeof(server), "203.0.113.%u", 20 + i);
		flow =
		    stage_flow(stage, "shop/carts", server, PROTOCOL_TCP, 3333);
		stage_message(stage, &flow, MESSAGE_OPENING, true, 0, words[i],
		    strlen(words[i]));
	}
	assert_int_equal(stage_findings(stage, 2080), 3);
	flow = stage_flow(stage, "shop/x", "203.0.113.50", PROTOCOL_TCP, 443);
	stage_answer(&flow, APPLICATION_TLS);
	stage_end_of(stage, "203.0.113.50")->outside.server_name =
	    "notsupportxmr.com";
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2081), 0);
	stage_end_of(stage, "203.0.113.50")->outside.server_name =
	    "pool.supportxmr.com";
	stage_ready(stage, &flow);
	assert_int_equal(stage_findings(stage, 2081), 1);
	stage_free(stage);
}

/* --- shells --------------------------------------------------------------- */

static enum shell_text
read_text(const char *text)
{
	size_t size = strlen(text);
	uint8_t *exact = malloc(size + !size);
	enum shell_text is;

	assert_non_null(exact);
	memcpy(exact, text, size);
	is = shell_text_read(exact, size);
	free(exact);
	return is;
}

static void
test_what_shells_say(void **state)
{
	static const char *const prompts[] = {"$ ", "# ", "sh-5.2$ ",
	    "bash-5.1# ", "/ # ", "root@web-0:/app# ", "www-data@x:~$ ",
	    "\033]0;root@x: /\aroot@x:/# ", "C:\\Windows\\system32>",
	    "PS C:\\Users\\x> ", "[root@host ~]# ",
	    "bash: cannot set terminal process group (1): Inappropriate ioctl "
	    "for device\nbash: no job control in this shell\nroot@x:/# ",
	    "/bin/sh: 0: can't access tty; job control turned off\n# ",
	    "Microsoft Windows [Version 10.0.19045]\r\n",
	    "\033[?2004hroot@x:/# ", "\033[?2004h", "/bin/sh: 0: ", "sh: 0: "};
	static const char *const commands[] = {"id\n", "whoami\n", "uname -a\n",
	    "cat /etc/passwd\n", "ls -la\r\n",
	    "python3 -c 'import pty; pty.spawn(\"/bin/sh\")'\n",
	    "unset HISTFILE; id\n"};
	static const char *const others[] = {"", "GET / HTTP/1.1\r\n\r\n",
	    "220 mail.example ESMTP\r\n", "PING\r\n", "$6\r\nfoobar\r\n",
	    "+OK\r\n", "ruok\n", "stats\r\n", "# HELP up whether\n",
	    "price: 5 $ ", "Total: 12 # ", "id,name,email\n", "idle\n",
	    "listen\n", "> ", "\x01\x02id\n", "hello\n", "identify yourself\n",
	    "{\"cmd\":\"id\"}\n", "user=1 uid=5\n", "Linux distributions:\n",
	    "catalogue\n", "{\"a\": \"# \"}", "SSH-2.0-x\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
		if (read_text(prompts[i]) != SHELL_PROMPT)
			fail_msg("no prompt: %s", prompts[i]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (read_text(commands[i]) != SHELL_COMMAND)
			fail_msg("no command: %s", commands[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (read_text(others[i]) != SHELL_NOTHING)
			fail_msg("taken for a shell's: %s", others[i]);
	assert_int_equal(read_text("uid=0(root) gid=0(root) groups=0(root)\n"),
	    SHELL_RESULT);
}

static void
say(struct stage *stage, struct stage_flow *flow, bool client, const char *text)
{
	stage_message(
	    stage, flow, MESSAGE_OPENING, client, 0, text, strlen(text));
}

static void
test_reverse_and_bind_shells(void **state)
{
	struct stage *stage = stage_new(&detector_shells);
	struct stage_flow flow;

	(void)state;
	flow = open_flow(stage, "shop/a", "203.0.113.9", 4444,
	    APPLICATION_UNKNOWN, VERDICT_DEVIATION);
	say(stage, &flow, true, "sh-5.2$ ");
	assert_string_equal(stage_found(stage, 2085)->subject, "shop/a");
	/* No prompt: /bin/sh behind a pipe. */
	flow = open_flow(stage, "shop/b", "203.0.113.9", 4444,
	    APPLICATION_UNKNOWN, VERDICT_DEVIATION);
	say(stage, &flow, false, "id\n");
	assert_int_equal(stage_findings(stage, 2085), 1);
	say(stage, &flow, true, "uid=33(www-data) gid=33(www-data)\n");
	assert_int_equal(stage_findings(stage, 2085), 2);
	/* It listens. */
	flow = open_flow(stage, "203.0.113.9", "shop/c", 31337,
	    APPLICATION_UNKNOWN, VERDICT_DEVIATION);
	say(stage, &flow, false, "# ");
	assert_string_equal(stage_found(stage, 2086)->subject, "shop/c");
	/* A client that asks `id` of who answers otherwise. */
	flow = open_flow(stage, "shop/d", "shop/e", 7000, APPLICATION_UNKNOWN,
	    VERDICT_ALLOWED);
	say(stage, &flow, true, "id\n");
	say(stage, &flow, false, "node-5\n");
	assert_int_equal(stage_findings(stage, 0), 3);
	/* A terminal repeats what is typed; who echoes octets is none. */
	flow = open_flow(stage, "shop/f", "shop/g", 31337, APPLICATION_UNKNOWN,
	    VERDICT_ALLOWED);
	say(stage, &flow, true, "id\n");
	say(stage, &flow, false, "id\n");
	assert_int_equal(stage_findings(stage, 0), 3);
	flow = open_flow(stage, "shop/f", "shop/h", 31337, APPLICATION_UNKNOWN,
	    VERDICT_DEVIATION);
	say(stage, &flow, true, "id\n");
	say(stage, &flow, false, "id\r\n");
	assert_int_equal(stage_findings(stage, 2086), 2);
	stage_free(stage);
}

/* Datagrams: a shell's word and an answer to it, of either end. */
static void
test_shells_by_datagrams(void **state)
{
	struct stage *stage = stage_new(&detector_shells);
	struct stage_flow flow =
	    stage_flow(stage, "shop/a", "203.0.113.9", PROTOCOL_UDP, 5353);

	(void)state;
	say(stage, &flow, true, "sh-5.2$ ");
	assert_int_equal(stage_findings(stage, 0), 0);
	say(stage, &flow, false, "frobnicate\n");
	assert_string_equal(stage_found(stage, 2085)->subject, "shop/a");
	flow = stage_flow(stage, "203.0.113.9", "shop/b", PROTOCOL_UDP, 5353);
	say(stage, &flow, true, "id\n");
	assert_int_equal(stage_findings(stage, 0), 1);
	say(stage, &flow, false, "uid=0(root) gid=0(root)\n");
	assert_string_equal(stage_found(stage, 2086)->subject, "shop/b");
	/* Lines of a log, one way. */
	flow = stage_flow(stage, "shop/c", "203.0.113.9", PROTOCOL_UDP, 514);
	say(stage, &flow, true, "bash: no job control in this shell\n");
	assert_int_equal(stage_findings(stage, 0), 2);
	stage_free(stage);
}

/* Commands nobody has on a list, at a person's pace or at a program's. */
static void
talk(struct stage *stage, const char *client, double from, double gap,
    uint64_t asked, uint64_t answered, enum verdict_kind verdict)
{
	struct stage_flow flow;

	stage_at(stage, from);
	flow = open_flow(
	    stage, client, "203.0.113.9", 8888, APPLICATION_UNKNOWN, verdict);
	say(stage, &flow, false, "frobnicate\n");
	for (int i = 0; i < 10; i++) {
		stage_at(stage, from + i * gap);
		stage_send(stage, &flow, false, 1, 52 + asked);
		stage_send(stage, &flow, true, 2, 104 + answered);
		stage_progress(stage, &flow);
	}
	stage_finish(stage, &flow);
}

static void
test_rhythm(void **state)
{
	struct stage *stage = stage_new(&detector_shells);

	(void)state;
	talk(stage, "shop/fast", 1, 0.01, 20, 400, VERDICT_UNMODELLED);
	talk(stage, "shop/fetch", 10, 4, 900, 100, VERDICT_UNMODELLED);
	talk(stage, "shop/fine", 100, 4, 20, 400, VERDICT_ALLOWED);
	assert_int_equal(stage_findings(stage, 0), 0);
	talk(stage, "shop/person", 200, 4, 20, 400, VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2087), 1);
	stage_free(stage);
}

/* --- hellos --------------------------------------------------------------- */

/* A hello of these ciphers, with a name and two extensions in some order. */
static size_t
make_hello(uint8_t *out, uint16_t cipher, char name, bool turned)
{
	static const uint8_t one[] = {0, 23, 0, 0}, two[] = {0, 11, 0, 1, 0};
	size_t size = 0;

	memset(out, 0, 128);
	out[0] = 1;
	out[4] = out[5] = 3;
	out[6] = (uint8_t)name; /* random */
	size = 4 + 2 + 32 + 1;
	out[size + 1] = 4;
	size += 2;
	out[size++] = 0x1a; /* means nothing, and another each time */
	out[size++] = 0x1a;
	out[size++] = (uint8_t)(cipher >> 8);
	out[size++] = (uint8_t)cipher;
	out[size++] = 1;
	size++;
	out[size + 1] = 5 + sizeof(one) + sizeof(two);
	size += 2;
	memcpy(out + size, "\0\0\0\1", 4);
	out[size + 4] = (uint8_t)name;
	size += 5;
	memcpy(
	    out + size, turned ? two : one, turned ? sizeof(two) : sizeof(one));
	size += turned ? sizeof(two) : sizeof(one);
	memcpy(
	    out + size, turned ? one : two, turned ? sizeof(one) : sizeof(two));
	return size + (turned ? sizeof(one) : sizeof(two));
}

static void
test_fingerprints(void **state)
{
	uint8_t a[128], b[128];
	size_t size = make_hello(a, 0x1301, 'a', false);

	(void)state;
	make_hello(b, 0x1301, 'b', true);
	assert_true(tls_fingerprint(a, size) != 0);
	assert_true(tls_fingerprint(a, size) == tls_fingerprint(b, size));
	make_hello(b, 0x1302, 'a', false);
	assert_true(tls_fingerprint(a, size) != tls_fingerprint(b, size));
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *exact = malloc(cut + !cut);

		assert_non_null(exact);
		memcpy(exact, a, cut);
		/* Without its extensions it is an old client's, whole. */
		if (cut != 4 + 2 + 32 + 1 + 2 + 4 + 2)
			assert_true(tls_fingerprint(exact, cut) == 0);
		free(exact);
	}
}

static void
say_hello(struct stage *stage, const char *client, const char *server,
    uint16_t cipher, enum verdict_kind verdict)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);
	uint8_t hello[128];
	size_t size = make_hello(hello, cipher, server[0], false);

	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = verdict;
	stage_message(stage, &flow, MESSAGE_TLS, true, 1, hello, size);
}

static void
test_another_program_opens_tls(void **state)
{
	struct stage *stage = stage_new(&detector_tls_clients);

	(void)state;
	for (int i = 0; i < 50; i++) {
		stage_at(stage, i * 3600);
		say_hello(stage, "shop/a", "198.51.100.1",
		    (uint16_t)(0x1301 + i % 2), VERDICT_UNMODELLED);
		/* A proxy says hello in everybody's way. */
		say_hello(stage, "shop/proxy", "198.51.100.1",
		    (uint16_t)(0x1301 + i), VERDICT_UNMODELLED);
	}
	say_hello(stage, "shop/a", "198.51.100.9", 0x1399, VERDICT_ALLOWED);
	say_hello(stage, "shop/a", "shop/b", 0x1398, VERDICT_UNMODELLED);
	say_hello(stage, "shop/new", "203.0.113.9", 0x1399, VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 0), 0);
	say_hello(stage, "shop/a", "203.0.113.9", 0x1397, VERDICT_UNMODELLED);
	say_hello(stage, "shop/a", "203.0.113.9", 0x1397, VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2079), 1);
	assert_int_equal(stage_found(stage, 2079)->count, 1);
	stage_free(stage);
}

/* Of the first, those of OpenSSL 3.0, JDK 17 and Python are from the wire. */
static const struct {
	uint16_t ciphers[8];
	enum tls_library library;
} offers[] = {
    {{0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9},
	TLS_LIBRARY_OPENSSL},
    {{0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c},
	TLS_LIBRARY_OPENSSL},
    {{0x1302, 0x1303, 0x1301, 0x1304, 0xc02c, 0xcca9, 0xc0ad},
	TLS_LIBRARY_GNUTLS},
    {{0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030},
	TLS_LIBRARY_JAVA},
    {{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x1301}, TLS_LIBRARY_GO},
    {{0xcca8, 0xcca9, 0xc02f, 0xc030, 0xc02b, 0xc02c, 0x1301}, TLS_LIBRARY_GO},
    /* A browser, and what knows no TLS 1.3. */
    {{0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030},
	TLS_LIBRARY_UNKNOWN},
    {{0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009c},
	TLS_LIBRARY_UNKNOWN},
};

static void
test_libraries_by_their_ciphers(void **state)
{
	uint8_t hello[128];

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		size_t size = tls_offer(hello, offers[i].ciphers, 7);

		assert_int_equal(
		    tls_library_of(hello, size), offers[i].library);
		for (size_t cut = 0; cut < size - 2; cut++) {
			uint8_t *exact = malloc(cut + !cut);

			assert_non_null(exact);
			memcpy(exact, hello, cut);
			assert_int_equal(
			    tls_library_of(exact, cut), TLS_LIBRARY_UNKNOWN);
			free(exact);
		}
	}
}

static void
say_offer(struct stage *stage, const char *client, const char *server,
    size_t offer, enum verdict_kind verdict)
{
	struct stage_flow flow =
	    stage_flow(stage, client, server, PROTOCOL_TCP, 443);
	uint8_t hello[128];
	size_t size = tls_offer(hello, offers[offer].ciphers, 7);

	stage_answer(&flow, APPLICATION_TLS);
	flow.sighting.verdict = verdict;
	stage_message(stage, &flow, MESSAGE_TLS, true, 1, hello, size);
}

static void
test_a_library_that_the_image_has_not(void **state)
{
	struct stage *stage = stage_new(&detector_tls_clients);
	struct pod web, mixed, meshed, store, prometheus;

	(void)state;
	make_pod(stage, "shop/web", &web, "nginx", NULL, 80, "");
	make_pod(stage, "shop/mixed", &mixed, "nginx", "our-sidecar", 80, "");
	make_pod(stage, "shop/meshed", &meshed, "nginx", "proxyv2", 80, "");
	make_pod(stage, "shop/db", &store, "postgres", NULL, 5432, "");
	make_pod(stage, "mon/prom", &prometheus, "prometheus", NULL, 9090, "");
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		bool go = offers[i].library == TLS_LIBRARY_GO;

		/* Sidecars, meshes, stores (impostors say it of them), what is
		 * inside and what is allowed. */
		say_offer(
		    stage, "shop/mixed", "203.0.113.9", i, VERDICT_UNMODELLED);
		say_offer(
		    stage, "shop/meshed", "203.0.113.9", i, VERDICT_UNMODELLED);
		say_offer(
		    stage, "shop/db", "203.0.113.9", i, VERDICT_UNMODELLED);
		say_offer(stage, "shop/web", "shop/api", i, VERDICT_UNMODELLED);
		say_offer(stage, "shop/web", "203.0.113.9", i, VERDICT_ALLOWED);
		/* What fits. */
		if (i < 3 || i > 5)
			say_offer(stage, "shop/web", "203.0.113.9", i,
			    VERDICT_UNMODELLED);
		if (go || i > 5)
			say_offer(stage, "mon/prom", "203.0.113.9", i,
			    VERDICT_UNMODELLED);
	}
	assert_int_equal(stage_findings(stage, 2082), 0);
	say_offer(stage, "shop/web", "203.0.113.9", 4, VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2082), 1);
	assert_non_null(
	    strstr(stage_found(stage, 2082)->sentence, "library of Go"));
	say_offer(stage, "mon/prom", "203.0.113.9", 0, VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2082), 2);
	stage_free(stage);
}

/* --- servers of the web --------------------------------------------------- */

static void
say_server(
    struct stage *stage, const char *server, uint16_t port, const char *name)
{
	struct stage_flow flow = open_flow(stage, "shop/carts", server, port,
	    APPLICATION_HTTP, VERDICT_UNMODELLED);
	char text[256];
	int size = snprintf(text, sizeof(text),
	    "HTTP/1.1 200 OK\r\nServer: %s\r\n\r\nServer: Python", name);

	stage_message(stage, &flow, MESSAGE_HTTP_RESPONSE, false, 200, text,
	    (size_t)size);
}

static void
say_ssh(struct stage *stage, const char *server, uint16_t port)
{
	struct stage_flow flow = open_flow(stage, "shop/carts", server, port,
	    APPLICATION_SSH, VERDICT_UNMODELLED);
	static const char banner[] = "SSH-2.0-OpenSSH_9.6";

	stage_message(
	    stage, &flow, MESSAGE_BANNER, false, 0, banner, sizeof(banner) - 1);
}

static void
test_a_web_server_that_gets_hold_of_machines(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod web, git, forwards, gitea;

	(void)state;
	make_pod(stage, "shop/web", &web, "nginx", NULL, 80, "http");
	make_pod(stage, "git/web", &git, "gitea", NULL, 3000, "http");
	make_pod(stage, "git/lb", &forwards, "haproxy", NULL, 22, "ssh");
	make_pod(stage, "git/bare", &gitea, "gitea", NULL, 0, "");
	/* Both protocols of gitea, and what is declared to be forwarded; what a
	 * web server forwards besides. */
	say_ssh(stage, "git/web", 22);
	say_ssh(stage, "git/bare", 2222);
	say_ssh(stage, "git/lb", 22);
	open_flow(stage, "shop/carts", "shop/web", 5432, APPLICATION_POSTGRESQL,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/web", "shop/mail", 25, APPLICATION_SMTP,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/web", "203.0.113.9", 443, APPLICATION_TLS,
	    VERDICT_UNMODELLED);
	open_flow(stage, "shop/web", "ops/bastion", 22, APPLICATION_SSH,
	    VERDICT_ALLOWED);
	assert_int_equal(stage_findings(stage, 0), 0);
	say_ssh(stage, "shop/web", 22);
	assert_int_equal(stage_findings(stage, 2075), 1);
	assert_string_equal(stage_found(stage, 2075)->about, "ssh");
	open_flow(stage, "shop/web", "ops/bastion", 22, APPLICATION_SSH,
	    VERDICT_UNMODELLED);
	assert_int_equal(stage_findings(stage, 2076), 1);
	assert_int_equal(stage_found(stage, 2076)->confidence, 70);
	stage_free(stage);
}

static void
test_a_web_server_by_another_name(void **state)
{
	struct stage *stage = stage_new(&detector_impostors);
	struct pod web, apache, own;

	(void)state;
	make_pod(stage, "shop/web", &web, "nginx", NULL, 80, "http");
	make_pod(stage, "shop/httpd", &apache, "httpd", NULL, 80, "http");
	make_pod(stage, "shop/own", &own, "our-own", NULL, 80, "http");
	/* Its own, a fancy one, one that is forwarded, anybody's; and what only
	 * the body says. */
	say_server(stage, "shop/web", 80, "nginx/1.25.4");
	say_server(stage, "shop/web", 80, "cloud-front-of-ours");
	say_server(stage, "shop/httpd", 80, "gunicorn/20.1");
	say_server(stage, "shop/own", 80, "SimpleHTTP/0.6 Python/3.11");
	assert_int_equal(stage_findings(stage, 0), 0);
	say_server(stage, "shop/web", 8000, "SimpleHTTP/0.6 Python/3.11");
	assert_int_equal(stage_findings(stage, 2075), 1);
	assert_string_equal(stage_found(stage, 2075)->about, "SimpleHTTP");
	assert_int_equal(stage_found(stage, 2075)->confidence, 60);
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_image_that_serves_another),
	    cmocka_unit_test(test_probes_do_not_blame_the_server),
	    cmocka_unit_test(test_what_only_the_client_speaks_is_not_served),
	    cmocka_unit_test(test_unknown_images_are_silent),
	    cmocka_unit_test(an_image_is_known_by_its_last_two_parts),
	    cmocka_unit_test(test_a_port_that_is_declared_as_another),
	    cmocka_unit_test(test_a_store_that_opens_connections),
	    cmocka_unit_test(test_ports_of_others),
	    cmocka_unit_test(test_a_new_port_listens),
	    cmocka_unit_test(test_miners),
	    cmocka_unit_test(test_what_shells_say),
	    cmocka_unit_test(test_reverse_and_bind_shells),
	    cmocka_unit_test(test_shells_by_datagrams),
	    cmocka_unit_test(test_rhythm),
	    cmocka_unit_test(test_fingerprints),
	    cmocka_unit_test(test_another_program_opens_tls),
	    cmocka_unit_test(test_libraries_by_their_ciphers),
	    cmocka_unit_test(test_a_library_that_the_image_has_not),
	    cmocka_unit_test(test_a_web_server_that_gets_hold_of_machines),
	    cmocka_unit_test(test_a_web_server_by_another_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
