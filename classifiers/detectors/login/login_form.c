#include "classifiers/detectors/login/login_form.h"

#include <string.h>

/* Fields of a form that are looked at. */
#define FIELDS_MAXIMUM 32

/* Octets of a field's name; what is longer is no form. */
#define NAME_MOST 128

/* Where words are looked for: a page names its error late, or not at all. */
#define WORDS_WITHIN 1400

static bool
has_one(struct http_piece piece, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (http_piece_has(piece, words[i]))
			return true;
	return false;
}

/* --- fields --------------------------------------------------------------- */

static uint32_t
short_hash(struct http_piece value)
{
	return (uint32_t)(http_piece_hash(value) >> 32) | 1;
}

/* Without its last character, and UTF-8's are whole (RFC 3629, 3). */
static struct http_piece
without_last(struct http_piece value)
{
	while (value.size > 0)
		if ((value.at[--value.size] & 0xc0) != 0x80)
			break;
	return value;
}

static void
take_password(struct login_form *form, struct http_piece value)
{
	if (form->password != 0)
		return;
	form->password = short_hash(value);
	form->shorter = short_hash(without_last(value));
}

/*
 * Names that frameworks give these fields: Django and Spring `username`,
 * WordPress `log` and `pwd`, Drupal `name` and `pass`, Devise `user[login]`,
 * Grafana `user`, Keycloak `username`, phpMyAdmin `pma_username`.
 */
static void
take_field(
    struct login_form *form, struct http_piece name, struct http_piece value)
{
	static const char *const passwords[] = {"pass", "pwd", NULL};
	static const char *const names[] = {
	    "user", "login", "mail", "uname", "account", NULL};

	if (name.size > NAME_MOST)
		return;
	if (has_one(name, passwords)) {
		take_password(form, value);
	} else if (form->name == 0 &&
		   (has_one(name, names) || http_piece_is(name, "log") ||
		       http_piece_is(name, "name"))) {
		form->name = short_hash(value);
	}
}

static void
read_urlencoded(struct login_form *form, struct http_piece fields)
{
	for (int i = 0; i < FIELDS_MAXIMUM && fields.size > 0; i++) {
		struct http_piece value = http_piece_cut(&fields, '&');
		struct http_piece name = http_piece_cut(&value, '=');

		take_field(form, name, value);
	}
}

static bool
is_colon(struct http_piece between)
{
	bool colon = false;

	for (size_t i = 0; i < between.size; i++) {
		if (between.at[i] == ':')
			colon = true;
		else if (between.at[i] != ' ')
			return false;
	}
	return colon;
}

/* `"name": "value"`, on whatever level. */
static void
read_json(struct login_form *form, struct http_piece text)
{
	struct http_piece name = {NULL, 0};
	bool is_value;

	for (int i = 0; i < 2 * FIELDS_MAXIMUM && text.size > 0; i++) {
		struct http_piece between = http_piece_cut(&text, '"'), one;

		if (text.size == 0)
			return;
		is_value = name.size > 0 && is_colon(between);
		one = http_piece_cut(&text, '"');
		if (is_value)
			take_field(form, name, one);
		name = is_value ? (struct http_piece){NULL, 0} : one;
	}
}

/* XML-RPC has no names: the first text is the user's (WordPress' xmlrpc.php
 * reference, wp.getUsersBlogs), and what differs is the password. */
static void
read_xmlrpc(struct login_form *form, struct http_piece text)
{
	const char *value = memmem(text.at, text.size, "<value>", 7), *end;
	struct http_piece name;

	if (!http_piece_has(text, "wp.getusersblogs") || value == NULL)
		return;
	name.at = value + 7;
	name.size = (size_t)(text.at + text.size - name.at);
	/* A value is a text where nothing else is said (XML-RPC, Scalars). */
	if (http_piece_begins(name, "<string>")) {
		name.at += 8;
		name.size -= 8;
	}
	end = memchr(name.at, '<', name.size);
	if (end == NULL)
		return;
	name.size = (size_t)(end - name.at);
	form->name = short_hash(name);
	form->password = short_hash(text);
}

bool
login_form_read(const uint8_t *octets, size_t size, struct login_form *out)
{
	struct http_target target;
	struct http_piece body;

	*out = (struct login_form){.name = 0};
	if (size < 8 ||
	    (memcmp(octets, "POST ", 5) != 0 && memcmp(octets, "GET ", 4) != 0))
		return false;
	if (!http_target_read(octets, size, &target))
		return false;
	out->path = target.path;
	if (*octets == 'G') {
		if (target.query.size > 0)
			read_urlencoded(out, target.query);
		return out->password != 0;
	}
	body = http_body(octets, size);
	if (body.size == 0)
		return false;
	if (*body.at == '{')
		read_json(out, body);
	else if (*body.at == '<')
		read_xmlrpc(out, body);
	else
		read_urlencoded(out, body);
	return out->password != 0;
}

/* --- answers -------------------------------------------------------------- */

static struct http_piece
path_of(struct http_piece location)
{
	const char *host = location.size == 0
			       ? NULL
			       : memmem(location.at, location.size, "://", 3);

	if (host != NULL) {
		location.size -= (size_t)(host + 3 - location.at);
		location.at = host + 3;
		while (location.size > 0 && *location.at != '/') {
			location.at++;
			location.size--;
		}
	}
	return location;
}

/* Back to the form, which some say with a cookie; or on. */
static enum login_outcome
read_redirect(const uint8_t *octets, size_t size, const char *path)
{
	static const char *const words[] = {"login", "signin", "sign-in",
	    "sign_in", "logon", "error", "fail", "denied", "invalid", NULL};
	struct http_piece location =
	    path_of(http_header(octets, size, "location"));
	struct http_piece whole = location, bare = http_piece_cut(&whole, '?');

	if (location.size == 0)
		return LOGIN_UNCLEAR;
	if (!http_piece_is(bare, path) && !has_one(location, words))
		return LOGIN_LET_IN;
	return http_header(octets, size, "set-cookie").size == 0
		   ? LOGIN_REFUSED
		   : LOGIN_UNCLEAR;
}

static enum login_outcome
read_page(const uint8_t *octets, size_t size)
{
	static const char *const refusals[] = {"invalid", "incorrect", "wrong",
	    "fail", "error", "denied", "unauthorized", "not match", "faultcode",
	    "try again", "type=\"password\"", "\"success\":false", NULL};
	static const char *const tokens[] = {
	    "token", "jwt", "sessionid", "\"success\":true", NULL};
	struct http_piece body = http_body(octets, size);
	struct http_piece type = http_header(octets, size, "content-type");
	bool page = http_piece_has(type, "html");

	if (body.size > WORDS_WITHIN)
		body.size = WORDS_WITHIN;
	if (has_one(body, refusals))
		return LOGIN_REFUSED;
	if (page)
		return LOGIN_UNCLEAR;
	return has_one(body, tokens) ||
		       http_header(octets, size, "set-cookie").size > 0
		   ? LOGIN_LET_IN
		   : LOGIN_UNCLEAR;
}

static uint32_t
length_of(const uint8_t *octets, size_t size)
{
	struct http_piece said = http_header(octets, size, "content-length");
	uint32_t length = 0;

	if (said.size == 0 || said.size > 9)
		return (uint32_t)http_body(octets, size).size;
	for (size_t i = 0; i < said.size; i++) {
		if (said.at[i] < '0' || said.at[i] > '9')
			break;
		length = length * 10 + (uint32_t)(said.at[i] - '0');
	}
	return length;
}

struct login_answer
login_answer_read(
    const uint8_t *octets, size_t size, uint32_t code, const char *path)
{
	struct login_answer answer = {LOGIN_ELSEWHERE, 0};

	answer.length = length_of(octets, size);
	switch (code) {
	case 200:
	case 201:
	case 204:
		answer.outcome = read_page(octets, size);
		/* Who was refused has made nothing (RFC 9110, 15.3.2). */
		if (code == 201 && answer.outcome == LOGIN_UNCLEAR)
			answer.outcome = LOGIN_LET_IN;
		break;
	case 301:
	case 302:
	case 303:
	case 307:
		answer.outcome = read_redirect(octets, size, path);
		break;
	case 400:
	case 422:
	case 423:
	case 429:
		answer.outcome = LOGIN_REFUSED;
		break;
	default:
		break;
	}
	return answer;
}
