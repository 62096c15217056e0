#include "models/declaration.h"

#include "classifiers/inventory/workload.h"
#include "models/identity.h"
#include "models/library.h"
#include "sensor/base/arena.h"

static void
read_side(struct arena *arena, const struct library *library,
    const struct workload *workload, bool provides, struct report *report,
    struct entries *out)
{
	const char *text = provides ? workload->provides : workload->needs;
	const char *file;

	if (text == NULL || text[0] == '\0')
		return;
	file = arena_format(arena, "pod %s/%s annotation hedgerow.io/%s",
	    workload->namespace, workload->name,
	    provides ? "provides" : "needs");
	(void)library_read_entries(
	    library, arena, file, text, provides, report, out);
}

struct model *
declaration_model(struct arena *arena, const struct library *library,
    const struct identity *identity, struct report *report)
{
	const struct workload *workload = identity->workload;
	struct report *dropped = NULL;
	struct model *model;

	if (workload == NULL ||
	    ((workload->provides == NULL || workload->provides[0] == '\0') &&
		(workload->needs == NULL || workload->needs[0] == '\0')))
		return NULL;
	if (report == NULL)
		report = dropped = report_new();
	model = arena_take(arena, sizeof(*model));
	*model = (struct model){
	    .place.file = arena_format(arena, "pod %s/%s annotation",
		workload->namespace, workload->name),
	    .name = "annotations",
	    .describes = "what the pod says of itself",
	    .version = 1,
	    .layer = LAYER_OPERATOR,
	    .adds = true,
	    .severity = SEVERITY_MEDIUM,
	};
	read_side(arena, library, workload, true, report, &model->provides);
	read_side(arena, library, workload, false, report, &model->needs);
	report_free(dropped);
	return model->provides.given || model->needs.given ? model : NULL;
}
