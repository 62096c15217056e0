/* OCSF 1.5.0, Network Activity (4001): a flow that has ended. */
#include <string.h>

#include "alerts/format_ocsf.h"
#include "sensor/frame.h"

struct activity {
	int id;
	const char *name;
};

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/*
 * A flow that we stopped looking at was seen as traffic and no more; one that
 * nobody accepted was refused when a reset says so, or else it failed.
 */
static struct activity
activity_of(const struct record_view *view)
{
	bool reset = (view->tcp_flags & TCP_RST) != 0;

	if (is(view->state, "attempt"))
		return reset ? (struct activity){5, "Refuse"}
			     : (struct activity){4, "Fail"};
	if (is(view->reason, "closed") || is(view->state, "finished"))
		return reset ? (struct activity){3, "Reset"}
			     : (struct activity){2, "Close"};
	return (struct activity){6, "Traffic"};
}

static void
put_traffic(struct json_writer *json, const struct record_view *view)
{
	const struct view_end *client = &view->client;
	const struct view_end *server = &view->server;

	if (client->octets < 0 || server->octets < 0 || client->packets < 0 ||
	    server->packets < 0)
		return;
	json_object_open(json, "traffic");
	json_put_int(json, "bytes", client->octets + server->octets);
	json_put_int(json, "bytes_out", client->octets);
	json_put_int(json, "bytes_in", server->octets);
	json_put_int(json, "packets", client->packets + server->packets);
	json_put_int(json, "packets_out", client->packets);
	json_put_int(json, "packets_in", server->packets);
	json_object_close(json);
}

static void
put_status(struct json_writer *json, const struct record_view *view)
{
	bool failed = is(view->state, "attempt");

	json_put_int(json, "status_id", failed ? 2 : 1);
	json_put_string(json, "status", failed ? "Failure" : "Success");
	json_put_int(json, "action_id", 3);
	json_put_string(json, "action", "Observed");
}

void
ocsf_put_flow(struct json_writer *json, const struct record_view *view)
{
	static const struct ocsf_class class = {
	    4, 4001, "Network Activity", "Network Activity"};
	struct activity activity = activity_of(view);

	ocsf_put_class(json, &class, activity.id, activity.name);
	put_status(json, view);
	ocsf_put_time(json, "start_time", view->start);
	ocsf_put_time(json, "end_time", view->end);
	if (view->start.ns != INSTANT_PAST.ns && view->end.ns >= view->start.ns)
		json_put_int(json, "duration",
		    record_view_ms(view->end) - record_view_ms(view->start));
	if (record_view_application_shown(view))
		format_put(json, "app_name", view->application);
	ocsf_put_connection(json, view);
	ocsf_put_end(json, "src_endpoint", &view->client);
	ocsf_put_end(json, "dst_endpoint", &view->server);
	put_traffic(json, view);
	ocsf_put_policy(json, view);
	ocsf_put_unmapped(json, view);
}
