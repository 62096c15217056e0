/*
 * detector_file -- what detectors remember, across runs.
 *
 * A file is read before the first packet and written beside and renamed, so
 * that it is always whole.  One that cannot be used is said, and detectors
 * begin with nothing; the next one takes its place.
 */
#ifndef SENSOR_RUN_DETECTOR_FILE_H
#define SENSOR_RUN_DETECTOR_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct detectors;
struct detectors_parts;

struct detector_file {
	const char *path; /* borrowed; NULL: nothing is kept */
	uint8_t *octets;  /* owned, until they are restored */
	size_t size;
};

/*
 * Reads the file and sets the secret of `parts` to the one that it was made
 * under; one that is not there yet is none.
 */
void detector_file_read(struct detector_file *file, const char *path,
    struct detectors_parts *parts);

/* Restores what was read, once. */
void detector_file_restore(
    struct detector_file *file, struct detectors *detectors);

/* Writes what is remembered now; false, said, when it cannot be. */
bool detector_file_write(
    const struct detector_file *file, const struct detectors *detectors);

void detector_file_release(struct detector_file *file);

#endif
