#include "classifiers/detectors/impostor_images.h"

#include <string.h>

#define A(name) APPLICATION_##name

/*
 * Sources: the page of each image on Docker Hub or in its project's registry,
 * and the ports and protocols that the project's manual lists.
 */
static const struct known_image images[] = {
    {"postgres", {A(POSTGRESQL)}, {5432}, true},
    {"postgresql", {A(POSTGRESQL)}, {5432}, true},
    {"timescaledb", {A(POSTGRESQL)}, {5432}, true},
    {"postgis", {A(POSTGRESQL)}, {5432}, true},
    {"pgvector", {A(POSTGRESQL)}, {5432}, true},
    {"mysql", {A(MYSQL)}, {3306, 33060, 33061}, true},
    {"mysql-server", {A(MYSQL)}, {3306, 33060, 33061}, true},
    {"mariadb", {A(MYSQL)}, {3306, 4444, 4567, 4568}, true},
    {"percona", {A(MYSQL)}, {3306, 33060}, true},
    {"percona-server", {A(MYSQL)}, {3306, 33060}, true},
    {"redis", {A(REDIS)}, {6379, 16379, 26379}, true},
    {"redis-stack-server", {A(REDIS)}, {6379, 16379}, true},
    {"valkey", {A(REDIS)}, {6379, 16379, 26379}, true},
    {"keydb", {A(REDIS)}, {6379, 16379}, true},
    {"memcached", {A(MEMCACHED)}, {11211}, true},
    {"mongo", {A(MONGODB)}, {27017, 27018, 27019}, true},
    {"mongodb", {A(MONGODB)}, {27017, 27018, 27019}, true},
    {"cassandra", {A(CASSANDRA), A(JAVA_RMI)}, {9042, 7000, 7001, 7199, 9160},
	true},
    {"zookeeper", {A(ZOOKEEPER), A(HTTP)}, {2181, 2888, 3888, 8080}, true},
    {"neo4j", {A(BOLT), A(HTTP)}, {7687, 7474, 7473, 5000, 6000, 7000, 6362},
	true},
    {"clickhouse-server", {A(CLICKHOUSE), A(HTTP), A(MYSQL), A(POSTGRESQL)},
	{9000, 8123, 9009, 9004, 9005, 8443, 9440, 9363}, true},
    {"etcd", {A(GRPC), A(HTTP), A(HTTP2)}, {2379, 2380, 2381}, true},
    {"couchdb", {A(HTTP), A(EPMD)}, {5984, 4369, 9100}, true},
    {"elasticsearch", {A(ELASTICSEARCH), A(HTTP)}, {9200, 9300}, true},
    {"opensearch", {A(ELASTICSEARCH), A(HTTP)}, {9200, 9300, 9600}, true},
    {"influxdb", {A(HTTP)}, {8086, 8088}, true},
    {"rabbitmq", {A(AMQP), A(HTTP), A(EPMD), A(MQTT), A(STOMP), A(WEBSOCKET)},
	{5672, 5671, 15672, 15692, 4369, 25672, 1883, 61613, 5552, 15671},
	false},
    {"kafka", {A(KAFKA), A(HTTP), A(JAVA_RMI)},
	{9092, 9093, 9094, 9101, 9999, 5556}, false},
    {"nats", {A(NATS), A(HTTP), A(WEBSOCKET)}, {4222, 6222, 8222, 7777}, false},
    {"eclipse-mosquitto", {A(MQTT), A(WEBSOCKET)}, {1883, 8883, 9001}, false},
    {"mosquitto", {A(MQTT), A(WEBSOCKET)}, {1883, 8883, 9001}, false},
};

static const struct known_image exporter = {"exporter", {A(HTTP)}, {0}, true};

/* Names that are not the application's own. */
static const struct {
	const char *name;
	enum application application;
} port_names[] = {{"https", A(TLS)}, {"http2", A(HTTP)}, {"h2c", A(HTTP)},
    {"metrics", A(HTTP)}, {"postgres", A(POSTGRESQL)}, {"mongo", A(MONGODB)},
    {"memcache", A(MEMCACHED)}, {"grpcs", A(TLS)}};

#undef A

static bool
is_exporter(const char *base)
{
	size_t size = strlen(base);

	return size > 8 && strcmp(base + size - 8, "exporter") == 0 &&
	       (base[size - 9] == '-' || base[size - 9] == '_');
}

enum application
known_port_name(const char *name)
{
	char first[16];
	size_t size = strcspn(name, "-");

	if (size == 0 || size >= sizeof(first))
		return APPLICATION_UNKNOWN;
	memcpy(first, name, size);
	first[size] = '\0';
	for (size_t i = 0; i < sizeof(port_names) / sizeof(port_names[0]);
	     i++) {
		if (strcmp(first, port_names[i].name) == 0)
			return port_names[i].application;
	}
	return application_find(first);
}

const struct known_image *
known_image(const struct image *image)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		if (strcmp(images[i].base, image->base) == 0)
			return &images[i];
	}
	return is_exporter(image->base) ? &exporter : NULL;
}

/* Sidecars that put the pod's own protocols into TLS. */
static bool
is_proxy(const struct image *image)
{
	return strcmp(image->base, "proxyv2") == 0 ||
	       strcmp(image->base, "pause") == 0;
}

bool
known_images_only(const struct workload *workload)
{
	size_t known = 0;

	if (workload->host_network)
		return false;
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct image *image = &workload->containers[i].image;

		if (known_image(image) != NULL)
			known++;
		else if (!is_proxy(image))
			return false;
	}
	return known > 0;
}
