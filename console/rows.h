/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a JSON array of objects one object at a time. */
#ifndef CONSOLE_ROWS_H
#define CONSOLE_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A peer's text may hold any octet, so may a string. */
#define ROWS_JSON_FLAGS JSON_ALLOW_NUL

struct rows {
	const char *p, *end;
	bool first;
};

/* Is it an array that is empty, or begins with an object? */
bool rows_is_table(const char *json, size_t len);

void rows_init(struct rows *r, const char *json, size_t len);
/* 1 and a row (json_decref() it), 0 at the end, or -EBADMSG. */
int rows_next(struct rows *r, json_t **ret);

#endif
