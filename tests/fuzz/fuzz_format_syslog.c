/* Whatever names say, RFC 5424 reads as they were, on one line. */
#include "format_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_record record = fuzz_record(data, size, FORMAT_SYSLOG);
	struct reader reader = read_syslog(record.line.at);

	assert(reader.fault == NULL && reader.message != NULL);
	assert(strcmp(reader.heads[0] + 1, "171") == 0);
	assert(strcmp(reader_get(&reader, "src"), "10.0.0.1") == 0);
	assert(strcmp(reader_get(&reader, "dst"), "fd00::2") == 0);
	fuzz_compare(
	    reader.message, fuzz_word(&record, "alert", "signature"), 640, "");
	fuzz_compare(reader_get(&reader, "model"),
	    fuzz_word(&record, "policy", "model"), 160, "");
	fuzz_compare(reader_get(&reader, "expected"),
	    fuzz_word(&record, "policy", "expected"), 160, "");
	reader_free(&reader);
	fuzz_record_free(&record);
	return 0;
}
