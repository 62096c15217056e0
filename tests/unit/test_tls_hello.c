/*
 * ClientHellos built octet by octet: names, records, and every cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "classifiers/tls_hello.h"

struct octets {
	uint8_t at[4096];
	size_t size;
};

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
put_extension(struct octets *out, unsigned type, const struct octets *body)
{
	put_number(out, type, 2);
	put_number(out, body->size, 2);
	put(out, body->at, body->size);
}

static struct octets
extension_name(const char *name)
{
	struct octets body = {.size = 0};

	put_number(&body, strlen(name) + 3, 2);
	put_number(&body, 0, 1);
	put_number(&body, strlen(name), 2);
	put(&body, name, strlen(name));
	return body;
}

/* A hello whose other extensions take `padding` octets before the name. */
static struct octets
hello_of(const char *name, const char *alpn, size_t padding)
{
	struct octets hello = {.size = 0}, body = {.size = 0};
	struct octets extensions = {.size = 0}, one = {.size = 0};

	one.size = padding;
	if (padding > 0)
		put_extension(&extensions, 21, &one);
	if (name != NULL) {
		one = extension_name(name);
		put_extension(&extensions, 0, &one);
	}
	if (alpn != NULL) {
		one.size = 0;
		put_number(&one, strlen(alpn) + 1, 2);
		put_number(&one, strlen(alpn), 1);
		put(&one, alpn, strlen(alpn));
		put_extension(&extensions, 16, &one);
	}
	put_number(&body, 0x0303, 2);
	put(&body, "0123456789abcdef0123456789abcdef", 32);
	put_number(&body, 0, 1);
	put_number(&body, 2, 2);
	put_number(&body, 0x1301, 2);
	put_number(&body, 1, 1);
	put_number(&body, 0, 1);
	put_number(&body, extensions.size, 2);
	put(&body, extensions.at, extensions.size);
	put_number(&hello, 1, 1);
	put_number(&hello, body.size, 3);
	put(&hello, body.at, body.size);
	return hello;
}

/* In records of at most `size` octets each. */
static struct octets
records(const struct octets *hello, size_t size)
{
	struct octets out = {.size = 0};

	for (size_t at = 0; at < hello->size; at += size) {
		size_t left = hello->size - at;

		put_number(&out, 22, 1);
		put_number(&out, 0x0301, 2);
		put_number(&out, left < size ? left : size, 2);
		put(&out, hello->at + at, left < size ? left : size);
	}
	return out;
}

static enum tls_hello_answer
read_name(const char *name, struct tls_hello *out)
{
	struct octets hello = hello_of(name, NULL, 0);
	struct octets packet = records(&hello, 16384);

	return tls_hello_read(packet.at, packet.size, out);
}

static void
test_name_and_alpn(void **state)
{
	struct octets hello = hello_of("API.Example.com", "h2", 40);
	struct octets packet = records(&hello, 16384);
	struct tls_hello out;

	(void)state;
	assert_int_equal(
	    tls_hello_read(packet.at, packet.size, &out), TLS_HELLO_WHOLE);
	assert_string_equal(out.server.text, "api.example.com");
	assert_string_equal(out.alpn, "h2");
}

static void
test_several_records(void **state)
{
	struct octets hello = hello_of("a.example", "h2", 300);
	struct tls_hello out;

	(void)state;
	for (size_t size = 60; size < 200; size += 7) {
		struct octets packet = records(&hello, size);

		assert_int_equal(tls_hello_read(packet.at, packet.size, &out),
		    TLS_HELLO_WHOLE);
		assert_string_equal(out.server.text, "a.example");
	}
}

/* Never a name that was not there whole, and never more than is there. */
static void
test_every_cut(void **state)
{
	struct octets hello = hello_of("cut.example.net", "h2", 10);
	struct octets packet = records(&hello, 16384);
	struct tls_hello out;

	(void)state;
	for (size_t size = 0; size < packet.size; size++) {
		uint8_t exact[4096];

		memcpy(exact, packet.at, size);
		assert_int_equal(tls_hello_read(exact, size, &out),
		    size < 9 ? TLS_HELLO_NONE : TLS_HELLO_CUT);
		if (out.server.length > 0)
			assert_string_equal(out.server.text, "cut.example.net");
	}
}

static void
test_name_before_the_cut(void **state)
{
	struct octets hello = hello_of("early.example", "h2", 0);
	struct octets packet = records(&hello, 16384);
	struct tls_hello out;

	(void)state;
	assert_int_equal(
	    tls_hello_read(packet.at, packet.size - 4, &out), TLS_HELLO_CUT);
	assert_string_equal(out.server.text, "early.example");
	assert_string_equal(out.alpn, "");
}

static void
test_names_that_are_none(void **state)
{
	static const char *const names[] = {"a b.example", "a..example",
	    ".example", "a.example/", "\xc3\xa4.de", "evil.com\x01", ""};
	struct tls_hello out;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(read_name(names[i], &out), TLS_HELLO_WHOLE);
		assert_int_equal(out.server.length, 0);
	}
	assert_int_equal(read_name("a.example.", &out), TLS_HELLO_WHOLE);
	assert_string_equal(out.server.text, "a.example");
}

static void
test_longest_name(void **state)
{
	char name[300];
	struct tls_hello out;

	(void)state;
	memset(name, 'a', sizeof(name));
	for (size_t i = 60; i < sizeof(name); i += 61)
		name[i] = '.';
	name[253] = '\0';
	assert_int_equal(read_name(name, &out), TLS_HELLO_WHOLE);
	assert_string_equal(out.server.text, name);
	name[253] = 'a';
	name[254] = '\0';
	assert_int_equal(read_name(name, &out), TLS_HELLO_WHOLE);
	assert_int_equal(out.server.length, 0);
}

static void
test_no_hello(void **state)
{
	struct octets hello = hello_of("a.example", NULL, 0);
	struct octets packet;
	struct tls_hello out;

	(void)state;
	hello.at[0] = 2; /* a server's */
	packet = records(&hello, 16384);
	assert_int_equal(
	    tls_hello_read(packet.at, packet.size, &out), TLS_HELLO_NONE);
	assert_int_equal(
	    tls_hello_read((const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18, &out),
	    TLS_HELLO_NONE);
	assert_int_equal(read_name(NULL, &out), TLS_HELLO_WHOLE);
	assert_int_equal(out.server.length, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_name_and_alpn),
	    cmocka_unit_test(test_several_records),
	    cmocka_unit_test(test_every_cut),
	    cmocka_unit_test(test_name_before_the_cut),
	    cmocka_unit_test(test_names_that_are_none),
	    cmocka_unit_test(test_longest_name),
	    cmocka_unit_test(test_no_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
