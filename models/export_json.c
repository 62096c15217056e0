#include "models/export_parts.h"
#include "models/model_print.h"
#include "models/policy.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

/*
 * The neutral form, for programs: ends with their addresses, and for each pair
 * what is allowed.  A pair that is not listed is kept apart; one that is
 * `free` has no model with an opinion; one with a `node` holds only where both
 * are on it, and outranks the one without.  The end that is `outside` has every
 * address that no other end has, unless it is `nobody`'s, which is never
 * judged.  One end and one pair stand on one line.
 */

#define PIECE_MAXIMUM ((size_t)16 * 1024)

static void
write_spans(struct json_writer *json, struct arena *arena, const char *key,
    const struct spans *spans)
{
	struct prefixes prefixes = export_prefixes(arena, spans);
	char printed[ADDRESS_TEXT_SIZE];

	json_array_open(json, key);
	for (size_t i = 0; i < prefixes.count; i++) {
		prefix_print(&prefixes.at[i], printed);
		json_put_string(json, NULL, printed);
	}
	json_array_close(json);
}

static void
write_end(
    struct export *export, struct json_writer *json, const struct end *end)
{
	text_add(export->body, json->comma ? ",\n" : "\n");
	json->comma = false;
	json_object_open(json, NULL);
	json_put_string(json, "name", end->name);
	if (end == export->ends->outside)
		json_put_bool(json, "outside", true);
	else
		write_spans(json, export->arena, "addresses", &end->spans);
	if (end->node_count > 0) {
		json_array_open(json, "nodes");
		for (size_t i = 0; i < end->node_count; i++) {
			json_object_open(json, NULL);
			json_put_string(json, "node", end->nodes[i].node);
			write_spans(json, export->arena, "addresses",
			    &end->nodes[i].spans);
			json_object_close(json);
		}
		json_array_close(json);
	}
	json_object_close(json);
}

static void
write_ports(
    struct json_writer *json, struct arena *arena, const struct port_set *ports)
{
	if (ports->any)
		return;
	json_array_open(json, "ports");
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *one = &ports->at[i];
		const char *word = protocol_word(one->protocol);

		if (!protocol_has_ports(one->protocol))
			json_put_string(json, NULL, word);
		else if (one->first == one->last)
			json_put_string(json, NULL,
			    arena_format(arena, "%s/%u", word, one->first));
		else
			json_put_string(json, NULL,
			    arena_format(arena, "%s/%u-%u", word, one->first,
				one->last));
	}
	json_array_close(json);
}

static void
write_applications(
    struct json_writer *json, const char *key, const struct entry *entry)
{
	if (entry == NULL || entry->application_count == 0)
		return;
	json_array_open(json, key);
	for (size_t i = 0; i < entry->application_count; i++)
		json_put_string(
		    json, NULL, application_name(entry->applications[i]));
	json_array_close(json);
}

static void
write_grant(
    struct export *export, struct json_writer *json, const struct grant *grant)
{
	struct text because;

	export_lose_names(export, grant->statement);
	json_object_open(json, NULL);
	write_ports(json, export->arena, &grant->ports);
	write_applications(json, "provided", grant->statement->provides);
	write_applications(json, "needed", grant->statement->needs);
	text_init(&because, PIECE_MAXIMUM);
	export_origin(&because, grant->statement);
	json_put_string(json, "because", because.at);
	text_release(&because);
	json_object_close(json);
}

static void
write_link(
    struct export *export, struct json_writer *json, const struct link *link)
{
	/* Pairs that share a node are listed even when they are kept apart. */
	if (!link->reach.free && link->reach.count == 0 && link->node == NULL)
		return;
	text_add(export->body, json->comma ? ",\n" : "\n");
	json->comma = false;
	json_object_open(json, NULL);
	json_put_string(json, "client", link->client->name);
	json_put_string(json, "server", link->server->name);
	json_put_string(json, "node", link->node);
	if (link->reach.free) {
		json_put_bool(json, "free", true);
	} else {
		json_array_open(json, "allow");
		for (size_t i = 0; i < link->reach.count; i++)
			write_grant(export, json, &link->reach.at[i]);
		json_array_close(json);
	}
	json_object_close(json);
}

static void
write_pairs(
    struct export *export, struct json_writer *json, const struct end *server)
{
	struct links links = export_links(export, server);

	for (size_t i = 0; i < links.count; i++)
		write_link(export, json, &links.at[i]);
}

void
export_json(struct export *export)
{
	const struct ends *ends = export->ends;
	struct json_writer json = json_to(export->body);
	char at[INSTANT_TEXT_SIZE];

	export_lose(export, "pods that come later",
	    "their addresses are not here; compile again when pods change",
	    NULL);
	json_object_open(&json, NULL);
	json_put_int(&json, "version", 1);
	if (export->options.at.ns != INSTANT_PAST.ns) {
		instant_print(export->options.at, at);
		json_put_string(&json, "at", at);
	}
	write_spans(&json, export->arena, "nobody", &ends->nobody);
	json_array_open(&json, "ends");
	for (size_t i = 0; i < ends->count; i++)
		if (ends->at[i]->spans.count > 0)
			write_end(export, &json, ends->at[i]);
	json_array_close(&json);
	json_array_open(&json, "pairs");
	for (size_t i = 0; i < ends->count; i++)
		if (ends->at[i]->spans.count > 0)
			write_pairs(export, &json, ends->at[i]);
	json_array_close(&json);
	text_add_char(export->body, '\n');
	export_write_losses(export, &json, "losses");
	json_object_close(&json);
	text_add_char(export->body, '\n');
}
