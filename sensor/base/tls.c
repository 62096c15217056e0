#include "sensor/base/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

struct tls_context {
	SSL_CTX *inner;
};

struct tls {
	SSL *inner;
	char fault[TLS_FAULT_SIZE];
};

static void
last_error(char fault[TLS_FAULT_SIZE], const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	(void)snprintf(fault, TLS_FAULT_SIZE, "%s: %s", what,
	    reason != NULL ? reason
	    : errno != 0   ? strerror(errno)
			   : "the connection ended");
	ERR_clear_error();
}

static bool
load(SSL_CTX *inner, const struct tls_settings *settings,
    char fault[TLS_FAULT_SIZE])
{
	const char *what = settings->ca;

	if (settings->insecure)
		SSL_CTX_set_verify(inner, SSL_VERIFY_NONE, NULL);
	else
		SSL_CTX_set_verify(inner, SSL_VERIFY_PEER, NULL);
	if (settings->ca != NULL
		? SSL_CTX_load_verify_locations(inner, settings->ca, NULL) != 1
		: SSL_CTX_set_default_verify_paths(inner) != 1) {
		last_error(fault, what == NULL ? "authorities" : what);
		return false;
	}
	if (settings->certificate == NULL)
		return true;
	what = settings->key == NULL ? settings->certificate : settings->key;
	if (SSL_CTX_use_certificate_chain_file(inner, settings->certificate) ==
		1 &&
	    SSL_CTX_use_PrivateKey_file(inner, what, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(inner) == 1)
		return true;
	last_error(fault, what);
	return false;
}

struct tls_context *
tls_context_new(const struct tls_settings *settings, char fault[TLS_FAULT_SIZE])
{
	struct tls_context *context = allocate(1, sizeof(*context));

	errno = 0;
	context->inner = SSL_CTX_new(TLS_client_method());
	if (context->inner == NULL) {
		last_error(fault, "TLS");
		free(context);
		return NULL;
	}
	(void)SSL_CTX_set_min_proto_version(context->inner, TLS1_2_VERSION);
	(void)SSL_CTX_set_mode(
	    context->inner, SSL_MODE_ENABLE_PARTIAL_WRITE |
				SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (load(context->inner, settings, fault))
		return context;
	tls_context_free(context);
	return NULL;
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->inner);
	free(context);
}

/* An address is compared with the certificate's addresses, not its names. */
struct tls *
tls_new(struct tls_context *context, int descriptor, const char *name)
{
	struct tls *tls = allocate(1, sizeof(*tls));
	X509_VERIFY_PARAM *verify;

	tls->inner = SSL_new(context->inner);
	if (tls->inner == NULL || SSL_set_fd(tls->inner, descriptor) != 1)
		abort(); /* no memory */
	verify = SSL_get0_param(tls->inner);
	if (X509_VERIFY_PARAM_set1_ip_asc(verify, name) != 1) {
		(void)X509_VERIFY_PARAM_set1_host(verify, name, 0);
		(void)SSL_set_tlsext_host_name(tls->inner, name);
	}
	ERR_clear_error();
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->inner);
	free(tls);
}

static enum tls_status
status_of(struct tls *tls, int result, const char *what)
{
	long verified;

	switch (SSL_get_error(tls->inner, result)) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READABLE;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITABLE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_ENDED;
	default:
		break;
	}
	verified = SSL_get_verify_result(tls->inner);
	if (verified != X509_V_OK && !SSL_is_init_finished(tls->inner))
		(void)snprintf(tls->fault, sizeof(tls->fault),
		    "its certificate: %s",
		    X509_verify_cert_error_string(verified));
	else
		last_error(tls->fault, what);
	ERR_clear_error();
	return TLS_FAILED;
}

enum tls_status
tls_shake_hands(struct tls *tls)
{
	errno = 0;
	ERR_clear_error();
	return status_of(tls, SSL_connect(tls->inner), "TLS handshake");
}

enum tls_status
tls_write(struct tls *tls, const char *octets, size_t size, size_t *done)
{
	errno = 0;
	ERR_clear_error();
	return status_of(tls,
	    SSL_write_ex(tls->inner, octets, size, done) == 1 ? 1 : -1, "TLS");
}

enum tls_status
tls_read(struct tls *tls, char *octets, size_t size, size_t *done)
{
	errno = 0;
	ERR_clear_error();
	return status_of(tls,
	    SSL_read_ex(tls->inner, octets, size, done) == 1 ? 1 : -1, "TLS");
}

const char *
tls_fault(const struct tls *tls)
{
	return tls->fault;
}
