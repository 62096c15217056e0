/*
 * recordio -- takes Mesos' RecordIO stream apart.
 *
 * A record is its length in decimal digits, a line feed, and as many octets
 * (docs/recordio.md of Apache Mesos).  Octets come in any pieces.  Memory grows
 * with what has come, never with what a length promises.
 */
#ifndef CLASSIFIERS_SOURCES_RECORDIO_H
#define CLASSIFIERS_SOURCES_RECORDIO_H

#include <stdbool.h>
#include <stddef.h>

enum recordio_status {
	RECORDIO_MORE,   /* all octets are eaten, and no record is whole */
	RECORDIO_RECORD, /* one is; there may be octets left */
	RECORDIO_BROKEN, /* no such stream, or a record over the maximum */
};

struct recordio {
	char *record; /* owned; the record, NUL-terminated, once it is whole */
	size_t length;
	size_t capacity;
	size_t maximum;
	size_t wanted;   /* octets of the record on its way; 0 in a length */
	unsigned digits; /* of the length so far */
	bool whole, broken;
};

/* Starts a stream of records of at most `maximum` octets each. */
void recordio_init(struct recordio *reader, size_t maximum);
void recordio_release(struct recordio *reader);

/*
 * Eats octets up to the end of the next record, moving `*octets` and `*size`.
 * A record stays readable until the next call.  A broken stream stays broken.
 */
enum recordio_status recordio_take(
    struct recordio *reader, const char **octets, size_t *size);

/* Whether the stream may end here: between two records. */
bool recordio_between(const struct recordio *reader);

#endif
