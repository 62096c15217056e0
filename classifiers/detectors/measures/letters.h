/*
 * letters -- how much a text looks as if a person had made it up.
 *
 * Names that people choose follow the habits of words; what a program encodes
 * or draws at random does not.  Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_MEASURES_LETTERS_H
#define CLASSIFIERS_DETECTORS_MEASURES_LETTERS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The mean over neighbouring characters of how much more often they follow one
 * another in names than at random, in hundredths of a bit.  Words have 0 to
 * 150; forty characters of base32, base64 or hexadecimal have -50 to -300.
 */
int letters_familiarity(const uint8_t *octets, size_t size);

/* Shannon's entropy of single octets, in thousandths of a bit; 0 to 8000. */
unsigned letters_entropy(const uint8_t *octets, size_t size);

#endif
