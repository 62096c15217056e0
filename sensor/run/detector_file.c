#include "sensor/run/detector_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifiers/detectors/detectors_state.h"
#include "sensor/base/file.h"
#include "sensor/base/text.h"

/* It has the secret of sketches, and says who talks to whom. */
#define MODE 0600

#define SAID_MAXIMUM ((size_t)4096)

static void
complain(const char *path, const char *what)
{
	fprintf(
	    stderr, "hedgerow: %s: what detectors remember %s\n", path, what);
}

void
detector_file_read(
    struct detector_file *file, const char *path, struct detectors_parts *parts)
{
	char fault[DETECTORS_STATE_FAULT];
	char said[DETECTORS_STATE_FAULT + 32];
	char *octets = NULL;
	int error;

	*file = (struct detector_file){.path = path};
	if (path == NULL)
		return;
	error = file_read(path, DETECTORS_STATE_MAXIMUM, &octets, &file->size);
	if (error == -ENOENT)
		return;
	if (error != 0) {
		(void)snprintf(
		    said, sizeof(said), "cannot be read: %s", strerror(-error));
		complain(path, said);
		return;
	}
	file->octets = (uint8_t *)octets;
	if (detectors_state_check(file->octets, file->size, &parts->key, fault))
		return;
	(void)snprintf(said, sizeof(said), "is not used: %s", fault);
	complain(path, said);
	detector_file_release(file);
	file->path = path;
}

void
detector_file_restore(struct detector_file *file, struct detectors *detectors)
{
	const char *path = file->path;
	struct text left_out, said;

	if (file->octets == NULL)
		return;
	text_init(&left_out, SAID_MAXIMUM);
	text_init(&said, SAID_MAXIMUM);
	(void)detectors_restore(detectors, file->octets, file->size, &left_out);
	if (left_out.length > 0) {
		text_format(&said, "is of another version, and begins anew:%s",
		    left_out.at);
		complain(path, said.at);
	}
	text_release(&left_out);
	text_release(&said);
	detector_file_release(file);
	file->path = path;
}

static bool
write_all(int descriptor, const uint8_t *octets, size_t size)
{
	while (size > 0) {
		ssize_t written = write(descriptor, octets, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		octets += written;
		size -= (size_t)written;
	}
	return fsync(descriptor) == 0;
}

static bool
write_beside(const char *beside, const uint8_t *octets, size_t size)
{
	int descriptor = open(beside,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
	bool good;

	if (descriptor < 0)
		return false;
	good = write_all(descriptor, octets, size);
	return close(descriptor) == 0 && good;
}

bool
detector_file_write(
    const struct detector_file *file, const struct detectors *detectors)
{
	char *beside = NULL;
	uint8_t *octets;
	size_t size;
	bool good;

	if (file->path == NULL)
		return true;
	if (asprintf(&beside, "%s.new", file->path) < 0)
		return false;
	octets = detectors_save(detectors, &size);
	good = write_beside(beside, octets, size) &&
	       rename(beside, file->path) == 0;
	if (!good) {
		char said[128];

		(void)snprintf(said, sizeof(said), "cannot be written: %s",
		    strerror(errno));
		complain(file->path, said);
		(void)unlink(beside);
	}
	free(octets);
	free(beside);
	return good;
}

void
detector_file_release(struct detector_file *file)
{
	free(file->octets);
	*file = (struct detector_file){.path = NULL};
}
