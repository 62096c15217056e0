/*
 * control -- what an operator asks a running sensor, and the answers.
 *
 *   on the control socket    a line of JSON, {"command": "stats"}
 *   by HTTP                  GET /metrics, /livez, /readyz
 *
 * Both forms of a request end up as one of the words below.  Pure.
 */
#ifndef SENSOR_LIVE_CONTROL_H
#define SENSOR_LIVE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

struct text;

enum control_command {
	CONTROL_STATS,
	CONTROL_RELOAD,
	CONTROL_REOPEN,
	CONTROL_HEALTH,
	CONTROL_COUNT,
};

/* Their words, NULL at the end. */
const char *const *control_words(void);

/* Whether a line has ended. */
bool control_complete(const char *octets, size_t size);

/* Reads a request; false after an answer that says what is wrong with it. */
bool control_parse(const char *octets, size_t size,
    enum control_command *command, struct text *out);

/* Whether the head of an HTTP request has ended (RFC 9112). */
bool control_http_complete(const char *octets, size_t size);

/* The path of a GET into `path`; false when it is something else. */
bool control_http_path(
    const char *octets, size_t size, char *path, size_t path_size);

/* An HTTP answer with its head. */
void control_http_answer(
    struct text *out, const char *status, const char *body);

/*
 * Asks a running sensor and prints its answer on stdout.
 *
 * returns    an exit code
 */
int control_ask(const char *path, enum control_command command);

#endif
