/* Whatever names say, LEEF reads as they were, and one line is one event. */
#include "format_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_record record = fuzz_record(data, size, FORMAT_LEEF);
	struct reader reader = read_leef(record.line.at);

	assert(reader.fault == NULL);
	assert(strcmp(reader.heads[4], "100:1001") == 0);
	assert(strcmp(reader_get(&reader, "src"), "10.0.0.1") == 0);
	assert(strcmp(reader_get(&reader, "dst"), "fd00::2") == 0);
	fuzz_compare(reader_get(&reader, "msg"),
	    fuzz_word(&record, "alert", "signature"), 1024, "");
	fuzz_compare(reader_get(&reader, "srcName"),
	    fuzz_word(&record, "src_workload", "name"), 1024, "");
	fuzz_compare(reader_get(&reader, "policy"),
	    fuzz_word(&record, "policy", "model"), 1024, "");
	fuzz_compare(reader_get(&reader, "expected"),
	    fuzz_word(&record, "policy", "expected"), 1024, "");
	fuzz_compare(reader_get(&reader, "sensor"),
	    fuzz_word(&record, NULL, "host"), 1024, "");
	fuzz_compare(reader_get(&reader, "pcapFile"),
	    fuzz_word(&record, NULL, "pcap_filename"), 1024, "");
	reader_free(&reader);
	fuzz_record_free(&record);
	return 0;
}
