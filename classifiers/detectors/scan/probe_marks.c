#include "classifiers/detectors/scan/probe_marks.h"

#include <stdbool.h>
#include <string.h>

/* How payloads of a protocol begin, or what stands further in them. */
struct mark {
	const char *octets;
	uint8_t size;
	uint8_t offset;
	uint8_t protocol; /* enum application, or the bit of a tool's probe */
};

#define MARK(text, offset, number)                                             \
	{                                                                      \
		text, sizeof(text) - 1, offset, number                         \
	}

/*
 * Protocols by how their clients begin: the longest known prefix first, and
 * what is seen most.
 */
static const struct mark protocols[] = {
    MARK("GET ", 0, APPLICATION_HTTP), MARK("POST ", 0, APPLICATION_HTTP),
    MARK("\x16\x03", 0, APPLICATION_TLS), /* TLS */
    MARK("OPTIONS sip:", 0, APPLICATION_SIP),
    MARK("OPTIONS / RTSP", 0, APPLICATION_RTSP),
    MARK("HEAD ", 0, APPLICATION_HTTP), MARK("PUT ", 0, APPLICATION_HTTP),
    MARK("DELETE ", 0, APPLICATION_HTTP), MARK("PATCH ", 0, APPLICATION_HTTP),
    MARK("OPTIONS ", 0, APPLICATION_HTTP),
    MARK("PRI * HTTP/2", 0, APPLICATION_HTTP),
    MARK("CONNECT ", 0, APPLICATION_HTTP),
    MARK("SSH-", 0, APPLICATION_SSH),     /* SSH */
    MARK("*1\r\n", 0, APPLICATION_REDIS), /* Redis */
    MARK("*2\r\n", 0, APPLICATION_REDIS), /* Redis */
    MARK("HELP", 0, APPLICATION_OTHER),   /* line protocols */
    MARK("EHLO ", 0, APPLICATION_SMTP),   /* SMTP */
    MARK("HELO ", 0, APPLICATION_SMTP),   /* SMTP */
    MARK("\xff"
	 "SMB",
	4, APPLICATION_SMB), /* SMB */
    MARK("\xfe"
	 "SMB",
	4, APPLICATION_SMB),                           /* SMB */
    MARK("\x03\x00\x00", 0, APPLICATION_RDP),          /* TPKT: RDP */
    MARK("\x80\x00\x00\x28", 0, APPLICATION_RPC),      /* RPC over TCP */
    MARK("\x00\x1e\x00\x06\x01", 0, APPLICATION_DNS),  /* DNS over TCP */
    MARK("\x00\x0c\x00\x00\x10", 0, APPLICATION_DNS),  /* DNS over TCP */
    MARK("\x6c\x00\x0b\x00", 0, APPLICATION_OTHER),    /* X11 */
    MARK("\x30\x0c\x02\x01", 0, APPLICATION_LDAP),     /* LDAP bind */
    MARK("\x30\x84\x00\x00\x00", 0, APPLICATION_LDAP), /* LDAP */
    MARK("JRMI", 0, APPLICATION_JAVA_RMI),             /* Java RMI */
    MARK("\x12\x01\x00", 0, APPLICATION_TDS),          /* TDS */
    MARK("stats\r\n", 0, APPLICATION_MEMCACHED),       /* memcached */
    MARK("\r\n\r\n", 0, APPLICATION_OTHER),            /* nothing, twice */
    MARK("AMQP", 0, APPLICATION_AMQP),
    MARK("\x00\x00\x00\x71\x6a", 0,
	APPLICATION_KERBEROS),                  /* Kerberos over TCP */
    MARK("DIST00000001", 0, APPLICATION_OTHER), /* distcc */
};

/*
 * nmap-service-probes (nmap 7.93), by the names there; one bit each.  Its
 * HTTP requests are left out: health checks of haproxy look the same.
 */
static const struct mark tools[] = {
    MARK("GET /nice%20ports%2C/Tri%6Eity.txt%2ebak", 0, 0), /* FourOhFour */
    MARK("OPTIONS sip:nm SIP/2.0", 0, 1),                   /* SIPOptions */
    MARK("\x00\x00\x00\xa4\xff"
	 "SMB",
	0, 2),                                      /* SMBProgNeg */
    MARK("\x80\x00\x00\x28\x72\xfe\x1d\x13", 0, 3), /* RPCCheck */
    MARK("\x00\x1e\x00\x06\x01\x00\x00\x01", 0, 4), /* DNSVersionBindReq */
    MARK("\x00\x0c\x00\x00\x10\x00\x00\x00", 0, 5), /* DNSStatusRequest */
    MARK("\x6c\x00\x0b\x00\x00\x00\x00\x00", 0, 6), /* X11Probe */
    MARK("OPTIONS / RTSP/1.0\r\n\r\n", 0, 7),       /* RTSPRequest */
    MARK("random1random2random3", 15, 8),           /* TLSSessionReq */
    MARK("HELP\r\n", 0, 9),                         /* Help */
    MARK("\r\n\r\n", 0, 10),                        /* GenericLines */
    MARK("Cookie: mstshash=nmap", 11, 11),          /* TerminalServerCookie */
    MARK("\x00\x00\x00\x71\x6a\x81\x6e", 0, 12),    /* Kerberos */
    MARK("\x30\x0c\x02\x01\x01\x60\x07", 0, 13),    /* LDAPBindReq */
};

#undef MARK

/* Of these, those that begin with that octet: so a request is held against one
 * of them, or none. */
static const uint16_t tools_by_octet[256] = {
    ['G'] = 1 << 0,
    ['O'] = 1 << 1 | 1 << 7,
    [0x00] = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 12,
    [0x80] = 1 << 3,
    [0x6c] = 1 << 6,
    ['H'] = 1 << 9,
    ['\r'] = 1 << 10,
    [0x30] = 1 << 13,
};

/* And those that stand further in. */
#define TOOLS_WITHIN (1U << 8 | 1U << 11)

static bool
fits(const struct mark *mark, const uint8_t *octets, size_t size)
{
	/* The first octet tells most of them apart. */
	return size >= (size_t)mark->offset + mark->size &&
	       octets[mark->offset] == (uint8_t)mark->octets[0] &&
	       memcmp(octets + mark->offset, mark->octets, mark->size) == 0;
}

struct probe_marks
probe_marks_of(const uint8_t *octets, size_t size)
{
	struct probe_marks marks = {.protocol = APPLICATION_UNKNOWN};
	uint32_t tried = TOOLS_WITHIN;

	if (size == 0)
		return marks;
	tried |= tools_by_octet[octets[0]];
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (fits(&protocols[i], octets, size)) {
			marks.protocol =
			    (enum application)protocols[i].protocol;
			break;
		}
	for (; tried != 0; tried &= tried - 1) {
		const struct mark *tool = &tools[__builtin_ctz(tried)];

		if (fits(tool, octets, size))
			marks.tool |= UINT32_C(1) << tool->protocol;
	}
	return marks;
}
