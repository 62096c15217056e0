#include "sensor/base/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sensor/base/confine_parts.h"

/* --- user and capabilities ------------------------------------------------ */

bool
confine_user(const char *name, uid_t *user, gid_t *group)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return false;
	*user = entry->pw_uid;
	*group = entry->pw_gid;
	return true;
}

void
confine_add(struct confine_paths *paths, const char *path)
{
	if (path != NULL && paths->count < CONFINE_PATHS)
		paths->paths[paths->count++] = path;
}

static long
capabilities(long number, struct __user_cap_data_struct sets[2])
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(number, &header, sets);
}

bool
confine_has_capabilities(unsigned long long wanted)
{
	struct __user_cap_data_struct sets[2] = {{0}};
	unsigned long long effective;

	if (capabilities(SYS_capget, sets) != 0)
		return false;
	effective = sets[0].effective | (unsigned long long)sets[1].effective
					    << 32;
	return (effective & wanted) == wanted;
}

/* What a program that is started could have again; it may be none already. */
static void
drop_bounding_set(void)
{
	for (unsigned long number = 0; number < 64; number++)
		(void)prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
}

/* The first step of both: of the rights of root, which are no longer there
 * after it, none can come back with a program that is started. */
static bool
become(uid_t user, gid_t group, char *fault)
{
	drop_bounding_set();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (geteuid() == 0 && user != 0 &&
	    (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
		setresuid(user, user, user) != 0))
		return confine_refused(fault, "another user");
	return true;
}

static bool
keep_capabilities(uint64_t kept, char *fault)
{
	struct __user_cap_data_struct sets[2] = {{0}};

	for (int i = 0; i < 2; i++)
		sets[i].effective = sets[i].permitted =
		    (uint32_t)(kept >> (32 * i));
	if (capabilities(SYS_capset, sets) != 0)
		return confine_refused(fault, "fewer capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return confine_refused(fault, "no new privileges");
	/* Nobody of the same user looks into our memory. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return true;
}

/* The capabilities of root go with him unless he asks them to stay. */
static bool
drop_user(const struct confine_settings *settings, uint64_t kept, char *fault)
{
	if (kept != 0)
		(void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	return become(settings->user, settings->group, fault) &&
	       keep_capabilities(kept, fault);
}

/* Root without capabilities still owns most files of the system. */
static bool
is_nobody(const struct confine_settings *settings)
{
	return settings->user != 0 && geteuid() != 0 && getuid() != 0 &&
	       (setuid(0) != 0 && geteuid() != 0);
}

/* --- everything ----------------------------------------------------------- */

bool
confine_refused(char fault[CONFINE_FAULT_SIZE], const char *what)
{
	(void)snprintf(
	    fault, CONFINE_FAULT_SIZE, "%s: %s", what, strerror(errno));
	return false;
}

static bool
enter(const struct confine_settings *settings, uint64_t kept,
    struct confined *confined, char *fault)
{
	*confined = (struct confined){0};
	if (!drop_user(settings, kept, fault))
		return false;
	confined->user = is_nobody(settings);
	if (!confine_landlock(settings, &confined->landlock, fault))
		return false;
	confined->seccomp = confine_seccomp(settings, fault);
	return confined->seccomp;
}

bool
confine_enter(const struct confine_settings *settings,
    struct confined *confined, char fault[CONFINE_FAULT_SIZE])
{
	return enter(settings, 0, confined, fault);
}

bool
confine_keep(const struct confine_settings *settings, unsigned capability,
    struct confined *confined, char fault[CONFINE_FAULT_SIZE])
{
	return enter(settings, UINT64_C(1) << capability, confined, fault);
}
