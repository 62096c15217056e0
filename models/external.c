#include "models/external.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "classifiers/outside.h"
#include "models/library.h"
#include "sensor/base/arena.h"
#include "sensor/base/text.h"

/* --- one end and one question --------------------------------------------- */

/* Names of hosts do not know capitals (RFC 4343). */
static bool
name_fits(const char *pattern, const char *name)
{
	return name != NULL && fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

static bool
dns_fits(const char *pattern, const struct external_end *end)
{
	const struct outside *outside = end->outside;

	if (outside == NULL)
		return false;
	for (size_t i = 0; i < outside->name_count; i++)
		if (name_fits(pattern, outside->names[i]))
			return true;
	return end->generous && outside->names_unseen;
}

static bool
sni_fits(const char *pattern, const struct external_end *end)
{
	const struct outside *outside = end->outside;

	if (outside == NULL)
		return false;
	return name_fits(pattern, outside->server_name) ||
	       (end->generous && outside->server_name_unseen);
}

/* Of an address that no database knows, the country is not known. */
static bool
country_fits(const char *country, const struct external_end *end)
{
	const struct outside *outside = end->outside;

	if (outside == NULL)
		return false;
	if (outside->where.country[0] == '\0')
		return end->generous;
	return strcmp(country, outside->where.country) == 0;
}

static bool
asn_fits(uint32_t asn, const struct external_end *end)
{
	const struct outside *outside = end->outside;

	if (outside == NULL)
		return false;
	if (outside->where.asn == 0)
		return end->generous;
	return asn == outside->where.asn;
}

bool
external_is_partly_unseen(const struct outside *outside)
{
	return outside != NULL &&
	       (outside->names_unseen || outside->server_name_unseen ||
		   outside->where.country[0] == '\0' ||
		   outside->where.asn == 0);
}

/* --- one rule ------------------------------------------------------------- */

static bool
any_prefix(
    const struct prefix *at, size_t count, const struct external_end *end)
{
	for (size_t i = 0; i < count; i++)
		if (prefix_contains(&at[i], end->address))
			return true;
	return false;
}

static bool
any_word(const struct words *words, const struct external_end *end,
    bool (*fits)(const char *word, const struct external_end *end))
{
	if (words->count == 0)
		return true;
	for (size_t i = 0; i < words->count; i++)
		if (fits(words->at[i], end))
			return true;
	return false;
}

static bool
any_asn(const struct external *external, const struct external_end *end)
{
	if (external->asn_count == 0)
		return true;
	for (size_t i = 0; i < external->asn_count; i++)
		if (asn_fits(external->asns[i], end))
			return true;
	return false;
}

bool
external_fits(const struct external *external, const struct external_end *end)
{
	if (external->prefix_count > 0 &&
	    !any_prefix(external->prefixes, external->prefix_count, end))
		return false;
	if (any_prefix(external->excepts, external->except_count, end))
		return false;
	return any_word(&external->dns, end, dns_fits) &&
	       any_word(&external->sni, end, sni_fits) &&
	       any_word(&external->countries, end, country_fits) &&
	       any_asn(external, end);
}

/* --- every rule ----------------------------------------------------------- */

static void
each_of_peers(const struct peers *peers,
    void (*each)(const struct peer *peer, void *context), void *context)
{
	for (size_t i = 0; i < peers->count; i++)
		each(&peers->at[i], context);
}

void
external_each_peer_of(const struct model *model,
    void (*each)(const struct peer *peer, void *context), void *context)
{
	for (size_t i = 0; i < model->provides.count; i++)
		each_of_peers(&model->provides.at[i].peers, each, context);
	for (size_t i = 0; i < model->needs.count; i++)
		each_of_peers(&model->needs.at[i].peers, each, context);
}

void
external_each_peer(const struct library *library,
    void (*each)(const struct peer *peer, void *context), void *context)
{
	for (size_t i = 0; i < library_model_count(library); i++)
		external_each_peer_of(library_model(library, i), each, context);
	for (size_t i = 0; i < library_segment_count(library); i++) {
		const struct segment *segment = library_segment(library, i);

		for (size_t b = 0; b < segment->boundary_count; b++) {
			each_of_peers(
			    &segment->boundaries[b].peers, each, context);
			each_of_peers(
			    &segment->boundaries[b].except, each, context);
		}
	}
}

/* --- classes -------------------------------------------------------------- */

/* What some model asks, once each. */
struct external_criteria {
	struct prefix *networks;
	size_t network_count;
	const char **dns, **sni, **countries;
	size_t dns_count, sni_count, country_count;
	uint32_t *asns;
	size_t asn_count;
};

struct external_criteria *
external_criteria_new(void)
{
	return allocate(1, sizeof(struct external_criteria));
}

void
external_criteria_free(struct external_criteria *criteria)
{
	if (criteria == NULL)
		return;
	free(criteria->networks);
	free(criteria->dns);
	free(criteria->sni);
	free(criteria->countries);
	free(criteria->asns);
	free(criteria);
}

static void
add_network(struct external_criteria *criteria, const struct prefix *prefix)
{
	for (size_t i = 0; i < criteria->network_count; i++)
		if (criteria->networks[i].length == prefix->length &&
		    address_equal(&criteria->networks[i].base, &prefix->base))
			return;
	criteria->networks = reallocate(criteria->networks,
	    criteria->network_count + 1, sizeof(*criteria->networks));
	criteria->networks[criteria->network_count++] = *prefix;
}

static void
add_asn(struct external_criteria *criteria, uint32_t asn)
{
	for (size_t i = 0; i < criteria->asn_count; i++)
		if (criteria->asns[i] == asn)
			return;
	criteria->asns = reallocate(
	    criteria->asns, criteria->asn_count + 1, sizeof(*criteria->asns));
	criteria->asns[criteria->asn_count++] = asn;
}

static void
add_words(const char ***at, size_t *count, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		size_t same = 0;

		while (same < *count && strcmp((*at)[same], words->at[i]) != 0)
			same++;
		if (same < *count)
			continue;
		*at = reallocate(*at, *count + 1, sizeof(**at));
		(*at)[(*count)++] = words->at[i];
	}
}

void
external_criteria_add(
    struct external_criteria *criteria, const struct external *external)
{
	for (size_t i = 0; i < external->prefix_count; i++)
		add_network(criteria, &external->prefixes[i]);
	for (size_t i = 0; i < external->except_count; i++)
		add_network(criteria, &external->excepts[i]);
	add_words(&criteria->dns, &criteria->dns_count, &external->dns);
	add_words(&criteria->sni, &criteria->sni_count, &external->sni);
	add_words(&criteria->countries, &criteria->country_count,
	    &external->countries);
	for (size_t i = 0; i < external->asn_count; i++)
		add_asn(criteria, external->asns[i]);
}

size_t
external_network_count(const struct external_criteria *criteria)
{
	return criteria->network_count;
}

const struct prefix *
external_network(const struct external_criteria *criteria, size_t index)
{
	assert(index < criteria->network_count);
	return &criteria->networks[index];
}

/* One octet each: there are few, and nobody counts the rest. */
size_t
external_class_size(const struct external_criteria *criteria)
{
	return criteria->network_count + criteria->dns_count +
	       criteria->sni_count + criteria->country_count +
	       criteria->asn_count;
}

void
external_class(const struct external_criteria *criteria,
    const struct external_end *end, char *out)
{
	for (size_t i = 0; i < criteria->network_count; i++)
		*out++ = prefix_contains(&criteria->networks[i], end->address);
	for (size_t i = 0; i < criteria->dns_count; i++)
		*out++ = dns_fits(criteria->dns[i], end);
	for (size_t i = 0; i < criteria->sni_count; i++)
		*out++ = sni_fits(criteria->sni[i], end);
	for (size_t i = 0; i < criteria->country_count; i++)
		*out++ = country_fits(criteria->countries[i], end);
	for (size_t i = 0; i < criteria->asn_count; i++)
		*out++ = asn_fits(criteria->asns[i], end);
}

static void
print_fit(struct text *out, bool fits, const char *what, size_t *count)
{
	if (fits)
		text_format(out, "%s%s", (*count)++ == 0 ? "[" : ", ", what);
}

void
external_class_print(const struct external_criteria *criteria,
    const char *class, struct text *out)
{
	char printed[ADDRESS_TEXT_SIZE];
	size_t count = 0;

	text_add(out, "external");
	for (size_t i = 0; i < criteria->network_count; i++) {
		prefix_print(&criteria->networks[i], printed);
		print_fit(out, *class ++, printed, &count);
	}
	for (size_t i = 0; i < criteria->dns_count; i++)
		print_fit(out, *class ++, criteria->dns[i], &count);
	for (size_t i = 0; i < criteria->sni_count; i++)
		print_fit(out, *class ++, criteria->sni[i], &count);
	for (size_t i = 0; i < criteria->country_count; i++)
		print_fit(out, *class ++, criteria->countries[i], &count);
	for (size_t i = 0; i < criteria->asn_count; i++) {
		(void)snprintf(
		    printed, sizeof(printed), "AS%u", criteria->asns[i]);
		print_fit(out, *class ++, printed, &count);
	}
	if (count > 0)
		text_add(out, "]");
}

/* --- examples ------------------------------------------------------------- */

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* As many as the longest list: each of its words is in one of them. */
size_t
external_example_count(const struct external *external)
{
	size_t count = larger(external->prefix_count, external->dns.count);

	count = larger(count, external->sni.count);
	count = larger(count, external->countries.count);
	return larger(count, external->asn_count);
}

static const char *
word_at(const struct words *words, size_t index)
{
	return words->at[index < words->count ? index : words->count - 1];
}

void
external_example(const struct external *external, size_t index,
    struct address *address, struct outside *outside, struct external_end *end)
{
	size_t prefixes = external->prefix_count, asns = external->asn_count;

	*address = (struct address){{0}};
	*outside = (struct outside){0};
	*end = (struct external_end){address, outside, false};
	if (prefixes > 0)
		*address =
		    external->prefixes[index < prefixes ? index : prefixes - 1]
			.base;
	if (external->dns.count > 0)
		outside->names[outside->name_count++] =
		    word_at(&external->dns, index);
	if (external->sni.count > 0)
		outside->server_name = word_at(&external->sni, index);
	if (external->countries.count > 0)
		(void)snprintf(outside->where.country,
		    sizeof(outside->where.country), "%s",
		    word_at(&external->countries, index));
	if (asns > 0)
		outside->where.asn =
		    external->asns[index < asns ? index : asns - 1];
}
