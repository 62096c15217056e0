/*
 * config -- the configuration file of the live sensor.
 *
 *   interfaces: [eth1, {name: eth2, domain: prod-b}]
 *   capture: {ring: 64MiB, filter: not port 22}
 *   models: {directories: [/etc/hedgerow/models]}
 *   inventory: {redis: redis://10.0.0.5}
 *   alerts: {file: /var/log/hedgerow/alerts.ndjson}
 *
 * One YAML document; deploy/hedgerow.yaml has every key with what holds
 * without it.  Every mistake is reported with its place and the nearest right
 * word, and nothing is taken of a file with mistakes.  What stands at the
 * command line wins over it.
 */
#ifndef SENSOR_LIVE_CONFIG_H
#define SENSOR_LIVE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct domains;
struct live_settings;
struct report;

/* Read when no other is named, if it is there. */
#define CONFIG_PATH "/etc/hedgerow/hedgerow.yaml"

#define CONFIG_MAXIMUM ((size_t)1 << 20)

/*
 * Reads a file.
 *
 * arena      gets the texts, which the settings borrow
 * settings   with what holds without a file; may be half changed when false
 *            is returned
 * domains    gets those that are declared; *domains is made when it is NULL
 * report     gets the mistakes
 * returns    whether there was none
 */
bool config_read(const char *path, struct arena *arena,
    struct live_settings *settings, struct domains **domains,
    struct report *report);

/* The same of a text that `path` is the name of. */
bool config_parse(const char *path, const char *octets, size_t size,
    struct arena *arena, struct live_settings *settings,
    struct domains **domains, struct report *report);

#endif
