#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sensor/base/confine_parts.h"

/*
 * Which calls: those that were seen when all live tests ran under strace(1),
 * process by process, and those of which a comment says why they may be needed
 * elsewhere.  Which files is Landlock's to say.
 */

/* Every kind of process: memory, waiting, signals, writing to what is open. */
static const int everywhere[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(exit_group),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(munmap),
    SCMP_SYS(poll),
    SCMP_SYS(read),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(write),
    /* A process that was stopped and goes on waits on by it. */
    SCMP_SYS(restart_syscall),
    /* The allocator, when it grows or gives back much, or begins. */
    SCMP_SYS(getrandom),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    /* The C library's locks, when there is more than one thread. */
    SCMP_SYS(futex),
    /* The time, where the kernel cannot tell it without being called. */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    /* The same things on other machines and in other C libraries. */
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(nanosleep),
    SCMP_SYS(ppoll),
};

/* The sensor: files of records, models and the journal, and who asks it. */
static const int judging[] = {
    SCMP_SYS(accept4),
    SCMP_SYS(access),
    SCMP_SYS(fcntl),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fstat),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(getdents64),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getpid),
    SCMP_SYS(getuid),
    SCMP_SYS(lseek),
    SCMP_SYS(newfstatat),
    SCMP_SYS(openat),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    /* qsort() asks how much memory there is, and sorts otherwise if nobody
     * says. */
    SCMP_SYS(sysinfo),
    /* Where the program is, and with it the shipped models. */
    SCMP_SYS(getcwd),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    /* The same things on other machines and in other C libraries. */
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(lstat),
    SCMP_SYS(readv),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    SCMP_SYS(writev),
};

/*
 * The supervisor opens captures, starts and ends processes; these begin under
 * its filter, and give up what is left.
 */
static const int supervising[] = {
    SCMP_SYS(access),
    SCMP_SYS(bind),
    SCMP_SYS(capset),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(eventfd2),
    SCMP_SYS(fcntl),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(kill),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pipe2),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(seccomp),
    SCMP_SYS(sendto),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(setsockopt),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(uname),
    SCMP_SYS(wait4),
    /* libpcap empties a socket when it gets its filter. */
    SCMP_SYS(recvfrom),
    /* libpcap asks what kind of interface it is. */
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    /* The same things on other machines and in other C libraries. */
    SCMP_SYS(faccessat),
    SCMP_SYS(fstat),
    SCMP_SYS(recvmsg),
    SCMP_SYS(rseq),
    SCMP_SYS(sendmsg),
    SCMP_SYS(socketpair),
};

/* Landlock's three calls, by number: not every libseccomp has their names. */
static const int narrowing[] = {444, 445, 446};

/* For servers whose connections come and go, their names among them. */
static const int connecting[] = {
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(pipe2),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(setsockopt),
    SCMP_SYS(uname),
    /* libcurl asks who answered, and wakes itself by one of these. */
    SCMP_SYS(eventfd2),
    SCMP_SYS(getpeername),
    SCMP_SYS(socketpair),
};

/* What the C library does in a new thread. */
static const int threading[] = {
    SCMP_SYS(exit),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
};

/* A value that an argument of a call may have. */
struct allowed {
	int call;
	unsigned argument;
	uint64_t mask, value;
};

#define ALL UINT64_MAX

/* Reading a file, and nothing else. */
#define WAYS_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
static const struct allowed reading[] = {
    {SCMP_SYS(openat), 2, WAYS_TO_WRITE, O_RDONLY},
};

/*
 * Memory, but none that can be run.  A C library before 2.34 loads its resolver
 * when it is first asked: it lies where Landlock lets nobody read, anyway.
 */
static const struct allowed data[] = {
    {SCMP_SYS(mmap), 2, PROT_EXEC, 0},
};

static const struct allowed changing_data[] = {
    {SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
};

/* Whether the interface is up: SIOCGIFFLAGS. */
static const struct allowed asking[] = {
    {SCMP_SYS(ioctl), 1, ALL, 0x8913},
};

/* Whether a descriptor is a terminal, how much waits in it, and how much the
 * other end has not confirmed (SIOCOUTQ). */
static const struct allowed asking_descriptors[] = {
    {SCMP_SYS(ioctl), 1, ALL, TCGETS},
    {SCMP_SYS(ioctl), 1, ALL, FIONREAD},
    {SCMP_SYS(ioctl), 1, ALL, TIOCOUTQ},
};

#define CLONE_NEW_ANYTHING                                                     \
	((uint64_t)CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |              \
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/*
 * Processes like itself; captures, and what libpcap asks about an interface (by
 * a local socket: its name, number, MTU, address, kind and offloads; and of
 * nl80211); what a child does to lose rights.
 */
static const struct allowed of_supervisor[] = {
    {SCMP_SYS(clone), 0, CLONE_NEW_ANYTHING | CLONE_THREAD, 0},
    {SCMP_SYS(socket), 0, ALL, AF_PACKET},
    {SCMP_SYS(socket), 0, ALL, AF_UNIX},
    {SCMP_SYS(socket), 0, ALL, AF_NETLINK},
    {SCMP_SYS(ioctl), 1, ALL, 0x8910},
    {SCMP_SYS(ioctl), 1, ALL, 0x8921},
    {SCMP_SYS(ioctl), 1, ALL, 0x8927},
    {SCMP_SYS(ioctl), 1, ALL, 0x8933},
    {SCMP_SYS(ioctl), 1, ALL, 0x8946},
    {SCMP_SYS(ioctl), 1, ALL, 0x8b01},
    {SCMP_SYS(prctl), 0, ALL, PR_SET_NAME},
    {SCMP_SYS(prctl), 0, ALL, PR_SET_PDEATHSIG},
    {SCMP_SYS(prctl), 0, ALL, PR_CAPBSET_DROP},
    {SCMP_SYS(prctl), 0, ALL, PR_CAP_AMBIENT},
    {SCMP_SYS(prctl), 0, ALL, PR_SET_NO_NEW_PRIVS},
    {SCMP_SYS(prctl), 0, ALL, PR_SET_SECCOMP},
};

/* No capture, whatever else: packets are others' to read. */
static const struct allowed of_connections[] = {
    {SCMP_SYS(socket), 0, ALL, AF_UNIX},
    {SCMP_SYS(socket), 0, ALL, AF_INET},
    {SCMP_SYS(socket), 0, ALL, AF_INET6},
    {SCMP_SYS(socket), 0, ALL, AF_NETLINK},
};

/* A new thread, never a process. */
static const struct allowed of_threads[] = {
    {SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD},
    {SCMP_SYS(prctl), 0, ALL, PR_SET_NAME},
};

/* PR_SET_DUMPABLE 0: what was not to be looked into stays so. */
static int
allow_hiding(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 2,
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_DUMPABLE), SCMP_A1(SCMP_CMP_EQ, 0));
}

/* --- making a filter ------------------------------------------------------ */

/* The first failure counts; a call that this machine does not have needs no
 * permission. */
struct making {
	scmp_filter_ctx filter;
	int error;
};

static void
note(struct making *making, int error)
{
	if (making->error == 0 && error != -EDOM)
		making->error = error;
}

static void
allow(struct making *making, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		note(making, seccomp_rule_add(
				 making->filter, SCMP_ACT_ALLOW, list[i], 0));
}

static void
allow_values(struct making *making, const struct allowed *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct allowed *one = &list[i];
		const struct scmp_arg_cmp compared = {
		    one->argument, SCMP_CMP_MASKED_EQ, one->mask, one->value};

		note(making, seccomp_rule_add_array(making->filter,
				 SCMP_ACT_ALLOW, one->call, 1, &compared));
	}
}

#define ALLOW(making, list) allow(making, list, sizeof(list) / sizeof(*(list)))
#define ALLOW_VALUES(making, list)                                             \
	allow_values(making, list, sizeof(list) / sizeof(*(list)))

/* The flags of clone3() lie in memory where no filter sees them; without it the
 * C library takes clone(). */
static void
hide_clone3(struct making *making)
{
	note(making, seccomp_rule_add(making->filter, SCMP_ACT_ERRNO(ENOSYS),
			 SCMP_SYS(clone3), 0));
}

static void
allow_supervising(struct making *making)
{
	ALLOW(making, supervising);
	ALLOW(making, narrowing);
	ALLOW_VALUES(making, of_supervisor);
	note(making, allow_hiding(making->filter));
	hide_clone3(making);
}

static void
allow_judging(struct making *making, const struct confine_settings *settings)
{
	ALLOW(making, judging);
	ALLOW_VALUES(making, asking_descriptors);
	ALLOW_VALUES(making, changing_data);
	if (settings->connects) {
		ALLOW(making, connecting);
		ALLOW_VALUES(making, of_connections);
	}
	if (settings->threads) {
		ALLOW(making, threading);
		ALLOW_VALUES(making, of_threads);
		hide_clone3(making);
	}
}

static void
allow_all(struct making *making, const struct confine_settings *settings)
{
	ALLOW(making, everywhere);
	ALLOW_VALUES(making, asking);
	ALLOW_VALUES(making, data);
	if (!settings->captures && !settings->supervises) {
		allow_judging(making, settings);
		return;
	}
	ALLOW_VALUES(making, reading);
	if (settings->supervises)
		allow_supervising(making);
}

bool
confine_seccomp(
    const struct confine_settings *settings, char fault[CONFINE_FAULT_SIZE])
{
	struct making making = {seccomp_init(SCMP_ACT_ERRNO(EPERM)), 0};

	if (making.filter == NULL) {
		errno = ENOMEM;
		return confine_refused(fault, "seccomp");
	}
	allow_all(&making, settings);
	if (making.error == 0)
		making.error = seccomp_load(making.filter);
	seccomp_release(making.filter);
	if (making.error == 0)
		return true;
	errno = -making.error;
	return confine_refused(fault, "seccomp");
}
