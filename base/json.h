/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes JSON into a growing text: commas and escapes are its care, the order is the caller's.
 * Names are NULL inside an array. Text is taken as UTF-8 where it is that; other bytes and control
 * characters come out as \u00NN. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/str.h"

struct json {
	struct sbuf *out;
	bool comma; /* the next member needs one */
};

void json_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);			/* '}' or ']' */
void json_str(struct json *j, const char *name, const char *value); /* NULL gives null */
void json_strn(struct json *j, const char *name, const void *value, size_t len);
void json_u64(struct json *j, const char *name, uint64_t value);
void json_ratio(struct json *j, const char *name, double value); /* four decimals */
void json_bool(struct json *j, const char *name, bool value);
/* jansson has a function of this name, and calls it itself: where both are linked ours must not stand
 * in for it. */
void json_null(struct json *j, const char *name) __asm__("base_json_null");

#endif
