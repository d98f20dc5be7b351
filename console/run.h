/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that brasctl runs. */
#ifndef CONSOLE_RUN_H
#define CONSOLE_RUN_H

#include "base/str.h"

/* Runs NAME, from beside us (as built), from /usr/sbin or from the PATH, and takes what it says on
 * standard output and standard error; argv[0] is set here. Its exit code, 0 to 255; -ECHILD: it was
 * killed; or the -errno of not starting it. */
int run_program(const char *name, const char **argv, struct sbuf *ret_out, struct sbuf *ret_err);

#endif
