/*
 * DNS responses built record by record, and who was answered what, when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "classifiers/dns_answers.h"
#include "classifiers/dns_message.h"

struct octets {
	uint8_t at[4096];
	size_t size;
};

static const struct hash_key key = {{1, 2}};

static void
put(struct octets *out, const void *more, size_t size)
{
	assert_true(out->size + size <= sizeof(out->at));
	memcpy(out->at + out->size, more, size);
	out->size += size;
}

static void
put_number(struct octets *out, size_t number, size_t width)
{
	while (width-- > 0) {
		uint8_t octet = (uint8_t)(number >> (8 * width));

		put(out, &octet, 1);
	}
}

static void
put_name(struct octets *out, const char *name)
{
	while (*name != '\0') {
		size_t length = strcspn(name, ".");

		put_number(out, length, 1);
		put(out, name, length);
		name += length + (name[length] == '.');
	}
	put_number(out, 0, 1);
}

static struct octets
question(const char *name, unsigned type, unsigned answers)
{
	struct octets out = {.size = 0};

	put_number(&out, 0x1234, 2);
	put_number(&out, 0x8180, 2);
	put_number(&out, 1, 2);
	put_number(&out, answers, 2);
	put_number(&out, 0, 4);
	put_name(&out, name);
	put_number(&out, type, 2);
	put_number(&out, 1, 2);
	return out;
}

static void
put_record(struct octets *out, const char *owner, unsigned type, uint32_t ttl,
    const void *data, size_t size)
{
	if (owner == NULL)
		put_number(out, 0xc00c, 2); /* the question's name */
	else
		put_name(out, owner);
	put_number(out, type, 2);
	put_number(out, 1, 2);
	put_number(out, ttl, 4);
	put_number(out, size, 2);
	put(out, data, size);
}

static void
put_a(struct octets *out, const char *owner, uint32_t ttl, unsigned last)
{
	uint8_t data[] = {198, 51, 100, (uint8_t)last};

	put_record(out, owner, 1, ttl, data, 4);
}

static void
put_alias(
    struct octets *out, const char *owner, uint32_t ttl, const char *target)
{
	struct octets name = {.size = 0};

	put_name(&name, target);
	put_record(out, owner, 5, ttl, name.at, name.size);
}

static struct octets
answer(const char *name, uint32_t ttl, unsigned last)
{
	struct octets out = question(name, 1, 1);

	put_a(&out, NULL, ttl, last);
	return out;
}

static struct address
address(const char *text)
{
	struct address out;

	assert_true(address_parse(text, &out));
	return out;
}

static struct instant
second(int64_t seconds)
{
	return (struct instant){seconds * NS_PER_SECOND};
}

/* The names joined by spaces. */
static const char *
names(const struct dns_answers *answers, const char *client, const char *to,
    int64_t at, int64_t since, char out[512])
{
	const char *found[DNS_NAMES_MAXIMUM];
	struct dns_client from = {address(client), 0};
	struct address end = address(to);
	size_t count = dns_answers_find(
	    answers, &from, &end, second(at), second(since), found);

	out[0] = '\0';
	for (size_t i = 0; i < count; i++)
		(void)snprintf(out + strlen(out), 512 - strlen(out), "%s%s",
		    i == 0 ? "" : " ", found[i]);
	return out;
}

static bool
tell(struct dns_answers *answers, const struct octets *message,
    const char *client, int64_t at)
{
	struct dns_client to = {address(client), 0};

	return dns_answers_read(
	    answers, message->at, message->size, &to, second(at));
}

/* --- messages ------------------------------------------------------------- */

static void
test_addresses(void **state)
{
	struct octets message = question("Api.Example.COM", 1, 3);
	struct dns_response response;

	(void)state;
	put_a(&message, NULL, 60, 7);
	put_a(&message, "api.example.com", 30, 8);
	put_a(&message, "other.example.com", 5, 9); /* not asked for */
	assert_true(dns_message_read(message.at, message.size, &response));
	assert_string_equal(response.name.text, "api.example.com");
	assert_int_equal(response.count, 2);
	assert_int_equal(response.ttl, 30);
}

static void
test_aliases(void **state)
{
	struct octets message = question("www.example", 1, 3);
	struct dns_response response;

	(void)state;
	put_alias(&message, NULL, 600, "cdn.example.net");
	put_alias(&message, "cdn.example.net", 20, "edge.example.org");
	put_a(&message, "edge.example.org", 60, 1);
	assert_true(dns_message_read(message.at, message.size, &response));
	assert_string_equal(response.name.text, "www.example");
	assert_int_equal(response.count, 1);
	assert_int_equal(response.ttl, 20);
}

static void
test_aaaa(void **state)
{
	struct octets message = question("six.example", 28, 1);
	struct address wanted = address("2001:db8::7");
	struct dns_response response;

	(void)state;
	put_record(&message, NULL, 28, 60, wanted.octets, 16);
	assert_true(dns_message_read(message.at, message.size, &response));
	assert_int_equal(response.count, 1);
	assert_true(address_equal(&response.addresses[0], &wanted));
}

static void
test_no_answer(void **state)
{
	struct octets message = answer("a.example", 60, 1);
	struct dns_response response;

	(void)state;
	message.at[3] = 0x83; /* NXDOMAIN */
	assert_true(dns_message_read(message.at, message.size, &response));
	assert_int_equal(response.count, 0);
	message.at[2] = 0x01; /* a query */
	assert_false(dns_message_read(message.at, message.size, &response));
	message = answer("a b.example", 60, 1); /* no host's name */
	assert_true(dns_message_read(message.at, message.size, &response));
	assert_int_equal(response.count, 0);
}

static void
test_pointers(void **state)
{
	struct octets message = question("a.example", 1, 1);
	size_t at = message.size;
	struct dns_response response;

	(void)state;
	put_a(&message, NULL, 60, 1);
	message.at[at + 1] = (uint8_t)at; /* to itself */
	assert_false(dns_message_read(message.at, message.size, &response));
	message.at[at + 1] = (uint8_t)(at + 2); /* forward */
	assert_false(dns_message_read(message.at, message.size, &response));
	message.at[12] = 0xc0; /* the question's name to itself */
	message.at[13] = 12;
	assert_false(dns_message_read(message.at, message.size, &response));
	assert_int_equal(response.count, 0);
}

static void
test_every_cut(void **state)
{
	struct octets message = question("www.example", 1, 2);
	struct dns_response response;

	(void)state;
	put_alias(&message, NULL, 600, "cdn.example.net");
	put_a(&message, "cdn.example.net", 60, 1);
	for (size_t size = 0; size < message.size; size++) {
		uint8_t exact[4096];

		memcpy(exact, message.at, size);
		assert_false(dns_message_read(exact, size, &response));
		assert_int_equal(response.count, 0);
	}
}

/* --- the table ------------------------------------------------------------ */

static void
test_who_was_answered(void **state)
{
	struct dns_answers *answers = dns_answers_new(16, &key);
	struct octets message = answer("pay.example", 60, 7);
	char out[512];

	(void)state;
	assert_true(tell(answers, &message, "10.0.0.1", 100));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 100, 0, out),
	    "pay.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 99, 0, out), "");
	assert_string_equal(
	    names(answers, "10.0.0.2", "198.51.100.7", 100, 0, out), "");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.8", 100, 0, out), "");
	/* Somebody who got the address after the answer was not answered. */
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 120, 110, out), "");
	dns_answers_free(answers);
}

static void
test_lifetime(void **state)
{
	struct dns_answers *answers = dns_answers_new(16, &key);
	struct octets message = answer("pay.example", 60, 7);
	struct octets forever = answer("old.example", 0x7fffffff, 8);
	struct octets negative = answer("odd.example", 0x80000001, 9);
	int64_t week = 7 * 24 * 3600;
	char out[512];

	(void)state;
	assert_true(tell(answers, &message, "10.0.0.1", 100));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 100 + 3659, 0, out),
	    "pay.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 100 + 3660, 0, out), "");
	assert_true(tell(answers, &forever, "10.0.0.1", 0));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.8", week + 3599, 0, out),
	    "old.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.8", week + 3600, 0, out),
	    "");
	assert_true(tell(answers, &negative, "10.0.0.1", 0));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.9", 3600, 0, out), "");
	dns_answers_free(answers);
}

/* A flow that began before the name was heard again keeps its name. */
static void
test_heard_again(void **state)
{
	struct dns_answers *answers = dns_answers_new(16, &key);
	struct octets message = answer("pay.example", 60, 7);
	char out[512];

	(void)state;
	assert_true(tell(answers, &message, "10.0.0.1", 100));
	assert_true(tell(answers, &message, "10.0.0.1", 200));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 150, 0, out),
	    "pay.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 3850, 0, out),
	    "pay.example");
	assert_true(tell(answers, &message, "10.0.0.1", 9000));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 8000, 0, out), "");
	assert_int_equal(dns_answers_counts(answers).held, 1);
	dns_answers_free(answers);
}

static void
test_several_names(void **state)
{
	struct dns_answers *answers = dns_answers_new(64, &key);
	char out[512], name[32];

	(void)state;
	for (int i = 0; i < DNS_NAMES_MAXIMUM + 3; i++) {
		struct octets message;

		(void)snprintf(name, sizeof(name), "n%d.example", i);
		message = answer(name, 60, 7);
		assert_true(tell(answers, &message, "10.0.0.1", i));
	}
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.7", 20, 0, out),
	    "n10.example n9.example n8.example n7.example n6.example "
	    "n5.example n4.example n3.example");
	assert_int_equal(dns_answers_counts(answers).evicted, 3);
	dns_answers_free(answers);
}

static void
test_eviction(void **state)
{
	struct dns_answers *answers = dns_answers_new(4, &key);
	char out[512];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct octets message = answer("a.example", 60, i);

		assert_true(tell(answers, &message, "10.0.0.1", (int)i));
	}
	for (unsigned i = 0; i < 6; i += 5) { /* 0 again, then a new one */
		struct octets message = answer("a.example", 60, i);

		assert_true(tell(answers, &message, "10.0.0.1", 10));
	}
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.0", 11, 0, out),
	    "a.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.1", 11, 0, out), "");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.5", 11, 0, out),
	    "a.example");
	assert_int_equal(dns_answers_counts(answers).evicted, 1);
	assert_int_equal(dns_answers_counts(answers).held, 4);
	dns_answers_free(answers);
}

/* --- against a list ------------------------------------------------------- */

enum { EVENTS = 3000, CLIENTS = 3, ENDS = 5, NAMES = 4 };

struct event {
	int client, end, name, ttl;
	int64_t at;
};

static int
roll(uint64_t *seed, int sides)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (int)(*seed >> 33) % sides;
}

static bool
same_answer(const struct event *a, const struct event *b)
{
	return a->client == b->client && a->end == b->end && a->name == b->name;
}

/* Whether any hearing of events[last]'s answer still holds at `ask`. */
static bool
still_holds(const struct event *events, int last, int64_t ask)
{
	for (int i = last; i >= 0; i--)
		if (same_answer(&events[i], &events[last]) &&
		    ask < events[i].at + events[i].ttl + 3600)
			return true;
	return false;
}

/* Every name for the last event's pair, the one that was heard last first. */
static void
naive_names(const struct event *events, int last, int64_t ask, char out[512])
{
	bool said[NAMES] = {false};

	out[0] = '\0';
	for (int i = last; i >= 0; i--) {
		const struct event *one = &events[i];

		if (one->client != events[last].client ||
		    one->end != events[last].end || said[one->name])
			continue;
		said[one->name] = true;
		if (still_holds(events, i, ask))
			(void)snprintf(out + strlen(out), 512 - strlen(out),
			    "%sn%d", out[0] == '\0' ? "" : " ", one->name);
	}
}

static void
test_against_a_list(void **state)
{
	static struct event events[EVENTS];
	struct dns_answers *answers = dns_answers_new(256, &key);
	uint64_t seed = 7;
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		struct event *one = &events[i];
		char client[32], end[32], name[32], out[512], wanted[512];
		struct octets message;
		int64_t ask;

		now += roll(&seed, 3) == 0 ? roll(&seed, 2000) + 1 : 1;
		*one = (struct event){roll(&seed, CLIENTS), roll(&seed, ENDS),
		    roll(&seed, NAMES), roll(&seed, 1000), now};
		(void)snprintf(
		    client, sizeof(client), "10.0.0.%d", one->client);
		(void)snprintf(end, sizeof(end), "198.51.100.%d", one->end);
		(void)snprintf(name, sizeof(name), "n%d", one->name);
		message = answer(name, (uint32_t)one->ttl, (unsigned)one->end);
		assert_true(tell(answers, &message, client, now));
		ask = now + roll(&seed, 6000);
		naive_names(events, i, ask, wanted);
		assert_string_equal(
		    names(answers, client, end, ask, 0, out), wanted);
	}
	dns_answers_free(answers);
}

static void
test_tcp(void **state)
{
	struct dns_answers *answers = dns_answers_new(16, &key);
	struct octets one = answer("a.example", 60, 1);
	struct octets two = answer("b.example", 60, 2);
	struct octets stream = {.size = 0};
	struct dns_client client = {address("10.0.0.1"), 0};
	char out[512];

	(void)state;
	put_number(&stream, one.size, 2);
	put(&stream, one.at, one.size);
	put_number(&stream, two.size, 2);
	put(&stream, two.at, two.size);
	dns_answers_read_tcp(
	    answers, stream.at, stream.size - 1, &client, second(1));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.1", 1, 0, out), "a.example");
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.2", 1, 0, out), "");
	dns_answers_read_tcp(
	    answers, stream.at, stream.size, &client, second(1));
	assert_string_equal(
	    names(answers, "10.0.0.1", "198.51.100.2", 1, 0, out), "b.example");
	dns_answers_free(answers);
}

/* The same client address in another network has not been told. */
static void
test_domains_are_kept_apart(void **state)
{
	struct octets message = answer("a.example", 60, 1);
	const struct address end = address("198.51.100.1");
	const char *found[DNS_NAMES_MAXIMUM];
	struct dns_answers *answers = dns_answers_new(8, &key);

	(void)state;
	for (uint16_t domain = 1; domain <= 3; domain++) {
		struct dns_client client = {address("10.0.0.1"), domain};

		if (domain != 2)
			assert_true(dns_answers_read(answers, message.at,
			    message.size, &client, second(1)));
	}
	assert_int_equal(dns_answers_counts(answers).held, 2);
	for (uint16_t domain = 0; domain <= 4; domain++) {
		struct dns_client client = {address("10.0.0.1"), domain};

		assert_int_equal(dns_answers_find(answers, &client, &end,
				     second(2), INSTANT_PAST, found),
		    domain == 1 || domain == 3);
	}
	dns_answers_free(answers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_aliases),
	    cmocka_unit_test(test_aaaa),
	    cmocka_unit_test(test_no_answer),
	    cmocka_unit_test(test_pointers),
	    cmocka_unit_test(test_every_cut),
	    cmocka_unit_test(test_who_was_answered),
	    cmocka_unit_test(test_lifetime),
	    cmocka_unit_test(test_heard_again),
	    cmocka_unit_test(test_several_names),
	    cmocka_unit_test(test_eviction),
	    cmocka_unit_test(test_against_a_list),
	    cmocka_unit_test(test_tcp),
	    cmocka_unit_test(test_domains_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
