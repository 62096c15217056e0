#include "classifiers/detectors/login/unseen_login.h"

#include "classifiers/detectors/attempt.h"

/*
 * A session after this many octets of the client, or seconds, did something:
 * measured: six tries of hydra come to 2.6 KB of the client, three of OpenSSH
 * 9.2 to 4.1 KB, and the shortest `ssh host true` to 5 KB.
 */
#define SHORT_OCTETS 4300
#define SHORT_TIME   (30 * NS_PER_SECOND)

/* Services whose logins cannot be read, at least inside TLS. */
static bool
is_login_unseen(const struct sighting *sighting)
{
	bool secret = sighting->appid.carrier == APPLICATION_TLS;

	if (sighting->appid.confidence != APP_DPI)
		return false;
	switch ((int)sighting->appid.application) {
	case APPLICATION_SSH:
	case APPLICATION_RDP:
	case APPLICATION_VNC:
	case APPLICATION_SMB:
	case APPLICATION_TELNET:
	case APPLICATION_FTP:
		return true;
	case APPLICATION_POSTGRESQL:
	case APPLICATION_MYSQL:
	case APPLICATION_LDAP:
	case APPLICATION_REDIS:
	case APPLICATION_IMAP:
	case APPLICATION_POP3:
	case APPLICATION_SMTP:
		return secret;
	default:
		return false;
	}
}

/*
 * Turns of SSH before the first try: versions, key exchange in two, services,
 * and the question which methods there are (RFC 4252, 5.2); each try is two.
 */
#define SSH_TURNS 9

/* Who reads versions or host keys, and asks for nothing more, has heard the
 * server's key in the sixth turn, as a monitor or ssh-keyscan. */
#define SSH_KEYS 6

/* OpenSSH's MaxAuthTries is 6; some servers allow more. */
#define SSH_TRIES 10

/* Told for the first time: the beginning is among what is counted. */
static bool
is_whole(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	return sighting->amount.packets[0] == flow->packets[flow->client];
}

static bool
has_asked(const struct sighting *sighting)
{
	return sighting->appid.application != APPLICATION_SSH ||
	       sighting->flow->midstream || !is_whole(sighting) ||
	       sighting->amount.turns > SSH_KEYS;
}

uint32_t
unseen_login_tries(const struct sighting *sighting)
{
	uint32_t turns = sighting->amount.turns, tries = turns / 2;

	if (sighting->appid.application != APPLICATION_SSH)
		return 1;
	if (is_whole(sighting))
		tries = turns > SSH_TURNS ? (turns - SSH_TURNS) / 2 : 1;
	return tries < 1 ? 1 : tries > SSH_TRIES ? SSH_TRIES : tries;
}

enum unseen_login
unseen_login_read(const struct sighting *sighting)
{
	const struct flow *flow = sighting->flow;

	if (flow->protocol != PROTOCOL_TCP || !flow->answered ||
	    !is_login_unseen(sighting) || !has_asked(sighting) ||
	    !attempt_has_payload(flow, flow->client))
		return UNSEEN_NO_TRY;
	return flow->octets[flow->client] <= SHORT_OCTETS &&
		       instant_since(flow->last, flow->first) <= SHORT_TIME
		   ? UNSEEN_TRIED
		   : UNSEEN_LET_IN;
}
