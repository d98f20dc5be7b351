/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONSOLE_BRASCTL_H
#define CONSOLE_BRASCTL_H

#include <stdio.h>

enum brasctl_exit {
	BRASCTL_OK = 0,
	BRASCTL_REFUSED = 1, /* or nothing matched */
	BRASCTL_USAGE = 2,
	BRASCTL_UNREACHABLE = 3, /* or it broke off */
};

/* The whole of brasctl; returns its exit code. */
int brasctl(int argc, char **argv, FILE *out, FILE *err);

#endif
