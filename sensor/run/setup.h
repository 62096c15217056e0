/*
 * setup -- loads what a command judges by: models, inventory, policy.
 *
 * The same options and the same messages for every command that needs them.
 */
#ifndef SENSOR_RUN_SETUP_H
#define SENSOR_RUN_SETUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct geography;
struct inventory;
struct inventory_draft;
struct library;
struct model_edit;
struct policy;
struct report;
struct tuning;

#define SETUP_PATHS_MAXIMUM 64

struct setup_paths {
	const char *inventory[SETUP_PATHS_MAXIMUM]; /* borrowed */
	size_t inventory_count;
	const char *redis; /* URL, or NULL */
	const char *models[SETUP_PATHS_MAXIMUM];
	size_t model_count;
	const char *geo[SETUP_PATHS_MAXIMUM];
	size_t geo_count;
	bool no_library; /* leave the shipped models out */
	bool no_general; /* and those for whatever has no other */
	bool judges;     /* so what models ask for must be there to ask */
};

/*
 * The options that say all this, the same for every command: SETUP_ROWS comes
 * first in its table, and its own rows follow from SETUP_ROW_COUNT.
 */
enum {
	SETUP_ROW_INVENTORY,
	SETUP_ROW_REDIS,
	SETUP_ROW_MODELS,
	SETUP_ROW_NO_LIBRARY,
	SETUP_ROW_NO_GENERAL,
	SETUP_ROW_GEO,
	SETUP_ROW_COUNT,
};

/* clang-format off */
#define SETUP_ROWS                                                             \
	[SETUP_ROW_INVENTORY] = {"inventory", 'w', "FILE",                     \
	    "who is who, as [CLUSTER=]FILE[@FROM..TO]; repeatable"},           \
	[SETUP_ROW_REDIS] = {"redis", 0, "URL",                                \
	    "who is who: what collectors keep in Redis, as it is now"},        \
	[SETUP_ROW_MODELS] = {"models", 'm', "DIR",                            \
	    "your own models, above the shipped ones; repeatable"},            \
	[SETUP_ROW_NO_LIBRARY] = {"no-library", 0, NULL,                       \
	    "leave the shipped models out"},                                   \
	[SETUP_ROW_NO_GENERAL] = {"no-general", 0, NULL,                       \
	    "leave the shipped model for unknown programs out"},               \
	[SETUP_ROW_GEO] = {"geo", 0, "FILE",                                   \
	    "an .mmdb database for country: and asn:; repeatable"}
/* clang-format on */

/* Where the shipped models are. */
void setup_data_directory(char out[PATH_MAX]);

/* Whether there is anything to say who is who. */
bool setup_has_inventory(const struct setup_paths *paths);

/* Takes one of these options; false, with a message, when it cannot. */
bool setup_take(struct setup_paths *paths, size_t row, const char *value);

struct setup {
	struct library *library;
	struct tuning *tuning; /* of every detector; borrows of the library */
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

/*
 * Reads the models anew for what is loaded already.  With a mistake among them
 * everything stays as it was and goes on judging; what is wrong is on stderr.
 * Zones are the inventory's, which takes them when it is next made.
 *
 * returns    whether the new ones hold; then nothing that was borrowed of the
 *            old library and policy is good any more
 */
bool setup_reload_models(const struct setup_paths *paths, struct setup *setup);

/*
 * The first half of that: `*next` is the setup with new models and no policy,
 * for whoever makes its inventory and then setup_make_policy().
 *
 * returns    false when a mistake leaves nothing to go on with
 */
bool setup_read_models(const struct setup_paths *paths,
    const struct setup *setup, struct setup *next);

/* The policy of a setup's models and inventory; what a pod declares wrongly is
 * said, and counts for nothing. */
void setup_make_policy(struct setup *setup);

/* States the zones that models declare, or that they are no more. */
void setup_put_zones(
    const struct library *library, struct inventory_draft *draft, bool gone);

/* States what the files say; EXIT_INPUT when one is refused. */
int setup_put_files(const struct setup_paths *paths, struct setup *setup,
    struct inventory_draft *draft, struct report *report);

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
