#include <string.h>

#include "classifiers/inventory/fact_alike.h"
#include "classifiers/redis/inventory_redis_write_parts.h"
#include "classifiers/sources/inventory_record.h"
#include "sensor/base/arena.h"
#include "sensor/base/json_read.h"

/*
 * Of slices and workloads alone an inventory knows what they were at another
 * time.  Most have no earlier state that says anything, and few have many.
 */
#define STATES_MAXIMUM ((size_t)32)
#define OCTETS_MAXIMUM ((size_t)32 * 1024)

/* --- one state ------------------------------------------------------------ */

/* A record that somebody wrote, read again. */
struct record {
	struct arena *arena;
	struct json *json;
	struct fact fact;
	bool good;
};

static struct record
open_record(const char *octets, size_t size)
{
	char fault[INVENTORY_RECORD_FAULT_SIZE];
	struct json_fault json_fault;
	struct record record = {.arena = arena_new()};

	record.json = json_parse(octets, size, &json_fault);
	record.good = record.json != NULL &&
		      inventory_record_read(
			  record.arena, record.json, &record.fact, fault) &&
		      !record.fact.gone;
	return record;
}

static void
close_record(struct record *record)
{
	json_free(record->json);
	arena_free(record->arena);
}

static void
join_packed(struct text *out, const struct published *published, const char *at,
    size_t size)
{
	const char *end = at + size;

	inventory_record_join_open(out);
	while (at < end) {
		struct packed_field field;

		writer_unpack(published, &at, &field);
		inventory_record_join(
		    out, field.name, field.value, field.length);
	}
	inventory_record_join_close(out);
}

static void
join_hash(struct text *out, const struct redis_reply *hash)
{
	inventory_record_join_open(out);
	for (size_t i = 0; i + 1 < redis_reply_count(hash); i += 2) {
		const struct redis_reply *value = redis_reply_at(hash, i + 1);

		inventory_record_join(out,
		    redis_reply_text(redis_reply_at(hash, i)),
		    redis_reply_text(value), redis_reply_length(value));
	}
	inventory_record_join_close(out);
}

/* --- which of them say something ------------------------------------------ */

static bool
has_states(enum fact_kind kind)
{
	return kind == FACT_WORKLOAD || kind == FACT_BACKENDS;
}

/* The last line of those, without its newline; "" for none. */
static const char *
last_line(const char *lines, size_t size, size_t *length)
{
	const char *newline;

	*length = 0;
	if (lines == NULL || size == 0)
		return "";
	newline = memrchr(lines, '\n', size - 1);
	newline = newline == NULL ? lines : newline + 1;
	*length = (size_t)(lines + size - 1 - newline);
	return newline;
}

/*
 * Whether `one`, which was between what is kept and what is now, says anything
 * that they do not.  Of a stretch of one state its beginning is kept, and of
 * the first not even that, for it began as the workload did.
 */
static bool
says_something(const struct published *published, const struct fact *one,
    const struct fact *now)
{
	const struct fact_workload *workload = &one->workload;
	struct record last;
	bool begins;
	size_t length;
	const char *line;

	/* What is so without a time was always so, and nothing before it. */
	if (now->at.ns == INSTANT_PAST.ns)
		return false;
	if (one->kind == FACT_BACKENDS)
		return true;
	if (!fact_workload_alike(workload, &now->workload) ||
	    fact_workload_moved(workload, &now->workload))
		return true;
	line = last_line(published->before, published->before_size, &length);
	if (length == 0)
		return false;
	last = open_record(line, length);
	begins =
	    last.good && !fact_workload_alike(&last.fact.workload, workload);
	close_record(&last);
	return begins;
}

/* --- the states of an object ---------------------------------------------- */

static size_t
count_lines(const char *lines, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += lines[i] == '\n';
	return count;
}

/* The oldest go first. */
static void
trim(struct published *published)
{
	size_t count = count_lines(published->before, published->before_size);
	const char *at = published->before;
	size_t size = published->before_size;

	while (size > 0 && (count > STATES_MAXIMUM || size > OCTETS_MAXIMUM)) {
		const char *next = (const char *)memchr(at, '\n', size) + 1;

		size -= (size_t)(next - at);
		at = next;
		count--;
	}
	if (size > 0)
		memmove(published->before, at, size);
	published->before_size = size;
}

static void
append(struct published *published, const char *lines, size_t size)
{
	published->before =
	    reallocate(published->before, published->before_size + size + 1, 1);
	memcpy(published->before + published->before_size, lines, size);
	published->before_size += size;
	if (size > 0 && lines[size - 1] != '\n')
		published->before[published->before_size++] = '\n';
	trim(published);
}

static void
append_if_it_says_something(struct published *published,
    const struct text *state, const struct fact *now)
{
	struct record one = open_record(state->at, state->length);

	if (one.good && one.fact.kind == now->kind &&
	    says_something(published, &one.fact, now))
		append(published, state->at, state->length);
	close_record(&one);
}

/* What the packed content says, as a fact that was read. */
static struct record
open_packed(struct text *room, const struct published *published,
    const char *fields, size_t size)
{
	join_packed(room, published, fields, size);
	return open_record(room->at, room->length);
}

void
writer_keep_before(struct published *published, const char *next, size_t size)
{
	struct text state, room;
	struct record now;

	if (!has_states(published->object.kind))
		return;
	text_init(&state, INVENTORY_RECORD_MAXIMUM);
	text_init(&room, INVENTORY_RECORD_MAXIMUM);
	now = open_packed(&room, published, next, size);
	if (published->fields != NULL)
		join_packed(
		    &state, published, published->fields, published->size);
	else if (published->found != NULL)
		text_add(&state, published->found);
	if (now.good && state.length > 0)
		append_if_it_says_something(published, &state, &now.fact);
	close_record(&now);
	text_release(&state);
	text_release(&room);
}

/* Lines of a foreign hand may be anything; what is no record is left out. */
static void
append_found_lines(struct published *published, const char *lines)
{
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");
		struct record one = open_record(lines, length);

		if (one.good && one.fact.kind == published->object.kind &&
		    strcmp(one.fact.id, published->object.id) == 0)
			append(published, lines, length);
		close_record(&one);
		lines += length + (lines[length] == '\n');
	}
}

/* What an earlier run wrote comes before all that this one knows. */
static void
put_before_own(
    struct published *published, const struct text *state, const char *lines)
{
	char *own = published->before;
	size_t own_size = published->before_size;
	struct text room;
	struct record now;
	size_t length;
	const char *first = own == NULL ? "" : own;

	text_init(&room, INVENTORY_RECORD_MAXIMUM);
	published->before = NULL;
	published->before_size = 0;
	append_found_lines(published, lines);
	length = own_size == 0 ? 0 : strcspn(first, "\n");
	now = length > 0 ? open_record(first, length)
			 : open_packed(&room, published, published->fields,
			       published->size);
	if (now.good)
		append_if_it_says_something(published, state, &now.fact);
	close_record(&now);
	if (own_size > 0)
		append(published, own, own_size);
	free(own);
	text_release(&room);
}

void
writer_take_before(struct published *published, const struct redis_reply *hash)
{
	const char *lines = hash_text(hash, "before");
	struct text state;

	if (!has_states(published->object.kind) || published->own)
		return;
	published->own = true;
	if (published->fields != NULL && published->before_size == 0 &&
	    writer_says_the_same(published)) {
		append_found_lines(published, lines);
		(void)instant_parse(
		    hash_text(hash, "at"), &published->content_at);
		return;
	}
	text_init(&state, INVENTORY_RECORD_MAXIMUM);
	join_hash(&state, hash);
	if (published->fields != NULL) {
		put_before_own(published, &state, lines);
	} else {
		append_found_lines(published, lines);
		if (hash_field(hash, "gone_at") == NULL)
			published->found = strdup(state.at);
	}
	text_release(&state);
}
