/*
 * checksum -- CRC-32C, which tells torn and rotten octets from whole ones.
 *
 * The Castagnoli polynomial (RFC 3720, 12.1), whose errors within one record
 * are found better than those of the older CRC-32.  Protects from accidents,
 * not from anybody.
 */
#ifndef SENSOR_BASE_CHECKSUM_H
#define SENSOR_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * The checksum of what gave `before` and `size` octets more.
 *
 * before     0 to begin with
 */
uint32_t checksum_crc32c(uint32_t before, const void *octets, size_t size);

#endif
