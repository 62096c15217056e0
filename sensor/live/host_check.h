/*
 * host_check -- what a host lacks for the live sensor, and the remedy.
 *
 * Each check prints one line, `ok`, `warning` or `missing`, on stdout.  Looks
 * only; changes nothing.
 */
#ifndef SENSOR_LIVE_HOST_CHECK_H
#define SENSOR_LIVE_HOST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct host_card;
struct host_clock;
struct host_kernel;

struct host_check {
	unsigned warnings, missing;
};

/* Prints one result; `remedy` may be NULL. */
void host_check_ok(const char *what, const char *found);
void host_check_warn(struct host_check *check, const char *what,
    const char *found, const char *remedy);
void host_check_miss(struct host_check *check, const char *what,
    const char *found, const char *remedy);

/* The right to capture, and the user to become. */
void host_check_rights(struct host_check *check, const char *user);

/* Landlock, seccomp, and so many descriptors. */
void host_check_kernel(
    struct host_check *check, const struct host_kernel *kernel, size_t wanted);

/* Whether stamps can be believed. */
void host_check_clock(struct host_check *check, const struct host_clock *clock);

/* Opens the interface as the sensor does, and asks its driver. */
void host_check_interface(struct host_check *check, const char *name,
    const char *filter, size_t buffer, bool promiscuous);

/* What its driver does with packets. */
void host_check_card(
    struct host_check *check, const char *name, const struct host_card *card);

/* Whether it answers. */
bool host_check_redis(struct host_check *check, const char *argument);

/* Whether the user can make files where this one is, or will be. */
void host_check_directory(struct host_check *check, const char *what,
    const char *path, const char *user);

/* Whether the user can read it, for a reload. */
void host_check_readable(struct host_check *check, const char *what,
    const char *path, const char *user);

/* Whether somebody could listen at ADDRESS:PORT. */
void host_check_address(
    struct host_check *check, const char *what, const char *address);

/* Whether so many octets can be had. */
void host_check_memory(struct host_check *check, size_t wanted);

#endif
