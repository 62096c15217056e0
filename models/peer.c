#include "models/peer.h"

#include "classifiers/inventory/workload.h"
#include "models/external.h"
#include "models/network_model.h"

/* `carts`, `cart*`, or `shop/carts` which binds the namespace as well. */
static bool
application_fits(const struct words *patterns, const struct identity *other)
{
	if (other->kind != IDENTITY_WORKLOAD)
		return false;
	for (size_t i = 0; i < patterns->count; i++) {
		struct words one = {&patterns->at[i], 1};
		bool both = strchr(patterns->at[i], '/') != NULL;

		if (words_fit(
			&one, both ? other->name : identity_application(other)))
			return true;
	}
	return false;
}

/* A model that extends redis is a redis. */
static bool
model_fits(const struct words *names, const struct identity *other)
{
	for (size_t i = 0; i < other->model_count; i++)
		for (const struct model *model = other->models[i];
		     model != NULL; model = model->extends)
			if (words_fit(names, model->name))
				return true;
	return false;
}

static bool
role_fits(const struct words *roles, const struct identity *other)
{
	for (size_t i = 0; i < roles->count; i++)
		if (identity_has_role(other, roles->at[i]))
			return true;
	return false;
}

static bool
segment_fits(const struct words *names, const struct identity *other)
{
	for (size_t i = 0; i < other->segment_count; i++)
		if (words_fit(names, other->segments[i]->name))
			return true;
	return false;
}

static bool
outside_fits(const struct external *external, const struct identity *other)
{
	struct external_end end = {
	    other->address, other->outside, other->generous};

	return other->kind == IDENTITY_EXTERNAL &&
	       external_fits(external, &end);
}

static bool
same_namespace(const struct meeting *meeting)
{
	const struct workload *a = meeting->self->workload;
	const struct workload *b = meeting->other->workload;

	return a != NULL && b != NULL &&
	       strcmp(a->namespace, b->namespace) == 0 &&
	       strcmp(a->cluster, b->cluster) == 0;
}

static bool
same_segment(const struct meeting *meeting)
{
	for (size_t i = 0; i < meeting->self->segment_count; i++)
		if (identity_in_segment(
			meeting->other, meeting->self->segments[i]))
			return true;
	return false;
}

/* Absent on both ends is the same: nobody has to label before it works. */
static bool
same_label(const struct meeting *meeting, const char *key)
{
	const char *a = identity_label(meeting->self, key);
	const char *b = identity_label(meeting->other, key);

	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
same_fits(const struct same *same, const struct meeting *meeting)
{
	switch (same->kind) {
	case SAME_APPLICATION:
		return same_namespace(meeting) &&
		       strcmp(identity_application(meeting->self),
			   identity_application(meeting->other)) == 0;
	case SAME_NAMESPACE:
		return same_namespace(meeting);
	case SAME_SEGMENT:
		return same_segment(meeting);
	case SAME_NODE:
		return meeting->same_node;
	case SAME_LABEL:
		return same_label(meeting, same->label);
	}
	return false;
}

/*
 * Labels and `same:` speak of workloads and zones.  Nodes and outside
 * addresses are peers only where a model names them (`node:`, `external:`,
 * `any:`), or a test for an absent label would let the whole internet in.
 */
static bool
kind_is_named(const struct peer *peer, const struct identity *other)
{
	switch (other->kind) {
	case IDENTITY_WORKLOAD:
	case IDENTITY_ZONE:
		return true;
	case IDENTITY_NODE:
		return peer->any || peer->node;
	case IDENTITY_EXTERNAL:
		return peer->any || peer->external != NULL;
	}
	return false;
}

static bool
words_of_peer_fit(const struct peer *peer, const struct identity *other)
{
	if (peer->applications.count > 0 &&
	    !application_fits(&peer->applications, other))
		return false;
	if (peer->models.count > 0 && !model_fits(&peer->models, other))
		return false;
	if (peer->roles.count > 0 && !role_fits(&peer->roles, other))
		return false;
	if (peer->namespaces.count > 0 &&
	    (other->workload == NULL ||
		!words_fit(&peer->namespaces, identity_namespace(other))))
		return false;
	if (peer->segments.count > 0 && !segment_fits(&peer->segments, other))
		return false;
	return peer->zones.count == 0 ||
	       (other->zone != NULL &&
		   words_fit(&peer->zones, other->zone->name));
}

bool
peer_fits(const struct peer *peer, const struct meeting *meeting)
{
	const struct identity *other = meeting->other;

	if (peer->imported != NULL)
		return network_peer_fits(peer->imported, meeting->self, other);
	if (!kind_is_named(peer, other) || !words_of_peer_fit(peer, other))
		return false;
	if (peer->node && other->kind != IDENTITY_NODE)
		return false;
	if (peer->external != NULL && !outside_fits(peer->external, other))
		return false;
	if (!identity_labels_fit(other, &peer->labels))
		return false;
	for (size_t i = 0; i < peer->same_count; i++)
		if (!same_fits(&peer->sames[i], meeting))
			return false;
	return true;
}

bool
peers_fit(const struct peers *peers, const struct meeting *meeting)
{
	if (!peers->given)
		return true;
	for (size_t i = 0; i < peers->count; i++)
		if (peer_fits(&peers->at[i], meeting))
			return true;
	return false;
}
