/*
 * mesh -- what a service mesh says in the open about what it hides.
 *
 * Sidecars and node proxies put a pod's connections into mutual TLS.  Their
 * ClientHello still names things: Istio's the service and its port (server
 * name `outbound_.80_.v1_.shop.prod.svc.cluster.local`) and whether it is HTTP
 * (ALPN), Linkerd's the identity of the server's service account.  Where the
 * proxies talk on a port of their own, the pod's port is hidden too.
 *
 * Sources: Istio, "Understanding TLS Configuration" and "Ports used by Istio";
 * pilot/pkg/networking/util (ALPN) and pilot/pkg/model/service.go (server
 * names); Istio, "HBONE"; Linkerd, "Proxy Configuration" and linkerd2-proxy,
 * transport-header.  Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_MESH_H
#define CLASSIFIERS_MESH_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/tls_hello.h"

enum mesh_kind {
	MESH_NONE,
	MESH_ISTIO,   /* a sidecar's mutual TLS */
	MESH_HBONE,   /* Istio's ambient mode: HTTP/2 CONNECT in mutual TLS */
	MESH_LINKERD, /* Linkerd's mutual TLS */
};

struct mesh {
	enum mesh_kind kind;
	/* What is spoken inside, or UNKNOWN: not said. */
	enum application application;
	uint16_t port; /* the service's own, or 0: not said */
	/* The service, or Linkerd's service account; empty: not said. */
	struct host_name name, name_space;
	struct host_name subset; /* Istio's, mostly empty */
};

/*
 * Reads a hello that was sent to a port.
 *
 * mesh       set in any case; kind MESH_NONE when no mesh sent it
 * returns    whether one did
 */
bool mesh_read(const struct tls_hello *hello, uint16_t port, struct mesh *mesh);

/* Whether proxies talk to each other on this port, in place of the pod's. */
bool mesh_hides_port(const struct appid *appid, uint16_t port);

/* `istio`, `hbone`, `linkerd`; NULL for none. */
const char *mesh_kind_name(enum mesh_kind kind);

#endif
