#include "sensor/base/sixteen.h"

#define X1(c)                                                                  \
	{                                                                      \
		(c), (c), (c), (c), (c), (c), (c), (c), (c), (c), (c), (c),    \
		    (c), (c), (c), (c)                                         \
	}
#define X4(c)  X1(c), X1((c) + 1), X1((c) + 2), X1((c) + 3)
#define X16(c) X4(c), X4((c) + 4), X4((c) + 8), X4((c) + 12)
#define X64(c) X16(c), X16((c) + 16), X16((c) + 32), X16((c) + 48)

const sixteen sixteen_times[256] = {X64(0), X64(64), X64(128), X64(192)};
