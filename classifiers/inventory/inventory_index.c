#include <stdlib.h>
#include <string.h>

#include "classifiers/inventory/inventory_parts.h"
#include "sensor/base/arena.h"

/*
 * Pages are found by the hash of the address alone, so that one page has what
 * every cluster says of it.  With eight entries a page, a search looks at one
 * or two cache lines of tags and a change copies some 400 octets.
 */
#define PAGES_FIRST    ((size_t)16)
#define ENTRIES_A_PAGE ((size_t)8)

void
index_init(struct index *index)
{
	/*
	 * Different for every draft of every process: facts may be somebody's
	 * who would like all addresses on one page.
	 */
	index->key = (struct hash_key){{(uintptr_t)index, 0}};
	index->mask = PAGES_FIRST - 1;
	index->pages = allocate(PAGES_FIRST, sizeof(struct page *));
	index->count = 0;
}

static uint64_t
hash_of(const struct index *index, const struct address *address)
{
	return hash_octets(
	    &index->key, address->octets, sizeof(address->octets));
}

const struct page *
index_page(
    const struct index *index, const struct address *address, uint32_t *tag)
{
	uint64_t hash = hash_of(index, address);

	*tag = (uint32_t)(hash >> 32);
	return index->pages[(size_t)hash & index->mask];
}

static struct page *
make_page(uint64_t born, size_t capacity)
{
	struct page *page =
	    allocate(1, sizeof(*page) + capacity * sizeof(struct page_entry));

	page->born = born;
	page->capacity = capacity;
	return page;
}

/* The page, as one of the coming generation with room for one more. */
static struct page *
writable(struct attic *attic, struct page **slot)
{
	struct page *page = *slot, *copy;
	uint64_t next = attic_next(attic);

	if (page == NULL) {
		*slot = make_page(next, ENTRIES_A_PAGE / 2);
		return *slot;
	}
	if (page->born == next && page->count < page->capacity)
		return page;
	copy = make_page(next, page->count + ENTRIES_A_PAGE / 2);
	copy->count = page->count;
	memcpy(
	    copy->entries, page->entries, page->count * sizeof(*page->entries));
	if (page->born == next)
		free(page);
	else
		attic_put(attic, page);
	*slot = copy;
	return copy;
}

static void
grow(struct index *index, struct attic *attic)
{
	struct index more = *index;

	more.mask = 2 * index->mask + 1;
	more.pages = allocate(more.mask + 1, sizeof(struct page *));
	for (size_t p = 0; p <= index->mask; p++) {
		struct page *page = index->pages[p];

		for (size_t i = 0; page != NULL && i < page->count; i++) {
			size_t at =
			    (size_t)hash_of(&more, &page->entries[i].address) &
			    more.mask;
			struct page *to = writable(attic, &more.pages[at]);

			to->entries[to->count++] = page->entries[i];
		}
		if (page != NULL && page->born == attic_next(attic))
			free(page);
		else
			attic_put(attic, page);
	}
	free(index->pages);
	*index = more;
}

const struct holder *
index_put(struct index *index, struct attic *attic, uint32_t cluster,
    const struct address *address, const struct holder *holder)
{
	uint64_t hash = hash_of(index, address);
	struct page **slot = &index->pages[(size_t)hash & index->mask];
	const struct holder *before;
	struct page *page = *slot;
	size_t i = 0;

	while (page != NULL && i < page->count &&
	       (page->entries[i].cluster != cluster ||
		   !address_equal(&page->entries[i].address, address)))
		i++;
	if (page == NULL || i == page->count) {
		if (holder == NULL)
			return NULL;
		page = writable(attic, slot);
		page->entries[page->count++] = (struct page_entry){
		    *address, (uint32_t)(hash >> 32), cluster, holder};
		if (++index->count > (index->mask + 1) * ENTRIES_A_PAGE)
			grow(index, attic);
		return NULL;
	}
	page = writable(attic, slot);
	before = page->entries[i].holder;
	page->entries[i].holder = holder;
	if (holder == NULL) {
		page->entries[i] = page->entries[--page->count];
		index->count--;
	}
	return before;
}

struct index
index_share(const struct index *index)
{
	struct index copy = *index;

	copy.pages = allocate(index->mask + 1, sizeof(struct page *));
	memcpy(copy.pages, index->pages,
	    (index->mask + 1) * sizeof(struct page *));
	return copy;
}
