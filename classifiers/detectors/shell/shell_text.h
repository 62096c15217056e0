/*
 * shell_text -- whether a text is what a shell or its user says.
 *
 * Pure, any thread; every octet is hostile.
 */
#ifndef CLASSIFIERS_DETECTORS_SHELL_SHELL_TEXT_H
#define CLASSIFIERS_DETECTORS_SHELL_SHELL_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum shell_text {
	SHELL_NOTHING,
	SHELL_PROMPT,  /* or what a shell says when it starts */
	SHELL_COMMAND, /* a line that somebody types first */
	SHELL_RESULT,  /* what such a command prints */
};

/* Reads the first payload of one end. */
enum shell_text shell_text_read(const uint8_t *octets, size_t size);

#endif
