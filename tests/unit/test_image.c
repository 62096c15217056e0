#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classifiers/inventory/image.h"
#include "sensor/base/arena.h"

#define DIGEST                                                                 \
	"sha256:"                                                              \
	"52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52ea52"       \
	"ea"

static const struct image cases[] = {
    /* name, registry, repository, base, tag, digest */
    {"registry.example:5000/ib/postgres:15.5@" DIGEST, "registry.example:5000",
	"ib/postgres", "postgres", "15.5", DIGEST},
    {"postgres", "", "postgres", "postgres", "", ""},
    {"library/postgres:15", "", "postgres", "postgres", "15", ""},
    {"docker.io/library/redis:7.0.15-alpine", "docker.io", "redis", "redis",
	"7.0.15-alpine", ""},
    {"bitnami/redis", "", "bitnami/redis", "redis", "", ""},
    {"localhost/app:1", "localhost", "app", "app", "1", ""},
    {"localhost:5000/app", "localhost:5000", "app", "app", "", ""},
    {"registry.k8s.io/coredns/coredns:v1.11.1", "registry.k8s.io",
	"coredns/coredns", "coredns", "v1.11.1", ""},
    {"quay.io/a/b/c@" DIGEST, "quay.io", "a/b/c", "c", "", DIGEST},
    {"notadomain/x/y", "", "notadomain/x/y", "y", "", ""},
    {"library/x/y", "", "library/x/y", "y", "", ""},
    {"host:5000", "", "host", "host", "5000", ""},
    {DIGEST, "", "", "", "", DIGEST},
    /* Odd names stay whole. */
    {"", "", "", "", "", ""},
    {"example.com/", "", "example.com/", "example.com/", "", ""},
    {":tag", "", ":tag", ":tag", "", ""},
    {"@", "", "@", "@", "", ""},
    {"a/", "", "a/", "a/", "", ""},
};

static void
splits_names(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct image image = image_split(arena, cases[i].name);

		assert_string_equal(image.name, cases[i].name);
		assert_string_equal(image.registry, cases[i].registry);
		assert_string_equal(image.repository, cases[i].repository);
		assert_string_equal(image.base, cases[i].base);
		assert_string_equal(image.tag, cases[i].tag);
		assert_string_equal(image.digest, cases[i].digest);
	}
	arena_free(arena);
}

static void
texts_outlive_the_name(void **state)
{
	struct arena *arena = arena_new();
	char name[] = "a/b:c@d";
	struct image image = image_split(arena, name);

	(void)state;
	for (size_t i = 0; name[i] != '\0'; i++)
		name[i] = 'x';
	assert_string_equal(image.name, "a/b:c@d");
	assert_string_equal(image.repository, "a/b");
	assert_string_equal(image.tag, "c");
	assert_string_equal(image.digest, "d");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(splits_names),
	    cmocka_unit_test(texts_outlive_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
