/*
 * format_fuzz -- a native record whose names are a fuzzer's input, for the
 * targets that check formats.
 *
 * The input is cut at its NULs into the sentence, and the names below.  What
 * the record's strict reader makes of them (U+FFFD for what is no UTF-8) is
 * what a format has to say.
 */
#ifndef TESTS_FORMAT_FUZZ_H
#define TESTS_FORMAT_FUZZ_H

#include <assert.h>

#include "alerts/format.h"
#include "format_readers.h"
#include "sensor/base/json_read.h"
#include "sensor/base/json_write.h"
#include "sensor/base/text.h"

#define FUZZ_NAMES 7

struct fuzz_record {
	struct text native, line;
	struct json *read; /* the native record, read back */
	const char *names[FUZZ_NAMES];
	char *store;
	bool said;
};

/* More than a format has room for is no format's business. */
#define FUZZ_INPUT_MAXIMUM ((size_t)8192)

static inline void
fuzz_put_workload(struct json_writer *json, const char *key,
    const char *namespace, const char *application, const char *name)
{
	json_object_open(json, key);
	json_put_string(json, "namespace", namespace);
	json_put_string(json, "application", application);
	json_put_string(json, "name", name);
	json_object_open(json, "labels");
	json_put_member(json, name, application);
	json_object_close(json);
	json_put_string(json, "attribution", "exact");
	json_object_close(json);
}

static inline void
fuzz_put_alert(struct json_writer *json, const char *sentence)
{
	json_object_open(json, "alert");
	json_put_string(json, "action", "allowed");
	json_put_int(json, "gid", 100);
	json_put_int(json, "signature_id", 1001);
	json_put_int(json, "rev", 1);
	json_put_string(json, "signature", sentence);
	json_put_int(json, "severity", 1);
	json_object_close(json);
	json_object_open(json, "finding");
	json_put_string(json, "uid", "0123456789abcdef");
	json_put_string(json, "state", "new");
	json_put_int(json, "count", 1);
	json_object_close(json);
}

static inline void
fuzz_write_native(struct fuzz_record *record)
{
	const char *const *names = record->names;
	struct json_writer writer = json_to(&record->native);
	struct json_writer *json = &writer;

	json_object_open(json, NULL);
	json_put_string(json, "timestamp", "2026-08-24T09:15:28.401120+0000");
	json_put_string(json, "event_type", "alert");
	json_put_string(json, "host", names[5]);
	json_put_string(json, "pcap_filename", names[6]);
	json_put_string(json, "src_ip", "10.0.0.1");
	json_put_string(json, "dest_ip", "fd00::2");
	fuzz_put_alert(json, names[0]);
	fuzz_put_workload(json, "src_workload", names[1], names[2], names[3]);
	fuzz_put_workload(json, "dest_workload", names[3], names[1], names[2]);
	json_object_open(json, "policy");
	json_put_string(json, "verdict", "deviation");
	json_put_string(json, "model", names[4]);
	json_put_string(json, "expected", names[1]);
	json_object_close(json);
	json_object_close(json);
	assert(!record->native.overflow);
}

/* Says the input in one format; to be released by fuzz_record_free(). */
static inline struct fuzz_record
fuzz_record(const uint8_t *data, size_t size, enum format format)
{
	struct format_settings settings = FORMAT_SETTINGS_DEFAULT;
	struct fuzz_record record = {.said = false};
	struct json_fault fault;
	char *at;

	size = size > FUZZ_INPUT_MAXIMUM ? FUZZ_INPUT_MAXIMUM : size;
	at = record.store = calloc(size + FUZZ_NAMES + 1, 1);
	if (at == NULL)
		abort();
	if (size > 0)
		memcpy(at, data, size);
	for (size_t i = 0; i < FUZZ_NAMES; i++) {
		record.names[i] = at;
		at += strlen(at) + 1;
		if (at > record.store + size)
			at = record.store + size;
	}
	text_init(&record.native, 1024 * 1024);
	text_init(&record.line, 1024 * 1024);
	fuzz_write_native(&record);
	record.read =
	    json_parse(record.native.at, record.native.length, &fault);
	assert(record.read != NULL);
	record.said = format_line(&record.line, format, &settings,
	    record.native.at, record.native.length);
	assert(record.said && strlen(record.line.at) == record.line.length);
	return record;
}

static inline void
fuzz_record_free(struct fuzz_record *record)
{
	json_free(record->read);
	text_release(&record->native);
	text_release(&record->line);
	free(record->store);
}

/* A native text, as a strict reader of the record has it. */
static inline const char *
fuzz_word(const struct fuzz_record *record, const char *object, const char *key)
{
	const struct json *at =
	    object == NULL ? record->read : json_get(record->read, object);
	const char *text = json_get_text(at, key);

	assert(text != NULL);
	return text;
}

/* A field holds what was put in, less what its format cannot hold. */
static inline void
fuzz_compare(
    const char *said, const char *word, size_t maximum, const char *kept)
{
	char *expected = reader_expected(word, maximum, kept);

	if (said == NULL)
		assert(word[0] == '\0');
	else
		assert(strcmp(said, expected) == 0);
	free(expected);
}

#endif
