#include "alerts/catalog.h"

#include <stddef.h>

/*
 * Long names from Suricata's classification.config (policy-violation and
 * non-standard-protocol): consumers of EVE have tables of these.
 */
#define POLICY_VIOLATION "Potential Corporate Privacy Violation"
#define NON_STANDARD     "Detection of a Non-Standard Protocol or Event"

/* 1007 is kept for deviations in what a message says. */
static const struct signature deviations[] = {
    [DEVIATION_RELATIONSHIP] = {GID_POLICY, 1001, 1, POLICY_VIOLATION,
	"unexpected relationship",
	"find out what the client wants there; if it is right, add the client "
	"to `from:` of the server's entry or the server to the client's "
	"`needs:`"},
    [DEVIATION_PORT] = {GID_POLICY, 1002, 1, POLICY_VIOLATION,
	"unexpected port",
	"find out what listens there; if it is right, add the port to the "
	"entry that the alert names"},
    [DEVIATION_APPLICATION] = {GID_POLICY, 1003, 1, NON_STANDARD,
	"unexpected application protocol",
	"find out what speaks on that port; if it is right, add the "
	"application to the entry that the alert names"},
    [DEVIATION_DIRECTION] = {GID_POLICY, 1004, 1, POLICY_VIOLATION,
	"unexpected direction",
	"find out why the server calls back; if it is right, state the "
	"relationship both ways"},
    [DEVIATION_SEGMENT] = {GID_POLICY, 1005, 1, POLICY_VIOLATION,
	"segment boundary crossed",
	"stop it, or add an `except:` to the boundary that the alert names; "
	"no model can allow it"},
    [DEVIATION_EXTERNAL] = {GID_POLICY, 1006, 1, POLICY_VIOLATION,
	"unexpected outside peer",
	"find out who the address belongs to; if it is right, add it as "
	"`external:` with its networks or as a zone"},
};

const struct signature *
catalog_deviation(enum deviation deviation)
{
	return deviation == DEVIATION_NONE ? NULL : &deviations[deviation];
}

int
catalog_eve_severity(enum severity severity)
{
	switch (severity) {
	case SEVERITY_LOW:
		return 3;
	case SEVERITY_MEDIUM:
		return 2;
	case SEVERITY_HIGH:
	case SEVERITY_CRITICAL:
		return 1;
	}
	return 3;
}
