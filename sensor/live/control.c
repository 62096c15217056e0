#include "sensor/live/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/report.h"
#include "sensor/base/text.h"
#include "sensor/run/exit.h"

/* A reload of many models takes a few seconds. */
#define ANSWER_SECONDS 60

static const char *const words[CONTROL_COUNT + 1] = {
    [CONTROL_STATS] = "stats",
    [CONTROL_RELOAD] = "reload",
    [CONTROL_REOPEN] = "reopen",
    [CONTROL_HEALTH] = "health",
};

const char *const *
control_words(void)
{
	return words;
}

/* --- requests ------------------------------------------------------------- */

bool
control_complete(const char *octets, size_t size)
{
	return memchr(octets, '\n', size) != NULL;
}

static bool
refuse(struct text *out, const char *fault, const char *word)
{
	struct json_writer writer = json_to(out);
	const char *nearest = word == NULL ? NULL : nearest_word(word, words);

	json_object_open(&writer, NULL);
	json_put_bool(&writer, "ok", false);
	json_put_string(&writer, "error", fault);
	json_put_string(&writer, "meant", nearest);
	json_object_close(&writer);
	text_add_char(out, '\n');
	return false;
}

bool
control_parse(const char *octets, size_t size, enum control_command *command,
    struct text *out)
{
	struct json_fault fault;
	struct json *request = json_parse(octets, size, &fault);
	const char *word = json_get_text(request, "command");
	bool known = false;

	for (int i = 0; word != NULL && i < CONTROL_COUNT; i++)
		if (strcmp(word, words[i]) == 0) {
			*command = (enum control_command)i;
			known = true;
		}
	if (!known)
		(void)refuse(out,
		    request == NULL ? fault.message
				    : "`command` is none of stats, reload, "
				      "reopen, health",
		    word);
	json_free(request);
	return known;
}

/* --- HTTP ----------------------------------------------------------------- */

bool
control_http_complete(const char *octets, size_t size)
{
	return memmem(octets, size, "\r\n\r\n", 4) != NULL ||
	       memmem(octets, size, "\n\n", 2) != NULL;
}

bool
control_http_path(const char *octets, size_t size, char *path, size_t path_size)
{
	size_t length = 0;

	if (size < 4 || memcmp(octets, "GET ", 4) != 0)
		return false;
	while (
	    4 + length < size && strchr(" ?\r\n", octets[4 + length]) == NULL)
		length++;
	if (length >= path_size)
		return false;
	memcpy(path, octets + 4, length);
	path[length] = '\0';
	return true;
}

void
control_http_answer(struct text *out, const char *status, const char *body)
{
	text_format(out,
	    "HTTP/1.1 %s\r\n"
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n"
	    "Connection: close\r\n\r\n",
	    status, strlen(body));
	text_add(out, body);
}

/* --- asking --------------------------------------------------------------- */

static int
complain(const char *path)
{
	int error = errno;

	fprintf(stderr, "hedgerow: %s: %s\n", path, strerror(error));
	if (error == ENOENT || error == ECONNREFUSED)
		fputs("Is a sensor running with this --control?\n", stderr);
	return error == EACCES || error == EPERM ? EXIT_PERMISSION
						 : EXIT_CONDITION;
}

static int
call(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	int descriptor;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return -1;
	(void)setsockopt(
	    descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(descriptor, (const struct sockaddr *)&address,
		sizeof(address)) == 0)
		return descriptor;
	(void)close(descriptor);
	return -1;
}

/* Whether the answer, which is printed, says that it went well. */
static bool
print_answer(const char *octets, size_t size)
{
	struct json_fault fault;
	struct json *answer = json_parse(octets, size, &fault);
	const struct json *ok = json_get(answer, "ok");
	bool fine = answer != NULL && (ok == NULL || json_is_true(ok));

	(void)fwrite(octets, 1, size, stdout);
	json_free(answer);
	return fine;
}

int
control_ask(const char *path, enum control_command command)
{
	int descriptor = call(path);
	struct text answer;
	char part[4096];
	ssize_t size;
	int code = EXIT_INTERNAL;

	if (descriptor < 0)
		return complain(path);
	(void)snprintf(
	    part, sizeof(part), "{\"command\":\"%s\"}\n", words[command]);
	text_init(&answer, (size_t)1 << 20);
	if (send(descriptor, part, strlen(part), MSG_NOSIGNAL) < 0) {
		code = complain(path);
	} else {
		while ((size = recv(descriptor, part, sizeof(part), 0)) > 0)
			text_add_n(&answer, part, (size_t)size);
		if (answer.length == 0)
			fprintf(stderr, "hedgerow: %s: no answer\n", path);
		else
			code = print_answer(answer.at, answer.length)
				   ? EXIT_DONE
				   : EXIT_CONDITION;
	}
	text_release(&answer);
	(void)close(descriptor);
	return code;
}
