/*
 * dns-bypass -- a workload that asks its own DNS servers, not the cluster's.
 *
 * Idea: what passes the cluster's resolver can be logged and filtered there;
 * malware and tunnels bring their own server.  Malware that wants to hide the
 * names too uses DNS over TLS (RFC 7858, port 853), over QUIC (RFC 9250, the
 * same port) or over HTTPS (RFC 8484), which is told by the name or address of
 * the public resolvers that offer it.
 *
 * Formula: questions of a workload to one server outside, of flows that no
 * model allows: `questions` of them within 10 minutes, or one encrypted flow
 * that was answered.  Only where the cluster has a resolver (resolvers.h; a
 * cluster of Kubernetes always has) that could have been asked; what a resolver
 * itself asks is its business.
 *
 * Thresholds: 3 questions: one name asked as A and AAAA, once more after that;
 * a stray packet is none.  ntopng warns at more than 5 DNS servers per host.
 *
 * ATT&CK: T1071.004; encrypted T1572 (protocol tunnelling).
 *
 * Still gets through: DNS over HTTPS to a server nobody knows, or one whose
 * name is encrypted (ECH) on an address of a content network; a resolver of the
 * attacker's inside the cluster that two other workloads ask.
 */
#include <string.h>

#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/dns/dns_seen.h"
#include "classifiers/detectors/dns/resolvers.h"
#include "classifiers/outside.h"

#define SIGNATURE_PLAIN     2051
#define SIGNATURE_ENCRYPTED 2052

#define WINDOW_HALF (300 * NS_PER_SECOND)
#define PORT_DOT    853
#define PORT_HTTPS  443

enum setting { QUESTIONS };

static const struct detector_setting settings[] = {
    {"questions", "questions", 3, 1, 1e6,
	"to one server outside within 10 minutes",
	"a judgement: A and AAAA of a name, and one more"},
};

/* Names under which public resolvers offer DNS over HTTPS, as their operators
 * document them. */
static const char *const doh_names[] = {"dns.google", "dns.google.com",
    "cloudflare-dns.com", "one.one.one.one", "mozilla.cloudflare-dns.com",
    "chrome.cloudflare-dns.com", "security.cloudflare-dns.com",
    "family.cloudflare-dns.com", "dns.quad9.net", "dns9.quad9.net",
    "dns10.quad9.net", "dns11.quad9.net", "doh.opendns.com", "dns.adguard.com",
    "dns.adguard-dns.com", "unfiltered.adguard-dns.com", "dns.nextdns.io",
    "doh.cleanbrowsing.org", "doh.dns.sb", "dns.sb", "doh.libredns.gr",
    "dns.mullvad.net", "freedns.controld.com", "dns.controld.com",
    "doh.mullvad.net", "dns.alidns.com", "doh.pub", "dns0.eu", "zero.dns0.eu",
    "odvr.nic.cz", "dns.switch.ch", NULL};

/* The addresses of those of them that serve nothing else. */
static const char *const doh_addresses[] = {"8.8.8.8", "8.8.4.4", "1.1.1.1",
    "1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220",
    "94.140.14.14", "94.140.15.15", "2001:4860:4860::8888",
    "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001",
    "2620:fe::fe", "2620:fe::9", NULL};

struct known {
	int64_t since_ns;
	uint32_t now, before;
	uint64_t encrypted;
	struct pace pace;
};

static void *
bypass_open(struct detector_host *host)
{
	return desk_open(host, 2048, 16, sizeof(struct known));
}

static struct memory *
bypass_memory(void *state, size_t index, const char **name)
{
	const struct desk *desk = state;

	if (index == 0)
		return desk_memory(state, index, name);
	*name = "resolvers";
	return index == 1 ? detector_resolvers(desk->host)->memory : NULL;
}

static bool
in_list(const char *name, const char *const *list)
{
	for (; name != NULL && *list != NULL; list++) {
		if (strcmp(name, *list) == 0)
			return true;
	}
	return false;
}

/* The name by which the server is a public resolver, or NULL. */
static const char *
resolver_name(const struct sighted_end *server)
{
	const struct outside *outside = sighted_outside(server);

	if (outside != NULL) {
		if (in_list(outside->server_name, doh_names))
			return outside->server_name;
		/* An answered name proves little where the client then asked
		 * for another one. */
		for (size_t i = 0;
		     outside->server_name == NULL && i < outside->name_count;
		     i++) {
			if (in_list(outside->names[i], doh_names))
				return outside->names[i];
		}
	}
	return in_list(server->name, doh_addresses) ? server->name : NULL;
}

/*
 * Whether there is one that it could ask: one was seen, or its cluster is of
 * Kubernetes, which has one by its specification of DNS.
 */
static bool
has_resolver(struct desk *desk, const struct sighted_end *client)
{
	const struct workload *workload = client->party->workload;

	return (!workload->host_network &&
		   strcmp(workload->orchestrator, "kubernetes") == 0) ||
	       resolvers_known(detector_resolvers(desk->host));
}

/* Who asks whom; the rest takes a look-up or two. */
static bool
may_be_one(const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;
	const struct sighted_end *server = &sighting->server;

	return client->inside &&
	       client->party->attribution == ATTRIBUTION_EXACT &&
	       server->party->attribution == ATTRIBUTION_EXTERNAL &&
	       !address_is_link_local(&server->party->address) &&
	       !address_is_multicast(&server->party->address) &&
	       !(sighting->judged && sighting->verdict == VERDICT_ALLOWED);
}

static bool
is_candidate(struct desk *desk, const struct sighting *sighting)
{
	const struct sighted_end *client = &sighting->client;

	return may_be_one(sighting) && !detector_is_off(desk->host, sighting) &&
	       !resolvers_has(detector_resolvers(desk->host), client) &&
	       has_resolver(desk, client);
}

static struct known *
entry_of(struct desk *desk, const struct sighting *sighting)
{
	struct known *entry = memory_get(desk->memory, MEMORY_INSIDE,
	    memory_key(sighting->client.key, sighting->server.key), NULL);
	int passed =
	    halves_passed(&entry->since_ns, sighting->then.ns, WINDOW_HALF);

	if (passed > 0) {
		entry->before = passed == 1 ? entry->now : 0;
		entry->now = 0;
	}
	return entry;
}

/* --- in the clear --------------------------------------------------------- */

static void
see_question(struct desk *desk, const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_PLAIN,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 85,
	    .silent_if = "the cluster's DNS server had been asked, or a model "
			 "allowed this one"};
	struct known *entry = entry_of(desk, sighting);
	const struct dns_seen *seen;

	entry->now++;
	pace_begin(&entry->pace, sighting);
	if (entry->now + entry->before <
	    detector_setting(desk->host, QUESTIONS, sighting))
		return;
	anomaly.count = pace_count(&entry->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s asks %s for names, not the cluster's DNS servers",
	    sighting->client.name, sighting->server.name);
	json_put_int(
	    &desk->json, "questions", (int64_t)entry->now + entry->before);
	seen = detector_dns(desk->host, sighting);
	if (seen->read)
		json_put_string(&desk->json, "example", seen->query.name);
	seen_put(&desk->json, seen_of_pace(&entry->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

/* --- encrypted ------------------------------------------------------------ */

static const char *
encrypted_how(const struct sighting *sighting, const char **resolver)
{
	enum application seen = sighting->appid.application;
	bool tls = seen == APPLICATION_TLS || seen == APPLICATION_DTLS ||
		   sighting->appid.carrier == APPLICATION_TLS;

	*resolver = resolver_name(&sighting->server);
	if (sighting->port == PORT_DOT &&
	    (tls || seen == APPLICATION_QUIC || seen == APPLICATION_DNS ||
		sighting->appid.confidence < APP_DPI))
		return sighting->flow->protocol == PROTOCOL_UDP ? "QUIC"
								: "TLS";
	if (*resolver == NULL || sighting->port != PORT_HTTPS)
		return NULL;
	return tls || seen == APPLICATION_QUIC || seen == APPLICATION_HTTP3 ||
		       seen == APPLICATION_HTTP2 || seen == APPLICATION_DNS
		   ? "HTTPS"
		   : NULL;
}

static void
see_flow(struct desk *desk, const struct sighting *sighting)
{
	struct anomaly anomaly = {.signature = SIGNATURE_ENCRYPTED,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = 80,
	    .silent_if = "the cluster's DNS server had been asked, or a model "
			 "allowed this one"};
	const char *resolver, *how;
	struct known *entry;

	/* The lists are long, and nearly no flow is one of these. */
	if ((sighting->port != PORT_DOT && sighting->port != PORT_HTTPS) ||
	    !may_be_one(sighting))
		return;
	how = encrypted_how(sighting, &resolver);
	if (how == NULL || !flow_was_accepted(sighting->flow) ||
	    !is_candidate(desk, sighting))
		return;
	entry = entry_of(desk, sighting);
	entry->encrypted++;
	anomaly.count = pace_count(&entry->pace, sighting);
	if (anomaly.count == 0)
		return;
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s asks %s for names by DNS over %s, not the cluster's DNS "
	    "servers",
	    sighting->client.name,
	    resolver == NULL ? sighting->server.name : resolver, how);
	json_put_string(&desk->json, "transport", how);
	json_put_string(&desk->json, "resolver", resolver);
	json_put_int(&desk->json, "flows", (int64_t)entry->encrypted);
	seen_put_flow(&desk->json, sighting);
	desk_raise(desk, anomaly, sighting);
}

static void
bypass_see(void *state, const struct sighting *sighting)
{
	if (sighting->kind == SIGHTED_READY)
		see_flow(state, sighting);
	else if (is_candidate(state, sighting))
		see_question(state, sighting);
}

const struct detector detector_dns_bypass = {
    .name = "dns-bypass",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .flows = FLOWS_CROSSING,
    .kinds = 1 << SIGHTED_MESSAGE | 1 << SIGHTED_READY,
    .messages = 1 << MESSAGE_DNS_QUESTION,
    .revision = 1,
    .open = bypass_open,
    .close = desk_close,
    .see = bypass_see,
    .memory = bypass_memory,
};
