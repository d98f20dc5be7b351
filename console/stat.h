/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show stat` for those who read it as accel-ppp's: its names come first in `sessions` and `pppoe`,
 * in its order, its uptime, cpu, mem and radius(N, ADDRESS) are as it writes them. JSON is left
 * alone. */
#ifndef CONSOLE_STAT_H
#define CONSOLE_STAT_H

#include "base/str.h"

/* The body, an object, in this form. 0; -EBADMSG: it is none; -ENOMEM. */
int stat_apply(struct sbuf *body);

#endif
