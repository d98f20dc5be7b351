// SPDX-License-Identifier: GPL-2.0-or-later
/* What did not get through NAT44: nat44_stat.h. */
#include "daemon/nat44_stat.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *word_after(const char *p) /* on the same line; NULL: none */
{
	p += strcspn(p, " \n");
	p += strspn(p, " ");
	return *p && *p != '\n' ? p : NULL;
}

static bool is_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(p, word, n) && (!p[n] || strchr(" \n", p[n]));
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p && p[1] ? p + 1 : NULL;
}

static int column_of(const char *text, const char *name)
{
	int n = 0;

	for (const char *p = text + strspn(text, " "); p && *p; p = word_after(p), n++)
		if (is_word(p, name))
			return n;
	return -ENOENT;
}

int nat44_stat_failed(const char *text, uint64_t *ret)
{
	int column = column_of(text, "insert_failed");
	uint64_t sum = 0;

	if (column < 0)
		return column;
	for (const char *line = next_line(text); line; line = next_line(line)) {
		const char *p = line + strspn(line, " ");

		for (int i = 0; p && i < column; i++)
			p = word_after(p);
		if (!p || !isxdigit((unsigned char)*p))
			return -EBADMSG;
		sum += strtoul(p, NULL, 16);
	}
	*ret = sum;
	return 0;
}

int nat44_stat_untranslated(const char *listing, uint64_t *ret)
{
	static const char key[] = "counter packets ";
	const char *end = strstr(listing, "drop comment \"no block\""), *at = NULL;

	if (!end)
		return -ENOENT;
	for (const char *p = listing; (p = strstr(p, key)) && p < end; p += sizeof(key) - 1)
		at = p + sizeof(key) - 1;
	if (!at || !isdigit((unsigned char)*at))
		return -ENOENT;
	*ret = strtoul(at, NULL, 10);
	return 0;
}
