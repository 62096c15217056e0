#include "sensor/domain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/base/arena.h"

/* As in a DNS label (RFC 1123, 2.1), with dots and underscores. */
#define NAME_MAXIMUM 63

/* IEEE 802.1Q: 0 is a tag without a VLAN, and 4095 is reserved. */
#define VLAN_LAST 4094
#define VLANS     4096

struct number_rule {
	uint32_t number;
	uint16_t domain;
};

struct interface_rule {
	const char *name; /* in the arena */
	uint16_t domain;
};

struct domains {
	struct arena *arena;
	const char *names[DOMAINS_MAXIMUM + 1]; /* from 1 */
	uint16_t count;
	uint16_t vlans[VLANS];
	struct number_rule *tunnels;       /* owned; sorted by number */
	struct interface_rule *interfaces; /* owned */
	size_t tunnel_count, interface_count, rules;
};

struct domains *
domains_new(void)
{
	struct domains *domains = allocate(1, sizeof(*domains));

	domains->arena = arena_new();
	domains->tunnels =
	    allocate(DOMAIN_RULES_MAXIMUM, sizeof(domains->tunnels[0]));
	domains->interfaces =
	    allocate(DOMAIN_RULES_MAXIMUM, sizeof(domains->interfaces[0]));
	return domains;
}

void
domains_free(struct domains *domains)
{
	if (domains == NULL)
		return;
	arena_free(domains->arena);
	free(domains->tunnels);
	free(domains->interfaces);
	free(domains);
}

static bool
same_rules(const struct domains *a, const struct domains *b)
{
	if (a->tunnel_count != b->tunnel_count ||
	    a->interface_count != b->interface_count ||
	    memcmp(a->vlans, b->vlans, sizeof(a->vlans)) != 0)
		return false;
	for (size_t i = 0; i < a->tunnel_count; i++)
		if (a->tunnels[i].number != b->tunnels[i].number ||
		    a->tunnels[i].domain != b->tunnels[i].domain)
			return false;
	for (size_t i = 0; i < a->interface_count; i++)
		if (a->interfaces[i].domain != b->interfaces[i].domain ||
		    strcmp(a->interfaces[i].name, b->interfaces[i].name) != 0)
			return false;
	return true;
}

bool
domains_are_same(const struct domains *a, const struct domains *b)
{
	if (a == NULL || b == NULL)
		return (a == NULL || a->count == 0) &&
		       (b == NULL || b->count == 0);
	if (a->count != b->count)
		return false;
	for (uint16_t i = 1; i <= a->count; i++)
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	return same_rules(a, b);
}

uint16_t
domains_count(const struct domains *domains)
{
	return domains->count;
}

const char *
domains_name(const struct domains *domains, uint16_t domain)
{
	assert(domain <= domains->count);
	return domains->names[domain];
}

/* --- which one ------------------------------------------------------------ */

/* Where a tunnel's number is, or would be put. */
static size_t
tunnel_place(const struct domains *domains, uint32_t number)
{
	size_t low = 0, high = domains->tunnel_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (domains->tunnels[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint16_t
of_tunnel(const struct domains *domains, uint32_t number)
{
	size_t at = tunnel_place(domains, number);

	if (at == domains->tunnel_count ||
	    domains->tunnels[at].number != number)
		return 0;
	return domains->tunnels[at].domain;
}

uint16_t
domains_of_interface(const struct domains *domains, const char *name)
{
	for (size_t i = 0; name != NULL && i < domains->interface_count; i++)
		if (strcmp(domains->interfaces[i].name, name) == 0)
			return domains->interfaces[i].domain;
	return 0;
}

uint16_t
domains_of_carrier(const struct domains *domains, const struct frame *frame,
    uint16_t otherwise)
{
	uint16_t domain = 0;

	/* IP-in-IP has no number. */
	if (frame->tunnel.kind != TUNNEL_NONE &&
	    frame->tunnel.kind != TUNNEL_IPIP)
		domain = of_tunnel(domains, frame->tunnel.id);
	for (unsigned i = frame->vlan_count; domain == 0 && i > 0; i--)
		domain = domains->vlans[frame->vlans[i - 1] % VLANS];
	return domain == 0 ? otherwise : domain;
}

/* --- what operators write ------------------------------------------------- */

/* A text being read, and where it is from. */
struct rule_reader {
	struct domains *domains;
	struct report *report;
	const char *text;
	struct place place; /* of text[0] */
	uint16_t domain;
};

static struct place
place_of(const struct rule_reader *reader, const char *at)
{
	struct place place = reader->place;

	place.column += (uint32_t)(at - reader->text);
	return place;
}

static bool
is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_';
}

/* The domain of a name, which is made when it is new; 0 with a mistake. */
static uint16_t
take_name(struct rule_reader *reader, size_t length)
{
	struct domains *domains = reader->domains;
	const char *name = reader->text;

	for (size_t i = 0; i < length; i++) {
		if (is_name_character(name[i]))
			continue;
		report_error(reader->report, place_of(reader, name + i),
		    "`%c` in a domain's name; it is made of a-z, 0-9, `-`, "
		    "`.` and `_`",
		    name[i]);
		return 0;
	}
	if (length == 0 || length > NAME_MAXIMUM) {
		report_error(reader->report, reader->place,
		    "a domain's name has 1 to %d characters", NAME_MAXIMUM);
		return 0;
	}
	for (uint16_t i = 1; i <= domains->count; i++)
		if (strlen(domains->names[i]) == length &&
		    memcmp(domains->names[i], name, length) == 0)
			return i;
	if (domains->count == DOMAINS_MAXIMUM) {
		report_error(reader->report, reader->place,
		    "more than %d domains", DOMAINS_MAXIMUM);
		return 0;
	}
	domains->names[++domains->count] =
	    arena_text_n(domains->arena, name, length);
	return domains->count;
}

/* Whether a rule may be written where `*before` is what stands there. */
static bool
is_free(struct rule_reader *reader, const char *at, uint16_t before)
{
	if (before == 0)
		return true;
	if (before == reader->domain)
		report_warning(reader->report, place_of(reader, at),
		    "this is said already");
	else
		report_error(reader->report, place_of(reader, at),
		    "this is already how domain %s is told",
		    reader->domains->names[before]);
	return false;
}

/* Reads decimal digits up to `end`; false, with a mistake, when it is no
 * number up to `last`. */
static bool
take_number(struct rule_reader *reader, const char *at, const char *end,
    uint32_t first, uint32_t last, uint32_t *number)
{
	uint64_t value = 0;
	const char *digit = at;

	for (; digit < end && *digit >= '0' && *digit <= '9' && value <= last;
	     digit++)
		value = value * 10 + (uint64_t)(*digit - '0');
	if (digit == end && digit > at && value >= first && value <= last) {
		*number = (uint32_t)value;
		return true;
	}
	report_error(reader->report, place_of(reader, at),
	    "`%.*s` is no number from %u to %u", (int)(end - at), at, first,
	    last);
	return false;
}

static void
take_vlan(struct rule_reader *reader, const char *at, const char *end)
{
	uint32_t vlan;

	if (!take_number(reader, at, end, 1, VLAN_LAST, &vlan))
		return;
	if (is_free(reader, at, reader->domains->vlans[vlan]))
		reader->domains->vlans[vlan] = reader->domain;
}

static void
take_tunnel(struct rule_reader *reader, const char *at, const char *end)
{
	struct domains *domains = reader->domains;
	uint32_t number;
	size_t place;

	/* A VNI has 24 bits, and a GRE key 32 (RFC 7348, RFC 2890). */
	if (!take_number(reader, at, end, 0, UINT32_MAX, &number) ||
	    !is_free(reader, at, of_tunnel(domains, number)))
		return;
	place = tunnel_place(domains, number);
	memmove(&domains->tunnels[place + 1], &domains->tunnels[place],
	    (domains->tunnel_count - place) * sizeof(domains->tunnels[0]));
	domains->tunnels[place] = (struct number_rule){number, reader->domain};
	domains->tunnel_count++;
}

static void
take_interface(struct rule_reader *reader, const char *at, const char *end)
{
	struct domains *domains = reader->domains;
	const char *name = arena_text_n(domains->arena, at, (size_t)(end - at));

	if (at == end) {
		report_error(reader->report, place_of(reader, at),
		    "an interface's name is missing");
		return;
	}
	if (!is_free(reader, at, domains_of_interface(domains, name)))
		return;
	domains->interfaces[domains->interface_count++] =
	    (struct interface_rule){name, reader->domain};
}

struct rule_kind {
	const char *name;
	void (*take)(
	    struct rule_reader *reader, const char *at, const char *end);
};

static const struct rule_kind kinds[] = {
    {"vlan", take_vlan},
    {"vni", take_tunnel},
    {"interface", take_interface},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
complain_kind(struct rule_reader *reader, const char *at, size_t length)
{
	const char *words[KINDS + 1] = {NULL};
	char word[NAME_MAXIMUM + 1];
	const char *nearest;

	for (size_t i = 0; i < KINDS; i++)
		words[i] = kinds[i].name;
	if (length > NAME_MAXIMUM)
		length = NAME_MAXIMUM;
	memcpy(word, at, length);
	word[length] = '\0';
	nearest = nearest_word(word, words);
	report_error(reader->report, place_of(reader, at),
	    "`%s` is not vlan:, vni: or interface:%s%s", word,
	    nearest == NULL ? "" : "; did you mean ",
	    nearest == NULL ? "" : nearest);
}

/* One way to tell the domain, such as `vlan:100`. */
static void
take_rule(struct rule_reader *reader, const char *at, const char *end)
{
	const char *colon = memchr(at, ':', (size_t)(end - at));
	size_t length = (size_t)((colon == NULL ? end : colon) - at);

	if (reader->domains->rules == DOMAIN_RULES_MAXIMUM) {
		report_error(reader->report, place_of(reader, at),
		    "more than %d rules for domains", DOMAIN_RULES_MAXIMUM);
		return;
	}
	for (size_t i = 0; i < KINDS && colon != NULL; i++) {
		if (strlen(kinds[i].name) != length ||
		    memcmp(kinds[i].name, at, length) != 0)
			continue;
		reader->domains->rules++;
		kinds[i].take(reader, colon + 1, end);
		return;
	}
	complain_kind(reader, at, length);
}

void
domains_add(struct domains *domains, const char *text, struct report *report,
    struct place place)
{
	struct rule_reader reader = {
	    .domains = domains, .report = report, .text = text, .place = place};
	const char *at = strchr(text, '=');

	if (at == NULL) {
		report_error(report, place,
		    "`%.100s` is not NAME=vlan:N, NAME=vni:N or "
		    "NAME=interface:NAME",
		    text);
		return;
	}
	reader.domain = take_name(&reader, (size_t)(at - text));
	if (reader.domain == 0)
		return;
	do {
		size_t length = strcspn(++at, ",");

		take_rule(&reader, at, at + length);
		at += length;
	} while (*at == ',');
}
