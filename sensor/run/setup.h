/*
 * setup -- loads what a command judges by: models, inventory, policy.
 *
 * The same options and the same messages for every command that needs them.
 */
#ifndef SENSOR_RUN_SETUP_H
#define SENSOR_RUN_SETUP_H

#include <stdbool.h>
#include <stddef.h>

struct inventory;
struct library;
struct policy;
struct report;

#define SETUP_PATHS_MAXIMUM 64

struct setup_paths {
	const char *inventory[SETUP_PATHS_MAXIMUM]; /* borrowed */
	size_t inventory_count;
	const char *models[SETUP_PATHS_MAXIMUM];
	size_t model_count;
	bool no_library; /* leave the shipped models out */
};

struct setup {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
	bool damaged; /* an inventory log could be read only in part */
};

/* Remembers a path; false, with a message, when there are too many. */
bool setup_add_inventory(struct setup_paths *paths, const char *path);
bool setup_add_models(struct setup_paths *paths, const char *path);

/*
 * Loads everything; says on stderr what is wrong, all of it.
 *
 * setup      filled in on EXIT_DONE; setup_release() it in any case
 * returns    EXIT_DONE, EXIT_USAGE for models, EXIT_INPUT for the inventory
 */
int setup_load(const struct setup_paths *paths, struct setup *setup);

/* The models alone; setup->inventory and setup->policy stay NULL. */
int setup_load_models(const struct setup_paths *paths, struct setup *setup);

void setup_release(struct setup *setup);

#endif
