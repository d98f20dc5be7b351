// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of the book of usage. A line each user, readable by people:
 *
 *	1 CHECKSUM START SEEN RX TX LAST-RX LAST-TX NAME
 *
 * 1 is the line's version, the checksum (16 hex digits) is of all that follows it; in the name
 * blanks, controls, '%' and what is not ASCII are %XX. A line that does not match is skipped alone.
 */
#include "base/hex.h"
#include "base/log.h"
#include "base/siphash.h"
#include "daemon/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION	 "1 "
#define SUM_LEN	 16
#define HEAD_LEN (sizeof(VERSION) - 1 + SUM_LEN + 1)
#define NUMBERS	 6
#define FILE_MAX (1u << 30) /* a million users of the longest names and numbers */

/* A checksum, not a signature: the key is no secret. */
static const struct siphash_key checksum_key = { { 0x6272617362657272, 0x75736167652d3031 } };

static bool plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '%';
}

void usage_line_write(const struct usage_line *l, struct sbuf *out)
{
	char text[USAGE_LINE_MAX];
	size_t n = (size_t)snprintf(
		text, sizeof(text),
		"%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
		l->start, l->seen, l->now.rx, l->now.tx, l->last.rx, l->last.tx);

	for (const char *p = l->name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		n += (size_t)snprintf(text + n, sizeof(text) - n, plain(c) ? "%c" : "%%%02x", c);
	}
	sbuf_printf(out, VERSION "%016" PRIx64 " %s\n", siphash(&checksum_key, text, n), text);
}

static int parse_sum(const char *p, uint64_t *ret)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SUM_LEN; i++) {
		int d = hex_lower(p[i]);

		if (d < 0)
			return -EBADMSG;
		sum = sum << 4 | (unsigned)d;
	}
	*ret = sum;
	return 0;
}

static int parse_name(const char *p, const char *end, char name[USAGE_NAME_MAX + 1])
{
	size_t n = 0;

	for (; p < end; p++) {
		int c = (unsigned char)*p;

		if (c == '%') {
			if (end - p < 3 || hex_lower(p[1]) < 0 || hex_lower(p[2]) < 0)
				return -EBADMSG;
			c = hex_lower(p[1]) << 4 | hex_lower(p[2]);
			p += 2;
			if (plain((unsigned char)c))
				return -EBADMSG; /* one way to write a name */
		} else if (!plain((unsigned char)c)) {
			return -EBADMSG;
		}
		if (!c || n == USAGE_NAME_MAX)
			return -EBADMSG;
		name[n++] = (char)c;
	}
	name[n] = '\0';
	return n ? 0 : -EBADMSG;
}

/* Moves *p behind the number and the blank after it. */
static int parse_number(const char **p, const char *end, uint64_t *ret)
{
	const char *blank = memchr(*p, ' ', (size_t)(end - *p));
	char text[24];

	if (!blank || blank - *p >= (ptrdiff_t)sizeof(text))
		return -EBADMSG;
	memcpy(text, *p, (size_t)(blank - *p));
	text[blank - *p] = '\0';
	if (str_to_u64(text, 0, UINT64_MAX, ret))
		return -EBADMSG;
	*p = blank + 1;
	return 0;
}

int usage_line_parse(const char *p, size_t len, struct usage_line *ret)
{
	const char *end = p + len, *body = p + HEAD_LEN;
	struct usage_line l;
	uint64_t sum, v[NUMBERS];

	if (len <= HEAD_LEN || len >= USAGE_LINE_MAX ||
	    memcmp(p, VERSION, sizeof(VERSION) - 1) != 0 ||
	    parse_sum(p + sizeof(VERSION) - 1, &sum) || body[-1] != ' ' ||
	    siphash(&checksum_key, body, (size_t)(end - body)) != sum)
		return -EBADMSG;
	for (unsigned i = 0; i < NUMBERS; i++)
		if (parse_number(&body, end, &v[i]))
			return -EBADMSG;
	l = (struct usage_line){ .start = v[0], .seen = v[1] };
	l.now = (struct usage_bytes){ v[2], v[3] };
	l.last = (struct usage_bytes){ v[4], v[5] };
	if (l.start >= USAGE_TIME_MAX || parse_name(body, end, l.name))
		return -EBADMSG;
	*ret = l;
	return 0;
}

unsigned usage_text_parse(const char *p, size_t len,
			  void (*fn)(void *arg, const struct usage_line *l), void *arg,
			  unsigned *ret_line)
{
	unsigned bad = 0, line = 0;

	while (len) {
		const char *nl = memchr(p, '\n', len);
		size_t n = nl ? (size_t)(nl - p) : len, step = nl ? n + 1 : n;
		struct usage_line l;

		line++;
		/* A line without an end was cut off. */
		if (nl && !usage_line_parse(p, n, &l))
			fn(arg, &l);
		else if (!bad++)
			*ret_line = line;
		p += step;
		len -= step;
	}
	return bad;
}

/* --- reading the file ---------------------------------------------------------------------- */

struct loaded {
	struct usage_line *line;
	size_t count, cap;
	bool no_memory;
};

static void on_line(void *arg, const struct usage_line *l)
{
	struct loaded *all = arg;

	if (all->count == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 256;
		struct usage_line *more = realloc(all->line, cap * sizeof(*more));

		if (!more) {
			all->no_memory = true;
			return;
		}
		all->line = more;
		all->cap = cap;
	}
	all->line[all->count++] = *l;
}

static int by_seen(const void *a, const void *b)
{
	const struct usage_line *x = a, *y = b;

	return x->seen < y->seen ? -1 : x->seen > y->seen;
}

static int read_all(const char *path, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_free_ char *p = NULL;
	struct stat st;
	size_t len = 0;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return -EFBIG;
	p = malloc((size_t)st.st_size + 1);
	if (!p)
		return -ENOMEM;
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, p + len, (size_t)st.st_size - len);

		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	*ret = p;
	*ret_len = len;
	p = NULL;
	return 0;
}

int usage_load(struct usage *u, const char *path, uint64_t *ret_newest)
{
	_cleanup_free_ char *text = NULL;
	struct loaded all = { 0 };
	unsigned bad, first = 0;
	size_t len = 0;
	int rc = read_all(path, &text, &len);

	if (rc)
		return rc == -ENOENT ? 0 : rc;
	bad = usage_text_parse(text, len, on_line, &all, &first);
	if (bad)
		log_warn("%s: %u damaged lines are skipped, the first is line %u", path, bad,
			 first);
	if (all.count)
		qsort(all.line, all.count, sizeof(*all.line), by_seen);
	for (size_t i = 0; i < all.count; i++) {
		if (all.line[i].start > *ret_newest)
			*ret_newest = all.line[i].start;
		usage_restore(u, &all.line[i]);
	}
	free(all.line);
	return all.no_memory ? -ENOMEM : 0;
}
