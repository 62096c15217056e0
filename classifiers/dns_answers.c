#include "classifiers/dns_answers.h"

#include <assert.h>
#include <stdlib.h>

#include "classifiers/dns_message.h"
#include "sensor/base/arena.h"
#include "sensor/base/cursor.h"
#include "sensor/flow_list.h"

/* What an answer is found by. */
struct subject {
	struct address client, address;
	uint32_t domain; /* of both */
};

static_assert(sizeof(struct subject) == 2 * sizeof(struct address) + 4,
    "subjects are hashed whole");

struct answer {
	struct subject subject;
	struct instant since;  /* since when it has held without a break */
	struct instant heard;  /* last */
	struct instant until;  /* not any more */
	uint32_t bucket, next; /* of its bucket, or NO_SLOT */
	char name[HOST_NAME_SIZE];
};

struct dns_answers {
	struct hash_key key;
	uint32_t capacity, used;
	uint32_t bucket_mask;
	uint32_t *buckets;
	struct answer *answers;
	struct flow_link *links;
	struct flow_list by_age; /* the longest unrepeated first */
	struct dns_answers_counts counts;
};

struct dns_answers *
dns_answers_new(uint32_t capacity, const struct hash_key *key)
{
	struct dns_answers *answers = allocate(1, sizeof(*answers));
	uint32_t buckets = 1;

	assert(capacity > 0 && capacity <= (uint32_t)1 << 24);
	while (buckets < capacity)
		buckets *= 2;
	answers->key = *key;
	answers->capacity = capacity;
	answers->bucket_mask = buckets - 1;
	answers->buckets = allocate(buckets, sizeof(*answers->buckets));
	for (uint32_t i = 0; i < buckets; i++)
		answers->buckets[i] = NO_SLOT;
	answers->answers = allocate(capacity, sizeof(*answers->answers));
	answers->links = allocate(capacity, sizeof(*answers->links));
	answers->by_age = FLOW_LIST_EMPTY;
	return answers;
}

void
dns_answers_free(struct dns_answers *answers)
{
	if (answers == NULL)
		return;
	free(answers->buckets);
	free(answers->answers);
	free(answers->links);
	free(answers);
}

struct dns_answers_counts
dns_answers_counts(const struct dns_answers *answers)
{
	struct dns_answers_counts counts = answers->counts;

	counts.held = answers->used;
	return counts;
}

static struct subject
subject_of(const struct dns_client *client, const struct address *address)
{
	return (struct subject){client->address, *address, client->domain};
}

static uint32_t
bucket_of(const struct dns_answers *answers, const struct subject *subject)
{
	return (uint32_t)hash_octets(&answers->key, subject, sizeof(*subject)) &
	       answers->bucket_mask;
}

static bool
is_about(const struct answer *answer, const struct subject *subject)
{
	return answer->subject.domain == subject->domain &&
	       address_equal(&answer->subject.client, &subject->client) &&
	       address_equal(&answer->subject.address, &subject->address);
}

/* --- remembering ---------------------------------------------------------- */

static void
leave_bucket(struct dns_answers *answers, uint32_t slot)
{
	const struct answer *gone = &answers->answers[slot];
	uint32_t *at = &answers->buckets[gone->bucket];

	while (*at != slot)
		at = &answers->answers[*at].next;
	*at = gone->next;
}

/*
 * The answer for one name or, when there is none and the subject has as many
 * names as it may, the one that has to make room; else NO_SLOT.
 */
static uint32_t
find_slot(const struct dns_answers *answers, uint32_t bucket,
    const struct subject *subject, const char *name)
{
	uint32_t oldest = NO_SLOT;
	unsigned names = 0;

	for (uint32_t slot = answers->buckets[bucket]; slot != NO_SLOT;
	     slot = answers->answers[slot].next) {
		const struct answer *one = &answers->answers[slot];

		if (!is_about(one, subject))
			continue;
		if (strcmp(one->name, name) == 0)
			return slot;
		if (oldest == NO_SLOT ||
		    instant_before(one->heard, answers->answers[oldest].heard))
			oldest = slot;
		names++;
	}
	return names < DNS_NAMES_MAXIMUM ? NO_SLOT : oldest;
}

/* A slot that is in no bucket and no list. */
static uint32_t
take_slot(struct dns_answers *answers, uint32_t crowded, struct instant at)
{
	uint32_t slot = crowded;

	if (slot == NO_SLOT && answers->used < answers->capacity)
		return answers->used++;
	if (slot == NO_SLOT)
		slot = answers->by_age.head;
	if (instant_before(at, answers->answers[slot].until))
		answers->counts.evicted++;
	leave_bucket(answers, slot);
	flow_list_remove(&answers->by_age, answers->links, slot);
	return slot;
}

static void
make_answer(struct dns_answers *answers, uint32_t slot, uint32_t bucket,
    const struct subject *subject, const struct host_name *name)
{
	struct answer *answer = &answers->answers[slot];

	answer->subject = *subject;
	memcpy(answer->name, name->text, name->length + 1);
	answer->until = INSTANT_PAST;
	answer->bucket = bucket;
	answer->next = answers->buckets[bucket];
	answers->buckets[bucket] = slot;
}

static void
remember(struct dns_answers *answers, const struct subject *subject,
    const struct host_name *name, uint32_t ttl, struct instant at)
{
	uint32_t bucket = bucket_of(answers, subject);
	uint32_t slot = find_slot(answers, bucket, subject, name->text);
	int64_t lifetime = (int64_t)ttl * NS_PER_SECOND;
	struct answer *answer;
	struct instant until;

	if (slot != NO_SLOT &&
	    strcmp(answers->answers[slot].name, name->text) == 0) {
		flow_list_remove(&answers->by_age, answers->links, slot);
	} else {
		slot = take_slot(answers, slot, at);
		make_answer(answers, slot, bucket, subject, name);
	}
	if (lifetime > DNS_TTL_MAXIMUM)
		lifetime = DNS_TTL_MAXIMUM;
	lifetime += DNS_GRACE;
	if (__builtin_add_overflow(at.ns, lifetime, &until.ns))
		until = INSTANT_FUTURE;
	answer = &answers->answers[slot];
	if (!instant_before(at, answer->until))
		answer->since = at;
	answer->heard = at;
	if (instant_before(answer->until, until))
		answer->until = until;
	flow_list_append(&answers->by_age, answers->links, slot);
	answers->counts.answers++;
}

bool
dns_answers_read(struct dns_answers *answers, const uint8_t *octets,
    size_t size, const struct dns_client *client, struct instant at)
{
	struct dns_response response;

	if (!dns_message_read(octets, size, &response)) {
		answers->counts.malformed++;
		return false;
	}
	answers->counts.messages++;
	for (size_t i = 0; i < response.count; i++) {
		struct subject subject =
		    subject_of(client, &response.addresses[i]);

		remember(answers, &subject, &response.name, response.ttl, at);
	}
	return true;
}

void
dns_answers_read_tcp(struct dns_answers *answers, const uint8_t *octets,
    size_t size, const struct dns_client *client, struct instant at)
{
	struct cursor c = cursor_over(octets, size);

	while (cursor_left(&c) > 2) {
		size_t length = cursor_be16(&c);
		const uint8_t *message = cursor_take(&c, length);

		if (message == NULL || length == 0 ||
		    !dns_answers_read(answers, message, length, client, at))
			return;
	}
}

/* --- asking --------------------------------------------------------------- */

static bool
holds(const struct answer *answer, struct instant at, struct instant since)
{
	return !instant_before(at, answer->since) &&
	       instant_before(at, answer->until) &&
	       !instant_before(answer->heard, since);
}

size_t
dns_answers_find(const struct dns_answers *answers,
    const struct dns_client *client, const struct address *address,
    struct instant at, struct instant since,
    const char *names[DNS_NAMES_MAXIMUM])
{
	struct subject subject = subject_of(client, address);
	const struct answer *found[DNS_NAMES_MAXIMUM];
	size_t count = 0;

	if (answers->used == 0)
		return 0;
	for (uint32_t slot = answers->buckets[bucket_of(answers, &subject)];
	     slot != NO_SLOT; slot = answers->answers[slot].next) {
		const struct answer *one = &answers->answers[slot];
		size_t place = count;

		if (!is_about(one, &subject) || !holds(one, at, since))
			continue;
		assert(count < DNS_NAMES_MAXIMUM);
		for (; place > 0 &&
		       instant_before(found[place - 1]->heard, one->heard);
		     place--)
			found[place] = found[place - 1];
		found[place] = one;
		count++;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = found[i]->name;
	return count;
}
