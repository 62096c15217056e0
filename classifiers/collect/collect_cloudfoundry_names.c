#include <stdlib.h>
#include <string.h>

#include "classifiers/collect/collect_cloudfoundry_parts.h"
#include "sensor/base/file.h"

#define POLL_SECONDS 60

/* A token of UAA is a JWT of some kilobytes. */
#define TOKEN_MAXIMUM ((size_t)64 * 1024)

/* 5000 is the most that a page may have (docs/v3, "Pagination"). */
static const char *const resources[] = {
    "/v3/processes?per_page=5000",
    "/v3/apps?per_page=5000&include=space.organization",
};

#define RESOURCES (sizeof(resources) / sizeof(*resources))

static void
start_over(struct collect_cloudfoundry *collector, int64_t delay)
{
	collector->resource = 0;
	text_clear(&collector->url);
	loop_timer_set(collector->ask, delay);
}

static void
complain(struct collect_cloudfoundry *collector, const char *fault)
{
	collector->failures++;
	collect_say(&collector->listener, "cloudfoundry: %s: %s",
	    collector->settings.api, fault);
	/* Names are good to have, and nothing waits for them for ever. */
	collector->named = true;
	start_over(
	    collector, collect_delay(collector->failures, &collector->random));
	foundry_consider(collector);
}

/*
 * The next page is wherever the Cloud Controller says, but a token goes to the
 * one alone that it is for.
 */
static bool
take_next(struct collect_cloudfoundry *collector, const struct json *page)
{
	const char *href =
	    field_text(json_get(json_get(page, "pagination"), "next"), "href");
	const char *api = collector->settings.api;
	size_t length = strlen(api);

	text_clear(&collector->url);
	if (strncmp(href, api, length) != 0 || href[length] != '/')
		return false;
	text_add(&collector->url, href);
	return !collector->url.overflow;
}

static void
answered(const struct collect_answer *answer, void *context)
{
	struct collect_cloudfoundry *collector = context;

	collector->fetch = NULL;
	if (answer->document == NULL) {
		complain(collector, answer->fault);
		return;
	}
	(void)collect_left_out(&collector->listener, "cloudfoundry",
	    collector->url.at, &answer->losses);
	if (cloudfoundry_kind_of(answer->document) != CLOUDFOUNDRY_PAGE) {
		complain(collector, "it answers no page of the API v3");
		return;
	}
	(void)cloudfoundry_give(
	    collector->foundry, answer->document, loop_now(collector->loop));
	if (!take_next(collector, answer->document))
		collector->resource++;
	if (collector->resource < RESOURCES) {
		loop_timer_set(collector->ask, 0);
		return;
	}
	collector->failures = 0;
	collector->named = true;
	cloudfoundry_refresh(collector->foundry, loop_now(collector->loop));
	start_over(
	    collector, (int64_t)(collector->settings.poll_seconds == 0
				     ? POLL_SECONDS
				     : collector->settings.poll_seconds) *
			   NS_PER_SECOND);
	foundry_consider(collector);
}

/* What `cf oauth-token` prints, with or without its first word. */
static const char *
read_token(struct arena *arena, const char *path)
{
	char *octets;
	const char *token;
	size_t size;

	if (path == NULL || file_read(path, TOKEN_MAXIMUM, &octets, &size) < 0)
		return NULL;
	token = arena_text_n(arena, octets, strnlen(octets, size));
	free(octets);
	if (strncmp(token, "bearer ", 7) == 0 ||
	    strncmp(token, "Bearer ", 7) == 0)
		token += 7;
	return arena_text_n(arena, token, strcspn(token, " \t\r\n"));
}

void
foundry_ask(void *context)
{
	struct collect_cloudfoundry *collector = context;
	const struct collect_cloudfoundry_settings *settings =
	    &collector->settings;
	struct arena *arena = arena_new();
	struct http_ask ask = {
	    .bearer = read_token(arena, settings->token_file),
	    .authorities = settings->authorities,
	    .packed = true,
	    .maximum = COLLECT_DOCUMENT_MAXIMUM,
	};

	if (collector->url.length == 0)
		text_format(&collector->url, "%s%s", settings->api,
		    resources[collector->resource]);
	ask.url = collector->url.at;
	collector->fetch =
	    collect_fetch_begin(collector->http, &ask, answered, collector);
	arena_free(arena);
}

void
foundry_drop(struct collect_cloudfoundry *collector)
{
	collect_fetch_cancel(collector->fetch);
	collector->fetch = NULL;
	loop_timer_cancel(collector->ask);
}
