/*
 * sink_url -- reads the URL that names a sink.
 *
 *   file:PATH                            `-` is standard output
 *   syslog+udp://, syslog+tcp://, syslog+tls://HOST[:PORT]
 *   redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]/STREAM
 *   kafka://, kafka+tls://[USER:PASSWORD@]BROKER[:PORT][,BROKER...]/TOPIC
 *   elastic+https://HOST[:PORT]/INDEX    http for a test
 *   hec+https://, loki+https://, webhook+https://, alertmanager+https://
 *
 * with `?key=value&...` for settings, and `#NAME` for the name of its cursor.
 */
#ifndef ALERTS_SINK_URL_H
#define ALERTS_SINK_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/format.h"
#include "alerts/journal_cursor.h"

#define SINK_FAULT_SIZE 256

enum sink_kind {
	SINK_FILE,
	SINK_SYSLOG_UDP,
	SINK_SYSLOG_TCP,
	SINK_SYSLOG_TLS,
	SINK_REDIS,
	SINK_KAFKA,
	SINK_ELASTIC,
	SINK_HEC,
	SINK_LOKI,
	SINK_WEBHOOK,
	SINK_ALERTMANAGER,
};

/* A setting that is the sink's library's own. */
struct sink_setting {
	char *key, *value; /* owned */
};

#define SINK_SETTINGS 32

/* Texts are owned, and NULL where nothing was written. */
struct sink_url {
	enum sink_kind kind;
	bool secure; /* https */
	char *shown; /* without its password and settings */
	char *user, *password;
	char *host; /* without brackets; of Kafka all brokers as written */
	char *port; /* as written */
	char *path; /* with its slash; of a file as written */
	enum format format;
	char *ca, *certificate, *key; /* PEM files */
	char *server_name;            /* on its certificate */
	char *token_file;             /* a bearer or HEC token */
	bool insecure;                /* any certificate will do */
	uint32_t maximum;             /* entries of a Redis stream */
	uint32_t settle;     /* ms that syslog over TCP keeps what it sent */
	bool facility_said;  /* and not as elsewhere */
	unsigned facility;   /* of RFC 5424 */
	uint32_t enterprise; /* of RFC 5424; 0: as elsewhere */
	bool indexer_acknowledges; /* HEC: `ack=0` does not ask the indexer */
	struct sink_setting settings[SINK_SETTINGS]; /* of librdkafka */
	size_t setting_count;
	char name[JOURNAL_CURSOR_NAME];
};

/*
 * Reads a URL.
 *
 * fault      gets what is wrong, and what to write instead
 * returns    an owned URL for sink_url_free(), or NULL
 */
struct sink_url *sink_url_parse(const char *text, char fault[SINK_FAULT_SIZE]);

/* NULL is allowed. */
void sink_url_free(struct sink_url *url);

#endif
