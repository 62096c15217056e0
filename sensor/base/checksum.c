#include "sensor/base/checksum.h"

/*
 * The remainders of one hexadecimal digit for the reflected polynomial
 * 0x82f63b78.  Two steps an octet and 64 octets of table: a record is checked
 * in some microseconds, and nobody waits for it.
 */
static const uint32_t remainders[16] = {
    0x00000000,
    0x105ec76f,
    0x20bd8ede,
    0x30e349b1,
    0x417b1dbc,
    0x5125dad3,
    0x61c69362,
    0x7198540d,
    0x82f63b78,
    0x92a8fc17,
    0xa24bb5a6,
    0xb21572c9,
    0xc38d26c4,
    0xd3d3e1ab,
    0xe330a81a,
    0xf36e6f75,
};

uint32_t
checksum_crc32c(uint32_t before, const void *octets, size_t size)
{
	const uint8_t *at = octets;
	uint32_t crc = ~before;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		crc = crc >> 4 ^ remainders[crc & 15];
		crc = crc >> 4 ^ remainders[crc & 15];
	}
	return ~crc;
}
