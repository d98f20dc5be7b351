/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a test ends the process: before each write that outlives it. */
#ifndef BASE_KILLPOINT_H
#define BASE_KILLPOINT_H

#include <stddef.h>

/* NULL but in a test's build (test/killpoint.c). Called by any thread. */
extern void (*killpoint)(const char *what);

#define KILLPOINT(what)                                                                            \
	do {                                                                                       \
		if (killpoint)                                                                     \
			killpoint(what);                                                           \
	} while (0)

#endif
