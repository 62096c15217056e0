/*
 * What a hello says of a service mesh.  The first two octets are the port, the
 * third is the length of the ALPN name that follows, the rest a server name;
 * a second reading takes everything behind the port for a hello.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/mesh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct tls_hello *hello, uint16_t port)
{
	struct mesh mesh;
	bool found = mesh_read(hello, port, &mesh);

	if (found != (mesh.kind != MESH_NONE) ||
	    found != (mesh_kind_name(mesh.kind) != NULL))
		abort();
	if (!found && (mesh.port != 0 || mesh.name.length > 0))
		abort();
	if (mesh.name.length != strlen(mesh.name.text) ||
	    mesh.name_space.length != strlen(mesh.name_space.text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_hello hello = {0};
	size_t alpn;
	uint16_t port;

	if (size < 3)
		return 0;
	port = (uint16_t)(data[0] << 8 | data[1]);
	alpn = data[2] % sizeof(hello.alpn);
	if (alpn <= size - 3) {
		memcpy(hello.alpn, data + 3, alpn);
		(void)host_name_read(
		    &hello.server, data + 3 + alpn, size - 3 - alpn);
		check(&hello, port);
	}
	if (tls_hello_read(data + 2, size - 2, &hello) != TLS_HELLO_NONE)
		check(&hello, port);
	return 0;
}
