/*
 * unseen_login -- what the length of a connection that is over says of a login
 * in it that cannot be read: SSH's, and others' inside TLS.
 *
 * Does not know who logs in, nor how often.  Pure, any thread.
 */
#ifndef CLASSIFIERS_DETECTORS_LOGIN_UNSEEN_LOGIN_H
#define CLASSIFIERS_DETECTORS_LOGIN_UNSEEN_LOGIN_H

#include <stdint.h>

#include "classifiers/detectors/sighting.h"

enum unseen_login {
	/* No such service; nothing was said; or no more of SSH than versions
	 * and keys, as monitors and ssh-keyscan ask for. */
	UNSEEN_NO_TRY,
	UNSEEN_TRIED, /* too short to have done anything */
	UNSEEN_LET_IN,
};

/* Of an END. */
enum unseen_login unseen_login_read(const struct sighting *sighting);

/* How many tries it has room for: one, but for SSH, whose turns are known. */
uint32_t unseen_login_tries(const struct sighting *sighting);

#endif
