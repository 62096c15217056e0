#include "sensor/base/digest.h"

#include <assert.h>
#include <openssl/evp.h>

void
digest_sha1(const void *octets, size_t size, uint8_t out[DIGEST_SIZE])
{
	unsigned length = 0;
	int done = EVP_Digest(octets, size, out, &length, EVP_sha1(), NULL);

	assert(done == 1 && length == DIGEST_SIZE);
	(void)done;
}

void
digest_base64(const uint8_t digest[DIGEST_SIZE], char out[DIGEST_BASE64_SIZE])
{
	int length = EVP_EncodeBlock((unsigned char *)out, digest, DIGEST_SIZE);

	assert(length == DIGEST_BASE64_SIZE - 1);
	(void)length;
}
