/*
 * json_salvage -- reads a JSON document of which some objects are none.
 *
 * One object with a key twice or a number beyond all bounds would cost the
 * whole list that it stands in.  Here it costs itself: the smallest object of
 * an array that cannot be read is taken for a 0, and counted.  What is wrong
 * elsewhere, or between the objects, is a fault of the whole as ever.
 */
#ifndef SENSOR_BASE_JSON_SALVAGE_H
#define SENSOR_BASE_JSON_SALVAGE_H

#include <stddef.h>

#include "sensor/base/json_read.h"

/* What a text had that cannot be had. */
struct json_losses {
	size_t mended;           /* characters; see json_parse_foreign() */
	size_t left_out;         /* objects, */
	struct json_fault fault; /* of which this is the first one's */
};

/*
 * Reads text of another program as json_parse_foreign() does.
 *
 * losses     set in any case
 * returns    an owned document for json_free(), or NULL with `*fault` set
 */
struct json *json_salvage(const char *octets, size_t size,
    struct json_losses *losses, struct json_fault *fault);

#endif
