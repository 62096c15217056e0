#include "alerts/record_sensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerts/catalog.h"
#include "alerts/record.h"
#include "sensor/base/hash.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

#define GID       104
#define SIGNATURE 4001

#define SENTENCE_SIZE 256
#define UID_SIZE      17

static void
write_sentence(char out[SENTENCE_SIZE], const struct worker_death *death)
{
	char how[96];

	if (death->signal != 0)
		(void)snprintf(how, sizeof(how), "died of signal %d (%s)",
		    death->signal, strsignal(death->signal));
	else
		(void)snprintf(
		    how, sizeof(how), "ended with code %d", death->code);
	(void)snprintf(out, SENTENCE_SIZE,
	    "worker %" PRIu32 " %s and took %" PRIu64
	    " flows in progress with it; another takes its place",
	    death->worker, how, death->flows);
}

/* No two deaths have the same, nor has any other finding. */
static void
write_uid(char out[UID_SIZE], const struct record_source *source,
    const struct worker_death *death, struct instant at)
{
	static const struct hash_key key = {{GID, SIGNATURE}};
	char what[256];
	int size = snprintf(what, sizeof(what),
	    "%.100s %" PRIu32 " %" PRIu64 " %" PRId64, source->host,
	    death->worker, death->died, at.ns);

	(void)snprintf(out, UID_SIZE, "%016" PRIx64,
	    hash_octets(&key, what, (size_t)size));
}

static void
put_alert(struct json_writer *writer, const char *sentence)
{
	const struct signature *signature = catalog_find(GID, SIGNATURE);

	json_object_open(writer, "alert");
	json_put_string(writer, "action", "allowed");
	json_put_int(writer, "gid", signature->gid);
	json_put_int(writer, "signature_id", signature->id);
	json_put_int(writer, "rev", signature->revision);
	json_put_string(writer, "signature", sentence);
	json_put_string(writer, "category", signature->category);
	json_put_int(
	    writer, "severity", catalog_eve_severity(signature->severity));
	json_object_close(writer);
}

static void
put_sensor(struct json_writer *writer, const struct worker_death *death)
{
	json_object_open(writer, "sensor");
	json_put_string(writer, "event", "worker_died");
	json_put_int(writer, "worker", death->worker);
	if (death->signal != 0)
		json_put_int(writer, "signal", death->signal);
	else
		json_put_int(writer, "code", death->code);
	json_put_int(writer, "flows_lost", (int64_t)death->flows);
	json_object_close(writer);
}

static void
put_finding(struct json_writer *writer, const char *uid, const char *time)
{
	json_object_open(writer, "finding");
	json_put_string(writer, "uid", uid);
	json_put_string(writer, "state", "new");
	json_put_int(writer, "count", 1);
	json_put_string(writer, "first_seen", time);
	json_put_string(writer, "last_seen", time);
	json_object_close(writer);
}

void
record_write_death(struct text *out, const struct record_source *source,
    const struct worker_death *death, struct instant at)
{
	struct json_writer writer = json_to(out);
	char time[INSTANT_TEXT_SIZE], sentence[SENTENCE_SIZE], uid[UID_SIZE];

	instant_print_eve(at, time);
	write_sentence(sentence, death);
	write_uid(uid, source, death, at);
	json_object_open(&writer, NULL);
	json_put_string(&writer, "timestamp", time);
	json_put_string(&writer, "event_type", "alert");
	json_put_string(&writer, "host", source->host);
	if (source->interface != NULL)
		json_put_string(&writer, "in_iface", source->interface);
	put_alert(&writer, sentence);
	put_sensor(&writer, death);
	put_finding(&writer, uid, time);
	json_object_close(&writer);
}
