#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensor/run/end_names.h"

static struct party
party_of(const char *text, enum attribution attribution)
{
	struct party party = {.attribution = attribution};

	assert_true(address_parse(text, &party.address));
	return party;
}

static void
remembers_by_number(void **state)
{
	struct end_names *names = end_names_new();
	struct party party = party_of("192.0.2.7", ATTRIBUTION_EXTERNAL);
	struct party other = party_of("192.0.2.8", ATTRIBUTION_EXTERNAL);
	struct sighted_end end, again;
	uint32_t number = end_names_get(names, &party, 3, &end);

	(void)state;
	assert_int_not_equal(number, 0);
	assert_string_equal(end.name, "192.0.2.7");
	assert_false(end.inside);
	assert_true(end_names_again(names, number, &party.address, 3, &again));
	assert_true(again.key == end.key);
	assert_int_equal(again.party->attribution, ATTRIBUTION_EXTERNAL);
	/* The same end, of whoever asks. */
	assert_int_equal(end_names_get(names, &party, 3, &again), number);
	/* Not of another inventory, another end, nor what was never named. */
	assert_false(end_names_again(names, number, &party.address, 4, &again));
	assert_false(end_names_again(names, number, &other.address, 3, &again));
	assert_false(end_names_again(names, 0, &other.address, 0, &again));
	assert_int_not_equal(end_names_get(names, &party, 4, &again), number);
	assert_true(again.key == end.key);
	end_names_free(names);
}

/* An address that was nobody's becomes somebody's: two ends. */
static void
tells_parties_of_one_address_apart(void **state)
{
	struct end_names *names = end_names_new();
	const struct workload workload = {.id = "w",
	    .cluster = "",
	    .namespace = "shop",
	    .name = "carts-1",
	    .application = "shop/carts"};
	struct party nobody = party_of("10.0.0.1", ATTRIBUTION_UNATTRIBUTED);
	struct party somebody = party_of("10.0.0.1", ATTRIBUTION_EXACT);
	struct sighted_end first, second;
	uint32_t number = end_names_get(names, &nobody, 0, &first);

	(void)state;
	somebody.workload = &workload;
	assert_int_not_equal(
	    end_names_get(names, &somebody, 0, &second), number);
	assert_true(second.key != first.key);
	assert_string_equal(second.application, "shop/carts");
	/* Both stand beside each other. */
	assert_string_equal(first.name, "10.0.0.1");
	assert_ptr_equal(second.party->workload, &workload);
	assert_true(
	    end_names_again(names, number, &nobody.address, 0, &second));
	assert_ptr_equal(second.party->workload, NULL);
	end_names_free(names);
}

#define MANY 20000

/* The one of that number. */
static struct party
one_of_many(unsigned number)
{
	struct party party = party_of("10.0.0.0", ATTRIBUTION_EXTERNAL);

	party.address.octets[14] = (uint8_t)(number >> 8);
	party.address.octets[15] = (uint8_t)number;
	return party;
}

static bool
is_there(struct end_names *names, uint32_t number, const struct party *party)
{
	struct sighted_end end;

	if (!end_names_again(names, number, &party->address, 0, &end))
		return false;
	assert_true(address_equal(&end.party->address, &party->address));
	return true;
}

/* However many there are, a flow's two ends stay, and what is forgotten is
 * not taken for another. */
static void
forgets_one_for_another_only(void **state)
{
	static uint32_t numbers[MANY];
	struct end_names *names = end_names_new();
	struct party peer = party_of("10.9.9.9", ATTRIBUTION_EXTERNAL);
	struct sighted_end end;
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct party party = one_of_many(i);

		numbers[i] = end_names_get(names, &party, 0, &end);
		(void)end_names_get(names, &peer, 0, &end);
		assert_true(is_there(names, numbers[i], &party));
	}
	for (unsigned i = 0; i < MANY; i++) {
		struct party party = one_of_many(i);

		kept += is_there(names, numbers[i], &party);
	}
	assert_in_range(kept, 1000, MANY - 1);
	end_names_free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remembers_by_number),
	    cmocka_unit_test(tells_parties_of_one_address_apart),
	    cmocka_unit_test(forgets_one_for_another_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
