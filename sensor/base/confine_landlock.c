#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sensor/base/confine_parts.h"

/*
 * Numbers and layouts of the kernel's interface (Documentation/
 * userspace-api/landlock.rst), said here because Debian 12's header is of
 * Linux 6.1 and knows neither networks nor scopes.  The kernel takes a shorter
 * structure for an older one.
 */
#define CREATE_RULESET 444
#define ADD_RULE       445
#define RESTRICT_SELF  446

#define CREATE_VERSION    1U /* a flag: only say which ABI there is */
#define RULE_PATH_BENEATH 1

struct ruleset {
	uint64_t files, network, scope;
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

#define FILE_WRITE    (UINT64_C(1) << 1)
#define FILE_READ     (UINT64_C(1) << 2)
#define FOLDER_READ   (UINT64_C(1) << 3)
#define FILE_REMOVE   (UINT64_C(1) << 5)
#define FILE_MAKE     (UINT64_C(1) << 8)
#define FILE_TRUNCATE (UINT64_C(1) << 14)

#define NETWORK_ALL   UINT64_C(3) /* TCP: bind, connect */
#define NETWORK_BIND  UINT64_C(1)
#define SCOPE_ALL     UINT64_C(3) /* abstract sockets, signals */
#define SCOPE_SIGNALS UINT64_C(2)

/* All that there is to allow for files, by ABI: 1, 2, 3, 4, 5 and later. */
static const uint64_t file_rights[] = {0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};

int
confine_landlock_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, CREATE_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t
all_file_rights(int abi)
{
	size_t last = sizeof(file_rights) / sizeof(file_rights[0]) - 1;
	size_t at = (size_t)abi - 1;

	return file_rights[at < last ? at : last];
}

static size_t
ruleset_size(int abi)
{
	if (abi >= 6)
		return sizeof(struct ruleset);
	return (abi >= 4 ? 2 : 1) * sizeof(uint64_t);
}

/* A path that is not there allows nothing, and is no mistake here. */
static bool
allow(int ruleset, const char *path, uint64_t allowed)
{
	struct path_beneath rule = {.allowed = allowed};
	struct stat status;
	bool fine = true;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return true;
	if (fstat(rule.parent, &status) == 0 && !S_ISDIR(status.st_mode))
		rule.allowed &= FILE_READ | FILE_WRITE | FILE_TRUNCATE;
	if (rule.allowed != 0)
		fine = syscall(
			   ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
	(void)close(rule.parent);
	return fine;
}

static bool
allow_all(int ruleset, const struct confine_settings *settings, uint64_t rights)
{
	uint64_t reading = (FILE_READ | FOLDER_READ) & rights;
	uint64_t writing =
	    (FILE_WRITE | FILE_REMOVE | FILE_MAKE | FILE_TRUNCATE) & rights;

	for (size_t i = 0; i < settings->readable.count; i++)
		if (!allow(ruleset, settings->readable.paths[i], reading))
			return false;
	for (size_t i = 0; i < settings->writable.count; i++)
		if (!allow(ruleset, settings->writable.paths[i],
			reading | writing))
			return false;
	return true;
}

bool
confine_landlock(const struct confine_settings *settings, int *abi,
    char fault[CONFINE_FAULT_SIZE])
{
	struct ruleset rules = {
	    .network = settings->connects ? NETWORK_BIND : NETWORK_ALL,
	    .scope =
		settings->supervises ? SCOPE_ALL & ~SCOPE_SIGNALS : SCOPE_ALL,
	};
	long ruleset;
	bool fine;

	*abi = confine_landlock_abi();
	if (*abi == 0)
		return true;
	rules.files = all_file_rights(*abi);
	ruleset = syscall(CREATE_RULESET, &rules, ruleset_size(*abi), 0);
	if (ruleset < 0)
		return confine_refused(fault, "Landlock");
	fine = allow_all((int)ruleset, settings, rules.files) &&
	       syscall(RESTRICT_SELF, (int)ruleset, 0) == 0;
	if (!fine)
		(void)confine_refused(fault, "Landlock");
	(void)close((int)ruleset);
	return fine;
}
