/*
 * file -- reads whole files and lists directories for the slow side.
 *
 * Never used on the packet path.  System errors come back as negative errno.
 */
#ifndef SENSOR_BASE_FILE_H
#define SENSOR_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * Reads a regular file, or standard input for the names `-` and `/dev/stdin`.
 *
 * maximum    octets; a larger file is -EFBIG
 * octets     gets an owned, NUL-terminated copy for free()
 * returns    0 or a negative errno
 */
int file_read(const char *path, size_t maximum, char **octets, size_t *size);

/*
 * Reads the same, part by part, so that no more than one is in memory.
 *
 * maximum    octets of all parts together; a larger file is -EFBIG
 * take       returns false to have no more
 * returns    0 or a negative errno
 */
int file_read_parts(const char *path, size_t maximum,
    bool (*take)(const char *octets, size_t size, void *context),
    void *context);

/*
 * Lists the entries of a directory tree whose names end in `suffix`, sorted by
 * path so that the order is the same everywhere.  Names that begin with a dot
 * are left out; symbolic links to directories are not followed.
 *
 * suffix     NULL for every regular file
 * paths      gets an arena array of arena texts
 * returns    how many, or a negative errno
 */
long file_list(struct arena *arena, const char *directory, const char *suffix,
    const char ***paths);

bool file_is_directory(const char *path);

#endif
