/*
 * cloud-metadata -- a workload that asks the cloud for a machine's credentials.
 *
 * Idea.  A cloud gives every machine its credentials over HTTP, at an address
 * that only this machine reaches; so do its pods, and whoever makes one of them
 * fetch an address (SSRF), or has a shell in it.  Agents of nodes need that;
 * workloads have identities of their own, and no model here allows it.
 *
 * Formula.  A request for a path that gives credentials or what machines are
 * started with, to 169.254.169.254, fd00:ec2::254, fd20:ce::254 (Google),
 * 169.254.170.2 (ECS), 100.100.100.200 (Alibaba) or 192.0.0.192 (Oracle), or to
 * a proxy for one of them.  Not of nodes or what is on their network, and not
 * of images of cloud controllers, storage drivers, autoscalers and agents that
 * clouds' manuals give a node's role.  Regions, names and zones are no secret.
 * An SDK of the cloud asks by itself where it finds no identity: of its user
 * agent we are less sure, and surer where the answer is 200.
 *
 * Sources of paths: the clouds' manuals ("Instance metadata" of AWS, Google
 * Compute Engine, Azure IMDS, Alibaba ECS, Oracle, OpenStack's metadata).
 *
 * Thresholds: one request is enough; `requests` may ask for more.
 *
 * ATT&CK T1552.005 (cloud instance metadata API).
 *
 * Still gets through: pods on their node's network, whose address is the
 * node's; a proxy of the cluster's own that changes the path (kube2iam); the
 * address of EKS Pod Identity (169.254.170.23), where a pod gets its own
 * credentials.
 */
#include <string.h>

#include "classifiers/detectors/asked.h"
#include "classifiers/detectors/desk.h"
#include "classifiers/detectors/detectors_table.h"
#include "classifiers/detectors/http/http_request.h"
#include "classifiers/inventory/workload.h"

#define SIGNATURE 2140

enum setting { REQUESTS };

static const struct detector_setting settings[] = {
    {"requests", "requests", 1, 1, 1e6,
	"for credentials by one workload until it is said",
	"a judgement: no workload needs one"},
};

struct known {
	uint64_t requests, answered;
	struct pace pace;
};

struct state {
	struct desk desk;
	struct asked asked;
};

static void *
metadata_open(struct detector_host *host)
{
	return desk_open_state(
	    sizeof(struct state), host, 1024, 8, sizeof(struct known));
}

/* --- where ---------------------------------------------------------------- */

/* As addresses are kept: IPv4 in its mapped form. */
static const uint8_t services[][16] = {
    {[10] = 0xff, 0xff, 169, 254, 169, 254},
    {[10] = 0xff, 0xff, 169, 254, 170, 2},
    {[10] = 0xff, 0xff, 100, 100, 100, 200},
    {[10] = 0xff, 0xff, 192, 0, 0, 192},
    {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54},
    {0xfd, 0x20, 0x00, 0xce, [14] = 0x02, 0x54},
};

static bool
is_service(const struct address *address)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (memcmp(address->octets, services[i], 16) == 0)
			return true;
	return false;
}

/* `GET http://169.254.169.254/...`, as a proxy is asked. */
static bool
is_for_service(const struct message *message)
{
	static const char *const hosts[] = {"169.254.169.254",
	    "metadata.google.internal", "[fd00:ec2::254]", NULL};
	const char *space = memchr(
	    message->octets, ' ', message->size < 16 ? message->size : 16);
	struct http_piece target;

	if (space == NULL ||
	    space + 8 >= (const char *)message->octets + message->size ||
	    space[1] != 'h')
		return false;
	target.at = space + 1;
	target.size =
	    (size_t)((const char *)message->octets + message->size - target.at);
	if (!http_piece_begins(target, "http://"))
		return false;
	target.at += 7;
	target.size -= 7;
	for (size_t i = 0; hosts[i] != NULL; i++)
		if (http_piece_begins(target, hosts[i]))
			return true;
	return false;
}

/* --- what ----------------------------------------------------------------- */

static bool
is_secret(const struct http_target *target)
{
	static const char *const paths[] = {"/security-credentials",
	    "/identity-credentials", "/user-data", "/userdata", "/user_data",
	    "/identity/oauth2/token", "/attributes/kube-env",
	    "/attributes/ssh-keys", "/attributes/startup-script",
	    "/v2/credentials", "/v3/credentials", "/opc/v1/identity",
	    "/opc/v2/identity", "/managed-identity/", NULL};

	for (size_t i = 0; paths[i] != NULL; i++)
		if (http_piece_has(target->path, paths[i]))
			return true;
	if (http_piece_has(target->path, "/service-accounts/"))
		return http_piece_has(target->path, "/token") ||
		       http_piece_has(target->path, "/identity") ||
		       http_piece_has(target->query, "recursive=true");
	return http_piece_begins(target->path, "/computemetadata/") &&
	       http_piece_has(target->query, "recursive=true");
}

/* --- who ------------------------------------------------------------------ */

/*
 * Programs whose manuals give them a node's role or identity, by parts of their
 * images' names.
 */
static bool
is_agent(const struct workload *workload)
{
	static const char *const images[] = {"csi", "cloud-controller",
	    "cloud-provider", "autoscaler", "karpenter", "external-dns",
	    "load-balancer-controller", "node-termination", "node-problem",
	    "kube2iam", "kiam", "metadata-server", "metadata-proxy", "nmi",
	    "cloudwatch", "amazon-k8s-cni", "aws-node", "aws-for-fluent-bit",
	    "aws-otel-collector", "xray-daemon", "ssm-agent", "datadog",
	    "stackdriver", "fluentbit-gke", "oms", "ama-logs", "velero",
	    "ecr-credential", "external-secrets", "crossplane", "provider-aws",
	    "provider-gcp", "provider-azure", "cluster-api", NULL};

	for (size_t c = 0; c < workload->container_count; c++)
		for (size_t i = 0; images[i] != NULL; i++)
			if (strstr(workload->containers[c].image.base,
				images[i]) != NULL)
				return true;
	return false;
}

static bool
is_watched(const struct sighting *sighting)
{
	const struct party *client = sighting->client.party;

	return client->attribution == ATTRIBUTION_EXACT &&
	       !client->workload->host_network &&
	       !(sighting->judged && sighting->verdict == VERDICT_ALLOWED) &&
	       !is_agent(client->workload);
}

/* How the clouds' own libraries and tools call themselves. */
static bool
is_sdk(struct http_piece agent)
{
	static const char *const agents[] = {"aws-", "boto", "gcloud", "google",
	    "gce", "azsdk", "azure", "terraform", "minio", NULL};

	for (size_t i = 0; agents[i] != NULL; i++)
		if (http_piece_has(agent, agents[i]))
			return true;
	return false;
}

/* --- saying it ------------------------------------------------------------ */

static void
say(struct state *state, struct known *known, const struct http_target *target,
    bool sdk, const struct sighting *sighting)
{
	struct desk *desk = &state->desk;
	int shown = target->path.size > 80 ? 80 : (int)target->path.size;
	struct anomaly anomaly = {.signature = SIGNATURE,
	    .subject = &sighting->client,
	    .object = &sighting->server,
	    .confidence = sdk ? 50 : 85,
	    .silent_if = "a model that allows it, an agent of the node, or a "
			 "path that is no secret"};

	if ((double)known->requests <
	    detector_setting(desk->host, REQUESTS, sighting))
		return;
	anomaly.count = pace_count(&known->pace, sighting);
	if (anomaly.count == 0)
		return;
	if (known->answered > 0)
		anomaly.confidence = (uint8_t)(anomaly.confidence + 10);
	desk_begin(desk);
	text_format(&desk->sentence,
	    "%s asks the cloud's metadata service for credentials: %.*s",
	    sighting->client.name, shown, target->path.at);
	json_put_string_n(
	    &desk->json, "path", target->path.at, target->path.size);
	json_put_bool(&desk->json, "sdk", sdk);
	json_put_int(&desk->json, "requests", (int64_t)known->requests);
	json_put_int(&desk->json, "answered", (int64_t)known->answered);
	seen_put(&desk->json, seen_of_pace(&known->pace, sighting));
	desk_raise(desk, anomaly, sighting);
}

static void
see_request(struct state *state, const struct sighting *sighting)
{
	const struct message *message = &sighting->message;
	struct http_target target;
	struct known *known;

	if (!is_watched(sighting) ||
	    !http_target_read(message->octets, message->size, &target) ||
	    !is_secret(&target) || detector_is_off(state->desk.host, sighting))
		return;
	known = memory_get(
	    state->desk.memory, MEMORY_INSIDE, sighting->client.key, NULL);
	known->requests++;
	detector_await(state->desk.host, sighting);
	asked_put(&state->asked, sighting->flow, 0, sighting->client.key);
	say(state, known, &target,
	    is_sdk(http_header(message->octets, message->size, "user-agent")),
	    sighting);
}

static void
see_response(struct state *state, const struct sighting *sighting)
{
	struct known *known;
	struct asked_by by;

	if (!asked_take(&state->asked, sighting->flow, &by) ||
	    sighting->message.code != 200)
		return;
	known = memory_find(state->desk.memory, MEMORY_INSIDE, by.whom);
	if (known != NULL)
		known->answered++;
}

static void
metadata_see(void *opaque, const struct sighting *sighting)
{
	struct state *state = opaque;
	const struct message *message = &sighting->message;

	if (message->kind == MESSAGE_HTTP_RESPONSE) {
		see_response(state, sighting);
	} else if (message->from_client &&
		   (is_service(&flow_server(sighting->flow)->address) ||
		       is_for_service(message))) {
		see_request(state, sighting);
	}
}

const struct detector detector_cloud_metadata = {
    .name = "cloud-metadata",
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .kinds = 1 << SIGHTED_MESSAGE,
    .messages = 1 << MESSAGE_HTTP_REQUEST | 1 << MESSAGE_HTTP_RESPONSE,
    .traits = TRAIT_HTTP_REQUEST | TRAIT_AWAITED,
    .revision = 1,
    .open = metadata_open,
    .close = desk_close,
    .see = metadata_see,
    .memory = desk_memory,
};
