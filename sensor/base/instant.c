#include "sensor/base/instant.h"

#include <string.h>

#define SECONDS_PER_DAY 86400

/*
 * 64 bits of nanoseconds reach from September 1677 to April 2262; only whole
 * years inside are read, so that no zone can carry a time past either end.
 */
#define YEAR_FIRST 1678
#define YEAR_LAST  2261

/* Days before each month of a common year. */
static const int16_t days_before_month[13] = {
    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days before the first of a month, 1 to 13, of a year. */
static int64_t
days_in_year_before(int64_t year, unsigned month)
{
	return days_before_month[month - 1] + (month > 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first day of a year after 0. */
static int64_t
days_to_year(int64_t year)
{
	int64_t y = year - 1;

	/* 719162 days lie between 0001-01-01 and 1970-01-01. */
	return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

/* Reads exactly `width` digits, or answers -1. */
static int
take_digits(const char **at, unsigned width)
{
	int value = 0;

	for (unsigned i = 0; i < width; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool
take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

/* RFC 3339, 5.6, lets `T` and `Z` be lower case too. */
static bool
take_letter(const char **at, char upper)
{
	return take_char(at, upper) || take_char(at, (char)(upper | 0x20));
}

/* A full-date, as days since 1970. */
static bool
take_date(const char **at, int64_t *days)
{
	int year, month, day;

	year = take_digits(at, 4);
	if (year < YEAR_FIRST || year > YEAR_LAST || !take_char(at, '-'))
		return false;
	month = take_digits(at, 2);
	if (month < 1 || month > 12 || !take_char(at, '-'))
		return false;
	day = take_digits(at, 2);
	*days = days_to_year(year) + days_in_year_before(year, (unsigned)month);
	if (day < 1 ||
	    *days + day > days_to_year(year) +
			      days_in_year_before(year, (unsigned)month + 1))
		return false;
	*days += day - 1;
	return true;
}

/* The digits after a full stop, as nanoseconds; finer ones are cut off. */
static bool
take_fraction(const char **at, int64_t *ns)
{
	int64_t unit = NS_PER_SECOND / 10;

	*ns = 0;
	if (!take_char(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		*ns += unit * (**at - '0');
		unit /= 10;
	}
	return true;
}

/* A partial-time, as nanoseconds since midnight. */
static bool
take_time(const char **at, int64_t *ns)
{
	int hour, minute, second;
	int64_t fraction;

	hour = take_digits(at, 2);
	if (hour < 0 || hour > 23 || !take_char(at, ':'))
		return false;
	minute = take_digits(at, 2);
	if (minute < 0 || minute > 59 || !take_char(at, ':'))
		return false;
	second = take_digits(at, 2);
	/* 60 is a leap second, which counts as the second after it. */
	if (second < 0 || second > 60 || !take_fraction(at, &fraction))
		return false;
	*ns = ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND + fraction;
	return true;
}

/* A time-offset, as seconds ahead of UTC. */
static bool
take_zone(const char **at, int64_t *seconds)
{
	int sign, hour, minute;

	*seconds = 0;
	if (take_letter(at, 'Z'))
		return true;
	sign = **at == '-' ? -1 : 1;
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	hour = take_digits(at, 2);
	if (hour < 0 || hour > 23 || !take_char(at, ':'))
		return false;
	minute = take_digits(at, 2);
	if (minute < 0 || minute > 59)
		return false;
	*seconds = sign * (hour * 60 + minute) * 60;
	return true;
}

bool
instant_parse(const char *text, struct instant *out)
{
	int64_t days, ns, zone;

	if (!take_date(&text, &days) || !take_letter(&text, 'T') ||
	    !take_time(&text, &ns) || !take_zone(&text, &zone) || *text != '\0')
		return false;
	out->ns = (days * SECONDS_PER_DAY - zone) * NS_PER_SECOND + ns;
	return true;
}

static void
put_digits(char *at, int64_t value, unsigned width)
{
	while (width-- > 0) {
		at[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Writes the date of a day since 1970 as YYYY-MM-DD. */
static void
put_date(char *at, int64_t days)
{
	/* The mean year of 365.2425 days lands at most one year off. */
	int64_t year = 1970 + days * 400 / 146097;
	unsigned month = 1;

	while (days_to_year(year) > days)
		year--;
	while (days_to_year(year + 1) <= days)
		year++;
	days -= days_to_year(year);
	while (days_in_year_before(year, month + 1) <= days)
		month++;
	put_digits(at, year, 4);
	put_digits(at + 5, month, 2);
	put_digits(at + 8, days - days_in_year_before(year, month) + 1, 2);
}

/*
 * By hand because every record has a time in it: gmtime_r() takes a lock for
 * the zone, and snprintf() reads its format anew each time.
 */
static void
put_instant(struct instant at, char *out)
{
	int64_t seconds = at.ns / NS_PER_SECOND;
	int64_t ns = at.ns % NS_PER_SECOND;
	int64_t days, of_day;

	if (ns < 0) {
		ns += NS_PER_SECOND;
		seconds--;
	}
	days = seconds / SECONDS_PER_DAY;
	of_day = seconds % SECONDS_PER_DAY;
	if (of_day < 0) {
		of_day += SECONDS_PER_DAY;
		days--;
	}
	memcpy(out, "0000-00-00T00:00:00.000000", 26);
	put_date(out, days);
	put_digits(out + 11, of_day / 3600, 2);
	put_digits(out + 14, of_day / 60 % 60, 2);
	put_digits(out + 17, of_day % 60, 2);
	put_digits(out + 20, ns / NS_PER_US, 6);
}

void
instant_print_eve(struct instant at, char out[INSTANT_TEXT_SIZE])
{
	put_instant(at, out);
	memcpy(out + 26, "+0000", sizeof("+0000"));
}

void
instant_print(struct instant at, char out[INSTANT_TEXT_SIZE])
{
	put_instant(at, out);
	memcpy(out + 26, "Z", sizeof("Z"));
}
