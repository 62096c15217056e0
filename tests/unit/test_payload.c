/*
 * Every classifier against every sample: its own must be known, with the right
 * sender, and nobody else's may be taken for its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/payload/payload.h"
#include "payload_samples.h"
#include "sensor/base/arena.h"

/* The sample in memory of its exact size, so that a read past it shows. */
static uint8_t *
copy_of(const struct payload_sample *sample, size_t size)
{
	uint8_t *copy = allocate(1, size);

	memcpy(copy, sample->octets, size);
	return copy;
}

static struct payload_verdict
classify(const struct payload_sample *sample, size_t size,
    payload_classifier *classifier)
{
	uint8_t *copy = copy_of(sample, size);
	struct payload_view view = {copy, size, sample->protocol};
	struct payload_verdict verdict = classifier(&view);

	free(copy);
	return verdict;
}

static const struct payload_sample *
sample_named(const char *name)
{
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++)
		if (strcmp(payload_samples[i].name, name) == 0)
			return &payload_samples[i];
	fail_msg("no sample is called %s", name);
	return NULL;
}

static void
test_every_sample_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];
		struct payload_verdict verdict =
		    classify(sample, sample->size, payload_classify);

		if (verdict.answer != sample->answer ||
		    verdict.application != sample->application ||
		    verdict.carrier != sample->carrier ||
		    verdict.sender != sample->sender)
			fail_msg("%s: answer %d, %s in %s, sender %d",
			    sample->name, verdict.answer,
			    application_name(verdict.application),
			    application_name(verdict.carrier), verdict.sender);
	}
}

/* Alone, without the order of asking to hide a mistake. */
static void
test_no_classifier_takes_another_sample(void **state)
{
	payload_classifier *const *all = payload_classifiers();

	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];

		for (size_t j = 0; all[j] != NULL; j++) {
			struct payload_verdict verdict =
			    classify(sample, sample->size, all[j]);

			if (verdict.answer == PAYLOAD_NO ||
			    verdict.application == sample->application)
				continue;
			/* gRPC is HTTP/2, and its preface says so. */
			if (sample->application == APPLICATION_GRPC &&
			    verdict.application == APPLICATION_HTTP2)
				continue;
			fail_msg("%s is taken for %s (%d)", sample->name,
			    application_name(verdict.application),
			    verdict.answer);
		}
	}
}

/* What a protocol is before it has said all. */
static bool
is_less_of(enum application seen, enum application whole)
{
	return (seen == APPLICATION_HTTP && whole == APPLICATION_WEBSOCKET) ||
	       (seen == APPLICATION_HTTP2 && whole == APPLICATION_GRPC);
}

/* A snap length may cut anywhere: less is known, but never something else. */
static void
test_every_prefix_is_never_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		const struct payload_sample *sample = &payload_samples[i];

		/* Without what is too much, it is a query. */
		if (strcmp(sample->name, "dns-extra-octets") == 0)
			continue;
		for (size_t size = 1; size < sample->size; size++) {
			struct payload_verdict verdict =
			    classify(sample, size, payload_classify);

			if (verdict.answer == PAYLOAD_YES &&
			    verdict.application != sample->application &&
			    !is_less_of(
				verdict.application, sample->application))
				fail_msg("%zu octets of %s are %s", size,
				    sample->name,
				    application_name(verdict.application));
		}
	}
}

/* Each classifier has a sample that it is sure of or suspects. */
static void
test_every_classifier_has_a_sample(void **state)
{
	payload_classifier *const *all = payload_classifiers();

	(void)state;
	for (size_t j = 0; all[j] != NULL; j++) {
		size_t known = 0;

		for (size_t i = 0; i < PAYLOAD_SAMPLES; i++)
			known += classify(&payload_samples[i],
				     payload_samples[i].size, all[j])
				     .answer != PAYLOAD_NO;
		if (known == 0)
			fail_msg("classifier %zu knows no sample", j);
	}
}

/* The list of what is known is the list of what is answered. */
static void
test_what_is_answered_is_known(void **state)
{
	bool answered[APPLICATION_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++)
		answered[payload_samples[i].application] = true;
	answered[APPLICATION_UNKNOWN] = false;
	for (int i = 0; i < APPLICATION_COUNT; i++)
		assert_int_equal(
		    payload_knows((enum application)i), answered[i]);
}

static void
test_other_transports_are_nobodys(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAYLOAD_SAMPLES; i++) {
		struct payload_sample sample = payload_samples[i];

		/* BER is BER over anything. */
		if (sample.application == APPLICATION_LDAP)
			continue;
		sample.protocol = PROTOCOL_SCTP;
		assert_int_equal(
		    classify(&sample, sample.size, payload_classify).answer,
		    PAYLOAD_NO);
	}
}

static struct payload_verdict
classify_behind(const char *header, size_t size, const char *name)
{
	const struct payload_sample *sample = sample_named(name);
	uint8_t *joined = allocate(1, size + sample->size);
	struct payload_view view = {joined, size + sample->size, PROTOCOL_TCP};
	struct payload_verdict verdict;

	memcpy(joined, header, size);
	memcpy(joined + size, sample->octets, sample->size);
	verdict = payload_classify(&view);
	free(joined);
	return verdict;
}

static void
test_proxy_header_is_skipped(void **state)
{
	static const char text[] = "PROXY TCP4 10.0.0.1 10.0.0.2 4000 80\r\n";
	static const char binary[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"
				     "\x0a\0\0\x01\x0a\0\0\x02\x0f\xa0\0\x50";
	struct payload_view alone = {
	    (const uint8_t *)text, sizeof(text) - 1, PROTOCOL_TCP};

	(void)state;
	assert_int_equal(
	    classify_behind(text, sizeof(text) - 1, "redis-ping").application,
	    APPLICATION_REDIS);
	assert_int_equal(
	    classify_behind(binary, sizeof(binary) - 1, "tls-client-hello")
		.application,
	    APPLICATION_TLS);
	assert_int_equal(payload_proxy_size(&alone), sizeof(text) - 1);
	assert_int_equal(payload_classify(&alone).answer, PAYLOAD_MAYBE);
	assert_int_equal(
	    payload_classify(&alone).application, APPLICATION_PROXY);
	alone.size = 20; /* not whole */
	assert_int_equal(payload_proxy_size(&alone), 0);
	assert_int_equal(payload_classify(&alone).answer, PAYLOAD_NO);
}

/* A content type that only a path speaks of is none. */
static void
test_grpc_is_not_a_path(void **state)
{
	static const char path[] = "\0\0\x15\x01\x04\0\0\0\x01\x83\x86\x44\x11/"
				   "application/grpc";
	struct payload_view view = {
	    (const uint8_t *)path, sizeof(path) - 1, PROTOCOL_TCP};

	(void)state;
	assert_int_equal(payload_grpc(&view).answer, PAYLOAD_NO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_sample_is_known),
	    cmocka_unit_test(test_no_classifier_takes_another_sample),
	    cmocka_unit_test(test_every_prefix_is_never_another),
	    cmocka_unit_test(test_every_classifier_has_a_sample),
	    cmocka_unit_test(test_what_is_answered_is_known),
	    cmocka_unit_test(test_other_transports_are_nobodys),
	    cmocka_unit_test(test_proxy_header_is_skipped),
	    cmocka_unit_test(test_grpc_is_not_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
