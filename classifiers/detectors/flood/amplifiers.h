/*
 * amplifiers -- services of UDP that answer anybody with more than they were
 * asked, by their port; and flows that consist of their answers alone.
 *
 * Does not know how many of them are a flood.  Pure.
 */
#ifndef CLASSIFIERS_DETECTORS_FLOOD_AMPLIFIERS_H
#define CLASSIFIERS_DETECTORS_FLOOD_AMPLIFIERS_H

#include <stdbool.h>
#include <stdint.h>

struct sighting;

bool amplifiers_has(uint16_t port);

/*
 * Whether such a flow was taken for its opposite: what came from the outside
 * from such a port, to a port that looks more like a server's, or is one, and
 * nobody answered it.  Then the flow's client is who answers, and its server
 * the victim.
 */
bool amplifiers_turned(const struct sighting *sighting);

#endif
