/*
 * Reads the input as YAML, and walks the tree to see that the reader keeps its
 * promises about places, kinds, keys and depth.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sensor/base/arena.h"
#include "sensor/base/report.h"
#include "sensor/base/yaml_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(const struct yaml_node *node, unsigned depth)
{
	assert(node != NULL && node->line > 0 && node->column > 0);
	if (node->kind == YAML_SCALAR) {
		assert(node->scalar != NULL && node->count == 0);
		return;
	}
	assert(depth < 32);
	for (size_t i = 0; i < node->count; i++) {
		walk(node->values[i], depth + 1);
		if (node->kind == YAML_SEQUENCE)
			continue;
		walk(node->keys[i], depth + 1);
		assert(node->keys[i]->kind == YAML_SCALAR);
		/* Finding the first of two equal keys would break this. */
		assert(
		    node->count > 100 ||
		    yaml_get(node, node->keys[i]->scalar) == node->values[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct report *report = report_new();
	struct yaml_node **documents;
	size_t count = yaml_read(
	    arena, "input", (const char *)data, size, report, &documents);

	assert(report_errors(report) <= 1);
	for (size_t i = 0; i < count; i++)
		walk(documents[i], 0);
	report_free(report);
	arena_free(arena);
	return 0;
}
