#include "classifiers/collect/collect_listener.h"

#include <stdarg.h>
#include <stdio.h>

#include "sensor/base/arena.h"

#define MESSAGE_SIZE 1024

void
collect_say(const struct collect_listener *listener, const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	/* A server's words go to a terminal, which must not obey them. */
	for (char *c = message; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	listener->say(message, listener->context);
}

bool
collect_lost(
    const struct collect_listener *listener, const struct json_losses *losses)
{
	if ((losses->mended > 0 || losses->left_out > 0) &&
	    listener->lost != NULL)
		listener->lost(losses, listener->context);
	return losses->left_out > 0;
}

bool
collect_left_out(const struct collect_listener *listener, const char *source,
    const char *where, const struct json_losses *losses)
{
	if (losses->left_out > 0)
		collect_say(listener,
		    "%s: %zu objects of %.200s cannot be read (the first in "
		    "line %u: %s) and are left out; what was known of them "
		    "stays",
		    source, losses->left_out, where, losses->fault.line,
		    losses->fault.message);
	return collect_lost(listener, losses);
}

void
collect_seen(const struct collect_listener *listener, const char *source,
    struct instant at)
{
	struct arena *arena = arena_new();
	const char *cluster = listener->terms.cluster;
	struct fact fact = {
	    .kind = FACT_SEEN,
	    .cluster = cluster,
	    .id = arena_format(arena, "%s:%s", source, cluster),
	    .at = at,
	};

	(void)fact_give(&listener->taker, &fact);
	arena_free(arena);
}
