#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sensor/base/json_write.h"
#include "sensor/base/text.h"
#include "sensor/live/control.h"
#include "sensor/live/live_metrics.h"
#include "sensor/live/live_parts.h"
#include "sensor/live/live_stats.h"
#include "sensor/run/exit.h"

/* --- the control socket --------------------------------------------------- */

static void
answer_done(struct text *out, bool fine, const char *fault)
{
	struct json_writer writer = json_to(out);

	json_object_open(&writer, NULL);
	json_put_bool(&writer, "ok", fine);
	if (!fine)
		json_put_string(&writer, "error", fault);
	json_object_close(&writer);
}

static void
answer_health(struct text *out, struct live *live)
{
	struct json_writer writer = json_to(out);

	live_count(live);
	json_object_open(&writer, NULL);
	json_put_bool(&writer, "ok", live->counts.reason_count == 0);
	live_stats_health(&writer, &live->counts);
	json_object_close(&writer);
}

static void
answer_control(const char *octets, size_t size, struct text *out, void *context)
{
	struct live *live = context;
	enum control_command command;

	if (!control_parse(octets, size, &command, out))
		return;
	switch (command) {
	case CONTROL_STATS:
		live_count(live);
		live_stats_record(out, &live->counts);
		break;
	case CONTROL_RELOAD:
		answer_done(out, live_reload_world(live),
		    "the old models and inventory go on; the sensor's log "
		    "says what is wrong");
		break;
	case CONTROL_REOPEN:
		answer_done(out, live_reopen(live),
		    "records go on into the old file; the sensor's log says "
		    "why");
		break;
	case CONTROL_HEALTH:
		answer_health(out, live);
		break;
	case CONTROL_COUNT:
		break;
	}
	text_add_char(out, '\n');
}

/* --- HTTP ----------------------------------------------------------------- */

static void
answer_ready(struct live *live, struct text *out)
{
	struct text body;

	live_count(live);
	text_init(&body, LISTENER_ANSWER / 2);
	for (size_t i = 0; i < live->counts.reason_count; i++)
		text_format(&body, "%s\n", live->counts.reasons[i]);
	if (live->counts.reason_count == 0)
		text_add(&body, "ready\n");
	control_http_answer(out,
	    live->counts.reason_count == 0 ? "200 OK"
					   : "503 Service Unavailable",
	    body.at);
	text_release(&body);
}

static void
answer_metrics(struct live *live, struct text *out)
{
	struct text body;

	live_count(live);
	text_init(&body, LISTENER_ANSWER / 2);
	live_metrics_page(&body, &live->counts);
	control_http_answer(out, "200 OK", body.at);
	text_release(&body);
}

static void
answer_http(const char *octets, size_t size, struct text *out, void *context)
{
	char path[64];

	if (!control_http_path(octets, size, path, sizeof(path)))
		control_http_answer(out, "400 Bad Request", "only GET\n");
	else if (strcmp(path, "/metrics") == 0)
		answer_metrics(context, out);
	else if (strcmp(path, "/livez") == 0 || strcmp(path, "/healthz") == 0)
		control_http_answer(out, "200 OK", "live\n");
	else if (strcmp(path, "/readyz") == 0)
		answer_ready(context, out);
	else
		control_http_answer(out, "404 Not Found",
		    "/metrics, /livez and /readyz are here\n");
}

/* --- the process ---------------------------------------------------------- */

void
live_count_process(struct live *live)
{
	struct live_process *process = &live->counts.process;
	struct timespec used;
	char text[64] = "";
	unsigned long long size, resident;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	process->cpu = used.tv_sec * NS_PER_SECOND + used.tv_nsec;
	if (live->memory > 0 &&
	    pread(live->memory, text, sizeof(text) - 1, 0) > 0 &&
	    sscanf(text, "%llu %llu", &size, &resident) == 2)
		process->resident = resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* --- opening -------------------------------------------------------------- */

/* Without --control it is a convenience; what is asked for must be there. */
static int
open_socket(struct live *live)
{
	const struct listener_settings settings = {
	    control_complete, answer_control, live};
	const char *path = live->settings->control;
	char fault[LISTENER_FAULT_SIZE];

	if (path == NULL && mkdir("/run/hedgerow", 0755) != 0 &&
	    errno != EEXIST)
		return EXIT_DONE;
	live->control =
	    listener_new_unix(live->loop, path == NULL ? LIVE_CONTROL : path,
		live->user, live->group, &settings, fault);
	if (live->control != NULL)
		return EXIT_DONE;
	live_say("--control %s", fault);
	return path == NULL ? EXIT_DONE : EXIT_USAGE;
}

int
live_open_control(struct live *live)
{
	const struct listener_settings settings = {
	    control_http_complete, answer_http, live};
	char fault[LISTENER_FAULT_SIZE];
	int code = open_socket(live);

	live->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (code != EXIT_DONE || live->settings->metrics == NULL)
		return code;
	live->metrics = listener_new_tcp(
	    live->loop, live->settings->metrics, &settings, fault);
	if (live->metrics == NULL) {
		live_say("--metrics %s", fault);
		return EXIT_USAGE;
	}
	if (!live->settings->quiet)
		live_say(
		    "metrics are at port %u", listener_port(live->metrics));
	return EXIT_DONE;
}

void
live_close_control(struct live *live)
{
	listener_free(live->control);
	listener_free(live->metrics);
	if (live->memory > 0)
		(void)close(live->memory);
}
