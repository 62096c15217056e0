#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "models/model_parse.h"
#include "sensor/base/arena.h"

#define PORT_MAXIMUM 65535

/* The longest port name that Kubernetes takes (RFC 6335, 5.1). */
#define PORT_NAME_MAXIMUM 15

struct port_protocol {
	const char *name;
	uint8_t number;
	bool has_ports;
};

static const struct port_protocol protocols[] = {
    {"tcp", IPPROTO_TCP, true},
    {"udp", IPPROTO_UDP, true},
    {"sctp", IPPROTO_SCTP, true},
    {"any", 0, true},
    {"icmp", IPPROTO_ICMP, false},
    {"icmpv6", IPPROTO_ICMPV6, false},
};

static const struct port_protocol *
protocol_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strlen(protocols[i].name) == length &&
		    strncmp(protocols[i].name, name, length) == 0)
			return &protocols[i];
	return NULL;
}

/*
 * Reads digits up to `end`; false when there is anything else.  A number that
 * is too large becomes one that is just too large.
 */
static bool
number_read(const char *at, const char *end, uint32_t *out)
{
	*out = 0;
	if (at == end)
		return false;
	for (; at < end; at++) {
		if (!isdigit((unsigned char)*at))
			return false;
		if (*out <= PORT_MAXIMUM)
			*out = *out * 10 + (uint32_t)(*at - '0');
	}
	return true;
}

struct numbers {
	uint32_t first, last;
};

/* `8000` or `8000-8010`, in form only. */
static bool
numbers_read(const char *text, struct numbers *out)
{
	const char *dash = strchr(text, '-');
	const char *end = text + strlen(text);

	if (!number_read(text, dash == NULL ? end : dash, &out->first))
		return false;
	out->last = out->first;
	return dash == NULL || number_read(dash + 1, end, &out->last);
}

/* RFC 6335, 5.1: letters, digits and single inner hyphens, a letter at least */
static bool
is_port_name(const char *text)
{
	size_t length = strlen(text);
	bool letter = false;

	if (length == 0 || length > PORT_NAME_MAXIMUM || text[0] == '-' ||
	    text[length - 1] == '-' || strstr(text, "--") != NULL)
		return false;
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			letter = true;
		else if (!isdigit((unsigned char)*text) && *text != '-')
			return false;
	}
	return letter;
}

/* The text before `ports` is `prefix`, a protocol and a slash, or empty. */
static bool
numbers_check(struct parse *parse, struct place place, const char *word,
    const char *ports, const struct numbers *numbers)
{
	int prefix = (int)(ports - word);

	if (numbers->first == 0 || numbers->last == 0 ||
	    numbers->first > PORT_MAXIMUM || numbers->last > PORT_MAXIMUM) {
		report_error(parse->report, place,
		    "port '%.80s': ports go from 1 to 65535, e.g. "
		    "'%.*s1-65535' for all of them",
		    word, prefix, word);
		return false;
	}
	if (numbers->first > numbers->last) {
		report_error(parse->report, place,
		    "port '%.80s' is upside down; write '%.*s%u-%u'", word,
		    prefix, word, numbers->last, numbers->first);
		return false;
	}
	return true;
}

/* What stands before the slash is no protocol. */
static void
protocol_unknown(struct parse *parse, struct place place, const char *word,
    const char *slash)
{
	static const char *const names[] = {
	    "tcp", "udp", "sctp", "any", "icmp", "icmpv6", NULL};
	char *first = arena_text_n(parse->arena, word, (size_t)(slash - word));
	struct numbers numbers;

	if (numbers_read(first, &numbers) &&
	    protocol_find(slash + 1, strlen(slash + 1)) != NULL) {
		report_error(parse->report, place,
		    "port '%.80s' is the wrong way round; write '%s/%s'", word,
		    slash + 1, first);
		return;
	}
	parse_unknown(parse, place, "protocol", first, names);
}

/* `tcp/27017`, with `slash` where it is. */
static bool
port_of_protocol(struct parse *parse, struct place place, const char *word,
    const char *slash, struct port_range *out)
{
	const struct port_protocol *protocol =
	    protocol_find(word, (size_t)(slash - word));
	struct numbers numbers;

	if (protocol == NULL) {
		protocol_unknown(parse, place, word, slash);
		return false;
	}
	if (!protocol->has_ports) {
		report_error(parse->report, place,
		    "port '%.80s': %s has no ports; write '%s'", word,
		    protocol->name, protocol->name);
		return false;
	}
	if (!numbers_read(slash + 1, &numbers)) {
		report_error(parse->report, place,
		    "port '%.80s': after the protocol comes a number or a "
		    "range, e.g. '%s/8080' or '%s/8000-8010'",
		    word, protocol->name, protocol->name);
		return false;
	}
	if (!numbers_check(parse, place, word, slash + 1, &numbers))
		return false;
	*out = (struct port_range){.protocol = protocol->number,
	    .first = (uint16_t)numbers.first,
	    .last = (uint16_t)numbers.last};
	return true;
}

/* `icmp` is all of its kind; tcp and the like want a number. */
static bool
port_of_word(struct parse *parse, struct place place, const char *word,
    struct port_range *out)
{
	const struct port_protocol *protocol =
	    protocol_find(word, strlen(word));

	if (protocol != NULL && protocol->has_ports) {
		report_error(parse->report, place,
		    "port '%s' has no number; write '%s/1-65535' for all of "
		    "them",
		    word, word);
		return false;
	}
	if (protocol == NULL && !is_port_name(word)) {
		report_error(parse->report, place,
		    "port '%.80s' is neither a port nor a port's name; write "
		    "e.g. 'tcp/8080', 'udp/8000-8010', '8080' or 'http'",
		    word);
		return false;
	}
	*out = (struct port_range){.name = word};
	if (protocol != NULL)
		*out = (struct port_range){
		    .protocol = protocol->number, .last = PORT_MAXIMUM};
	return true;
}

static bool
parse_port(struct parse *parse, const struct yaml_node *node, const char *word,
    struct port_range *out)
{
	struct place place = parse_place(parse, node);
	const char *slash = strchr(word, '/');
	struct numbers numbers;

	if (slash != NULL)
		return port_of_protocol(parse, place, word, slash, out);
	if (!numbers_read(word, &numbers))
		return port_of_word(parse, place, word, out);
	if (!numbers_check(parse, place, word, word, &numbers))
		return false;
	*out = (struct port_range){
	    .first = (uint16_t)numbers.first, .last = (uint16_t)numbers.last};
	return true;
}

struct ports
parse_ports(struct parse *parse, const struct yaml_node *node)
{
	/* Twice the room: an `icmp` is one range for each IP version. */
	struct port_range *at =
	    arena_array(parse->arena, 2 * list_count(node), sizeof(*at));
	size_t count = 0;
	bool any = false, declared = false;

	if (list_count(node) == 0)
		report_error(parse->report, parse_place(parse, node),
		    "'port' is an empty list; leave the key out for any port");
	for (size_t i = 0; i < list_count(node); i++) {
		const struct yaml_node *item = list_at(node, i);
		const char *word =
		    parse_text(parse, item, "port", WORD_MAXIMUM);

		if (word != NULL && strcmp(word, "any") == 0) {
			any = true;
			continue;
		}
		if (word != NULL && strcmp(word, "declared") == 0) {
			declared = true;
			continue;
		}
		if (word == NULL || !parse_port(parse, item, word, &at[count]))
			continue;
		count++;
		if (at[count - 1].protocol == IPPROTO_ICMP) {
			at[count] = at[count - 1];
			at[count++].protocol = IPPROTO_ICMPV6;
		}
	}
	return (struct ports){at, any ? 0 : count, declared && !any};
}
