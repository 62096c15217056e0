/*
 * confine -- gives up every right that is not needed any more.
 *
 * For a process with one thread (which may make more, that are confined
 * likewise) that has opened all it needs: it becomes an
 * unprivileged user without capabilities that can gain none, reads and writes
 * below named places only (Landlock, where the kernel has it), and may make a
 * list of system calls and no other (seccomp; others fail with EPERM).  There
 * is no way back.  Does not know what the process is for.
 */
#ifndef SENSOR_BASE_CONFINE_H
#define SENSOR_BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CONFINE_FAULT_SIZE 320
#define CONFINE_PATHS      256

struct confine_paths {
	const char *paths[CONFINE_PATHS]; /* borrowed */
	size_t count;
};

struct confine_settings {
	uid_t user; /* as of now when we are not root */
	gid_t group;
	struct confine_paths readable; /* files, or all below a directory */
	struct confine_paths writable; /* likewise; and made there */
	bool connects;   /* new connections to servers are needed */
	bool threads;    /* so are new threads, but no processes */
	bool captures;   /* packets are read, and all of the above is not done:
			  half the system calls are enough */
	bool supervises; /* captures are opened, and processes started that
			    confine themselves further, and ended */
};

struct confined {
	bool user;    /* is not root and has no capability */
	bool seccomp; /* system calls are filtered */
	int landlock; /* the kernel's ABI in force, 0 for none */
};

/* The user by name; false when there is none. */
bool confine_user(const char *name, uid_t *user, gid_t *group);

/* Adds a path; without effect when it is NULL or there is no room. */
void confine_add(struct confine_paths *paths, const char *path);

/*
 * Gives up the rights.  Paths that are not there are left out.
 *
 * fault      gets what the system refused, when false is returned; then the
 *            process may have lost some rights and should end
 */
bool confine_enter(const struct confine_settings *settings,
    struct confined *confined, char fault[CONFINE_FAULT_SIZE]);

/*
 * The same, but that it keeps one capability and no other.  For a process that
 * starts others which give up that too.
 */
bool confine_keep(const struct confine_settings *settings, unsigned capability,
    struct confined *confined, char fault[CONFINE_FAULT_SIZE]);

/* The Landlock ABI that the kernel has, 0 for none. */
int confine_landlock_abi(void);

/* Whether the process has all of those capabilities (bit n: number n). */
bool confine_has_capabilities(unsigned long long wanted);

#endif
