/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A body without an end, a line each as JSON: `monitor events`. */
#ifndef CONSOLE_FOLLOW_H
#define CONSOLE_FOLLOW_H

#include "base/client.h"

#include <stdbool.h>
#include <stdio.h>

/* Shows each line as it comes, as it is or as the values of its object with blanks between. -EPIPE:
 * the daemon has ended it; -EIO: `out` cannot be written; -EBADMSG: not such lines. */
int follow(struct client *c, bool json, FILE *out);

#endif
