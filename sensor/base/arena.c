#include "sensor/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Blocks grow with the arena: a small file costs one page, a large inventory
 * few calls of malloc().
 */
#define BLOCK_MINIMUM ((size_t)4096)
#define BLOCK_MAXIMUM ((size_t)256 * 1024)

struct block {
	struct block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char octets[];
};

struct arena {
	struct block *newest;
	size_t size;
	size_t used;  /* of all blocks */
	size_t first; /* what the first block is to hold, or 0 */
};

static _Noreturn void
out_of_memory(void)
{
	fputs("hedgerow: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

	if (memory == NULL)
		out_of_memory();
	return memory;
}

static size_t
product(size_t count, size_t size)
{
	size_t octets;

	if (__builtin_mul_overflow(count, size, &octets))
		out_of_memory();
	return octets == 0 ? 1 : octets;
}

void *
allocate_sparse(size_t count, size_t size)
{
	void *memory = mmap(NULL, product(count, size), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		out_of_memory();
	return memory;
}

void
free_sparse(void *memory, size_t count, size_t size)
{
	if (memory != NULL)
		(void)munmap(memory, product(count, size));
}

void *
reallocate(void *memory, size_t count, size_t size)
{
	size_t octets;
	void *moved;

	if (__builtin_mul_overflow(count, size, &octets))
		out_of_memory();
	moved = realloc(memory, octets == 0 ? 1 : octets);
	if (moved == NULL)
		out_of_memory();
	return moved;
}

struct arena *
arena_new(void)
{
	return allocate(1, sizeof(struct arena));
}

struct arena *
arena_sized(size_t octets)
{
	struct arena *arena = arena_new();

	arena->first = octets;
	return arena;
}

void
arena_free(struct arena *arena)
{
	struct block *next;

	if (arena == NULL)
		return;
	for (struct block *block = arena->newest; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static void
add_block(struct arena *arena, size_t wanted)
{
	size_t size = arena->size;
	struct block *block;

	if (arena->newest == NULL && arena->first > 0)
		size = arena->first;
	else if (size < BLOCK_MINIMUM)
		size = BLOCK_MINIMUM;
	if (size > BLOCK_MAXIMUM)
		size = BLOCK_MAXIMUM;
	if (size < wanted)
		size = wanted;
	block = allocate(1, sizeof(*block) + size);
	block->size = size;
	block->next = arena->newest;
	arena->newest = block;
	arena->size += sizeof(*block) + size;
}

void *
arena_take(struct arena *arena, size_t size)
{
	struct block *block;
	void *memory;

	assert(size < SIZE_MAX / 2);
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	block = arena->newest;
	if (block == NULL || block->size - block->used < size) {
		add_block(arena, size);
		block = arena->newest;
	}
	memory = block->octets + block->used;
	block->used += size;
	arena->used += size;
	return memory;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t octets;
	bool overflow = __builtin_mul_overflow(count, size, &octets);

	assert(!overflow);
	return arena_take(arena, overflow ? 0 : octets);
}

char *
arena_text(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_text_n(arena, text, strlen(text));
}

char *
arena_text_n(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	return copy;
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	int length;
	char *text;

	assert(format != NULL);
	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	assert(length >= 0);
	text = arena_take(arena, (size_t)length + 1);
	(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

size_t
arena_size(const struct arena *arena)
{
	return arena->size;
}
