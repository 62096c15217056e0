#include "models/export_parts.h"
#include "models/identity.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/frame.h"

#define WORD_MAXIMUM ((size_t)64 * 1024)

/* A JSON string is a YAML one (YAML 1.2, 1.3), with every octet accounted. */
const char *
yaml_quoted(struct arena *arena, const char *word)
{
	struct text out;
	struct json_writer json;
	const char *quoted;

	text_init(&out, WORD_MAXIMUM);
	json = json_to(&out);
	json_put_string(&json, NULL, word);
	quoted = arena_text(arena, out.at);
	text_release(&out);
	return quoted;
}

/* The models behind a subject, as `name, name`. */
static const char *
models_of(struct arena *arena, const struct group *group)
{
	struct text names;
	const char *all;

	text_init(&names, WORD_MAXIMUM);
	for (size_t i = 0; i < group->end.standin_count; i++) {
		const struct identity *one = group->end.standins[i].identity;

		for (size_t m = 0; m < one->model_count; m++)
			text_format(&names, "%s%s",
			    names.length == 0 ? "" : ", ",
			    one->models[m]->name);
	}
	all = yaml_quoted(arena, names.at);
	text_release(&names);
	return all;
}

void
yaml_head(struct export *export, const struct subject *subject,
    const char *version, const char *kind)
{
	struct arena *arena = export->arena;
	const struct group *group = subject->group;

	text_format(export->body,
	    "---\n"
	    "apiVersion: %s\n"
	    "kind: %s\n"
	    "metadata:\n"
	    "  name: %s\n"
	    "  namespace: %s\n"
	    "  labels:\n"
	    "    app.kubernetes.io/managed-by: hedgerow\n"
	    "  annotations:\n"
	    "    hedgerow.io/models: %s\n"
	    "spec:\n",
	    version, kind, yaml_quoted(arena, group->object),
	    yaml_quoted(arena, group->namespace), models_of(arena, group));
}

void
yaml_because(struct export *export, const struct rule *rule, int indent)
{
	for (size_t i = 0; i < rule->because_count; i++)
		text_format(export->body, "%*s# %s\n", indent, "",
		    export_harmless(export->arena, rule->because[i]));
}

struct networks_without
yaml_outside(struct export *export)
{
	static const char *const all[] = {"0.0.0.0/0", "::/0"};
	const struct ends *ends = export->ends;
	struct prefixes held = export_prefixes(export->arena, &ends->held);
	struct networks_without networks = {0};

	for (size_t i = 0; i < 2; i++) {
		struct network_without *one = &networks.at[networks.count];

		if (prefix_parse(all[i], &one->network) != NULL ||
		    ends->outside == NULL ||
		    !spans_have(&ends->outside->spans,
			address_is_ipv4(&one->network.base)))
			continue;
		one->except.at =
		    arena_array(export->arena, held.count, sizeof(*held.at));
		for (size_t p = 0; p < held.count; p++)
			if (address_is_ipv4(&held.at[p].base) ==
			    address_is_ipv4(&one->network.base))
				one->except.at[one->except.count++] =
				    held.at[p];
		networks.count++;
	}
	return networks;
}

const char *
yaml_protocol(uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_UDP:
		return "UDP";
	case PROTOCOL_SCTP:
		return "SCTP";
	case PROTOCOL_ICMP:
		return "ICMP";
	case PROTOCOL_ICMPV6:
		return "ICMPv6";
	default:
		return "TCP";
	}
}

const char *
yaml_network(struct arena *arena, const struct prefix *prefix)
{
	char printed[ADDRESS_TEXT_SIZE];
	const char *length = "";

	prefix_print(prefix, printed);
	if (prefix->length == 128)
		length = address_is_ipv4(&prefix->base) ? "/32" : "/128";
	return arena_format(arena, "\"%s%s\"", printed, length);
}

bool
end_is_node(const struct end *end)
{
	return end->standins[end->standin_count - 1].identity->kind ==
	       IDENTITY_NODE;
}
