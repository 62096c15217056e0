#include "sensor/live/setting_change.h"

#include <stdio.h>
#include <string.h>

#include "sensor/domain.h"
#include "sensor/live/live.h"
#include "sensor/live/setting.h"

struct change {
	void (*differs)(const char *name, void *context);
	void *context;
	bool any;
};

static void
tell(struct change *change, const char *name, bool same)
{
	if (same)
		return;
	change->any = true;
	if (change->differs != NULL)
		change->differs(name, change->context);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(
    const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	for (size_t i = 0; a_count == b_count && i < a_count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return a_count == b_count;
}

static void
compare_rows(struct change *change, const struct live_settings *before,
    const struct live_settings *now)
{
	size_t count;
	const struct setting *rows = setting_rows(&count);
	char name[SETTING_NAME_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct setting *row = &rows[i];

		(void)snprintf(name, sizeof(name), "%s%s%s", row->section,
		    row->section[0] == '\0' ? "" : ".", row->key);
		tell(change, name, setting_is_same(row, before, now));
	}
}

static void
compare_paths(struct change *change, const struct setup_paths *before,
    const struct setup_paths *now)
{
	tell(change, "models.directories",
	    same_list(before->models, before->model_count, now->models,
		now->model_count));
	tell(change, "models.databases",
	    same_list(
		before->geo, before->geo_count, now->geo, now->geo_count));
	tell(change, "models.shipped", before->no_library == now->no_library);
	tell(change, "models.general", before->no_general == now->no_general);
	tell(change, "inventory.redis", same_text(before->redis, now->redis));
	tell(change, "inventory.files",
	    same_list(before->inventory, before->inventory_count,
		now->inventory, now->inventory_count));
}

bool
setting_changes(const struct live_settings *before,
    const struct live_settings *now,
    void (*differs)(const char *name, void *context), void *context)
{
	struct change change = {differs, context, false};

	compare_rows(&change, before, now);
	compare_paths(&change, &before->paths, &now->paths);
	tell(&change, "interfaces",
	    same_list(before->interfaces, before->interface_count,
		now->interfaces, now->interface_count));
	tell(&change, "domains",
	    domains_are_same(before->domains, now->domains));
	tell(&change, "sinks",
	    same_list(before->delivery.sinks, before->delivery.sink_count,
		now->delivery.sinks, now->delivery.sink_count));
	return change.any;
}
