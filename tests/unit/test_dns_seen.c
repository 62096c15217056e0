/*
 * dns_seen: what is kept of names is what would be made of them anew; and what
 * shards say a message of DNS lacks, it lacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "classifiers/appid.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/public_suffix.h"
#include "classifiers/dns_local.h"
#include "classifiers/messages/messages.h"
#include "sensor/frame.h"
#include "tests/unit/dns_talk.h"

static void
test_names_are_recalled(void **state)
{
	static const char *const ends[] = {"a.b.example.co.uk", "example.com",
	    "x.evil.test", "com", "svc.cluster.local", "a.s3.amazonaws.com"};
	static struct dns_names names;
	const struct hash_key key = {{1, 2}};

	(void)state;
	for (int i = 0; i < 9000; i++) {
		struct dns_seen seen;
		struct made made;
		char name[64];

		snprintf(name, sizeof(name), "%s%d.%s", i % 3 == 0 ? "a." : "h",
		    i / 4, ends[i % 6]);
		made = made_dns(name, DNS_TYPE_A, i % 2 != 0, 0, 4);
		for (int again = 0; again < 2; again++) {
			dns_seen_read(
			    &seen, &names, &key, made.octets, made.size);
			assert_true(seen.read);
			assert_string_equal(seen.query.name, name);
			assert_int_equal(
			    seen.hash, hash_octets(&key, name, strlen(name)));
			assert_int_equal(seen.local, i % 6 == 4);
			if (!seen.local)
				assert_int_equal(
				    seen.start, public_suffix_domain(name));
		}
	}
}

/* The same name with other octets, or as another type, is read anew. */
static void
test_what_differs_is_read(void **state)
{
	static struct dns_names names;
	const struct hash_key key = {{1, 2}};
	struct made made = made_dns("ab.example.com", DNS_TYPE_A, false, 0, 0);
	struct dns_seen seen;

	(void)state;
	dns_seen_read(&seen, &names, &key, made.octets, made.size);
	assert_int_equal(seen.query.type, DNS_TYPE_A);
	made.octets[made.size - 3] = DNS_TYPE_TXT;
	dns_seen_read(&seen, &names, &key, made.octets, made.size);
	assert_int_equal(seen.query.type, DNS_TYPE_TXT);
	made.octets[13] = 'x';
	dns_seen_read(&seen, &names, &key, made.octets, made.size);
	assert_string_equal(seen.query.name, "xb.example.com");
	made.octets[13] = 1;
	dns_seen_read(&seen, &names, &key, made.octets, made.size);
	assert_int_equal(seen.query.raw, 1);
	dns_seen_read(&seen, &names, &key, made.octets, 20);
	assert_false(seen.read);
	assert_int_equal(seen.query.fault, DNS_CUT);
}

/* --- what is said of messages --------------------------------------------- */

struct told {
	bool any;
	struct message message;
};

static void
take(const struct message *message, void *context)
{
	struct told *told = context;

	told->any = true;
	told->message = *message;
}

static struct told
tell(const struct made *made, bool from_client)
{
	struct told told = {.any = false};
	const struct message_taker taker = {UINT32_MAX, take, &told};
	const struct appid_flow appid = {
	    .result = {APPLICATION_DNS, .confidence = APP_DPI}, .final = true};
	struct message_note note = {.opened = 3};
	const struct frame frame = {
	    .key = {.protocol = PROTOCOL_UDP},
	    .payload = made->octets,
	    .payload_length = (uint32_t)made->size,
	    .payload_captured = (uint32_t)made->size,
	};

	messages_frame(&note, &taker, &appid, &frame, from_client);
	return told;
}

static void
expect(const struct made *made, uint32_t traits)
{
	bool answer = (made->octets[2] & 0x80) != 0;
	struct told told = tell(made, !answer);

	assert_int_equal(told.any, traits != 0);
	if (told.any)
		assert_int_equal(~told.message.lacks, traits);
}

static void
test_what_questions_lack(void **state)
{
	struct made made = made_dns("www.example.com", 1, false, 0, 0);

	(void)state;
	expect(&made, TRAIT_DNS_QUESTION | TRAIT_OUTSIDE_NAME);
	made = made_dns("db.shop.svc.cluster.LOCAL", 1, false, 0, 0);
	expect(&made, TRAIT_DNS_QUESTION);
	made = made_dns("9.0.0.10.in-addr.arpa", 12, false, 0, 0);
	expect(&made, TRAIT_DNS_QUESTION);
	/* a label that looks local and is all of the name */
	made = made_dns("local", 1, false, 0, 0);
	expect(&made, TRAIT_DNS_QUESTION | TRAIT_OUTSIDE_NAME);
	/* nothing is sure of a name that leads elsewhere, or is cut */
	made = made_dns("svc.local", 1, false, 0, 0);
	made.octets[12] = 0xc0;
	expect(
	    &made, TRAIT_DNS_QUESTION | TRAIT_OUTSIDE_NAME | TRAIT_ODD_POINTER);
	made = made_dns("svc.local", 1, false, 0, 0);
	made.size = 18;
	expect(
	    &made, TRAIT_DNS_QUESTION | TRAIT_OUTSIDE_NAME | TRAIT_ODD_POINTER);
}

static void
test_what_answers_lack(void **state)
{
	struct made made = made_dns("db.shop.svc.cluster.local", 1, true, 0, 4);

	(void)state;
	expect(&made, 0);
	made = made_dns("db.shop.svc.cluster.local", 16, true, 0, 600);
	expect(&made, TRAIT_LARGE_ANSWER);
	made = made_dns("db.svc.cluster.local", 1, true, DNS_CODE_NXDOMAIN, 0);
	expect(&made, TRAIT_NO_SUCH_NAME);
	made = made_dns("a.example.com", 1, true, 0, 4);
	expect(&made, TRAIT_NAME_EXISTS);
	made = made_dns("a.example.com", 1, true, 2, 0);
	expect(&made, 0);
	made = made_dns("a.example.com", 16, true, 0, 60);
	expect(&made, TRAIT_NAME_EXISTS | TRAIT_CARRIES);
	made = made_dns("a.example.com", 16, true, 0, 7);
	memcpy(made.octets + made.size - 7, "\6v=spf1", 7);
	expect(&made, TRAIT_NAME_EXISTS | TRAIT_CARRIES);
	made = made_dns("a.example.com", 1, true, 0, 4);
	made.octets[made.size - 15] = 14; /* of the pointer */
	expect(&made, TRAIT_NAME_EXISTS | TRAIT_ODD_POINTER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_are_recalled),
	    cmocka_unit_test(test_what_differs_is_read),
	    cmocka_unit_test(test_what_questions_lack),
	    cmocka_unit_test(test_what_answers_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
