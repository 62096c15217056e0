/*
 * ndpi -- asks nDPI which application a flow speaks (the nDPI adapter).
 *
 * Compiles against nDPI 4.2 to 5.x by feature macros; nothing outside its .c
 * sees an nDPI type, number or name.  The input guards, each for a fault that
 * was seen: only whole IP and transport headers, never another flow's packet,
 * no empty UDP payload, at least 256 zero octets after the packet's end, and
 * DTLS left out before 4.10 (a certificate crashes 4.2).  nDPI's port guesses
 * come out as APP_PORT.  What it says of a flow does not hang on other flows:
 * its caches are kept empty, and an answer out of one is none.  One module per
 * worker, one thread each.
 */
#ifndef CLASSIFIERS_NDPI_H
#define CLASSIFIERS_NDPI_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"

struct frame;
struct ndpi_module; /* opaque */
struct ndpi_flow;   /* opaque: one flow in detection */

/*
 * Makes an owned module for ndpi_module_free().
 *
 * sessions   flows that may be in detection at once; allocated whole when the
 *            first one is taken
 * returns    NULL with a constant text in *fault
 */
struct ndpi_module *ndpi_module_new(uint32_t sessions, const char **fault);
void ndpi_module_free(struct ndpi_module *module);

/* Takes a flow state from the pool, or NULL when all are in use. */
struct ndpi_flow *ndpi_flow_take(struct ndpi_module *module);

/* Gives a flow state back; NULL is allowed. */
void ndpi_flow_return(struct ndpi_module *module, struct ndpi_flow *flow);

/*
 * Shows a payload frame to nDPI.
 *
 * at_ms      packet time in milliseconds
 * result     what nDPI says so far
 * returns    true when nDPI will not change its mind
 */
bool ndpi_frame(struct ndpi_module *module, struct ndpi_flow *flow,
    const struct frame *frame, bool to_server, uint64_t at_ms,
    struct appid *result);

/* Asks for a last word, guesses included (as APP_PORT). */
void ndpi_give_up(
    struct ndpi_module *module, struct ndpi_flow *flow, struct appid *result);

/*
 * What nDPI thinks odd about the flow so far, one bit for each of its risks
 * (enum ndpi_risk_enum of ndpi_typedefs.h; newer versions only append).
 */
uint64_t ndpi_flow_risks(const struct ndpi_flow *flow);

/* Such as `nDPI 4.2.0`. */
const char *ndpi_version(void);

#endif
