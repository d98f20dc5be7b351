// SPDX-License-Identifier: GPL-2.0-or-later
/* Words and lines of the users file: pppd's secrets files, less what has no meaning here (lists
 * of addresses, options behind "--", secrets in files of their own). */
#include "daemon/users_lex.h"

#include "base/hex.h"

#include <errno.h>
#include <string.h>

#define FIELDS_MAX 5

struct word {
	char *p;
	size_t len;
};

static int fail(struct users_lex *l, unsigned line, const char *what)
{
	if (l->error_count++ < CONFIG_ERRORS_MAX)
		sbuf_printf(l->errors, "%s:%u: %s\n", l->path, line, what);
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int digit(char c, int base)
{
	int v = hex_digit(c);

	return v < base ? v : -1;
}

/* Up to @most digits. */
static int lex_number(struct users_lex *l, int base, int most)
{
	int v = 0;

	for (int d; most-- && l->src < l->end && (d = digit(*l->src, base)) >= 0; l->src++)
		v = v * base + d;
	return v & 0xff;
}

/* Behind a backslash: pppd's escapes; any other character stands for itself. */
static int lex_escape(struct users_lex *l)
{
	static const char from[] = "abfnrst", to[] = "\a\b\f\n\r \t";
	const char *known;
	int v;

	if (l->src == l->end)
		return fail(l, l->line, "a backslash at the end of the file");
	if (*l->src == '\n') { /* the line goes on */
		l->src++;
		l->line++;
		return 0;
	}
	known = *l->src ? strchr(from, *l->src) : NULL;
	if (known) {
		v = to[known - from];
		l->src++;
	} else if (*l->src == 'x' && l->end - l->src > 1 && digit(l->src[1], 16) >= 0) {
		l->src++;
		v = lex_number(l, 16, 2);
	} else if (digit(*l->src, 8) >= 0) {
		v = lex_number(l, 8, 3);
	} else {
		v = (unsigned char)*l->src++;
	}
	if (!v)
		return fail(l, l->line, "a NUL octet; words cannot hold it");
	*l->dst++ = (char)v;
	return 0;
}

/* One word up to, and with, the blank or newline behind it. */
static int lex_word(struct users_lex *l, struct word *ret)
{
	char *begin = l->dst, quote = '\0';

	while (l->src < l->end) {
		char c = *l->src;

		if (!quote && (is_blank(c) || c == '\n'))
			break;
		if (!c)
			return fail(l, l->line, "a NUL octet; this is no text file");
		if (quote && c == '\n')
			return fail(l, l->line, "a quote is not closed");
		if (!quote && c == '#')
			return fail(l, l->line,
				    "a '#' within a word: quote it, \"...\", or put a "
				    "blank before a comment");
		l->src++;
		if (c == '\\') {
			if (lex_escape(l))
				return -EINVAL;
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
		} else {
			*l->dst++ = c;
		}
	}
	if (quote)
		return fail(l, l->line, "a quote is not closed");
	*ret = (struct word){ .p = begin, .len = (size_t)(l->dst - begin) };
	if (l->src < l->end)
		l->eol = *l->src++ == '\n';
	*l->dst++ = '\0';
	return 0;
}

/* Blanks, a comment and the newline. True: at the line's end. */
static bool lex_blank(struct users_lex *l)
{
	if (l->eol) {
		l->eol = false;
		l->line++;
		return true;
	}
	while (l->src < l->end) {
		if (l->end - l->src > 1 && l->src[0] == '\\' && l->src[1] == '\n') {
			l->src += 2;
			l->line++;
		} else if (is_blank(*l->src)) {
			l->src++;
		} else {
			break;
		}
	}
	if (l->src < l->end && *l->src == '#') {
		char *nl = memchr(l->src, '\n', (size_t)(l->end - l->src));

		l->src = nl ? nl : l->end;
	}
	if (l->src < l->end && *l->src != '\n')
		return false;
	if (l->src < l->end) {
		l->src++;
		l->line++;
	}
	return true;
}

static void skip_line(struct users_lex *l)
{
	char *nl;

	if (!l->eol) {
		nl = memchr(l->src, '\n', (size_t)(l->end - l->src));
		l->src = nl ? nl + 1 : l->end;
	}
	l->eol = false;
	l->line++;
}

/* The words of one line: how many, or -EINVAL, told and skipped. */
static int lex_line(struct users_lex *l, struct word word[FIELDS_MAX])
{
	unsigned line = l->line;
	int n = 0;

	while (!lex_blank(l)) {
		if (n == FIELDS_MAX) {
			fail(l, line,
			     "more than 5 fields; a line is: user server secret address "
			     "rate");
			skip_line(l);
			return -EINVAL;
		}
		if (lex_word(l, &word[n])) {
			skip_line(l);
			return -EINVAL;
		}
		n++;
	}
	return n;
}

static int address_of(const struct word *w, struct user *ret)
{
	if (!strcmp(w->p, "*")) {
		ret->address = USER_ADDRESS_POOL;
	} else if (!strcmp(w->p, "-")) {
		ret->address = USER_ADDRESS_NONE;
	} else if (!ip4_parse(w->p, &ret->ip4)) {
		ret->address = USER_ADDRESS_FIXED;
		return config_ip4_is_host(ret->ip4) ? 0 : -EINVAL;
	} else {
		ret->address = USER_ADDRESS_POOL;
		ret->pool = w->p;
		/* A mistyped address is not the name of a pool. */
		if (!w->len || w->len >= CONFIG_NAME_MAX || strpbrk(w->p, ":/") ||
		    strspn(w->p, "0123456789.") == w->len)
			return -EINVAL;
	}
	return 0;
}

static int user_of(struct users_lex *l, unsigned line, const struct word *word, int n,
		   struct user *ret)
{
	struct user u = { .name = word[0].p, .line = line };

	if (n < 3)
		return fail(l, line,
			    "fewer than 3 fields; a line is: user server secret address "
			    "rate");
	if (!word[0].len || word[0].len > PPP_NAME_MAX)
		return fail(l, line, "user: 1 to 255 octets are allowed");
	if (!word[1].len || word[1].len > PPP_NAME_MAX)
		return fail(l, line, "server: a name, or *");
	if (word[2].len > PPP_SECRET_MAX)
		return fail(l, line, "secret: at most 255 octets are allowed");
	u.server = word[1].p;
	u.secret = word[2].p;
	u.secret_len = word[2].len;
	if (n > 3 && address_of(&word[3], &u))
		return fail(l, line,
			    "address: not *, -, the IPv4 address of a host, or the name "
			    "of a pool");
	if (n > 4 && config_rate_parse(word[4].p, &u.rate))
		return fail(l, line, "rate: not DOWN/UP in kbit/s, 8 to 1000000000 or 0, or -");
	*ret = u;
	return 0;
}

int users_lex_user(struct users_lex *l, struct user *ret)
{
	while (l->src < l->end || l->eol) {
		struct word word[FIELDS_MAX];
		unsigned line = l->line;
		int n = lex_line(l, word);

		if (n > 0 && !user_of(l, line, word, n, ret))
			return 1;
	}
	return 0;
}
