#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>

#include "sensor/base/confine_parts.h"

/* For memory, time, waiting, and files; which ones is Landlock's to say. */
static const int calls[] = {
    SCMP_SYS(accept4),
    SCMP_SYS(access),
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fchmod),
    SCMP_SYS(fcntl),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fstat),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(futex),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getsockopt),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(madvise),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(shutdown),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    SCMP_SYS(time),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(write),
    SCMP_SYS(writev),
};

/*
 * Of those, what it takes to read packets from open captures: memory, time,
 * waiting, and the few files that say what an interface counts.
 */
static const int capturing[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(fstat),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(madvise),
    SCMP_SYS(mmap),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(openat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(read),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(time),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(write),
};

/*
 * Beside those, what it takes to open captures (libpcap asks the interface by
 * ioctl() and in /sys), to start and end processes, and for these to begin and
 * to give up what is left.
 */
static const int supervising[] = {
    SCMP_SYS(access),
    SCMP_SYS(bind),
    SCMP_SYS(capget),
    SCMP_SYS(capset),
    SCMP_SYS(clone),
    SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(eventfd2),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fcntl),
    SCMP_SYS(getdents64),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(ioctl),
    SCMP_SYS(kill),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(mprotect),
    SCMP_SYS(open),
    SCMP_SYS(pipe2),
    SCMP_SYS(prctl),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(seccomp),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(setsockopt),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(uname),
    SCMP_SYS(wait4),
};

/* Landlock's three calls, by number: not every libseccomp has their names. */
static const int narrowing[] = {444, 445, 446};

/* For servers whose connections come and go, their names among them. */
static const int connecting[] = {
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(eventfd2),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(pipe2),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(setsockopt),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(uname),
};

/* What the C library does in a new thread. */
static const int threading[] = {
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(set_robust_list),
};

/* A call that this machine does not have needs no permission. */
static int
allow(scmp_filter_ctx filter, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int error =
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);

		if (error != 0 && error != -EDOM)
			return error;
	}
	return 0;
}

/*
 * A new thread, never a process.  The flags of clone3() lie in memory where no
 * filter sees them; without it the C library takes clone().
 */
static int
allow_threads(scmp_filter_ctx filter)
{
	int error =
	    allow(filter, threading, sizeof(threading) / sizeof(threading[0]));

	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (error == 0)
		error = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return error;
}

/*
 * They ask whether a descriptor is a terminal, how much waits in it, and how
 * much the other end has not confirmed (SIOCOUTQ), and whether an interface is
 * up (SIOCGIFFLAGS).
 */
static int
allow_ioctl(scmp_filter_ctx filter)
{
	static const unsigned long requests[] = {
	    0x5401, 0x541b, 0x5411, 0x8913};
	int error = 0;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (error == 0)
			error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			    SCMP_SYS(ioctl), 1,
			    SCMP_A1(SCMP_CMP_EQ, requests[i]));
	return error;
}

/* What every process of the kind may do. */
static int
allow_usual(scmp_filter_ctx filter, const struct confine_settings *settings)
{
	int error;

	if (!settings->captures && !settings->supervises)
		return allow(filter, calls, sizeof(calls) / sizeof(calls[0]));
	error =
	    allow(filter, capturing, sizeof(capturing) / sizeof(capturing[0]));
	if (error == 0 && settings->supervises)
		error = allow(filter, supervising,
		    sizeof(supervising) / sizeof(supervising[0]));
	if (error == 0 && settings->supervises)
		error = allow(filter, narrowing,
		    sizeof(narrowing) / sizeof(narrowing[0]));
	return error;
}

bool
confine_seccomp(
    const struct confine_settings *settings, char fault[CONFINE_FAULT_SIZE])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error;

	if (filter == NULL) {
		errno = ENOMEM;
		return confine_refused(fault, "seccomp");
	}
	error = allow_usual(filter, settings);
	if (error == 0 && !settings->supervises)
		error = allow_ioctl(filter);
	if (error == 0 && settings->connects)
		error = allow(filter, connecting,
		    sizeof(connecting) / sizeof(connecting[0]));
	if (error == 0 && settings->threads)
		error = allow_threads(filter);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error == 0)
		return true;
	errno = -error;
	return confine_refused(fault, "seccomp");
}
