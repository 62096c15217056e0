#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "classifiers/mesh.h"

static struct mesh
read(const char *server, const char *alpn, uint16_t port)
{
	struct tls_hello hello = {0};
	struct mesh mesh;
	bool found;

	if (server[0] != '\0')
		assert_true(host_name_read(
		    &hello.server, (const uint8_t *)server, strlen(server)));
	assert_true(strlen(alpn) < sizeof(hello.alpn));
	memcpy(hello.alpn, alpn, strlen(alpn) + 1);
	found = mesh_read(&hello, port, &mesh);
	assert_int_equal(found, mesh.kind != MESH_NONE);
	return mesh;
}

/* A name that is none of a host's cannot come out of tls_hello. */
static struct mesh
read_raw(const char *server)
{
	struct tls_hello hello = {0};
	struct mesh mesh;

	hello.server.length = strlen(server);
	memcpy(hello.server.text, server, hello.server.length + 1);
	mesh_read(&hello, 5432, &mesh);
	return mesh;
}

static void
test_istio_names_service_and_port(void **state)
{
	struct mesh mesh = read("outbound_.80_._.carts.shop.svc.cluster.local",
	    "istio-peer-exchange", 8080);

	(void)state;
	assert_int_equal(mesh.kind, MESH_ISTIO);
	assert_int_equal(mesh.port, 80);
	assert_string_equal(mesh.name.text, "carts");
	assert_string_equal(mesh.name_space.text, "shop");
	assert_string_equal(mesh.subset.text, "");
	assert_int_equal(mesh.application, APPLICATION_UNKNOWN);
	mesh = read("outbound_.9080_.v1_.reviews.default.svc.cluster.local",
	    "istio-http/1.1", 15443);
	assert_int_equal(mesh.port, 9080);
	assert_string_equal(mesh.subset.text, "v1");
	assert_int_equal(mesh.application, APPLICATION_HTTP);
	mesh = read("outbound_.443_._.api.example.com", "istio", 443);
	assert_string_equal(mesh.name.text, "api.example.com");
	assert_string_equal(mesh.name_space.text, "");
}

static void
test_istio_alpn_is_enough(void **state)
{
	(void)state;
	assert_int_equal(read("", "istio", 5432).kind, MESH_ISTIO);
	assert_int_equal(
	    read("db", "istio-h2", 5432).application, APPLICATION_HTTP2);
	assert_int_equal(read("", "istiod", 5432).kind, MESH_NONE);
	assert_int_equal(read("", "h2", 5432).kind, MESH_NONE);
}

static void
test_what_looks_alike_is_none(void **state)
{
	static const char *const names[] = {
	    "outbound_.80_.carts.shop.svc.cluster.local",
	    "outbound_.0_._.carts.shop.svc.cluster.local",
	    "outbound_.65536_._.carts.shop.svc.cluster.local",
	    "outbound_.100000_._.carts.shop.svc.cluster.local",
	    "outbound_.x_._.carts.shop.svc.cluster.local",
	    "inbound_.80_._.carts.shop.svc.cluster.local",
	    "serviceaccount.identity.linkerd.cluster.local",
	    "a.serviceaccount.identity.linkerd.cluster.local",
	    "carts.shop.svc.cluster.local",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(read(names[i], "", 443).kind, MESH_NONE);
	assert_int_equal(read_raw("outbound_.80_._.").kind, MESH_NONE);
	assert_int_equal(
	    read_raw("outbound_.80_._..shop.svc.").kind, MESH_NONE);
}

static void
test_linkerd(void **state)
{
	struct mesh mesh =
	    read("carts.shop.serviceaccount.identity.linkerd.cluster.local",
		"transport.l5d.io/v1", 4143);

	(void)state;
	assert_int_equal(mesh.kind, MESH_LINKERD);
	assert_string_equal(mesh.name.text, "carts");
	assert_string_equal(mesh.name_space.text, "shop");
	assert_int_equal(mesh.port, 0);
	assert_int_equal(
	    read("", "transport.l5d.io/v1", 4143).kind, MESH_LINKERD);
	mesh = read("carts.shop.serviceaccount.identity.linkerd.cluster.local",
	    "", 8080);
	assert_int_equal(mesh.kind, MESH_LINKERD);
}

static void
test_hbone(void **state)
{
	(void)state;
	assert_int_equal(read("", "h2", 15008).kind, MESH_HBONE);
	assert_int_equal(read("", "http/1.1", 15008).kind, MESH_NONE);
	assert_int_equal(read("carts.example", "h2", 15008).kind, MESH_NONE);
	assert_int_equal(read("", "h2", 15009).kind, MESH_NONE);
}

static void
test_hidden_ports(void **state)
{
	struct appid mesh = {APPLICATION_MESH, APPLICATION_TLS, APP_DPI};
	struct appid http = {APPLICATION_HTTP, APPLICATION_MESH, APP_DPI};
	struct appid tls = {APPLICATION_TLS, APPLICATION_UNKNOWN, APP_DPI};

	(void)state;
	assert_true(mesh_hides_port(&mesh, 4143));
	assert_true(mesh_hides_port(&mesh, 15008));
	assert_true(mesh_hides_port(&http, 15006));
	assert_true(mesh_hides_port(&http, 15443));
	assert_false(mesh_hides_port(&mesh, 5432));
	assert_false(mesh_hides_port(&tls, 4143));
	mesh.confidence = APP_PARTIAL;
	assert_false(mesh_hides_port(&mesh, 4143));
}

static void
test_what_a_mesh_carries_is_unknowable(void **state)
{
	struct appid mesh = {APPLICATION_MESH, APPLICATION_TLS, APP_DPI};
	struct appid http = {APPLICATION_HTTP, APPLICATION_MESH, APP_DPI};

	(void)state;
	assert_int_equal(appid_match(&mesh, APPLICATION_MYSQL), APP_UNKNOWABLE);
	assert_int_equal(appid_match(&mesh, APPLICATION_HTTP), APP_UNKNOWABLE);
	assert_int_equal(appid_match(&mesh, APPLICATION_TLS), APP_MATCH);
	assert_int_equal(appid_match(&mesh, APPLICATION_MESH), APP_MATCH);
	assert_int_equal(appid_match(&http, APPLICATION_HTTP), APP_MATCH);
	assert_int_equal(appid_match(&http, APPLICATION_MESH), APP_MATCH);
	assert_int_equal(appid_match(&http, APPLICATION_TLS), APP_MATCH);
	assert_int_equal(appid_match(&http, APPLICATION_MYSQL), APP_CONTRADICT);
}

static void
test_names(void **state)
{
	(void)state;
	assert_null(mesh_kind_name(MESH_NONE));
	assert_string_equal(mesh_kind_name(MESH_ISTIO), "istio");
	assert_string_equal(mesh_kind_name(MESH_HBONE), "hbone");
	assert_string_equal(mesh_kind_name(MESH_LINKERD), "linkerd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_istio_names_service_and_port),
	    cmocka_unit_test(test_istio_alpn_is_enough),
	    cmocka_unit_test(test_what_looks_alike_is_none),
	    cmocka_unit_test(test_linkerd),
	    cmocka_unit_test(test_hbone),
	    cmocka_unit_test(test_hidden_ports),
	    cmocka_unit_test(test_what_a_mesh_carries_is_unknowable),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
