/*
 * export -- writes a policy in the words of somebody who can enforce it.
 *
 * Firewalls see addresses and ports, Kubernetes sees labels, and none sees the
 * application spoken.  Whatever a target cannot say is a loss: it stands at the
 * head of what is written, with the statement and the reason, and is never
 * dropped silently.  By default nothing that is written drops a packet, where
 * the target knows such a way.  Does not load anything anywhere.
 */
#ifndef MODELS_EXPORT_H
#define MODELS_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "sensor/base/instant.h"

struct inventory;
struct library;
struct policy;
struct text;

enum export_format {
	EXPORT_NFTABLES,
	EXPORT_IPTABLES,
	EXPORT_NETWORKPOLICY,
	EXPORT_CILIUM,
	EXPORT_CALICO,
	EXPORT_JSON,
};

struct export_options {
	struct instant at; /* addresses and labels of then; PAST: the latest */
	bool enforce;      /* drop, where the default is to count and log */
	bool losses; /* write the losses as JSON lines, and nothing else */
};

/* The octets that one export may have. */
#define EXPORT_MAXIMUM ((size_t)1 << 30)

/* Finds a format by its public name; false when none has it. */
bool export_format_find(const char *name, enum export_format *out);

/* `nftables`, `iptables`, ...: every format, NULL-terminated. */
const char *const *export_format_names(void);

/*
 * Appends the whole policy, the same octets on every run.
 *
 * returns    how many losses there are
 */
size_t export_policy(struct policy *policy, const struct library *library,
    const struct inventory *inventory, enum export_format format,
    const struct export_options *options, struct text *out);

#endif
