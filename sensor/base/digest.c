/*
 * SHA1_Init() and its kin are those of OpenSSL 1.0, which 3.0 declares without
 * a warning to who asks for that: EVP_Digest() looks the algorithm up by its
 * name each time, some 13 000 instructions for one of 600.
 */
#define OPENSSL_API_COMPAT 10100

#include "sensor/base/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

void
digest_sha1(const void *octets, size_t size, uint8_t out[DIGEST_SIZE])
{
	SHA_CTX context;
	int done = SHA1_Init(&context) == 1 &&
		   SHA1_Update(&context, octets, size) == 1 &&
		   SHA1_Final(out, &context) == 1;

	assert(done);
	(void)done;
}

void
digest_base64(const uint8_t digest[DIGEST_SIZE], char out[DIGEST_BASE64_SIZE])
{
	int length = EVP_EncodeBlock((unsigned char *)out, digest, DIGEST_SIZE);

	assert(length == DIGEST_BASE64_SIZE - 1);
	(void)length;
}
