/*
 * impostor_images -- what well-known images serve and where.
 *
 * By the documentation of each image (its ports and protocols).  Pure.
 */
#ifndef CLASSIFIERS_DETECTORS_IMPOSTOR_IMPOSTOR_IMAGES_H
#define CLASSIFIERS_DETECTORS_IMPOSTOR_IMPOSTOR_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "classifiers/application.h"
#include "classifiers/detectors/impostor/tls_fingerprint.h"
#include "classifiers/inventory/workload.h"

#define KNOWN_SERVES_MAXIMUM 6
#define KNOWN_PORTS_MAXIMUM  10

struct known_image {
	const char *base; /* the last part of its name */
	/* APPLICATION_UNKNOWN ends both lists. */
	enum application serves[KNOWN_SERVES_MAXIMUM];
	uint16_t ports[KNOWN_PORTS_MAXIMUM]; /* 0 ends it */
	/* A store: it is asked, and asks nobody but its like. */
	bool keeps_data;
	/* It serves the web on whatever port it is told to, and may
	 * forward any protocol: only getting hold of machines is none of its
	 * business. */
	bool web;
	uint8_t libraries;  /* of TLS that it has: bits by enum tls_library */
	const char *server; /* what it calls itself in HTTP, or NULL */
};

/*
 * The image, or NULL.  Exporters of metrics are all one: by custom their names
 * end so, and they serve HTTP beside what they measure.
 */
const struct known_image *known_image(const struct image *image);

/* What known_image() goes by. */
bool known_images_are_sorted(void);

/*
 * The application that a declared port's name stands for, as Kubernetes and
 * Istio have it (`http`, `grpc-web`, `redis`), or APPLICATION_UNKNOWN.
 */
enum application known_port_name(const char *name);

/*
 * Whether every container of the workload is of a known image: one that is not
 * may serve and ask whatever it likes.
 */
bool known_images_only(const struct workload *workload);

/* Whether one of them serves the web, of a workload of known images only. */
bool known_images_web(const struct workload *workload);

/* The libraries of TLS of all of them; 0 where one's are not known. */
uint8_t known_images_libraries(const struct workload *workload);

#endif
