/*
 * Reads the input as a kubeconfig, or, after a zero octet, as two.  What is
 * accepted can be used; what is not is said.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "classifiers/collect/kubeconfig.h"
#include "sensor/base/arena.h"
#include "sensor/base/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *text)
{
	for (const char *c = text; c != NULL && *c != '\0'; c++)
		assert((unsigned char)*c >= 0x20);
}

static void
check_pem(const struct http_pem *pem)
{
	assert(pem->file == NULL || pem->octets == NULL);
	check_text(pem->file);
	if (pem->octets != NULL)
		assert(memmem(pem->octets, pem->size, "-----BEGIN ", 11));
}

static void
check(const struct kubernetes_access *access)
{
	bool plain = strncmp(access->server, "http://", 7) == 0;

	assert(plain || strncmp(access->server, "https://", 8) == 0);
	assert(!plain || (access->token == NULL && access->token_file == NULL));
	assert(access->cluster != NULL);
	check_text(access->server);
	check_text(access->server_name);
	check_text(access->proxy);
	check_text(access->token);
	check_text(access->token_file);
	check_pem(&access->authorities);
	check_pem(&access->certificate);
	check_pem(&access->key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct report *report = report_new();
	const char *octets = (const char *)data;
	const char *zero = size == 0 ? NULL : memchr(data, 0, size);
	size_t first = zero == NULL ? size : (size_t)(zero - octets);
	struct kubeconfig_text texts[] = {
	    {"a/config", octets, first},
	    {"b", zero == NULL ? octets : zero + 1,
		zero == NULL ? 0 : size - first - 1},
	};
	struct kubernetes_access access;
	bool fine = kubeconfig_parse(arena, texts, zero == NULL ? 1 : 2,
	    size > 0 && octets[size - 1] == 'x' ? "x" : NULL, report, &access);

	assert(fine == (report_errors(report) == 0));
	if (fine)
		check(&access);
	report_free(report);
	arena_free(arena);
	return 0;
}
