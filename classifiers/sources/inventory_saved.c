#include "classifiers/sources/inventory_saved.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifiers/sources/inventory_file.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/digest.h"
#include "sensor/base/file.h"
#include "sensor/base/json_read.h"
#include "sensor/base/text.h"

/* What the last line begins with; no record does. */
#define LAST_LINE "{\"v\":1,\"saved\":"

/* Names and labels are nobody's business but the sensor's. */
#define MODE 0600

/*
 * The digest of the file is the digest of a chain: each line's together with
 * all before it.  So it needs no second look at what was written.
 */
struct chain {
	uint8_t digest[DIGEST_SIZE];
	uint64_t count;
};

struct inventory_saving {
	char *path, *beside;
	FILE *out;
	struct text line;
	struct chain chain;
	uint64_t cut;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void
complain(char fault[INVENTORY_SAVED_FAULT_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fault, INVENTORY_SAVED_FAULT_SIZE, format, arguments);
	va_end(arguments);
}

static void
chain_add(struct chain *chain, const char *line, size_t length)
{
	uint8_t both[2 * DIGEST_SIZE];

	memcpy(both, chain->digest, DIGEST_SIZE);
	digest_sha1(line, length, both + DIGEST_SIZE);
	digest_sha1(both, sizeof(both), chain->digest);
	chain->count++;
}

static void
print_last_line(const struct chain *chain, char out[128])
{
	char digest[DIGEST_BASE64_SIZE];

	digest_base64(chain->digest, digest);
	(void)snprintf(out, 128, LAST_LINE "%" PRIu64 ",\"digest\":\"%s\"}\n",
	    chain->count, digest);
}

/* --- writing -------------------------------------------------------------- */

struct inventory_saving *
inventory_saving_begin(const char *path, char fault[INVENTORY_SAVED_FAULT_SIZE])
{
	struct inventory_saving *saving = allocate(1, sizeof(*saving));
	int descriptor = -1;

	text_init(&saving->line, INVENTORY_RECORD_MAXIMUM);
	saving->path = strdup(path);
	if (asprintf(&saving->beside, "%s.new", path) < 0)
		saving->beside = NULL;
	if (saving->beside != NULL)
		descriptor = open(saving->beside,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    MODE);
	if (descriptor >= 0)
		saving->out = fdopen(descriptor, "w");
	if (saving->out != NULL)
		return saving;
	complain(
	    fault, "%.180s.new cannot be written: %s", path, strerror(errno));
	if (descriptor >= 0)
		(void)close(descriptor);
	inventory_saving_abandon(saving);
	return NULL;
}

static bool
take(const struct fact *fact, void *context)
{
	struct inventory_saving *saving = context;

	text_clear(&saving->line);
	if (!inventory_record_line(&saving->line, fact, &saving->cut))
		return false;
	text_add_char(&saving->line, '\n');
	chain_add(&saving->chain, saving->line.at, saving->line.length);
	if (fwrite(saving->line.at, 1, saving->line.length, saving->out) !=
	    saving->line.length)
		saving->failed = true;
	return true;
}

struct fact_taker
inventory_saving_taker(struct inventory_saving *saving)
{
	return (struct fact_taker){take, saving};
}

/* A rename is safe only when the directory is on the disk too. */
static void
settle_directory(const char *path)
{
	char directory[PATH_MAX];
	char *slash;
	int descriptor;

	(void)snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash == NULL)
		(void)snprintf(directory, sizeof(directory), ".");
	else
		slash[slash == directory ? 1 : 0] = '\0';
	descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return;
	(void)fsync(descriptor);
	(void)close(descriptor);
}

bool
inventory_saving_end(
    struct inventory_saving *saving, char fault[INVENTORY_SAVED_FAULT_SIZE])
{
	char last[128];
	bool good;

	print_last_line(&saving->chain, last);
	good = fputs(last, saving->out) >= 0 && !saving->failed &&
	       fflush(saving->out) == 0 && fsync(fileno(saving->out)) == 0;
	good = fclose(saving->out) == 0 && good;
	saving->out = NULL;
	if (good && rename(saving->beside, saving->path) == 0)
		settle_directory(saving->path);
	else {
		complain(fault, "%.180s cannot be written: %s", saving->path,
		    strerror(errno));
		good = false;
	}
	inventory_saving_abandon(saving);
	return good;
}

void
inventory_saving_abandon(struct inventory_saving *saving)
{
	if (saving == NULL)
		return;
	if (saving->out != NULL) {
		(void)fclose(saving->out);
	}
	/* After a rename there is nothing of that name. */
	if (saving->beside != NULL)
		(void)unlink(saving->beside);
	text_release(&saving->line);
	free(saving->path);
	free(saving->beside);
	free(saving);
}

/* --- reading -------------------------------------------------------------- */

/* Gives a line's fact, or only tries it when nobody takes it. */
static bool
read_line(const char *at, size_t length, const struct fact_taker *taker,
    char fault[INVENTORY_SAVED_FAULT_SIZE])
{
	char words[INVENTORY_RECORD_FAULT_SIZE];
	struct arena *arena = arena_new();
	struct json_fault json_fault;
	struct json *json = json_parse(at, length, &json_fault);
	struct fact fact;
	bool good =
	    json != NULL && inventory_record_read(arena, json, &fact, words);

	if (good)
		(void)fact_give(taker, &fact);
	else
		complain(
		    fault, "%.150s", json == NULL ? json_fault.message : words);
	json_free(json);
	arena_free(arena);
	return good;
}

/*
 * Whether the last line is that of the lines before it.
 *
 * records    gets where the last line begins
 */
static bool
is_whole(const char *octets, size_t size, const char **records)
{
	struct chain chain = {0};
	const char *at = octets, *end = octets + size;
	char last[128];

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL)
			return false;
		if (strncmp(at, LAST_LINE, strlen(LAST_LINE)) == 0)
			break;
		chain_add(&chain, at, (size_t)(newline + 1 - at));
		at = newline + 1;
	}
	print_last_line(&chain, last);
	*records = at;
	return (size_t)(end - at) == strlen(last) &&
	       memcmp(at, last, strlen(last)) == 0;
}

static int64_t
give_all(const char *at, const char *end, const struct fact_taker *taker,
    char fault[INVENTORY_SAVED_FAULT_SIZE])
{
	int64_t count = 0;

	for (; at < end; count++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (!read_line(at, (size_t)(newline - at), taker, fault))
			return -1;
		at = newline + 1;
	}
	return count;
}

static bool
take_nothing(const struct fact *fact, void *context)
{
	(void)fact;
	(void)context;
	return true;
}

int64_t
inventory_saved_read(const char *path, struct fact_taker taker,
    char fault[INVENTORY_SAVED_FAULT_SIZE])
{
	const struct fact_taker nobody = {take_nothing, NULL};
	const char *end;
	char *octets;
	size_t size;
	int status = file_read(path, INVENTORY_FILE_MAXIMUM, &octets, &size);
	int64_t count = -1;

	if (status < 0) {
		complain(fault, "%.180s cannot be read: %s", path,
		    strerror(-status));
		return -1;
	}
	if (!is_whole(octets, size, &end))
		complain(fault,
		    "%.140s is torn or was changed, and is left out: its last "
		    "line is not that of the lines before it",
		    path);
	else if (give_all(octets, end, &nobody, fault) >= 0)
		count = give_all(octets, end, &taker, fault);
	free(octets);
	return count;
}
