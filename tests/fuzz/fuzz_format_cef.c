/* Whatever names say, CEF reads as they were, and one line is one event. */
#include "format_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_record record = fuzz_record(data, size, FORMAT_CEF);
	struct reader reader = read_cef(record.line.at);

	assert(reader.fault == NULL);
	assert(strcmp(reader.heads[4], "100:1001") == 0);
	assert(strcmp(reader_get(&reader, "src"), "10.0.0.1") == 0);
	assert(strcmp(reader_get(&reader, "c6a3"), "fd00::2") == 0);
	fuzz_compare(reader_get(&reader, "msg"),
	    fuzz_word(&record, "alert", "signature"), 1023, "\n\r");
	fuzz_compare(reader_get(&reader, "shost"),
	    fuzz_word(&record, "src_workload", "name"), 1023, "\n\r");
	fuzz_compare(reader_get(&reader, "cs4"),
	    fuzz_word(&record, "src_workload", "namespace"), 4000, "\n\r");
	fuzz_compare(reader_get(&reader, "cs2"),
	    fuzz_word(&record, "policy", "model"), 4000, "\n\r");
	fuzz_compare(reader_get(&reader, "dvchost"),
	    fuzz_word(&record, NULL, "host"), 100, "\n\r");
	fuzz_compare(reader_get(&reader, "fname"),
	    fuzz_word(&record, NULL, "pcap_filename"), 1023, "\n\r");
	reader_free(&reader);
	fuzz_record_free(&record);
	return 0;
}
