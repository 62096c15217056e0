/* Whatever names say, ECS and OCSF are one line of JSON that says the same. */
#include "format_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *
read_line(const struct fuzz_record *record)
{
	struct json_fault fault;
	struct json *said;

	assert(reader_is_line(record->line.at, ""));
	said = json_parse(record->line.at, record->line.length, &fault);
	assert(said != NULL);
	return said;
}

/* JSON holds every text whole; an empty one is left out. */
static void
compare(const struct json *object, const char *key, const char *word)
{
	const char *said = json_get_text(object, key);

	assert(strcmp(said == NULL ? "" : said, word) == 0);
}

static void
check_ecs(const uint8_t *data, size_t size)
{
	struct fuzz_record record = fuzz_record(data, size, FORMAT_ECS);
	struct json *said = read_line(&record);
	const struct json *ours = json_get(said, "hedgerow");
	const struct json *source = json_get(ours, "source");

	compare(said, "message", fuzz_word(&record, "alert", "signature"));
	compare(source, "name", fuzz_word(&record, "src_workload", "name"));
	compare(source, "namespace",
	    fuzz_word(&record, "src_workload", "namespace"));
	compare(json_get(said, "rule"), "ruleset",
	    fuzz_word(&record, "policy", "model"));
	compare(json_get(said, "observer"), "name",
	    fuzz_word(&record, NULL, "host"));
	assert(json_count(json_get(source, "labels")) == 1);
	json_free(said);
	fuzz_record_free(&record);
}

static void
check_ocsf(const uint8_t *data, size_t size)
{
	struct fuzz_record record = fuzz_record(data, size, FORMAT_OCSF);
	struct json *said = read_line(&record);
	const struct json *evidence = json_at(json_get(said, "evidences"), 0);
	const struct json *source = json_get(evidence, "src_endpoint");

	compare(said, "message", fuzz_word(&record, "alert", "signature"));
	compare(source, "name", fuzz_word(&record, "src_workload", "name"));
	compare(
	    source, "zone", fuzz_word(&record, "src_workload", "namespace"));
	compare(json_get(said, "policy"), "name",
	    fuzz_word(&record, "policy", "model"));
	json_free(said);
	fuzz_record_free(&record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_ecs(data, size);
	check_ocsf(data, size);
	return 0;
}
