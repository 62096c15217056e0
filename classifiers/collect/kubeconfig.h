/*
 * kubeconfig -- where a Kubernetes API server is, and how to be let in.
 *
 * Reads what kubectl reads (clientcmd v1: clusters, users, contexts), from one
 * file or several merged as kubectl merges them, or the service account that a
 * pod is given.  Files that change, such as a service account's token, are
 * named here and read when they are needed.  Knows no environment variables
 * and makes no connections.
 */
#ifndef CLASSIFIERS_COLLECT_KUBECONFIG_H
#define CLASSIFIERS_COLLECT_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/http.h"

struct arena;
struct report;
struct text;

/* Where a pod finds its service account. */
#define KUBECONFIG_IN_CLUSTER "/var/run/secrets/kubernetes.io/serviceaccount"

/* The largest configuration that is read, and the longest token, in octets. */
#define KUBECONFIG_MAXIMUM       ((size_t)1024 * 1024)
#define KUBECONFIG_TOKEN_MAXIMUM ((size_t)16 * 1024)

/* All texts are the arena's; NULL where nothing is said. */
struct kubernetes_access {
	const char *cluster;     /* its name in the file, or "" */
	const char *server;      /* `https://10.0.0.1:6443`, no slash at end */
	const char *server_name; /* what its certificate says, else its host */
	const char *proxy;
	bool insecure; /* any certificate will do */
	struct http_pem authorities;
	struct http_pem certificate, key;
	const char *token, *token_file; /* the file goes first */
};

struct kubeconfig_text {
	const char *path; /* for messages, and what relative paths lie beside */
	const char *octets;
	size_t size;
};

/*
 * Reads files; of the same name in several the first counts.
 *
 * context    NULL for the one that the files call current
 * report     gets every mistake, with its place
 * returns    whether `*access` can be used
 */
bool kubeconfig_read(struct arena *arena, const char *const *paths,
    size_t count, const char *context, struct report *report,
    struct kubernetes_access *access);

/* The same for texts in memory; opens none of the files that they name. */
bool kubeconfig_parse(struct arena *arena, const struct kubeconfig_text *texts,
    size_t count, const char *context, struct report *report,
    struct kubernetes_access *access);

/*
 * The access of a pod's service account.
 *
 * directory  KUBECONFIG_IN_CLUSTER
 * host, port as KUBERNETES_SERVICE_HOST and _PORT say
 */
bool kubeconfig_in_cluster(struct arena *arena, const char *directory,
    const char *host, const char *port, struct report *report,
    struct kubernetes_access *access);

/*
 * The token as it is now, or nothing where there is none.
 *
 * token      cleared first
 * returns    0, or a negative errno when its file cannot be read; -EINVAL when
 *            it holds no token
 */
int kubernetes_access_token(
    const struct kubernetes_access *access, struct text *token);

#endif
