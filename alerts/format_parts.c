#include "alerts/format_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alerts/catalog.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

/* ECS has no scale of its own: these are the risk scores of Elastic's rules. */
struct severity_scales
format_severity(const struct record_view *view)
{
	static const struct severity_scales scales[] = {
	    [SEVERITY_LOW] = {3, 2, 21, 5, "Low"},
	    [SEVERITY_MEDIUM] = {5, 3, 47, 4, "Medium"},
	    [SEVERITY_HIGH] = {8, 4, 73, 3, "High"},
	    [SEVERITY_CRITICAL] = {10, 5, 99, 2, "Critical"},
	};

	if (!view->severe)
		return (struct severity_scales){1, 1, 1, 6, "Informational"};
	return scales[view->severity];
}

void
format_signature(const struct record_view *view, char out[SIGNATURE_TEXT_SIZE])
{
	(void)snprintf(out, SIGNATURE_TEXT_SIZE, "%lld:%lld",
	    (long long)view->gid, (long long)view->signature_id);
}

const char *
format_title(const struct record_view *view)
{
	return view->signature != NULL ? view->signature->title
				       : view->sentence;
}

/* --- text ----------------------------------------------------------------- */

/* Octets of the character at `at`; text from JSON is valid UTF-8. */
static size_t
character_length(const char *at)
{
	size_t length = 1;

	while (((unsigned char)at[length] & 0xc0) == 0x80)
		length++;
	return length;
}

/*
 * C0, DEL, C1, and the separators U+2028 and U+2029: some reader ends a line
 * there, or a terminal obeys it.
 */
static bool
is_control(const char *at, size_t length)
{
	const unsigned char *octets = (const unsigned char *)at;

	if (length == 1)
		return octets[0] < 0x20 || octets[0] == 0x7f;
	if (length == 2)
		return octets[0] == 0xc2 && octets[1] < 0xa0;
	return length == 3 && octets[0] == 0xe2 && octets[1] == 0x80 &&
	       (octets[2] == 0xa8 || octets[2] == 0xa9);
}

static bool
is_newline(const char *at)
{
	return *at == '\n' || *at == '\r';
}

static void
add_character(struct text *out, const char *at, size_t length,
    const struct escapes *escapes)
{
	if (escapes->newlines && is_newline(at)) {
		text_add(out, *at == '\n' ? "\\n" : "\\r");
		return;
	}
	if (length == 1 && strchr(escapes->backslashed, *at) != NULL)
		text_add_char(out, '\\');
	text_add_n(out, at, length);
}

void
format_value(struct text *out, const char *value, size_t maximum,
    const struct escapes *escapes)
{
	static const char replacement[] = "\xef\xbf\xbd";

	for (size_t used = 0; *value != '\0';) {
		size_t length = character_length(value);
		const char *at = value;

		value += length;
		if (is_control(at, length) &&
		    !(escapes->newlines && is_newline(at))) {
			at = replacement;
			length = sizeof(replacement) - 1;
		}
		used += length;
		if (used > maximum)
			return;
		add_character(out, at, length, escapes);
	}
}

/* --- JSON ----------------------------------------------------------------- */

void
format_put(struct json_writer *json, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_put_string(json, key, value);
}

void
format_put_count(struct json_writer *json, const char *key, int64_t count)
{
	if (count >= 0)
		json_put_int(json, key, count);
}

/*
 * A colon after the last slash begins the tag, one before it is a registry's
 * port; a digest (`@sha256:...`) is no tag.
 */
struct image_parts
format_image(const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *base = slash == NULL ? image : slash + 1;
	const char *colon = strchr(base, ':');
	const char *digest = strchr(base, '@');

	if (colon == NULL || colon[1] == '\0' || digest != NULL)
		return (struct image_parts){strlen(image), NULL};
	return (struct image_parts){(size_t)(colon - image), colon + 1};
}

void
format_put_list(
    struct json_writer *json, const char *key, const struct json *array)
{
	size_t count = json_count(array);

	if (count == 0)
		return;
	json_array_open(json, key);
	for (size_t i = 0; i < count; i++)
		format_put(json, NULL, json_text(json_at(array, i)));
	json_array_close(json);
}

struct pairs {
	struct json_writer *json;
	struct text one;
	char separator;
};

static void
put_pair(const char *key, const struct json *value, void *context)
{
	struct pairs *pairs = context;
	const char *text = json_text(value);

	if (text == NULL)
		return;
	text_clear(&pairs->one);
	text_add(&pairs->one, key);
	text_add_char(&pairs->one, pairs->separator);
	text_add(&pairs->one, text);
	json_put_string(pairs->json, NULL, pairs->one.at);
}

void
format_put_pairs(struct json_writer *json, const char *key,
    const struct json *object, char separator)
{
	struct pairs pairs = {.json = json, .separator = separator};

	if (!json_is_object(object))
		return;
	text_init(&pairs.one, FORMAT_MAXIMUM);
	json_array_open(json, key);
	json_each(object, put_pair, &pairs);
	json_array_close(json);
	text_release(&pairs.one);
}

void
format_put_service(struct json_writer *json, const struct json *service)
{
	if (!json_is_object(service))
		return;
	json_object_open(json, "service");
	format_put(json, "namespace", json_get_text(service, "namespace"));
	format_put(json, "name", json_get_text(service, "name"));
	format_put(json, "ip", json_get_text(service, "ip"));
	format_put_count(json, "port", json_get_integer(service, "port", -1));
	json_object_close(json);
}

/* --- what detectors found ------------------------------------------------- */

struct json_walk {
	struct text *out;
	bool comma;
};

static void
add_member(const char *key, const struct json *value, void *context)
{
	struct json_walk *walk = context;
	struct json_writer json;

	if (walk->comma)
		text_add_char(walk->out, ',');
	walk->comma = true;
	json = json_to(walk->out);
	json_put_string(&json, NULL, key);
	text_add_char(walk->out, ':');
	format_json(walk->out, value);
}

/* What is neither is null or a truth. */
static void
add_scalar(struct text *out, const struct json *value)
{
	struct json_writer json = json_to(out);
	int64_t number = json_number(value, INT64_MIN);
	double decimal = json_decimal(value, -HUGE_VAL);

	if (json_is_string(value))
		json_put_string(&json, NULL, json_text(value));
	else if (number != INT64_MIN)
		json_put_int(&json, NULL, number);
	else if (decimal > -HUGE_VAL)
		text_format(out, "%.15g", decimal);
	else
		json_put_bool(&json, NULL, json_is_true(value));
}

void
format_json(struct text *out, const struct json *value)
{
	struct json_walk walk = {out, false};

	if (json_is_object(value)) {
		text_add_char(out, '{');
		json_each(value, add_member, &walk);
		text_add_char(out, '}');
	} else if (json_is_array(value)) {
		text_add_char(out, '[');
		for (size_t i = 0; i < json_count(value); i++) {
			if (i > 0)
				text_add_char(out, ',');
			format_json(out, json_at(value, i));
		}
		text_add_char(out, ']');
	} else {
		add_scalar(out, value);
	}
}

void
format_put_grounds(struct json_writer *json, const struct record_view *view)
{
	struct text evidence;

	format_put(json, "subject", view->subject);
	format_put(json, "object", view->object);
	format_put(json, "about", view->about);
	format_put(json, "silent_if", view->silent_if);
	if (!json_is_object(view->evidence))
		return;
	text_init(&evidence, FORMAT_MAXIMUM);
	format_json(&evidence, view->evidence);
	format_put(json, "evidence", evidence.at);
	text_release(&evidence);
}

void
format_technique(struct text *out, const struct record_view *view)
{
	if (view->technique_id == NULL)
		return;
	text_add(out, view->technique_id);
	if (view->technique != NULL) {
		text_add_char(out, ' ');
		text_add(out, view->technique);
	}
}

size_t
format_technique_parent(const char *id)
{
	return strcspn(id, ".");
}
