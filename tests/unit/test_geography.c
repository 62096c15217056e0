/*
 * The databases of tests/data/geography, which tests/tools/made-geography
 * writes, looked up as the sensor does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/geography.h"
#include "sensor/base/address.h"

#define DATA "tests/data/geography/"

static void
expect(const struct geography *geography, const char *text, const char *country,
    uint32_t asn, const char *organisation)
{
	struct address address;
	struct whereabouts where;

	assert_true(address_parse(text, &address));
	geography_find(geography, &address, &where);
	assert_string_equal(where.country, country);
	assert_int_equal(where.asn, asn);
	if (organisation != NULL)
		assert_string_equal(where.organisation, organisation);
}

static struct geography *
opened(const char *const *paths)
{
	struct geography *geography = geography_new();
	char fault[GEOGRAPHY_FAULT_SIZE];

	for (; *paths != NULL; paths++)
		assert_true(geography_open(geography, *paths, fault));
	return geography;
}

static void
test_countries(void **state)
{
	struct geography *geography =
	    opened((const char *const[]){DATA "country.mmdb", NULL});

	(void)state;
	expect(geography, "198.51.100.1", "US", 0, "");
	expect(geography, "203.0.113.5", "DE", 0, "");
	expect(geography, "203.0.113.200", "FR", 0, ""); /* as registered */
	expect(geography, "2001:db8:1::9", "JP", 0, "");
	expect(geography, "2001:db8:2::9", "", 0, "");
	expect(geography, "10.0.0.1", "", 0, "");
	assert_true(geography_knows_countries(geography));
	assert_false(geography_knows_networks(geography));
	geography_free(geography);
}

static void
test_networks(void **state)
{
	struct geography *geography = opened(
	    (const char *const[]){DATA "asn.mmdb", DATA "country.mmdb", NULL});
	struct address address;
	struct whereabouts where;

	(void)state;
	expect(geography, "198.51.100.1", "US", 64500, "Example Payments");
	assert_true(geography_knows_countries(geography));
	assert_true(geography_knows_networks(geography));
	/* Cut, but not within a character. */
	assert_true(address_parse("203.0.113.9", &address));
	geography_find(geography, &address, &where);
	assert_int_equal(where.asn, 64501);
	assert_in_range(strlen(where.organisation),
	    GEOGRAPHY_ORGANISATION_SIZE - 2, GEOGRAPHY_ORGANISATION_SIZE - 1);
	assert_int_equal(
	    (uint8_t)where.organisation[strlen(where.organisation) - 1], 0xb6);
	geography_free(geography);
}

static void
test_flat_form(void **state)
{
	struct geography *geography = opened((const char *const[]){
	    DATA "asn.mmdb", DATA "country.mmdb", DATA "flat.mmdb", NULL});

	(void)state;
	expect(geography, "192.0.2.77", "NO", 64510, "Eksempel AS");
	/* The first that knows it says it. */
	expect(geography, "198.51.100.1", "US", 64500, "Example Payments");
	geography_free(geography);
}

static void
test_no_database(void **state)
{
	struct geography *geography = geography_new();
	char fault[GEOGRAPHY_FAULT_SIZE] = "";

	(void)state;
	assert_false(geography_open(geography, DATA "none.mmdb", fault));
	assert_non_null(strstr(fault, "none.mmdb"));
	assert_false(geography_open(geography, "Makefile", fault));
	expect(geography, "198.51.100.1", "", 0, "");
	expect(NULL, "198.51.100.1", "", 0, "");
	assert_false(geography_knows_countries(geography));
	geography_free(geography);
}

/* A file put in the place of another is another; a damaged one changes
 * nothing. */
static void
put_file(const char *from, const char *to)
{
	char temporary[128], buffer[4096];
	FILE *in = fopen(from, "rb"), *out;
	size_t size;

	(void)snprintf(temporary, sizeof(temporary), "%s.new", to);
	out = fopen(temporary, "wb");
	assert_non_null(in);
	assert_non_null(out);
	while ((size = fread(buffer, 1, sizeof(buffer), in)) > 0)
		assert_int_equal(fwrite(buffer, 1, size, out), size);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(rename(temporary, to), 0);
}

static void
test_a_changed_file_is_opened_anew(void **state)
{
	char directory[] = "/tmp/geographyXXXXXX", path[64];
	char fault[GEOGRAPHY_FAULT_SIZE];
	struct geography *geography;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/places.mmdb", directory);
	put_file(DATA "asn.mmdb", path);
	geography = opened((const char *const[]){path, NULL});
	expect(geography, "203.0.113.5", "", 64501, NULL);
	assert_int_equal(geography_refresh(geography, fault), 0);
	put_file(DATA "country.mmdb", path);
	assert_int_equal(geography_refresh(geography, fault), 1);
	assert_string_equal(fault, "");
	expect(geography, "203.0.113.5", "DE", 0, "");
	assert_int_equal(geography_refresh(geography, fault), 0);
	/* Written in place it is cut first. */
	assert_int_equal(truncate(path, 0), 0);
	expect(geography, "203.0.113.5", "DE", 0, "");
	assert_int_equal(geography_refresh(geography, fault), 0);
	assert_string_not_equal(fault, "");
	expect(geography, "203.0.113.5", "DE", 0, "");
	put_file("LICENSE", path);
	assert_int_equal(geography_refresh(geography, fault), 0);
	assert_string_not_equal(fault, "");
	expect(geography, "203.0.113.5", "DE", 0, "");
	/* Said once. */
	assert_int_equal(geography_refresh(geography, fault), 0);
	assert_string_equal(fault, "");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(geography_refresh(geography, fault), 0);
	expect(geography, "203.0.113.5", "DE", 0, "");
	geography_free(geography);
	assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_changed_file_is_opened_anew),
	    cmocka_unit_test(test_countries),
	    cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_flat_form),
	    cmocka_unit_test(test_no_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
