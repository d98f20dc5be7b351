/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the check: check.c and check_routes.c. */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include <stdbool.h>

struct daemon;
struct sbuf;

struct check_report {
	bool repair;
	struct sbuf *text; /* a line for each thing that was found */
	int found;
};

void check_found(struct check_report *r, const char *what, const char *which);
int check_routes(struct daemon *d, struct check_report *report); /* 0 or -errno */

#endif
