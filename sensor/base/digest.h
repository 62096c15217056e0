/*
 * digest -- SHA-1 and base64 (the OpenSSL libcrypto adapter).
 *
 * SHA-1 because Community ID version 1 prescribes it and finding uids need no
 * more than a stable name; nothing here protects a secret.
 */
#ifndef SENSOR_BASE_DIGEST_H
#define SENSOR_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE        20
#define DIGEST_BASE64_SIZE 29 /* with the NUL */

/* The SHA-1 of `size` octets. */
void digest_sha1(const void *octets, size_t size, uint8_t out[DIGEST_SIZE]);

/* A digest in base64 with padding, NUL-terminated. */
void digest_base64(
    const uint8_t digest[DIGEST_SIZE], char out[DIGEST_BASE64_SIZE]);

#endif
