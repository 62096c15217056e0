#include "alerts/journal_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sensor/base/arena.h"

struct journal_disk {
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t begun;
	int file; /* -1: nothing to do */
	int error;
	bool ends;
};

static int
synchronise(int file)
{
	int error = fdatasync(file) == 0 ? 0 : errno;

	(void)close(file);
	return error;
}

static void *
work(void *context)
{
	struct journal_disk *disk = context;

	(void)pthread_mutex_lock(&disk->lock);
	while (!disk->ends || disk->file >= 0) {
		int file = disk->file, error;

		if (file < 0) {
			(void)pthread_cond_wait(&disk->begun, &disk->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&disk->lock);
		error = synchronise(file);
		(void)pthread_mutex_lock(&disk->lock);
		disk->file = -1;
		if (error != 0)
			disk->error = error;
	}
	(void)pthread_mutex_unlock(&disk->lock);
	return NULL;
}

struct journal_disk *
journal_disk_new(void)
{
	struct journal_disk *disk = allocate(1, sizeof(*disk));

	disk->file = -1;
	(void)pthread_mutex_init(&disk->lock, NULL);
	(void)pthread_cond_init(&disk->begun, NULL);
	return disk;
}

void
journal_disk_free(struct journal_disk *disk)
{
	if (disk == NULL)
		return;
	if (disk->started) {
		(void)pthread_mutex_lock(&disk->lock);
		disk->ends = true;
		(void)pthread_cond_signal(&disk->begun);
		(void)pthread_mutex_unlock(&disk->lock);
		(void)pthread_join(disk->thread, NULL);
	}
	(void)pthread_cond_destroy(&disk->begun);
	(void)pthread_mutex_destroy(&disk->lock);
	free(disk);
}

/* Signals are for the thread that has the loop. */
static bool
start(struct journal_disk *disk)
{
	sigset_t all, before;

	if (disk->started)
		return true;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	disk->started = pthread_create(&disk->thread, NULL, work, disk) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return disk->started;
}

bool
journal_disk_begin(struct journal_disk *disk, int file)
{
	int own;
	bool fine;

	if (!start(disk))
		return false;
	own = fcntl(file, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return false;
	(void)pthread_mutex_lock(&disk->lock);
	fine = disk->file < 0;
	if (fine)
		disk->file = own;
	(void)pthread_cond_signal(&disk->begun);
	(void)pthread_mutex_unlock(&disk->lock);
	if (!fine)
		(void)close(own);
	return fine;
}

int
journal_disk_error(struct journal_disk *disk)
{
	int error;

	(void)pthread_mutex_lock(&disk->lock);
	error = disk->error;
	disk->error = 0;
	(void)pthread_mutex_unlock(&disk->lock);
	return error;
}
