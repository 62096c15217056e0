#include "classifiers/mesh.h"

#include <string.h>

enum {
	PORT_LINKERD_INBOUND = 4143,
	PORT_ISTIO_INBOUND = 15006,
	PORT_ISTIO_HBONE = 15008,
	PORT_ISTIO_GATEWAY = 15443, /* of one cluster to another */
};

/* Takes what stands before a separator; false when there is none. */
static bool
take_until(
    const char **at, const char *separator, const char **start, size_t *length)
{
	const char *end = strstr(*at, separator);

	if (end == NULL)
		return false;
	*start = *at;
	*length = (size_t)(end - *at);
	*at = end + strlen(separator);
	return true;
}

static bool
read_port(const char *text, size_t length, uint16_t *port)
{
	uint32_t value = 0;

	if (length == 0 || length > 5)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	*port = (uint16_t)value;
	return value > 0 && value <= UINT16_MAX;
}

static bool
read_name(const char *text, size_t length, struct host_name *out)
{
	return host_name_read(out, (const uint8_t *)text, length);
}

/* NAME.NAMESPACE.svc.DOMAIN; another host (a ServiceEntry's) is a name only. */
static bool
read_service(const char *host, struct mesh *mesh)
{
	const char *at = host, *name, *name_space;
	size_t name_length, space_length;

	if (strstr(host, ".svc.") != NULL &&
	    take_until(&at, ".", &name, &name_length) &&
	    take_until(&at, ".", &name_space, &space_length) &&
	    strncmp(at, "svc.", 4) == 0)
		return read_name(name, name_length, &mesh->name) &&
		       read_name(name_space, space_length, &mesh->name_space);
	return read_name(host, strlen(host), &mesh->name);
}

/* outbound_.PORT_.SUBSET_.HOST */
static bool
read_istio_name(const char *server, struct mesh *mesh)
{
	static const char direction[] = "outbound_.";
	const char *at = server + sizeof(direction) - 1, *port, *subset;
	size_t port_length, subset_length;

	if (strncmp(server, direction, sizeof(direction) - 1) != 0 ||
	    !take_until(&at, "_.", &port, &port_length) ||
	    !take_until(&at, "_.", &subset, &subset_length) ||
	    !read_port(port, port_length, &mesh->port) ||
	    !read_service(at, mesh))
		return false;
	/* Without a subset a lone `_` stands there. */
	if (subset_length > 0 && (subset_length > 1 || subset[0] != '_'))
		(void)read_name(subset, subset_length, &mesh->subset);
	mesh->kind = MESH_ISTIO;
	return true;
}

/* What Istio's proxies offer first to each other, and to nobody else. */
static bool
read_istio_alpn(const char *alpn, struct mesh *mesh)
{
	if (strncmp(alpn, "istio", 5) != 0 ||
	    (alpn[5] != '\0' && alpn[5] != '-'))
		return false;
	mesh->kind = MESH_ISTIO;
	if (strncmp(alpn, "istio-http/", 11) == 0)
		mesh->application = APPLICATION_HTTP;
	else if (strcmp(alpn, "istio-h2") == 0)
		mesh->application = APPLICATION_HTTP2;
	return true;
}

/* ACCOUNT.NAMESPACE.serviceaccount.identity.CONTROL.DOMAIN */
static bool
read_linkerd_name(const char *server, struct mesh *mesh)
{
	static const char marker[] = "serviceaccount.identity.";
	const char *at = server, *name, *name_space;
	size_t name_length, space_length;

	if (!take_until(&at, ".", &name, &name_length) ||
	    !take_until(&at, ".", &name_space, &space_length) ||
	    strncmp(at, marker, sizeof(marker) - 1) != 0 ||
	    !read_name(name, name_length, &mesh->name) ||
	    !read_name(name_space, space_length, &mesh->name_space))
		return false;
	mesh->kind = MESH_LINKERD;
	return true;
}

static bool
read_linkerd(const struct tls_hello *hello, struct mesh *mesh)
{
	bool named = read_linkerd_name(hello->server.text, mesh);

	if (strcmp(hello->alpn, "transport.l5d.io/v1") == 0)
		mesh->kind = MESH_LINKERD;
	return named || mesh->kind == MESH_LINKERD;
}

/* Its proxies address each other by number and offer HTTP/2 alone. */
static bool
read_hbone(const struct tls_hello *hello, uint16_t port, struct mesh *mesh)
{
	if (port != PORT_ISTIO_HBONE || hello->server.length > 0 ||
	    strcmp(hello->alpn, "h2") != 0)
		return false;
	mesh->kind = MESH_HBONE;
	return true;
}

bool
mesh_read(const struct tls_hello *hello, uint16_t port, struct mesh *mesh)
{
	bool named, offered;

	*mesh = (struct mesh){.kind = MESH_NONE};
	named = read_istio_name(hello->server.text, mesh);
	if (!named)
		*mesh = (struct mesh){.kind = MESH_NONE};
	offered = read_istio_alpn(hello->alpn, mesh);
	if (named || offered)
		return true;
	if (read_linkerd(hello, mesh))
		return true;
	*mesh = (struct mesh){.kind = MESH_NONE};
	return read_hbone(hello, port, mesh);
}

bool
mesh_hides_port(const struct appid *appid, uint16_t port)
{
	if (appid->confidence != APP_DPI ||
	    (appid->application != APPLICATION_MESH &&
		appid->carrier != APPLICATION_MESH))
		return false;
	return port == PORT_LINKERD_INBOUND || port == PORT_ISTIO_INBOUND ||
	       port == PORT_ISTIO_HBONE || port == PORT_ISTIO_GATEWAY;
}

const char *
mesh_kind_name(enum mesh_kind kind)
{
	switch (kind) {
	case MESH_NONE:
		return NULL;
	case MESH_ISTIO:
		return "istio";
	case MESH_HBONE:
		return "hbone";
	case MESH_LINKERD:
		return "linkerd";
	}
	return NULL;
}
