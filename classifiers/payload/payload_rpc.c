/*
 * ONC RPC: RFC 5531, 9 (messages) and 11 (record marking over TCP).  The
 * programs of NFS are RFC 1813's (100003 and, in appendix I and II, 100005 and
 * 100021); whatever else is called is an RPC.
 */
#include "classifiers/payload/payload_parts.h"

enum {
	CALL = 0,
	RPC_VERSION = 2,
	PROGRAM_NFS = 100003,
	PROGRAM_MOUNT = 100005,
	PROGRAM_LOCK = 100021,
	/* The numbers that RFC 5531, 8.1 has given out or to sites. */
	PROGRAM_MAXIMUM = 0x5fffffff,
	VERSION_MAXIMUM = 255,
	PROCEDURE_MAXIMUM = 255,
	FLAVOR_GSS = 6,
	AUTH_MAXIMUM = 400,
};

#define RECORD_MAXIMUM (16U * 1024 * 1024)

/* Credentials or a verifier: a flavour, a length and that many octets. */
static bool
take_auth(struct cursor *c)
{
	uint32_t flavor = cursor_be32(c), length = cursor_be32(c);

	if (c->short_read || flavor > FLAVOR_GSS || length > AUTH_MAXIMUM ||
	    length % 4 != 0)
		return false;
	return cursor_take(c, length) != NULL;
}

static struct payload_verdict
call(struct cursor c)
{
	uint32_t rpc = cursor_be32(&c), program = cursor_be32(&c);
	uint32_t version = cursor_be32(&c), procedure = cursor_be32(&c);

	if (c.short_read || rpc != RPC_VERSION || program == 0 ||
	    program > PROGRAM_MAXIMUM || version > VERSION_MAXIMUM ||
	    procedure > PROCEDURE_MAXIMUM || !take_auth(&c) || !take_auth(&c))
		return payload_no();
	return payload_yes(program == PROGRAM_NFS || program == PROGRAM_MOUNT ||
				   program == PROGRAM_LOCK
			       ? APPLICATION_NFS
			       : APPLICATION_RPC,
	    SENDER_CLIENT);
}

/* Over TCP a fragment's length, with the highest bit for the last one. */
static bool
skip_record_mark(struct cursor *c)
{
	uint32_t length = cursor_be32(c) & 0x7fffffff;

	return !c->short_read && length >= 24 && length <= RECORD_MAXIMUM &&
	       cursor_left(c) <= length;
}

/* A reply does not say of what; it is left to the call. */
struct payload_verdict
payload_rpc(const struct payload_view *view)
{
	struct cursor c = payload_cursor(view);

	if (payload_is_tcp(view) ? !skip_record_mark(&c)
				 : view->protocol != PROTOCOL_UDP)
		return payload_no();
	cursor_be32(&c); /* transaction */
	if (cursor_be32(&c) != CALL || c.short_read)
		return payload_no();
	return call(c);
}
