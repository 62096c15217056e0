#include "classifiers/collect/collect_kubernetes.h"

#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_kubernetes_parts.h"
#include "sensor/base/arena.h"

/* Half of what a sensor waits before it calls metadata old. */
#define BEAT (15 * NS_PER_SECOND)

/* A pod names an address of its node. */
#define POD_FACTS                                                              \
	(COLLECT_KIND(FACT_WORKLOAD) | COLLECT_KIND(FACT_NODE_ADDRESS))

/* All that the inventory holds, and deploy/kubernetes/rbac.yaml allows. */
static const struct resource resources[KIND_COUNT] = {
    {"Namespace", "/api/v1", "namespaces", false, COLLECT_KIND(FACT_NAMESPACE)},
    {"Node", "/api/v1", "nodes", false, COLLECT_KIND(FACT_NODE)},
    {"Pod", "/api/v1", "pods", true, POD_FACTS},
    {"Service", "/api/v1", "services", true, COLLECT_KIND(FACT_SERVICE)},
    {"EndpointSlice", "/apis/discovery.k8s.io/v1", "endpointslices", true,
	COLLECT_KIND(FACT_BACKENDS)},
    {"ReplicaSet", "/apis/apps/v1", "replicasets", true,
	COLLECT_KIND(FACT_OWNER)},
    {"Deployment", "/apis/apps/v1", "deployments", true,
	COLLECT_KIND(FACT_OWNER)},
    {"StatefulSet", "/apis/apps/v1", "statefulsets", true,
	COLLECT_KIND(FACT_OWNER)},
    {"DaemonSet", "/apis/apps/v1", "daemonsets", true,
	COLLECT_KIND(FACT_OWNER)},
    {"Job", "/apis/batch/v1", "jobs", true, COLLECT_KIND(FACT_OWNER)},
    {"CronJob", "/apis/batch/v1", "cronjobs", true, COLLECT_KIND(FACT_OWNER)},
    {"NetworkPolicy", "/apis/networking.k8s.io/v1", "networkpolicies", true,
	COLLECT_KIND(FACT_POLICY)},
};

/* --- the listener -------------------------------------------------------- */

void
collector_is_answered(struct collect_kubernetes *collector, uint64_t number)
{
	if (!collector->away || number <= collector->away_from)
		return;
	collector->away = false;
	collector->back_from = collector->asked;
	collect_say(&collector->listener, "%.200s answers again",
	    collector->settings.access->server);
}

void
collector_leave_out(
    struct collect_kubernetes *collector, const char *plural, const char *why)
{
	if (!collector->left_out)
		collect_say(&collector->listener,
		    "an object of %s cannot be read (%.300s) and is left out, "
		    "as its like will be",
		    plural, why);
	collector->left_out = true;
}

static void
state_seen(struct collect_kubernetes *collector)
{
	collect_seen(
	    &collector->listener, "kubernetes", loop_now(collector->loop));
}

/* Without pods, what else there is, is not all. */
static bool
reads_pods(const struct collect_kubernetes *collector)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (collector->kinds[i].excluded &&
		    strcmp(collector->kinds[i].resource->plural, "pods") == 0)
			return false;
	return true;
}

static void
beat(void *context)
{
	struct collect_kubernetes *collector = context;

	if (collect_kubernetes_is_current(collector) && reads_pods(collector))
		state_seen(collector);
	loop_timer_set(collector->beat, BEAT);
}

static void
end(struct collect_kubernetes *collector, bool gave_up)
{
	enum collect_end end = COLLECT_LISTED;

	collector->ended = true;
	loop_timer_cancel(collector->beat);
	if (gave_up) {
		end = COLLECT_FAILED;
		collect_say(&collector->listener,
		    "the list is not complete; giving up");
	} else if (!reads_pods(collector)) {
		end = COLLECT_FORBIDDEN;
	}
	collector->listener.ended(end, collector->listener.context);
}

void
collector_consider(struct collect_kubernetes *collector)
{
	bool gave_up = false;

	for (size_t i = 0; i < KIND_COUNT; i++) {
		const struct kind *kind = &collector->kinds[i];

		if (!kind->listed && !kind->excluded && !kind->gave_up)
			return;
		gave_up |= kind->gave_up;
	}
	if (!collector->listed_said && !gave_up && reads_pods(collector)) {
		collector->listed_said = true;
		state_seen(collector);
		collector->listener.listed(collector->listener.context);
	}
	if (collector->listener.terms.once && !collector->ended)
		end(collector, gave_up);
}

/* --- chance -------------------------------------------------------------- */

/* xorshift64* (Vigna 2016); it only has to differ between collectors. */
uint64_t
collector_random(struct collect_kubernetes *collector, uint64_t bound)
{
	uint64_t x = collector->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	collector->random = x;
	return x * UINT64_C(0x2545F4914F6CDD1D) % bound;
}

/* --- the door ------------------------------------------------------------ */

struct collect_kubernetes *
collect_kubernetes_new(struct loop *loop, struct http *http,
    const struct collect_kubernetes_settings *settings,
    const struct collect_listener *listener)
{
	struct collect_kubernetes *collector = allocate(1, sizeof(*collector));

	collector->loop = loop;
	collector->http = http;
	collector->settings = *settings;
	collector->listener = *listener;
	collector->random =
	    listener->terms.seed == 0 ? 1 : listener->terms.seed;
	text_init(&collector->token, KUBECONFIG_TOKEN_MAXIMUM);
	text_init(&collector->trouble, COMPLAINT_MAXIMUM);
	collector->beat = loop_timer_new(loop, beat, collector);
	loop_timer_set(collector->beat, BEAT);
	for (size_t i = 0; i < KIND_COUNT; i++)
		kind_begin(&collector->kinds[i], collector, &resources[i]);
	return collector;
}

void
collect_kubernetes_free(struct collect_kubernetes *collector)
{
	if (collector == NULL)
		return;
	for (size_t i = 0; i < KIND_COUNT; i++)
		kind_release(&collector->kinds[i]);
	loop_timer_free(collector->beat);
	text_release(&collector->token);
	text_release(&collector->trouble);
	free(collector);
}

/* A watch that is being renewed is still one; one that keeps failing is not. */
bool
collect_kubernetes_is_current(const struct collect_kubernetes *collector)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		const struct kind *kind = &collector->kinds[i];

		if (!kind->excluded && (!kind->listed || kind->failures > 2))
			return false;
	}
	return true;
}

struct collect_kubernetes_counts
collect_kubernetes_counts(const struct collect_kubernetes *collector)
{
	struct collect_kubernetes_counts counts = collector->counts;

	for (size_t i = 0; i < KIND_COUNT; i++)
		counts.unread +=
		    json_split_oversized(collector->kinds[i].split);
	return counts;
}
