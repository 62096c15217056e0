/*
 * setup -- loads what a command judges by: models, inventory, policy.
 *
 * The same options and the same messages for every command that needs them.
 */
#ifndef SENSOR_RUN_SETUP_H
#define SENSOR_RUN_SETUP_H

#include <stdbool.h>
#include <stddef.h>

struct geography;
struct inventory;
struct library;
struct model_edit;
struct policy;
struct report;

#define SETUP_PATHS_MAXIMUM 64

struct setup_paths {
	const char *inventory[SETUP_PATHS_MAXIMUM]; /* borrowed */
	size_t inventory_count;
	const char *models[SETUP_PATHS_MAXIMUM];
	size_t model_count;
	const char *geo[SETUP_PATHS_MAXIMUM];
	size_t geo_count;
	bool no_library; /* leave the shipped models out */
	bool judges;     /* so what models ask for must be there to ask */
};

struct setup {
	struct library *library;
	struct inventory *inventory;
	struct policy *policy;
	struct geography *geography; /* NULL without --geo */
	bool damaged; /* an inventory log could be read only in part */
};

/* Remembers a path; false, with a message, when there are too many. */
bool setup_add_inventory(struct setup_paths *paths, const char *path);
bool setup_add_models(struct setup_paths *paths, const char *path);
bool setup_add_geo(struct setup_paths *paths, const char *path);

/*
 * Loads everything; says on stderr what is wrong, all of it.
 *
 * setup      filled in on EXIT_DONE; setup_release() it in any case
 * returns    EXIT_DONE, EXIT_USAGE for models, EXIT_INPUT for the inventory
 */
int setup_load(const struct setup_paths *paths, struct setup *setup);

/*
 * Says of every model that asks for a country or an AS number that no database
 * knows: an error when the command judges, else a warning.
 *
 * returns    EXIT_DONE or, when it judges, EXIT_USAGE
 */
int setup_check_geography(
    const struct setup_paths *paths, const struct setup *setup);

/* Models and databases alone; the rest stays NULL. */
int setup_load_models(const struct setup_paths *paths, struct setup *setup);

/*
 * The models as they would be after some edits, without their warnings again.
 *
 * returns    an owned library, or NULL when the edits cannot be made
 */
struct library *setup_edited(const struct setup_paths *paths,
    const struct model_edit *edits, size_t count);

void setup_release(struct setup *setup);

#endif
