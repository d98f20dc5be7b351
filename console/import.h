/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration: reads a configuration of accel-ppp and writes ours, with what maps, what differs and
 * what is ignored told in comments at its head. The names of accel-ppp's keys are those of
 * its manual page accel-ppp.conf(5).
 */
#ifndef CONSOLE_IMPORT_H
#define CONSOLE_IMPORT_H

#include "base/str.h"

#include <stdio.h>

struct import_counts {
	unsigned maps, differs, ignored; /* lines of theirs */
};

/* Appends our configuration for @text, a file of @len octets named @name, to @ret. 0 or -ENOMEM:
 * a line that makes no sense is told of and ignored, and never an error. No value of theirs is
 * repeated in a comment: it might be a secret. */
int import_text(const char *name, const char *text, size_t len, struct sbuf *ret,
		struct import_counts *counts);

/* `brasctl import FILE`: ours on @out, a summary on @err. An exit code of brasctl's. */
int import_file(const char *path, FILE *out, FILE *err);

#endif
