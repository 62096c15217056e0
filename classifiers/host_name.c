#include "classifiers/host_name.h"

#include <string.h>

#define LABEL_MAXIMUM 63

/* 0 for what no host's name has; not tolower(), which knows of locales. */
static char
lower(uint8_t octet)
{
	if (octet >= 'A' && octet <= 'Z')
		return (char)(octet - 'A' + 'a');
	if ((octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') ||
	    octet == '-' || octet == '_')
		return (char)octet;
	return '\0';
}

bool
host_name_label(struct host_name *name, const uint8_t *label, size_t length)
{
	size_t dot = name->length > 0;

	if (length == 0 || length > LABEL_MAXIMUM ||
	    name->length + dot + length >= HOST_NAME_SIZE)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(label[i]) == '\0')
			return false;
	if (dot)
		name->text[name->length++] = '.';
	for (size_t i = 0; i < length; i++)
		name->text[name->length++] = lower(label[i]);
	name->text[name->length] = '\0';
	return true;
}

bool
host_name_read(struct host_name *name, const uint8_t *octets, size_t length)
{
	size_t start = 0;

	*name = (struct host_name){0};
	/* RFC 6066 has no final dot; some clients write one all the same. */
	if (length > 1 && octets[length - 1] == '.')
		length--;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && octets[i] != '.')
			continue;
		if (!host_name_label(name, octets + start, i - start)) {
			*name = (struct host_name){0};
			return false;
		}
		start = i + 1;
	}
	return true;
}
