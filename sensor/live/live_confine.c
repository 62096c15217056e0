#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/base/arena.h"
#include "sensor/base/confine.h"
#include "sensor/live/live_parts.h"
#include "sensor/run/exit.h"

/* The directory of a file, which may be replaced there; of the arena. */
static const char *
directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return slash == path
		   ? "/"
		   : arena_text_n(arena, path, (size_t)(slash - path));
}

/* `[CLUSTER=]FILE[@FROM..TO]`: the directory of the file alone matters. */
static const char *
inventory_directory(struct arena *arena, const char *argument)
{
	const char *equals = strchr(argument, '=');

	if (equals != NULL &&
	    memchr(argument, '/', (size_t)(equals - argument)) == NULL)
		argument = equals + 1;
	return directory_of(arena, argument);
}

/* What a reload reads. */
static void
add_readable(struct confine_paths *paths, struct arena *arena,
    const struct setup_paths *given)
{
	char shipped[PATH_MAX];

	for (size_t i = 0; i < given->model_count; i++)
		confine_add(paths, given->models[i]);
	for (size_t i = 0; i < given->inventory_count; i++)
		confine_add(
		    paths, inventory_directory(arena, given->inventory[i]));
	for (size_t i = 0; i < given->geo_count; i++)
		confine_add(paths, directory_of(arena, given->geo[i]));
	setup_data_directory(shipped);
	confine_add(paths, arena_text(arena, shipped));
	/* What the interfaces count, and time zones. */
	confine_add(paths, "/sys/class/net");
	confine_add(paths, "/sys/devices");
}

/*
 * The resolver's files and the system's authorities.  Those of the resolver are
 * replaced when networks change, mostly behind a link, so it is directories
 * that may be read, and /etc among them.
 */
static void
add_resolver(struct confine_paths *paths, struct arena *arena)
{
	char *file = realpath("/etc/resolv.conf", NULL);

	confine_add(paths, "/etc");
	if (file != NULL)
		confine_add(
		    paths, directory_of(arena, arena_text(arena, file)));
	free(file);
}

/* Whoever cannot read it as another user should hear that now. */
static void
warn_unreadable(const struct confine_settings *settings, const char *user)
{
	for (size_t i = 0; i < settings->readable.count; i++) {
		const char *path = settings->readable.paths[i];

		if (strncmp(path, "/sys/", 5) != 0 && access(path, R_OK) != 0)
			live_say("%s: %s cannot read it, so a reload will "
				 "fail; make it readable, or choose another "
				 "--user",
			    path, user);
	}
	for (size_t i = 0; i < settings->writable.count; i++)
		if (access(settings->writable.paths[i], W_OK) != 0)
			live_say("%s: %s cannot make files there, so after a "
				 "rotation records go on into the old file",
			    settings->writable.paths[i], user);
}

static void
describe(const struct confined *confined, const char *user)
{
	char landlock[32] = "no Landlock in this kernel";

	if (confined->landlock > 0)
		(void)snprintf(landlock, sizeof(landlock), "Landlock ABI %d",
		    confined->landlock);
	live_say("confined: user %s, no capability, seccomp, %s",
	    confined->user ? user : "root", landlock);
}

/* They are asked about when settings are read anew. */
static void
keep_readable(struct live *live, const struct confine_paths *paths)
{
	for (size_t i = 0; i < paths->count && i < LIVE_READABLE; i++) {
		char *path = strdup(paths->paths[i]);

		if (path != NULL)
			live->readable[live->readable_count++] = path;
	}
}

/* Ways out of it by `..` or a link fail when they are taken. */
bool
live_is_readable(const struct live *live, const char *path)
{
	if (!live->settings->confined)
		return true;
	for (size_t i = 0; i < live->readable_count; i++) {
		const char *one = live->readable[i];
		size_t length = strlen(one);

		if (strncmp(path, one, length) == 0 &&
		    (path[length] == '\0' || path[length] == '/' ||
			strcmp(one, "/") == 0))
			return true;
	}
	return false;
}

int
live_confine(struct live *live)
{
	const struct live_settings *given = live->settings;
	const char *const files[] = {given->alerts, given->flows, given->stats,
	    given->saved, given->witness.file.path, given->state};
	const char *user = given->user == NULL ? LIVE_USER : given->user;
	bool root = geteuid() == 0;
	struct confine_settings settings = {
	    .user = live->user,
	    .group = live->group,
	    .connects = given->paths.redis != NULL,
	    .threads = given->paths.redis != NULL,
	};
	struct arena *arena;
	struct confined confined;
	char fault[CONFINE_FAULT_SIZE];
	bool fine;

	if (!given->confined)
		return EXIT_DONE;
	arena = arena_new();
	add_readable(&settings.readable, arena, &given->paths);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] != NULL && strcmp(files[i], "-") != 0)
			confine_add(
			    &settings.writable, directory_of(arena, files[i]));
	if (given->config != NULL)
		confine_add(
		    &settings.readable, directory_of(arena, given->config));
	live_delivery_confine(&given->delivery, arena, &settings);
	if (settings.connects)
		add_resolver(&settings.readable, arena);
	keep_readable(live, &settings.readable);
	fine = confine_enter(&settings, &confined, fault);
	if (!root)
		user = "as it was";
	if (fine) {
		warn_unreadable(&settings, user);
		if (!given->quiet)
			describe(&confined, user);
	} else {
		live_say("cannot be confined: %s; --no-confine goes on "
			 "without",
		    fault);
	}
	arena_free(arena);
	return fine ? EXIT_DONE : EXIT_PERMISSION;
}
