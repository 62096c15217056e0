/* Made from alerts/catalog.yaml by `make catalogue`; change that. */
#include "alerts/catalog.h"

const struct signature catalog_signatures[] = {
    {
	.gid = 100,
	.id = 1001,
	.revision = 1,
	.deviation = DEVIATION_RELATIONSHIP,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected relationship",
	.meaning = "The models know this server, but not this client of it; or "
		   "they know what this client needs, and this server is not "
		   "part of it.",
	.remedy =
	    "find out what the client wants there; if it is right, add "
	    "the client to `from:` of the server's entry or the server to "
	    "the client's `needs:`",
    },
    {
	.gid = 100,
	.id = 1002,
	.revision = 1,
	.deviation = DEVIATION_PORT,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected port",
	.meaning = "This client may reach this server in some way, but not on "
		   "this port.",
	.remedy =
	    "find out what listens there; if it is right, add the port to "
	    "the entry that the alert names",
    },
    {
	.gid = 100,
	.id = 1003,
	.revision = 1,
	.deviation = DEVIATION_APPLICATION,
	.severity = SEVERITY_MEDIUM,
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "unexpected application protocol",
	.meaning = "The pair and the port are stated, but the payload shows "
		   "another application. One that stayed hidden never raises "
		   "this.",
	.remedy = "find out what speaks on that port; if it is right, add the "
		  "application to the entry that the alert names",
    },
    {
	.gid = 100,
	.id = 1004,
	.revision = 1,
	.deviation = DEVIATION_DIRECTION,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected direction",
	.meaning = "The relationship is stated the other way round.",
	.remedy = "find out why the server calls back; if it is right, state "
		  "the relationship both ways",
    },
    {
	.gid = 100,
	.id = 1005,
	.revision = 1,
	.deviation = DEVIATION_SEGMENT,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "segment boundary crossed",
	.meaning =
	    "The flow crosses a boundary that a segment isolates; no "
	    "model can allow it. `policy.segment` and `policy.compliance` "
	    "say which rules are at stake.",
	.remedy = "stop it, or add an `except:` to the boundary that the alert "
		  "names; no model can allow it",
    },
    {
	.gid = 100,
	.id = 1006,
	.revision = 1,
	.deviation = DEVIATION_EXTERNAL,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected outside peer",
	.meaning = "An address that is no workload, node or zone, and that "
		   "nothing allows.",
	.remedy = "find out who the address belongs to; if it is right, add it "
		  "as `external:` with its networks or as a zone",
    },
};

const size_t catalog_signature_count =
    sizeof(catalog_signatures) / sizeof(catalog_signatures[0]);
