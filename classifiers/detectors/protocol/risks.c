/*
 * risks -- what nDPI finds risky in a flow, where that is more than noise.
 *
 * Idea: nDPI marks flows with some 57 risks, of which half are everyday inside
 * a cluster: self-signed certificates, no server name, odd ports, one
 * direction. So each has a scope.
 *
 * Formula: of a flow's risks (bits by nDPI's numbers, which it only appends to)
 * each one is said that its scope lets through:
 *   everywhere  what is known of malware, SMB 1, possible exploits
 *   outside     where an end is outside, and no model allows the flow
 *   off         what is ordinary, or has a detector of its own that is surer
 * `inside` 1 makes outside everywhere, `noise` 1 makes off outside.  The
 * signature is 3001 + the risk's number, of group 103.
 *
 * Thresholds: nDPI's own; of them its documentation (doc/flow_risks.rst).  What
 * it finds depends on its version: 4.2 has 42 risks, 5.x 57.
 *
 * ATT&CK: as the catalogue says for each.
 *
 * Still gets through: all that is off.  What nDPI marks wrongly is wrong here:
 * hence the confidence, and low severities.
 */
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"

#define SIGNATURE_FIRST 3001
#define RISKS           64

enum setting { INSIDE, NOISE };

static const struct detector_setting settings[] = {
    {"inside", "", 0, 0, 1, "1: say inside what is said outside", "-"},
    {"noise", "", 0, 0, 1, "1: say outside what is off", "-"},
};

enum risk_scope { RISK_OFF, RISK_OUT, RISK_ALL };

static const struct {
	enum risk_scope scope;
	uint8_t confidence;
	const char *what;
} risks[RISKS] = {
    [1] = {RISK_OUT, 50, "a URL that may hold a script"},
    [2] = {RISK_OUT, 50, "a URL that may hold SQL"},
    [3] = {RISK_OUT, 55, "a URL that may hold a command"},
    [4] = {RISK_OFF, 45, "a program that is transferred over HTTP"},
    [5] = {RISK_OFF, 40, "a known protocol on another port"},
    [6] = {RISK_OUT, 60, "a self-signed certificate"},
    [7] = {RISK_OUT, 85, "an obsolete version of TLS"},
    [8] = {RISK_OUT, 85, "a weak cipher of TLS"},
    [9] = {RISK_OUT, 70, "a certificate that has expired"},
    [10] = {RISK_OUT, 60, "a certificate of another name"},
    [11] = {RISK_OFF, 40, "a suspicious user agent"},
    [12] = {RISK_OFF, 40, "an address in place of a host's name"},
    [13] = {RISK_OFF, 40, "a suspicious URL"},
    [14] = {RISK_OFF, 40, "a suspicious header"},
    [15] = {RISK_OFF, 30, "TLS that does not carry HTTPS"},
    [16] = {RISK_OFF, 45, "a name that may be generated"},
    [17] = {RISK_OFF, 40, "a malformed packet"},
    [18] = {RISK_OUT, 75, "an obsolete SSH client or cipher"},
    [19] = {RISK_OUT, 75, "an obsolete SSH server or cipher"},
    [20] = {RISK_ALL, 80, "version 1 of SMB"},
    [21] = {RISK_OUT, 60, "a suspicious use of encrypted server names"},
    [22] = {RISK_OFF, 50, "an unsafe protocol"},
    [23] = {RISK_OFF, 45, "suspicious DNS traffic"},
    [24] = {RISK_OFF, 40, "TLS that names no server"},
    [25] = {RISK_OFF, 45, "content that its type does not explain"},
    [26] = {RISK_ALL, 70, "a network of bad repute"},
    [27] = {RISK_ALL, 75, "a domain of bad repute"},
    [28] = {RISK_ALL, 75, "a client known from malware"},
    [29] = {RISK_ALL, 85, "a certificate known from malware"},
    [30] = {RISK_OUT, 55, "remote control or file sharing"},
    [31] = {RISK_OFF, 40, "an uncommon protocol inside TLS"},
    [32] = {RISK_OFF, 40, "a certificate that is valid for too long"},
    [33] = {RISK_OUT, 55, "a suspicious extension of TLS"},
    [34] = {RISK_OFF, 40, "a fatal alert of TLS"},
    [35] = {RISK_OFF, 35, "an unusual entropy"},
    [36] = {RISK_OUT, 75, "credentials in clear text"},
    [37] = {RISK_OFF, 40, "a large DNS packet"},
    [38] = {RISK_OFF, 45, "fragmented DNS"},
    [39] = {RISK_OFF, 45, "text with invalid characters"},
    [40] = {RISK_ALL, 60, "a possible exploit"},
    [41] = {RISK_OFF, 40, "a certificate that is about to expire"},
    [42] = {RISK_OUT, 40, "a name in punycode"},
    [43] = {RISK_OFF, 30, "an error code"},
    [44] = {RISK_OFF, 40, "a crawler or bot"},
    [45] = {RISK_OUT, 40, "an anonymous subscriber"},
    [46] = {RISK_OFF, 30, "traffic one way only"},
    [47] = {RISK_OUT, 55, "an obsolete HTTP server"},
    [48] = {RISK_OFF, 30, "a periodic flow"},
    [49] = {RISK_OFF, 30, "minor issues"},
    [50] = {RISK_OFF, 30, "TCP connection issues"},
    [51] = {RISK_OUT, 40, "a fully encrypted flow"},
    [52] = {RISK_OUT, 55, "a protocol and a server's name that do not fit"},
    [53] = {RISK_ALL, 85, "a host known from malware"},
    [54] = {RISK_OFF, 40, "binary data"},
    [55] = {RISK_OFF, 40, "a probing attempt"},
    [56] = {RISK_OUT, 50, "obfuscated traffic"},
};

struct known {
	struct pace pace;
};

static void *
risks_open(struct detector_host *host)
{
	return desk_open(host, 2048, 1024, sizeof(struct known));
}

static bool
is_let_through(
    struct desk *desk, const struct sighting *sighting, enum risk_scope scope)
{
	bool outward = !sighting->client.inside || !sighting->server.inside;

	if (scope == RISK_ALL)
		return true;
	if (scope == RISK_OFF &&
	    detector_setting(desk->host, NOISE, sighting) < 1)
		return false;
	if (detector_setting(desk->host, INSIDE, sighting) >= 1)
		return true;
	return outward &&
	       !(sighting->judged && sighting->verdict == VERDICT_ALLOWED);
}

static void
say(struct desk *desk, const struct sighting *sighting, unsigned bit)
{
	const struct sighted_end *client = &sighting->client;
	struct anomaly anomaly = {.signature = SIGNATURE_FIRST + bit,
	    .subject = client,
	    .object = &sighting->server,
	    .confidence = risks[bit].confidence,
	    .silent_if = "a flow without this risk, or a scope that masks it"};
	struct known *known = memory_get(desk->memory, desk_class(client),
	    memory_key(memory_key(client->key, sighting->server.key), bit),
	    NULL);

	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence, "%s and %s: %s", client->name,
	    sighting->server.name, risks[bit].what);
	json_put_int(&desk->json, "risk", bit);
	json_put_string(&desk->json, "application",
	    application_name(sighting->appid.application));
	json_put_int(&desk->json, "port", sighting->port);
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

/* nDPI's risk by which it tells remote control and file sharing. */
#define RISK_REMOTE 30

/*
 * Datagrams of one end alone are none's protocol, whichever the ports make the
 * client: nDPI knows TeamViewer and BitTorrent by a few octets, which noise of
 * strangers has as well.
 */
static bool
is_noise(const struct sighting *sighting, unsigned bit)
{
	const struct flow *flow = sighting->flow;

	return bit == RISK_REMOTE && flow->protocol == PROTOCOL_UDP &&
	       (flow->packets[0] == 0 || flow->packets[1] == 0);
}

static void
risks_see(void *state, const struct sighting *sighting)
{
	struct desk *desk = state;
	uint64_t left = sighting->message.risks;

	if (detector_is_off(desk->host, sighting))
		return;
	for (; left != 0; left &= left - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(left);

		/* Those that nDPI has learned since have no name yet. */
		if (risks[bit].what != NULL && !is_noise(sighting, bit) &&
		    is_let_through(desk, sighting, risks[bit].scope))
			say(desk, sighting, bit);
	}
}

const struct detector detector_risks = {
    .name = "risks",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_RISKS,
    .revision = 1,
    .open = risks_open,
    .close = desk_close,
    .see = risks_see,
    .memory = desk_memory,
};
