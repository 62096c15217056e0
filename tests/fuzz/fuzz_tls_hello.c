/*
 * Any octets as a client's first payload: a name that comes out is one.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_hello hello;
	struct host_name again;
	enum tls_hello_answer answer = tls_hello_read(data, size, &hello);
	const char *name = hello.server.text;

	if (strlen(name) != hello.server.length ||
	    strlen(hello.alpn) >= TLS_ALPN_SIZE)
		abort();
	if (hello.server.length > 0 &&
	    (answer == TLS_HELLO_NONE ||
		!host_name_read(&again, (const uint8_t *)name, strlen(name)) ||
		strcmp(again.text, name) != 0))
		abort();
	return 0;
}
