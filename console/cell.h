/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One JSON value as a text of one line. */
#ifndef CONSOLE_CELL_H
#define CONSOLE_CELL_H

#include "base/str.h"

#include <jansson.h>

/* Appends it. @key: what it is called; "uptime" is shown as H:MM:SS. Null is "-"; an array of plain
 * values is joined with commas; what is nested deeper is JSON. */
void cell_write(struct sbuf *out, const char *key, const json_t *value);
/* Appends text with all but printable ASCII escaped. */
void cell_escape(struct sbuf *out, const char *p, size_t len);

#endif
