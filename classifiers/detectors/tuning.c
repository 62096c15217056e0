#include "classifiers/detectors/tuning.h"

#include "classifiers/inventory/workload.h"
#include "models/peer.h"

/* --- whose ---------------------------------------------------------------- */

/* An end as models' peers ask about it; nobody's models are asked. */
static struct identity
identity_of(const struct sighted_end *end)
{
	const struct party *party = end->party;
	struct identity identity = {
	    .name = end->name,
	    .address = &party->address,
	    .outside = sighted_outside(end),
	    .kind = IDENTITY_EXTERNAL,
	};

	switch (party->attribution) {
	case ATTRIBUTION_EXACT:
		identity.kind = IDENTITY_WORKLOAD;
		identity.workload = party->workload;
		break;
	case ATTRIBUTION_AMBIGUOUS:
	case ATTRIBUTION_NODE:
		identity.kind = IDENTITY_NODE;
		identity.node = party->node;
		break;
	case ATTRIBUTION_ZONE:
		identity.kind = IDENTITY_ZONE;
		identity.zone = party->zone;
		break;
	case ATTRIBUTION_SERVICE:
	case ATTRIBUTION_EXTERNAL:
	case ATTRIBUTION_UNATTRIBUTED:
	case ATTRIBUTION_STALE:
		break;
	}
	return identity;
}

static bool
end_fits(const struct peers *peers, const struct sighted_end *end)
{
	struct identity identity = identity_of(end);
	const struct meeting meeting = {
	    .self = &identity,
	    .other = &identity,
	};

	return !peers->given || peers_fit(peers, &meeting);
}

static bool
application_fits(const struct tuned *tuned, const struct appid *seen)
{
	for (size_t i = 0; i < tuned->application_count; i++)
		if (appid_match(seen, tuned->applications[i]) == APP_MATCH)
			return true;
	return tuned->application_count == 0;
}

/* A port's name is a container's, which has its number in the metadata. */
static bool
port_has_name(const struct sighting *sighting, const char *name)
{
	const struct workload *server = sighting->server.party->workload;

	if (sighting->server.party->attribution != ATTRIBUTION_EXACT)
		return false;
	for (size_t c = 0; c < server->container_count; c++)
		for (size_t p = 0; p < server->containers[c].port_count; p++) {
			const struct container_port *port =
			    &server->containers[c].ports[p];

			if (port->number == sighting->port &&
			    strcmp(port->name, name) == 0)
				return true;
		}
	return false;
}

static bool
port_fits(const struct ports *ports, const struct sighting *sighting)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *range = &ports->at[i];

		if (range->protocol != 0 &&
		    range->protocol != sighting->flow->protocol)
			continue;
		if (range->name != NULL ? port_has_name(sighting, range->name)
					: sighting->port >= range->first &&
					      sighting->port <= range->last)
			return true;
	}
	return ports->count == 0;
}

static bool
is_for(const struct tuned *tuned, const struct sighting *sighting)
{
	return end_fits(&tuned->client, &sighting->client) &&
	       end_fits(&tuned->destination, &sighting->server) &&
	       (!tuned->workload.given ||
		   end_fits(&tuned->workload, &sighting->client) ||
		   end_fits(&tuned->workload, &sighting->server)) &&
	       application_fits(tuned, &sighting->appid) &&
	       port_fits(&tuned->ports, sighting);
}

/* --- what ----------------------------------------------------------------- */

static void
apply(struct tuned_values *values, const struct tuned *tuned, size_t settings)
{
	if (tuned->sets_off)
		values->off = tuned->off;
	if (tuned->sets_severity) {
		values->sets_severity = true;
		values->severity = tuned->severity;
	}
	for (size_t i = 0; i < settings; i++)
		if ((tuned->sets >> i & 1) != 0)
			values->values[i] = tuned->values[i];
}

static const struct tuned_list *
list_of(const struct tuning *tuning, size_t index)
{
	static const struct tuned_list none;

	return tuning == NULL || index >= tuning->count
		   ? &none
		   : &tuning->detectors[index];
}

struct tuned_values
tuning_values(const struct tuning *tuning, size_t index,
    const struct detector *detector, const struct sighting *sighting)
{
	const struct tuned_list *list = list_of(tuning, index);
	struct tuned_values values = {.off = false};

	for (size_t i = 0; i < detector->setting_count; i++)
		values.values[i] = detector->settings[i].standard;
	for (size_t i = 0; i < list->count; i++)
		if (!list->at[i].is_for)
			apply(&values, &list->at[i], detector->setting_count);
	for (size_t i = 0; i < list->count && sighting != NULL; i++)
		if (list->at[i].is_for && is_for(&list->at[i], sighting))
			apply(&values, &list->at[i], detector->setting_count);
	return values;
}

bool
tuning_is_by_flow(const struct tuning *tuning, size_t index)
{
	const struct tuned_list *list = list_of(tuning, index);

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].is_for)
			return true;
	return false;
}
