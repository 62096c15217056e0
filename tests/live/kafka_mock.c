/*
 * kafka_mock OUT: librdkafka's mock cluster of three brokers on loopback, and a
 * consumer of topic `alerts` that writes each message to OUT as `KEY ID VALUE`.
 * This is no Kafka: it keeps what it is given in memory, and answers.
 *
 * Prints its brokers on one line.  Then, by signals: SIGUSR1 all brokers go
 * down, SIGUSR2 they are up again and the next ten requests to produce fail.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BROKERS    3
#define PARTITIONS 16 /* each keeps 5 MB, and no more */
#define TOPIC      "alerts"
#define PRODUCE    0 /* the request's number in Kafka's protocol */

static void
set(rd_kafka_conf_t *settings, const char *key, const char *value)
{
	char fault[256];

	if (rd_kafka_conf_set(settings, key, value, fault, sizeof(fault)) ==
	    RD_KAFKA_CONF_OK)
		return;
	fprintf(stderr, "%s\n", fault);
	exit(1);
}

static rd_kafka_t *
make(rd_kafka_type_t type, rd_kafka_conf_t *settings)
{
	char fault[256];
	rd_kafka_t *made = rd_kafka_new(type, settings, fault, sizeof(fault));

	if (made != NULL)
		return made;
	fprintf(stderr, "%s\n", fault);
	exit(1);
}

static rd_kafka_t *
make_consumer(const char *brokers)
{
	rd_kafka_conf_t *settings = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *all =
	    rd_kafka_topic_partition_list_new(PARTITIONS);
	rd_kafka_t *consumer;

	set(settings, "bootstrap.servers", brokers);
	set(settings, "group.id", "reader");
	set(settings, "auto.offset.reset", "earliest");
	set(settings, "fetch.wait.max.ms", "20");
	set(settings, "reconnect.backoff.max.ms", "100");
	rd_kafka_conf_set_log_cb(settings, NULL);
	consumer = make(RD_KAFKA_CONSUMER, settings);
	for (int i = 0; i < PARTITIONS; i++)
		rd_kafka_topic_partition_list_add(all, TOPIC, i)->offset =
		    RD_KAFKA_OFFSET_BEGINNING;
	(void)rd_kafka_assign(consumer, all);
	rd_kafka_topic_partition_list_destroy(all);
	return consumer;
}

static void
write_message(FILE *out, const rd_kafka_message_t *message)
{
	rd_kafka_headers_t *headers = NULL;
	const void *id = "-";
	size_t size = 1;

	if (rd_kafka_message_headers(message, &headers) == 0)
		(void)rd_kafka_header_get_last(headers, "id", &id, &size);
	fprintf(out, "%.*s %.*s %.*s\n", (int)message->key_len,
	    (const char *)message->key, (int)size, (const char *)id,
	    (int)message->len, (const char *)message->payload);
	(void)fflush(out);
}

static void
change(rd_kafka_mock_cluster_t *cluster, bool down)
{
	static const rd_kafka_resp_err_t unwell[] = {
	    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
	    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
	    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
	};

	for (int i = 1; i <= BROKERS; i++)
		if (down)
			(void)rd_kafka_mock_broker_set_down(cluster, i);
		else
			(void)rd_kafka_mock_broker_set_up(cluster, i);
	for (int i = 0; i < 10 && !down; i++)
		rd_kafka_mock_push_request_errors(
		    cluster, PRODUCE, 1, unwell[i % 3]);
}

int
main(int argc, char **argv)
{
	FILE *out = argc > 1 ? fopen(argv[1], "a") : NULL;
	const struct timespec none = {0, 0};
	rd_kafka_mock_cluster_t *cluster;
	rd_kafka_conf_t *settings;
	rd_kafka_t *owner, *consumer;
	sigset_t asked;

	if (out == NULL)
		return 2;
	(void)sigemptyset(&asked);
	(void)sigaddset(&asked, SIGUSR1);
	(void)sigaddset(&asked, SIGUSR2);
	(void)sigaddset(&asked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &asked, NULL);
	settings = rd_kafka_conf_new();
	rd_kafka_conf_set_log_cb(settings, NULL);
	owner = make(RD_KAFKA_PRODUCER, settings);
	cluster = rd_kafka_mock_cluster_new(owner, BROKERS);
	(void)rd_kafka_mock_topic_create(cluster, TOPIC, PARTITIONS, 1);
	printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
	(void)fflush(stdout);
	consumer = make_consumer(rd_kafka_mock_cluster_bootstraps(cluster));
	for (;;) {
		int came = sigtimedwait(&asked, NULL, &none);
		rd_kafka_message_t *message;

		if (came == SIGTERM)
			break;
		if (came > 0)
			change(cluster, came == SIGUSR1);
		message = rd_kafka_consumer_poll(consumer, 50);
		if (message == NULL)
			continue;
		if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
			write_message(out, message);
		rd_kafka_message_destroy(message);
	}
	(void)rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(owner);
	(void)fclose(out);
	return 0;
}
