/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of peers, read from left to right with a reader of base/wire.h. */
#ifndef SHAPER_TEXT_H
#define SHAPER_TEXT_H

#include "base/wire.h"

/* The next octet, or -1 at the end. */
static inline int text_peek(const struct rd *t)
{
	return rd_left(t) ? *t->p : -1;
}

static inline bool text_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline void text_digits(struct rd *t)
{
	while (text_is_digit(text_peek(t)))
		rd_skip(t, 1);
}

/* Whether the next octet is one of `set`. */
static inline bool text_is_of(const struct rd *t, const char *set)
{
	return text_peek(t) > 0 && strchr(set, text_peek(t));
}

/* Goes over `word` if it comes next. */
static inline bool text_skip(struct rd *t, const char *word)
{
	size_t n = strlen(word);

	if (rd_left(t) < n || memcmp(t->p, word, n) != 0)
		return false;
	rd_skip(t, n);
	return true;
}

/* Goes over blanks; whether there was one. */
static inline bool text_blanks(struct rd *t)
{
	bool any = false;

	while (text_skip(t, " "))
		any = true;
	return any;
}

/* Takes what stands before the first octet that is in `stops`, or all. */
static inline struct rd text_until(struct rd *t, const char *stops)
{
	size_t n = 0;

	while (n < rd_left(t) && (!t->p[n] || !strchr(stops, t->p[n])))
		n++;
	return rd_sub(t, n);
}

static inline bool text_equal(const struct rd *t, const char *s)
{
	return rd_left(t) == strlen(s) && (!*s || !memcmp(t->p, s, strlen(s)));
}

/* Decimal digits. 0, -EINVAL: none, -ERANGE: more than `max`. */
static inline int text_u64(struct rd *t, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!text_is_digit(text_peek(t)))
		return -EINVAL;
	while (text_is_digit(text_peek(t))) {
		unsigned digit = rd_u8(t) - '0';

		if (digit > max || v > (max - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*ret = v;
	return 0;
}

#endif
