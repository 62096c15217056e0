/*
 * record_doubt -- what makes a record less sure than it looks.
 *
 * Packets that were lost while a flow went on may have been its beginning, or
 * what would have told its application; a clock that was set makes it unsure
 * who held an address.  Whoever reads the record should know.  Pure.
 */
#ifndef ALERTS_RECORD_DOUBT_H
#define ALERTS_RECORD_DOUBT_H

struct json_writer;
struct record_flow;
struct record_source;

/* Bits. */
enum record_doubt {
	RECORD_DOUBT_LOSS = 1,  /* packets were lost while it went on */
	RECORD_DOUBT_CLOCK = 2, /* the clock that stamps packets stepped */
};

#define RECORD_DOUBTS 2

/* The member `doubts`, if there are any. */
void record_put_doubts(struct json_writer *json, unsigned doubts);

/* The interface to name; NULL for none.  `about` may be NULL. */
const char *record_interface(
    const struct record_source *source, const struct record_flow *about);

#endif
