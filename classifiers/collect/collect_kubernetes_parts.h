/*
 * collect_kubernetes_parts -- what the files of the collector share.
 *
 * collect_kubernetes.c keeps the kinds together and speaks to the listener;
 * collect_kubernetes_kind.c decides what a kind does next; _ask.c asks the
 * server and takes its answers apart, of which _read.c reads the objects.
 * Nobody else includes this.
 */
#ifndef CLASSIFIERS_COLLECT_COLLECT_KUBERNETES_PARTS_H
#define CLASSIFIERS_COLLECT_COLLECT_KUBERNETES_PARTS_H

#include "classifiers/collect/collect_known.h"
#include "classifiers/collect/collect_kubernetes.h"
#include "classifiers/sources/kubernetes.h"
#include "sensor/base/http.h"
#include "sensor/base/json_split.h"
#include "sensor/base/loop.h"
#include "sensor/base/text.h"

/* etcd takes no object above 1.5 MiB; JSON of it is not twice that. */
#define OBJECT_MAXIMUM ((size_t)4 * 1024 * 1024)

/* What a server says of an error; the rest is left out. */
#define COMPLAINT_MAXIMUM ((size_t)16 * 1024)

/* Continue tokens are of some 200 octets, resourceVersions of 20. */
#define KIND_TOKEN_MAXIMUM   ((size_t)4096)
#define KIND_VERSION_MAXIMUM ((size_t)128)

/* The API's path of one kind. */
struct resource {
	const char *kind;  /* as objects say it */
	const char *group; /* `/apis/apps/v1` */
	const char *plural;
	bool namespaced;
	unsigned facts; /* kinds (COLLECT_KIND) that it is stated as */
};

enum kind_state {
	KIND_RESTS, /* its timer says when it goes on */
	KIND_LISTS,
	KIND_WATCHES,
	KIND_DONE, /* listed, and nothing more is wanted */
};

/* What is wrong with an answer, for whoever decides what comes next. */
enum kind_fault {
	KIND_FINE,
	KIND_FORGOTTEN,   /* 410: list again */
	KIND_FORBIDDEN,   /* 403 */
	KIND_MISSING,     /* 404: the server has no such kind */
	KIND_STRANGER,    /* 401 */
	KIND_UNREACHABLE, /* no connection, or no trust */
	KIND_BROKEN,      /* anything else; it may be better next time */
};

struct kind {
	struct collect_kubernetes *collector;
	const struct resource *resource;
	enum kind_state state;
	struct http_request *request; /* NULL when none is under way */
	struct loop_timer *timer;
	struct json_split *split;
	struct collect_known *known;
	struct fact_taker taker; /* passes news on to the collector's */
	struct text next;        /* token of the list's next page */
	struct text version;     /* where a watch begins */
	struct text complaint;   /* the body of an error */
	unsigned failures;       /* one after the other */
	unsigned forgotten;      /* lists that grew too old, likewise */
	bool listed;             /* in full, at least once */
	bool excluded;           /* may not be read, or is not there */
	bool excluded_said;
	bool said; /* that it fails, until it is well again */
	bool gave_up;
	bool lists; /* which the listener was told */
	bool lossy; /* an item of the list was left out */
	bool lossy_said;
	/* Of the request under way. */
	enum kind_fault stream_fault; /* an ERROR in a watch */
	uint64_t number;              /* of all requests */
	uint64_t stream_events;
	uint64_t oversized; /* objects, told */
	struct instant asked;
};

#define KIND_COUNT ((size_t)12)

struct collect_kubernetes {
	struct loop *loop;
	struct http *http;
	struct collect_kubernetes_settings settings;
	struct collect_listener listener;
	struct collect_kubernetes_counts counts;
	struct text token;
	struct text trouble;     /* of a kind, as it was said last */
	struct loop_timer *beat; /* states that all is up to date */
	uint64_t random;
	bool away; /* the server is, and that was said */
	/* So many requests had begun when it went, and when it came back. */
	uint64_t away_from, back_from;
	uint64_t asked;   /* requests */
	bool listed_said; /* to the listener, for the lists as they are */
	bool ended;
	bool left_out; /* an object was, and that was said */
	struct kind kinds[KIND_COUNT];
};

/* --- collect_kubernetes.c --- */

/* A kind's list was completed, or it was excluded, or it gave up. */
void collector_consider(struct collect_kubernetes *collector);

/* An object was left out; the first time the operator is told why. */
void collector_leave_out(
    struct collect_kubernetes *collector, const char *plural, const char *why);

/*
 * The server answers the request of that number.  What began before it went
 * away says nothing of how it is now; nor does what failed before it was back.
 */
void collector_is_answered(
    struct collect_kubernetes *collector, uint64_t number);

/* An evenly distributed number below `bound`, which is not 0. */
uint64_t collector_random(struct collect_kubernetes *collector, uint64_t bound);

/* --- collect_kubernetes_kind.c --- */

/* Sets the kind up, and starts its first list from the loop. */
void kind_begin(struct kind *kind, struct collect_kubernetes *collector,
    const struct resource *resource);
void kind_release(struct kind *kind);

/* It does what it should: what fails from now on fails for the first time. */
void kind_is_well(struct kind *kind);

/* The answer to what was asked is there, or will not be. */
void kind_answered(struct kind *kind, enum kind_fault fault,
    unsigned retry_after, const char *words);

/* --- collect_kubernetes_ask.c --- */

/* Asks for the next page of the kind's list, or for a watch. */
void kind_ask(struct kind *kind);

/* --- collect_kubernetes_read.c --- */

/* Takes a list's item or a watch's event; for the splitter. */
bool kind_take_object(const char *octets, size_t size, void *context);

/*
 * Reads what is around the items of a page that is whole.
 *
 * returns    false when it is none
 */
bool kind_read_page(struct kind *kind);

/* What a Status object says, or the beginning of any other text. */
const char *kind_complaint(struct kind *kind);

/* A resourceVersion as a number, or 0. */
uint64_t kind_version(const struct kind *kind);

#endif
