/*
 * messages -- what is said inside a flow, where it says something by itself.
 *
 * Questions and answers of DNS, requests and statuses of HTTP, whether a server
 * believed who its client is, TLS handshakes, the line that names a software,
 * the payload of an echo, the opening of what nobody recognised.  A message is
 * read where it begins a segment or datagram, for nothing is put together here;
 * a segment that was sent before is not read again.  A flow whose application
 * has nothing to say costs one comparison a packet.
 *
 * Does not know workloads, nor what a message means for anybody.  Keeps nothing
 * but a note per flow.  Any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_MESSAGES_MESSAGES_H
#define CLASSIFIERS_MESSAGES_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

struct appid_flow;
struct frame;

enum message_kind {
	/* code: type of the question; octets: the whole message */
	MESSAGE_DNS_QUESTION,
	/* code: the response code; octets: the whole message.  One that lacks
	 * every trait of answers is not handed over: most. */
	MESSAGE_DNS_ANSWER,
	/* octets: from the request line on, as far as the segment goes */
	MESSAGE_HTTP_REQUEST,
	/* code: the status; octets: from the status line on */
	MESSAGE_HTTP_RESPONSE,
	/* The server said yes (code 0) or no (1) to who the client is; octets:
	 * its words for that.  What HTTP says is its status alone. */
	MESSAGE_AUTHENTICATION,
	/* octets: a TLS handshake message of this sender, from its type on;
	 * code: that type (RFC 8446 section 4, 5246 section 7.4): a client's
	 * hello, or a server's that chose SSL 3.0; or 24: the content of a
	 * heartbeat's record */
	MESSAGE_TLS,
	/* octets: the line that names software and version */
	MESSAGE_BANNER,
	/* octets: an echo's payload; code: 1 where it is a reply */
	MESSAGE_ECHO,
	/* octets: the first payload of this sender, where that or what came
	 * before it does not show the application */
	MESSAGE_OPENING,
	/* nDPI's risks of a flow that was shown to it, as bits by its numbers
	 * (ndpi_typedefs.h, which only appends); no octets */
	MESSAGE_RISKS,
	/* octets: a segment that says something else than what was read of
	 * this sender where it begins */
	MESSAGE_OVERLAP,
	MESSAGE_KINDS
};

/*
 * What somebody may look for in a message.  Where it is read first, what it
 * surely has not is said of it, so that nobody else looks.
 */
enum message_trait {
	TRAIT_DNS_QUESTION = 1 << 0, /* it is one */
	/* A question for a name that is not the cluster's own (dns_local.h). */
	TRAIT_OUTSIDE_NAME = 1 << 1,
	/* DNS: a name may lead elsewhere than from the first answer to the
	 * question, which is what all servers write. */
	TRAIT_ODD_POINTER = 1 << 2,
	/* Answers: there is no such name; there is, and it is outside. */
	TRAIT_NO_SUCH_NAME = 1 << 3,
	TRAIT_NAME_EXISTS = 1 << 4,
	/* Answers about a name outside that may hold more than an address: of
	 * ANSWER_CARRIES octets or more, or with a policy. */
	TRAIT_CARRIES = 1 << 5,
	TRAIT_LARGE_ANSWER = 1 << 6, /* of ANSWER_LARGE octets or more */

	TRAIT_HTTP_REQUEST = 1 << 7, /* it is one */
	/* Requests: a header that says who asks; a target or body that names a
	 * password, or XML. */
	TRAIT_CREDENTIALS = 1 << 8,
	TRAIT_PASSWORD = 1 << 9,
	TRAIT_ODD_LENGTH = 1 << 10, /* not one plain Content-Length */
	/* What http_odd.h calls odd; a body that is a form or such is. */
	TRAIT_ODD_TARGET = 1 << 11,
	TRAIT_ODD_HEADER = 1 << 12,
	TRAIT_ODD_BODY = 1 << 13,
	/* The User-Agent is another than in the flow's last request. */
	TRAIT_NEW_AGENT = 1 << 14,
	TRAIT_METHOD = 1 << 15, /* a JSON text that calls a method */
	/* Responses: the first of the flow; a status of 400 and above. */
	TRAIT_FIRST_ANSWER = 1 << 16,
	TRAIT_REFUSAL = 1 << 17,
	/* Somebody said to wait for more of this flow (detector_await()). */
	TRAIT_AWAITED = 1 << 18,
};

/* A header and a question that is encoded have 50 octets. */
#define ANSWER_CARRIES 90

/* The most that DNS carried before EDNS (RFC 1035, 4.2.1). */
#define ANSWER_LARGE 512

/* The most octets of a message that are handed over. */
#define MESSAGE_MAXIMUM 2048

struct message {
	enum message_kind kind;
	bool from_client;
	uint32_t code;
	uint32_t lacks; /* enum message_trait: what is not in it */
	union {
		uint64_t risks; /* MESSAGE_RISKS */
		/* MESSAGE_AUTHENTICATION: hashes of the name, and of it with
		 * its password, that were believed or not; 0: not shown */
		struct {
			uint32_t name, credential;
		};
	};
	const uint8_t *octets;
	uint32_t size;   /* of what is here */
	uint32_t length; /* of what was sent; more when some is missing */
};

/* Kept per flow; zeroed for a new one, open only to be stored. */
struct message_note {
	bool over;      /* nothing more is read */
	uint8_t opened; /* bit per direction */
	uint8_t reader; /* 1 + that of the application; 0: not chosen yet */
	uint8_t looks;  /* segments that it has seen, up to its bound */
	uint8_t asked;  /* the client has said who it is */
	uint8_t begun;  /* bit per direction: `next` is known */
	uint8_t sasl;   /* what the client says next, by its mechanism */
	bool answered;  /* HTTP: a response was said */
	uint32_t agent; /* HTTP: a hash of the last User-Agent; 0: none */
	uint32_t name, credential; /* it says to be; as in a message */
	uint32_t next[2];          /* TCP: the sequence behind what was read */
	/* And of the segment that was read last: where it begins, how many of
	 * its first octets are known, and a digest of them. */
	uint32_t from[2], digest[2];
	uint8_t digested[2];
};

/* Octets that are compared when a segment is sent again: the line of a request,
 * or the head of a record. */
#define MESSAGE_DIGESTED 64

typedef void take_message(const struct message *message, void *context);

/* Where messages go, and which. */
struct message_taker {
	uint32_t wanted; /* bit per kind */
	take_message *take;
	void *context;
};

/* The hash that this name has in a message. */
uint32_t messages_name(const char *name);

/*
 * Reads a frame of a flow that is no copy of another frame; a flow whose note
 * is over need not be asked about.
 */
void messages_frame(struct message_note *note,
    const struct message_taker *taker, const struct appid_flow *appid,
    const struct frame *frame, bool from_client);

#endif
