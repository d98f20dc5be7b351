/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the daemon's JSON into text for a terminal, whatever it is about: an array of objects
 * becomes a table, an object becomes lines of "key: value". An array is read element by element,
 * twice (widths, then rows), so that sixty thousand sessions need the memory of their text only.
 * Everything in it may come from a peer: all but printable ASCII is escaped.
 */
#ifndef CONSOLE_RENDER_H
#define CONSOLE_RENDER_H

#include <stddef.h>
#include <stdio.h>

#define RENDER_COLUMNS_MAX 64
#define RENDER_NAME_MAX	   64

struct render_columns {
	unsigned count; /* 0: every key, in the order of its first appearance */
	char name[RENDER_COLUMNS_MAX][RENDER_NAME_MAX];
};

/* "a,b,c". -EINVAL: an empty or too long name; -E2BIG: too many. */
int render_columns_parse(const char *list, struct render_columns *ret);

/* 0; -EBADMSG: not JSON; -ENOENT: no row has the column *ret_missing; -ENOMEM. */
int render_text(FILE *out, const char *json, size_t len, const struct render_columns *columns,
		const char **ret_missing);
/* An array of objects, reduced to these columns, as JSON. Errors as above. */
int render_json(FILE *out, const char *json, size_t len, const struct render_columns *columns,
		const char **ret_missing);

#endif
