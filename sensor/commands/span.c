#include "sensor/commands/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY (INT64_C(86400) * NS_PER_SECOND)

/* 1970-01-01 was the fourth day of a week that begins with Monday. */
#define FIRST_WEEKDAY 3

struct instant
span_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){now.tv_sec * NS_PER_SECOND + now.tv_nsec};
}

static struct instant
beginning(struct instant at)
{
	int64_t into = at.ns % DAY;

	return (struct instant){at.ns - (into < 0 ? into + DAY : into)};
}

/* Any three letters or more of its name. */
static bool
read_weekday(const char *text, struct instant today, struct instant *from)
{
	static const char *const names[] = {"monday", "tuesday", "wednesday",
	    "thursday", "friday", "saturday", "sunday"};
	int64_t weekday = (today.ns / DAY + FIRST_WEEKDAY) % 7;

	for (int64_t i = 0; i < 7 && strlen(text) >= 3; i++)
		if (strncasecmp(text, names[i], strlen(text)) == 0) {
			int64_t ago = (weekday - i + 6) % 7 + 1;

			from->ns = today.ns - ago * DAY;
			return true;
		}
	return false;
}

bool
span_day(const char *text, struct instant now, struct instant *from,
    struct instant *to)
{
	struct instant today = beginning(now), day = today;
	char whole[32];

	(void)snprintf(whole, sizeof(whole), "%.11sT00:00:00Z", text);
	if (strcmp(text, "yesterday") == 0)
		day.ns -= DAY;
	else if (strcmp(text, "today") != 0 &&
		 !read_weekday(text, today, &day) &&
		 (strlen(text) != 10 || !instant_parse(whole, &day)))
		return false;
	*from = day;
	to->ns = day.ns + DAY;
	return true;
}

/* `90m`: so long ago. */
static bool
read_ago(const char *text, struct instant now, struct instant *out)
{
	static const struct {
		char letter;
		int64_t ns;
	} units[] = {{'s', NS_PER_SECOND}, {'m', 60 * NS_PER_SECOND},
	    {'h', 3600 * NS_PER_SECOND}, {'d', DAY}, {'w', 7 * DAY}};
	char *end;
	long number = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || number > 99999 ||
	    end[0] == '\0' || end[1] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].letter == *end) {
			out->ns = now.ns - number * units[i].ns;
			return true;
		}
	return false;
}

bool
span_time(const char *text, struct instant now, struct instant *out)
{
	struct instant from, to;

	if (instant_parse(text, out) || read_ago(text, now, out))
		return true;
	if (!span_day(text, now, &from, &to))
		return false;
	*out = from;
	return true;
}
