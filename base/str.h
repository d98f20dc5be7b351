/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings: escaping of peers' bytes, strict number parsing, growing buffers, cleanup helpers. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Writes printable ASCII as it is and everything else (and the backslash) as \xNN; always
 * terminates; returns dst, so that it stands in a log call. A cut text ends in "...". */
const char *str_escape(char *dst, size_t cap, const void *src, size_t len);

/* Decimal digits only, no sign, no blank, the whole string. 0, -EINVAL, or -ERANGE. */
int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);

/* Equal, in time that depends on the lengths only. */
bool str_equal_secret(const void *a, size_t alen, const void *b, size_t blen);

/* A text that grows. On lack of memory it becomes `bad`, and keeps what it had. */
struct sbuf {
	char *p;
	size_t len, cap;
	bool bad;
};
void sbuf_printf(struct sbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sbuf_append(struct sbuf *b, const void *p, size_t len);
void sbuf_fini(struct sbuf *b);

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}
static inline void cleanup_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_free_  __attribute__((cleanup(cleanup_freep)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_closep)))

#endif
