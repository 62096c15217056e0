/*
 * record_identity -- the id of a native line, the same for every duplicate.
 */
#ifndef ALERTS_RECORD_IDENTITY_H
#define ALERTS_RECORD_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/*
 * Appends what record_view_id() says of the record; of a line that is none of
 * ours, its SHA-1 in hexadecimal.
 */
void record_identity(struct text *out, const char *native, size_t length);

#endif
