/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONSOLE_PASSWORD_H
#define CONSOLE_PASSWORD_H

#include <stddef.h>
#include <stdio.h>

#define PASSWORD_MAX 256 /* with the NUL; RFC 2865, section 5.2 has 128 octets */

/* One line from `fd`, without its newline: a terminal is asked on @prompt and does not echo.
 * 0; -EINTR: a signal came, and the terminal is as it was; -ENODATA: nothing there; -E2BIG; or the
 * -errno of reading. */
int password_read(int fd, FILE *prompt, char *buf, size_t cap);

#endif
