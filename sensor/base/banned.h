/*
 * banned -- libc calls that no file here may use.
 *
 * Given to every compilation by -include.  Each of these has an unbounded
 * write or an error that cannot be told from a result; the headers come first
 * so that their own declarations are not refused.
 */
#ifndef SENSOR_BASE_BANNED_H
#define SENSOR_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol

#endif
