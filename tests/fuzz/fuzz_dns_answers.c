/*
 * Any octets as DNS responses to a client: bounded, and every name that is
 * remembered is one.  The first octet chooses UDP or TCP.
 */
#include <stdlib.h>
#include <string.h>

#include "classifiers/dns_answers.h"
#include "classifiers/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_message(const uint8_t *data, size_t size)
{
	struct dns_response response;
	struct host_name again;
	const char *name = response.name.text;

	if (!dns_message_read(data, size, &response) && response.count > 0)
		abort();
	if (response.count > DNS_ADDRESSES_MAXIMUM)
		abort();
	if (response.count > 0 &&
	    !host_name_read(&again, (const uint8_t *)name, strlen(name)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hash_key key = {{1, 2}};
	static const struct dns_client client = {{{1}}, 0};
	struct dns_answers *answers;

	if (size < 1)
		return 0;
	check_message(data + 1, size - 1);
	answers = dns_answers_new(4, &key);
	for (int64_t at = 0; at < 3; at++) {
		struct instant now = {at * NS_PER_SECOND};

		if (data[0] % 2 == 0)
			(void)dns_answers_read(
			    answers, data + 1, size - 1, &client, now);
		else
			dns_answers_read_tcp(
			    answers, data + 1, size - 1, &client, now);
	}
	if (dns_answers_counts(answers).held > 4)
		abort();
	dns_answers_free(answers);
	return 0;
}
