/*
 * injector -- makes a running process try what it should not be able to.
 *
 *   injector PID [free | supervisor | connects]
 *
 * Stops the process as a debugger does, has it make system calls in the middle
 * of whatever it was doing, and lets it go on as if nothing had been: so what
 * is refused is refused to the very process that reads packets, by whatever
 * confines that, and no hook in it is needed.  Every attempt is printed with
 * what came of it.  Exit code 1 when one that should be refused was not, or,
 * with `free`, when one that should work did not: that an attempt would
 * succeed is what makes its refusal worth something.  What is the job of a
 * supervisor, or of a sensor with connections to make, is left out with those
 * words.  77 where processes
 * cannot be traced, or are not of this architecture.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT 77

#if !defined(__x86_64__)

int
main(void)
{
	puts("NOT TESTED: registers of another architecture");
	return CANNOT;
}

#else

/* Below the red zone and everything that the process has on its stack. */
#define SCRATCH 8192

/* The text of an attempt goes there; PATH and ROOM stand for its addresses. */
#define PATH    UINT64_C(0xfedcba9800000001)
#define ROOM    UINT64_C(0xfedcba9800000002)
#define SELF    UINT64_C(0xfedcba9800000003)
#define PARENT  UINT64_C(0xfedcba9800000004)

enum job { NOBODY, SUPERVISOR, CONNECTS, BOTH };

struct attempt {
	const char *what;
	long number;
	uint64_t arguments[6];
	const char *path; /* or NULL */
	bool is_free;     /* nothing but confinement refuses it to root */
	bool is_allowed;  /* it is part of everybody's job */
	enum job job;     /* it is part of this one's */
};

static const struct attempt attempts[] = {
    {"ask what time it is", SYS_clock_gettime, {0, PATH}, NULL, true, true,
	NOBODY},
    {"read /etc/passwd", SYS_openat, {(uint64_t)AT_FDCWD, PATH, O_RDONLY},
	"/etc/passwd", true, false, CONNECTS},
    {"read /etc/shadow", SYS_openat, {(uint64_t)AT_FDCWD, PATH, O_RDONLY},
	"/etc/shadow", true, false, NOBODY},
    {"read /proc/1/environ", SYS_openat, {(uint64_t)AT_FDCWD, PATH, O_RDONLY},
	"/proc/1/environ", false, false, NOBODY},
    {"write /tmp", SYS_openat,
	{(uint64_t)AT_FDCWD, PATH, O_WRONLY | O_CREAT, 0600},
	"/tmp/hedgerow-was-here", true, false, NOBODY},
    {"make a directory", SYS_mkdir, {PATH, 0700}, "/tmp/hedgerow-was-here.d",
	true, false, NOBODY},
    {"make a link", SYS_symlink, {PATH, PATH}, "/tmp/hedgerow-was-here.l",
	false, false, NOBODY},
    {"start a program", SYS_execve, {PATH, 0, 0}, "/bin/true", false, false,
	NOBODY},
    {"start a program by its file", SYS_execveat,
	{(uint64_t)AT_FDCWD, PATH, 0, 0, 0}, "/bin/true", false, false, NOBODY},
    {"make a process", SYS_clone, {17 /* SIGCHLD */}, NULL, false, false,
	SUPERVISOR},
    {"make one in a namespace", SYS_clone, {CLONE_NEWUSER | 17}, NULL, false,
	false, NOBODY},
    {"make one unseen", SYS_vfork, {0}, NULL, false, false, NOBODY},
    {"make a process as before", SYS_fork, {0}, NULL, false, false, NOBODY},
    {"make a namespace", SYS_unshare, {CLONE_NEWUSER}, NULL, false, false,
	NOBODY},
    {"open a connection", SYS_socket, {AF_INET, SOCK_STREAM}, NULL, true, false,
	CONNECTS},
    {"open another capture", SYS_socket, {AF_PACKET, SOCK_RAW, 0x0300}, NULL,
	true, false, SUPERVISOR},
    {"speak to the kernel", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}, NULL, true,
	false, BOTH},
    {"speak to a local socket", SYS_socket, {AF_UNIX, SOCK_STREAM}, NULL, true,
	false, BOTH},
    {"speak by another family", SYS_socket, {40 /* VSOCK */, SOCK_STREAM}, NULL,
	false, false, NOBODY},
    {"look into its parent", SYS_ptrace, {PTRACE_SEIZE, PARENT, 0, 0}, NULL,
	false, false, NOBODY},
    {"read its parent's memory", SYS_process_vm_readv,
	{PARENT, ROOM, 1, ROOM, 1, 0}, NULL, true, false, NOBODY},
    {"end its parent", SYS_kill, {PARENT, 0}, NULL, true, false, NOBODY},
    {"become root", SYS_setuid, {0}, NULL, true, false, NOBODY},
    {"gain capabilities", SYS_capset, {ROOM, ROOM}, NULL, false, false,
	SUPERVISOR},
    {"mount", SYS_mount, {PATH, PATH, PATH, 0, 0}, "/tmp", false, false,
	NOBODY},
    {"load a program for the kernel", SYS_bpf, {0, ROOM, 64}, NULL, false,
	false, NOBODY},
    {"watch the kernel", SYS_perf_event_open,
	{ROOM, 0, UINT64_MAX, UINT64_MAX, 0}, NULL, false, false, NOBODY},
    {"ask by a ring", SYS_io_uring_setup, {4, ROOM}, NULL, true, false, NOBODY},
    {"make code in memory", SYS_memfd_create, {PATH, 0}, "x", true, false,
	NOBODY},
    {"set the clock", SYS_clock_settime, {0, ROOM}, NULL, false, false, NOBODY},
    {"change the network", SYS_setsockopt, {0, 0, 26, ROOM, 16}, NULL, false,
	false, BOTH},
    {"wait for connections", SYS_listen, {0, 1}, NULL, false, false, NOBODY},
    {"write what it may read", SYS_openat, {(uint64_t)AT_FDCWD, PATH, O_RDWR},
	"/sys/class/net/lo/mtu", true, false, NOBODY},
    {"make code that can be run", SYS_mmap,
	{0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    UINT64_MAX, 0},
	NULL, true, false, NOBODY},
    {"let what it wrote be run", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC},
	NULL, false, false, NOBODY},
    {"type for somebody", SYS_ioctl, {2, TIOCSTI, ROOM}, NULL, false, false,
	NOBODY},
    {"let others look into it", SYS_prctl, {PR_SET_DUMPABLE, 1}, NULL, true,
	false, NOBODY},
    {"leave a core behind", SYS_prlimit64, {0, RLIMIT_CORE, ROOM, 0}, NULL,
	false, false, NOBODY},
    {"take its parent's files", SYS_pidfd_getfd, {0, 0, 0}, NULL, false, false,
	NOBODY},
    {"name a file of its own", SYS_memfd_create, {PATH, 1}, "y", true, false,
	NOBODY},
    {"run on its parent's heels", SYS_pidfd_open, {PARENT, 0}, NULL, true,
	false, NOBODY},
};

struct victim {
	pid_t process;
	struct user_regs_struct registers;
	long code; /* that stands where it is */
};

static pid_t
parent_of(pid_t process)
{
	char path[64], line[256];
	FILE *file;
	int parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)process);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "PPid: %d", &parent);
	if (file != NULL)
		(void)fclose(file);
	return parent;
}

static void
give_up(const char *what)
{
	printf("NOT TESTED: %s: %s\n", what, strerror(errno));
	exit(CANNOT);
}

static void
seize(struct victim *victim)
{
	int status;

	if (ptrace(PTRACE_ATTACH, victim->process, NULL, NULL) != 0)
		give_up("it cannot be traced");
	if (waitpid(victim->process, &status, __WALL) != victim->process ||
	    ptrace(PTRACE_GETREGS, victim->process, NULL, &victim->registers) !=
		0)
		give_up("it cannot be stopped");
	errno = 0;
	victim->code = ptrace(PTRACE_PEEKTEXT, victim->process,
	    (void *)victim->registers.rip, NULL);
	if (errno != 0)
		give_up("its code cannot be read");
}

static void
release(const struct victim *victim)
{
	(void)ptrace(PTRACE_POKETEXT, victim->process,
	    (void *)victim->registers.rip, (void *)victim->code);
	(void)ptrace(PTRACE_SETREGS, victim->process, NULL, &victim->registers);
	(void)ptrace(PTRACE_DETACH, victim->process, NULL, NULL);
}

static void
write_text(const struct victim *victim, uint64_t at, const char *text)
{
	char piece[sizeof(long)] = "";
	size_t length = strlen(text) + 1;

	for (size_t i = 0; i < length; i += sizeof(long)) {
		long word;

		memset(piece, 0, sizeof(piece));
		memcpy(piece, text + i,
		    length - i < sizeof(piece) ? length - i : sizeof(piece));
		memcpy(&word, piece, sizeof(word));
		(void)ptrace(PTRACE_POKEDATA, victim->process, (void *)(at + i),
		    (void *)word);
	}
}

static uint64_t
value_of(const struct victim *victim, uint64_t argument)
{
	uint64_t room = (victim->registers.rsp - SCRATCH) & ~UINT64_C(15);

	if (argument == PATH)
		return room;
	if (argument == ROOM)
		return room + 512;
	if (argument == SELF)
		return (uint64_t)victim->process;
	if (argument == PARENT)
		return (uint64_t)parent_of(victim->process);
	return argument;
}

/* Has the process make one call; what the kernel answers. */
static long
call(const struct victim *victim, const struct attempt *attempt)
{
	static const long syscall_code = 0x050f;
	struct user_regs_struct registers = victim->registers;
	int status = 0;

	if (attempt->path != NULL)
		write_text(victim, value_of(victim, PATH), attempt->path);
	registers.rax = (unsigned long long)attempt->number;
	registers.orig_rax = UINT64_MAX; /* no call is to be restarted */
	registers.rdi = value_of(victim, attempt->arguments[0]);
	registers.rsi = value_of(victim, attempt->arguments[1]);
	registers.rdx = value_of(victim, attempt->arguments[2]);
	registers.r10 = value_of(victim, attempt->arguments[3]);
	registers.r8 = value_of(victim, attempt->arguments[4]);
	registers.r9 = value_of(victim, attempt->arguments[5]);
	if (ptrace(PTRACE_POKETEXT, victim->process, (void *)registers.rip,
		(void *)((victim->code & ~0xffffL) | syscall_code)) != 0 ||
	    ptrace(PTRACE_SETREGS, victim->process, NULL, &registers) != 0 ||
	    ptrace(PTRACE_SINGLESTEP, victim->process, NULL, NULL) != 0 ||
	    waitpid(victim->process, &status, __WALL) != victim->process ||
	    !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, victim->process, NULL, &registers) != 0) {
		printf("it did not survive: %s\n", attempt->what);
		exit(1);
	}
	return (long)registers.rax;
}

/* What a free process made of it is undone. */
static void
undo(const struct victim *victim, const struct attempt *attempt, long answer)
{
	const struct attempt closing = {
	    .number = SYS_close, .arguments = {(uint64_t)answer}};

	if (answer < 0)
		return;
	if (attempt->number == SYS_openat || attempt->number == SYS_socket ||
	    attempt->number == SYS_memfd_create ||
	    attempt->number == SYS_pidfd_open ||
	    attempt->number == SYS_io_uring_setup)
		(void)call(victim, &closing);
	(void)unlink("/tmp/hedgerow-was-here");
	(void)rmdir("/tmp/hedgerow-was-here.d");
}

static bool
try(const struct victim *victim, const struct attempt *attempt, bool is_free,
    enum job job)
{
	long answer;
	bool fine;

	if (is_free && !attempt->is_free)
		return true;
	if (job != NOBODY && (attempt->job == job || attempt->job == BOTH))
		return true;
	answer = call(victim, attempt);
	undo(victim, attempt, answer);
	if (is_free || attempt->is_allowed)
		fine = answer >= 0;
	else
		fine = answer == -EPERM || answer == -EACCES;
	printf("%-8s %-32s %s\n", fine ? "ok" : "WRONG", attempt->what,
	    answer >= 0 ? "done" : strerror((int)-answer));
	return fine;
}

int
main(int argc, char **argv)
{
	struct victim victim = {0};
	const char *word = argc > 2 ? argv[2] : "";
	bool fine = true, is_free = strcmp(word, "free") == 0;
	enum job job = NOBODY;

	if (argc < 2)
		return 2;
	if (strcmp(word, "supervisor") == 0)
		job = SUPERVISOR;
	else if (strcmp(word, "connects") == 0)
		job = CONNECTS;
	victim.process = (pid_t)strtol(argv[1], NULL, 10);
	seize(&victim);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		if (!try(&victim, &attempts[i], is_free, job))
			fine = false;
	release(&victim);
	return fine ? 0 : 1;
}

#endif
