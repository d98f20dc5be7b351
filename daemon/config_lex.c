// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration's letters: a value taken apart, and guesses at what a misspelt word was. */
#include "daemon/config_table.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Copies a quoted stretch without its quotes; @src stands behind the opening one. */
static int lex_quoted(const char **src, char **dst, struct sbuf *why)
{
	const char *s = *src;

	for (; *s != '"'; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\')) {
			s++;
		} else if (*s == '\\') {
			sbuf_printf(why, "a backslash in quotes stands only before \" or \\");
			return -EINVAL;
		} else if (!*s) {
			sbuf_printf(why, "a quote is not closed");
			return -EINVAL;
		}
		*(*dst)++ = *s;
	}
	*src = s + 1;
	return 0;
}

/* One field up to its comma, comment or end. A blank or '#' within it that is not quoted is more
 * likely a mistake than meant, and a secret that is silently cut short locks everybody out. */
static int lex_field(const char **src, char **dst, struct sbuf *why)
{
	const char *s = *src, *begin = s;

	while (*s && *s != ',') {
		if (is_blank(*s)) {
			while (is_blank(*s))
				s++;
			if (*s && *s != ',' && *s != '#') {
				sbuf_printf(why, "a blank within a value: quote it, \"...\"");
				return -EINVAL;
			}
			break;
		}
		if (*s == '#') {
			if (s == begin)
				break;
			sbuf_printf(why, "a '#' within a value: quote it, \"...\", or put a blank "
					 "before a comment");
			return -EINVAL;
		}
		if (*s == '"') {
			s++;
			if (lex_quoted(&s, dst, why))
				return -EINVAL;
			continue;
		}
		*(*dst)++ = *s++;
	}
	*src = s;
	return 0;
}

int config_lex_value(char *text, struct config_input *ret, struct sbuf *why)
{
	const char *src = text;
	char *dst = text;

	ret->count = 0;
	while (is_blank(*src))
		src++;
	if (!*src || *src == '#')
		return 0;
	for (;;) {
		const char *begin;
		char end;

		while (is_blank(*src))
			src++;
		begin = src;
		if (ret->count == CONFIG_FIELDS_MAX) {
			sbuf_printf(why, "more than %u values", CONFIG_FIELDS_MAX);
			return -EINVAL;
		}
		ret->field[ret->count++] = dst;
		if (lex_field(&src, &dst, why))
			return -EINVAL;
		end = *src;
		if (src == begin) {
			sbuf_printf(why, "nothing between two commas, or at an end");
			return -EINVAL;
		}
		*dst++ = '\0'; /* never past src: a field has a letter or its quotes */
		if (end != ',')
			return 0;
		src++;
	}
}

/* Levenshtein's distance, of short words; longer ones are far from everything. */
static unsigned distance(const char *a, const char *b)
{
	size_t alen = strlen(a), blen = strlen(b);
	unsigned row[40];

	if (alen >= ARRAY_SIZE(row) || blen >= ARRAY_SIZE(row) || alen > 2 * blen ||
	    blen > 2 * alen)
		return UINT32_MAX;
	for (size_t j = 0; j <= blen; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= alen; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= blen; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[blen];
}

const char *config_closest(const char *s, const char *(*name)(unsigned i, const void *arg),
			   unsigned count, const void *arg)
{
	/* A third of the letters may be wrong. */
	unsigned best = (unsigned)strlen(s) / 3 + 1;
	const char *found = NULL;

	for (unsigned i = 0; i < count; i++) {
		const char *candidate = name(i, arg);
		unsigned d;

		if (!candidate)
			continue;
		d = distance(s, candidate);
		if (d > best || (d == best && found))
			continue;
		best = d;
		found = candidate;
	}
	return found;
}
