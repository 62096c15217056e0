#include "classifiers/inventory/image.h"

#include <stdbool.h>
#include <string.h>

#include "sensor/base/arena.h"

/* Docker Hub's own namespace, which its familiar names leave out. */
static const char hub_namespace[] = "library/";

static bool
is_registry(const char *component, size_t length)
{
	static const char local[] = "localhost";

	if (length == sizeof(local) - 1 &&
	    memcmp(component, local, length) == 0)
		return true;
	return memchr(component, '.', length) != NULL ||
	       memchr(component, ':', length) != NULL;
}

/* A runtime that was given an image by its identifier shows only that. */
static bool
is_identifier(const char *name)
{
	static const char algorithm[] = "sha256:";
	const char *hex = name + sizeof(algorithm) - 1;

	return strncmp(name, algorithm, sizeof(algorithm) - 1) == 0 &&
	       strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

/* Whether the tag's colon is one: not that of a registry's port. */
static const char *
find_tag(const char *path, size_t length)
{
	const char *colon = memrchr(path, ':', length);
	const char *slash = memrchr(path, '/', length);

	if (colon == NULL || (slash != NULL && colon < slash))
		return NULL;
	return colon;
}

/* The path between registry and tag, from `path` to `end`. */
static void
split_path(
    struct arena *arena, struct image *image, const char *path, const char *end)
{
	const char *slash = memchr(path, '/', (size_t)(end - path));
	size_t hub = sizeof(hub_namespace) - 1;

	if (slash != NULL && is_registry(path, (size_t)(slash - path))) {
		image->registry =
		    arena_text_n(arena, path, (size_t)(slash - path));
		path = slash + 1;
	}
	if ((size_t)(end - path) > hub &&
	    memcmp(path, hub_namespace, hub) == 0 &&
	    memchr(path + hub, '/', (size_t)(end - path) - hub) == NULL)
		path += hub;
	image->repository = arena_text_n(arena, path, (size_t)(end - path));
	slash = strrchr(image->repository, '/');
	image->base = slash == NULL ? image->repository : slash + 1;
}

struct image
image_split(struct arena *arena, const char *name)
{
	const char *whole = arena_text(arena, name);
	struct image image = {whole, "", "", "", "", ""};
	const char *end = strchrnul(whole, '@');
	const char *tag = find_tag(whole, (size_t)(end - whole));

	if (is_identifier(whole)) {
		image.digest = whole;
		return image;
	}
	if (*end == '@')
		image.digest = end + 1;
	if (tag != NULL) {
		image.tag =
		    arena_text_n(arena, tag + 1, (size_t)(end - tag) - 1);
		end = tag;
	}
	split_path(arena, &image, whole, end);
	if (image.base[0] == '\0')
		image = (struct image){whole, "", whole, whole, "", ""};
	return image;
}
