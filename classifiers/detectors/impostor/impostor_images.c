#include "classifiers/detectors/impostor/impostor_images.h"

#include <string.h>

#define A(name) APPLICATION_##name

/* A store keeps data and asks nobody; a broker asks others. */
#define STORE  true, false, 0, NULL
#define BROKER false, false, 0, NULL

/*
 * Sources: the page of each image on Docker Hub or in its project's registry,
 * and the ports and protocols that the project's manual lists.  By name, for it
 * is looked for by halves.
 */
static const struct known_image images[] = {
    {"azure-sql-edge", {A(TDS)}, {1433, 1434}, STORE},
    {"cassandra", {A(CASSANDRA), A(JAVA_RMI)}, {9042, 7000, 7001, 7199, 9160},
	STORE},
    {"clickhouse-server", {A(CLICKHOUSE), A(HTTP), A(MYSQL), A(POSTGRESQL)},
	{9000, 8123, 9009, 9004, 9005, 8443, 9440, 9363}, STORE},
    {"cockroach", {A(POSTGRESQL), A(HTTP), A(GRPC), A(HTTP2)}, {26257, 8080},
	STORE},
    {"couchdb", {A(HTTP), A(EPMD)}, {5984, 4369, 9100}, STORE},
    {"eclipse-mosquitto", {A(MQTT), A(WEBSOCKET)}, {1883, 8883, 9001}, BROKER},
    {"elasticsearch", {A(ELASTICSEARCH), A(HTTP)}, {9200, 9300}, STORE},
    {"etcd", {A(GRPC), A(HTTP), A(HTTP2)}, {2379, 2380, 2381}, STORE},
    {"influxdb", {A(HTTP)}, {8086, 8088}, STORE},
    {"kafka", {A(KAFKA), A(HTTP), A(JAVA_RMI)},
	{9092, 9093, 9094, 9101, 9999, 5556}, BROKER},
    {"keydb", {A(REDIS)}, {6379, 16379}, STORE},
    {"mariadb", {A(MYSQL)}, {3306, 4444, 4567, 4568}, STORE},
    {"memcached", {A(MEMCACHED)}, {11211}, STORE},
    {"mongo", {A(MONGODB)}, {27017, 27018, 27019}, STORE},
    {"mongodb", {A(MONGODB)}, {27017, 27018, 27019}, STORE},
    {"mosquitto", {A(MQTT), A(WEBSOCKET)}, {1883, 8883, 9001}, BROKER},
    {"mssql/server", {A(TDS)}, {1433, 1434, 5022}, STORE},
    {"mysql", {A(MYSQL)}, {3306, 33060, 33061}, STORE},
    {"mysql-server", {A(MYSQL)}, {3306, 33060, 33061}, STORE},
    {"nats", {A(NATS), A(HTTP), A(WEBSOCKET)}, {4222, 6222, 8222, 7777},
	BROKER},
    {"neo4j", {A(BOLT), A(HTTP)}, {7687, 7474, 7473, 5000, 6000, 7000, 6362},
	STORE},
    {"openldap", {A(LDAP)}, {389, 636, 1389, 1636}, STORE},
    {"opensearch", {A(ELASTICSEARCH), A(HTTP)}, {9200, 9300, 9600}, STORE},
    {"oracle-free", {A(ORACLE), A(HTTP)}, {1521, 2484, 5500}, STORE},
    {"oracle-xe", {A(ORACLE), A(HTTP)}, {1521, 2484, 5500}, STORE},
    {"percona", {A(MYSQL)}, {3306, 33060}, STORE},
    {"percona-server", {A(MYSQL)}, {3306, 33060}, STORE},
    {"pgvector", {A(POSTGRESQL)}, {5432}, STORE},
    {"postgis", {A(POSTGRESQL)}, {5432}, STORE},
    {"postgres", {A(POSTGRESQL)}, {5432}, STORE},
    {"postgresql", {A(POSTGRESQL)}, {5432}, STORE},
    {"rabbitmq", {A(AMQP), A(HTTP), A(EPMD), A(MQTT), A(STOMP), A(WEBSOCKET)},
	{5672, 5671, 15672, 15692, 4369, 25672, 1883, 61613, 5552, 15671},
	BROKER},
    {"redis", {A(REDIS)}, {6379, 16379, 26379}, STORE},
    {"redis-stack-server", {A(REDIS)}, {6379, 16379}, STORE},
    {"timescaledb", {A(POSTGRESQL)}, {5432}, STORE},
    {"valkey", {A(REDIS)}, {6379, 16379, 26379}, STORE},
    {"zookeeper", {A(ZOOKEEPER), A(HTTP)}, {2181, 2888, 3888, 8080}, STORE},
};

#define C    (1 << TLS_LIBRARY_OPENSSL | 1 << TLS_LIBRARY_GNUTLS)
#define GO   (1 << TLS_LIBRARY_GO)
#define JAVA (1 << TLS_LIBRARY_JAVA)

#define WEB                                                                    \
	{A(HTTP), A(HTTP2), A(GRPC), A(WEBSOCKET), A(HTTP3), A(QUIC)}, {0},    \
	    false, true

/*
 * Sources beside the images' pages: what each is written in.  What is written
 * in C comes on Debian or Alpine, whose other programs have OpenSSL's or
 * GnuTLS's library.  Names in the header `Server` are of those that let no
 * other's pass: nginx drops it from what it forwards (proxy_hide_header's
 * manual), Apache, Caddy and lighttpd keep it.  By name, too.
 */
static const struct known_image web[] = {
    {"adminer", WEB, C, NULL},
    {"alertmanager", WEB, GO, NULL},
    {"caddy", WEB, GO, NULL},
    {"consul", WEB, GO, NULL},
    {"drupal", WEB, C, NULL},
    {"ghost", WEB, 0, NULL},
    {"grafana", WEB, 0, NULL},
    {"haproxy", WEB, C, NULL},
    {"httpd", WEB, C, NULL},
    {"joomla", WEB, C, NULL},
    {"keycloak", WEB, JAVA, NULL},
    {"kibana", WEB, 0, NULL},
    {"lighttpd", WEB, C, NULL},
    {"loki", WEB, GO, NULL},
    {"mediawiki", WEB, C, NULL},
    {"minio", WEB, GO, NULL},
    {"nginx", WEB, C, "nginx"},
    {"nginx-unprivileged", WEB, C, "nginx"},
    {"openresty", WEB, C, "openresty"},
    {"phpmyadmin", WEB, C, NULL},
    {"prometheus", WEB, GO, NULL},
    {"pushgateway", WEB, GO, NULL},
    {"redmine", WEB, 0, NULL},
    {"sonarqube", WEB, JAVA, NULL},
    {"tomcat", WEB, JAVA, NULL},
    {"traefik", WEB, GO, NULL},
    {"varnish", WEB, C, NULL},
    {"vault", WEB, GO, NULL},
    {"wordpress", WEB, C, NULL},
};

#undef WEB
#undef C
#undef GO
#undef JAVA

static const struct known_image exporter = {"exporter", {A(HTTP)}, {0}, STORE};

/* Names that are not the application's own. */
static const struct {
	const char *name;
	enum application application;
} port_names[] = {{"https", A(TLS)}, {"http2", A(HTTP)}, {"h2c", A(HTTP)},
    {"metrics", A(HTTP)}, {"postgres", A(POSTGRESQL)}, {"mongo", A(MONGODB)},
    {"memcache", A(MEMCACHED)}, {"grpcs", A(TLS)}};

#undef A
#undef STORE
#undef BROKER

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

/* Every flow asks for both of its ends, some several times. */
static const struct known_image *
find(const struct known_image *list, size_t count, const char *base)
{
	while (count > 0) {
		const struct known_image *middle = &list[count / 2];
		int order = (uint8_t)base[0] - (uint8_t)middle->base[0];

		if (order == 0)
			order = strcmp(base, middle->base);
		if (order == 0)
			return middle;
		if (order > 0) {
			list = middle + 1;
			count--;
		}
		count /= 2;
	}
	return NULL;
}

static bool
are_sorted(const struct known_image *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(list[i - 1].base, list[i].base) >= 0)
			return false;
	return true;
}

bool
known_images_are_sorted(void)
{
	return are_sorted(images, sizeof(images) / sizeof(images[0])) &&
	       are_sorted(web, sizeof(web) / sizeof(web[0]));
}

/* `mssql/server`; NULL where the name has one part. */
static const char *
last_two_parts(const char *repository)
{
	const char *slash = strrchr(repository, '/');

	if (slash == NULL)
		return NULL;
	while (slash > repository && slash[-1] != '/')
		slash--;
	return slash;
}

/* Some products are the part before a last one that says nothing. */
static const struct known_image *
find_image(const struct image *image)
{
	const struct known_image *found;
	const char *two;

	found = find(images, sizeof(images) / sizeof(images[0]), image->base);
	if (found == NULL)
		found = find(web, sizeof(web) / sizeof(web[0]), image->base);
	if (found != NULL || strcmp(image->base, "server") != 0)
		return found;
	two = last_two_parts(image->repository);
	return two == NULL
		   ? NULL
		   : find(images, sizeof(images) / sizeof(images[0]), two);
}

const struct known_image *
known_image(const struct image *image)
{
	const struct known_image *found = find_image(image);

	if (found != NULL)
		return found;
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

bool
known_images_web(const struct workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct known_image *image =
		    known_image(&workload->containers[i].image);

		if (image != NULL && image->web)
			return true;
	}
	return false;
}

uint8_t
known_images_libraries(const struct workload *workload)
{
	uint8_t libraries = 0;

	for (size_t i = 0; i < workload->container_count; i++) {
		const struct known_image *image =
		    known_image(&workload->containers[i].image);

		if (image == NULL || image->libraries == 0)
			return 0;
		libraries |= image->libraries;
	}
	return libraries;
}
