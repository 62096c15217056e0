/*
 * Protocols whose servers answer in lines: what names the software, and what
 * says whether a client is believed.
 *
 *   SSH   RFC 4253, 4.2: both ends name themselves; logins are encrypted
 *   SMTP  RFC 4954, 6: 235 believed, 535 not
 *   IMAP  RFC 9051, 6.2.3: the answer has the tag of LOGIN or AUTHENTICATE
 *   POP3  RFC 1939, 7: +OK or -ERR after PASS
 *   FTP   RFC 959, 5.4: 230 believed, 530 not
 */
#include "classifiers/messages/messages_parts.h"

/* Commands and tags stand this early in a line. */
#define COMMAND_WITHIN 48

/* The server's first line, before the client has said anything. */
static bool
is_greeting(const struct segment_view *view)
{
	return !view->from_client && view->note->asked == 0 &&
	       (view->note->begun & 1) == 0;
}

void
message_ssh(const struct segment_view *view)
{
	if (message_begins(view, "SSH-"))
		message_say_banner(view);
}

void
message_smtp(const struct segment_view *view)
{
	struct message_piece rest = message_first_line(view);

	if (view->from_client) {
		if (message_command(rest, "AUTH ", &rest))
			message_sasl_begins(view->note, rest);
		else
			message_sasl_goes_on(view->note, rest);
		return;
	}
	if (is_greeting(view) && message_begins(view, "220"))
		message_say_banner(view);
	else if (message_begins(view, "235 "))
		message_say_outcome(view, true);
	else if (message_begins(view, "535"))
		message_say_outcome(view, false);
}

/* A word, in quotes or not. */
static struct message_piece
imap_word(struct message_piece *rest)
{
	if (rest->size > 0 && rest->at[0] == '"') {
		struct message_piece word;

		(void)message_until(rest, '"');
		word = message_until(rest, '"');
		(void)message_until(rest, ' ');
		return word;
	}
	return message_until(rest, ' ');
}

/* A literal (`{4}`) is in another segment, and not looked at. */
static void
imap_note(const struct segment_view *view)
{
	struct message_piece line = message_first_line(view), rest = line;

	(void)message_until(&rest, ' '); /* the tag */
	if (message_command(rest, "AUTHENTICATE ", &rest)) {
		message_sasl_begins(view->note, rest);
	} else if (message_command(rest, "LOGIN ", &rest)) {
		message_note_name(view->note, imap_word(&rest));
		if (rest.size > 0 && rest.at[0] != '{')
			message_note_password(view->note, imap_word(&rest));
	} else {
		message_sasl_goes_on(view->note, line);
	}
}

void
message_imap(const struct segment_view *view)
{
	if (view->from_client) {
		imap_note(view);
		if (message_has(view, " LOGIN ", COMMAND_WITHIN) ||
		    message_has(view, " AUTHENTICATE ", COMMAND_WITHIN) ||
		    message_has(view, " login ", COMMAND_WITHIN) ||
		    message_has(view, " authenticate ", COMMAND_WITHIN))
			view->note->asked = 1;
		return;
	}
	if (is_greeting(view) && message_begins(view, "* OK")) {
		message_say_banner(view);
		return;
	}
	if (view->note->asked == 0 || view->octets[0] == '+' ||
	    view->octets[0] == '*')
		return;
	if (message_has(view, " OK", COMMAND_WITHIN))
		message_say_outcome(view, true);
	else if (message_has(view, " NO", COMMAND_WITHIN))
		message_say_outcome(view, false);
	view->note->asked = 0;
}

/* Whether what comes next is the outcome of a login, or a part of one (RFC
 * 5034). */
static bool
pop3_asks(const struct segment_view *view)
{
	struct message_note *note = view->note;
	struct message_piece rest = message_first_line(view);

	if (message_command(rest, "USER ", &rest)) {
		message_note_name(note, rest);
		return false;
	}
	if (message_command(rest, "PASS ", &rest)) {
		message_note_password(note, rest);
		return true;
	}
	if (message_command(rest, "AUTH ", &rest)) {
		message_sasl_begins(note, rest);
		return true;
	}
	message_sasl_goes_on(note, rest);
	return note->asked != 0 || message_command(rest, "APOP ", &rest);
}

void
message_pop3(const struct segment_view *view)
{
	if (view->from_client) {
		view->note->asked = pop3_asks(view);
		return;
	}
	if (message_begins(view, "+ ")) /* what it asks within AUTH */
		return;
	if (is_greeting(view) && message_begins(view, "+OK"))
		message_say_banner(view);
	else if (view->note->asked != 0)
		message_say_outcome(view, message_begins(view, "+OK"));
	view->note->asked = 0;
}

void
message_ftp(const struct segment_view *view)
{
	struct message_piece rest = message_first_line(view);

	if (view->from_client) {
		if (message_command(rest, "USER ", &rest))
			message_note_name(view->note, rest);
		else if (message_command(rest, "PASS ", &rest))
			message_note_password(view->note, rest);
		return;
	}
	if (is_greeting(view) && message_begins(view, "220"))
		message_say_banner(view);
	else if (message_begins(view, "230"))
		message_say_outcome(view, true);
	else if (message_begins(view, "530"))
		message_say_outcome(view, false);
}
