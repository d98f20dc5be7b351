// SPDX-License-Identifier: GPL-2.0-or-later
/* The nodes are not stored: a node is the rows that have the same first words, and walking goes
 * over the table. It has some forty rows, and people type slowly. */
#include "console/tree.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The word number `depth` of a path; its length in *ret_len; NULL: the path is shorter. */
static const char *word_at(const char *words, unsigned depth, size_t *ret_len)
{
	for (;; depth--) {
		size_t n = strcspn(words, " ");

		if (!depth) {
			*ret_len = n;
			return n ? words : NULL;
		}
		words += n;
		words += strspn(words, " ");
	}
}

static bool word_is(const char *word, size_t len, const char *typed)
{
	return strlen(typed) == len && !strncmp(word, typed, len);
}

/* Where a walk stands: at the node of the first `depth` words of `row`. */
struct place {
	const struct control_command *row; /* NULL: the root */
	unsigned depth;
};

static bool below(const struct place *at, const struct control_command *c)
{
	for (unsigned i = 0; i < at->depth; i++) {
		size_t a, b;
		const char *p = word_at(at->row->words, i, &a);
		const char *q = word_at(c->words, i, &b);

		if (!q || a != b || strncmp(p, q, a) != 0)
			return false;
	}
	return true;
}

/* The command that ends at this node, or NULL. */
static const struct control_command *ending(const struct tree *t, const struct place *at)
{
	size_t n;

	for (unsigned i = 0; at->row && i < t->count; i++)
		if (below(at, &t->commands[i]) && !word_at(t->commands[i].words, at->depth, &n))
			return &t->commands[i];
	return NULL;
}

static void add_candidate(char *why, size_t cap, const char *word, size_t len)
{
	size_t used = strlen(why);

	snprintf(why + used, cap - used, "%s%.*s", used ? ", " : "", (int)len, word);
}

/* One word further down. 0; -ENOENT: no such word below; -EEXIST. */
static int step(const struct tree *t, enum tree_level who, struct place *at, const char *typed,
		bool cut, char *why, size_t why_len)
{
	const struct control_command *found = NULL;
	const char *found_word = NULL;
	size_t found_len = 0, len;
	bool several = false;

	*why = '\0';
	for (unsigned i = 0; i < t->count; i++) {
		const struct control_command *c = &t->commands[i];
		const char *word = below(at, c) ? word_at(c->words, at->depth, &len) : NULL;

		if (!word)
			continue;
		if (word_is(word, len, typed)) {
			*at = (struct place){ c, at->depth + 1 };
			return 0;
		}
		if (!cut || !*typed || strlen(typed) > len || strncmp(word, typed, strlen(typed)) ||
		    !tree_allows(who, c))
			continue;
		if (found && len == found_len && !strncmp(word, found_word, len))
			continue;
		several |= found != NULL;
		add_candidate(why, why_len, word, len);
		found = c;
		found_word = word;
		found_len = len;
	}
	if (several)
		return -EEXIST;
	if (!found)
		return -ENOENT;
	*at = (struct place){ found, at->depth + 1 };
	return 0;
}

/* As far down as the words go. */
static int walk(const struct tree *t, enum tree_level who, unsigned argc, const char *const *argv,
		struct place *at, char *why, size_t why_len)
{
	*at = (struct place){ NULL, 0 };
	while (at->depth < argc) {
		const struct control_command *c = ending(t, at);
		int r = step(t, who, at, argv[at->depth], !c || !c->max_args, why, why_len);

		if (r)
			return r;
	}
	return 0;
}

bool tree_allows(enum tree_level who, const struct control_command *c)
{
	return who == TREE_ADMIN || c->level == TREE_READ;
}

static bool is_whole(const struct control_command *c, const char *const *argv, unsigned words)
{
	for (unsigned i = 0; i < words; i++) {
		size_t len;
		const char *word = word_at(c->words, i, &len);

		if (!word || !word_is(word, len, argv[i]))
			return false;
	}
	return true;
}

int tree_find(const struct tree *t, enum tree_level who, unsigned argc, const char *const *argv,
	      const struct control_command **ret, unsigned *ret_words, char *why, size_t why_len)
{
	const struct control_command *c;
	struct place at;
	int r = walk(t, who, argc, argv, &at, why, why_len);

	c = ending(t, &at);
	if (r == -EEXIST)
		return r;
	if (!c)
		return -ENOENT;
	if (!tree_allows(who, c))
		return -EPERM;
	/* `dr` is a slip of the hand, and would turn every new subscriber away. */
	if (c->level != TREE_READ && !is_whole(c, argv, at.depth)) {
		snprintf(why, why_len, "%s", c->words);
		return -ENOTUNIQ;
	}
	*ret = c;
	*ret_words = at.depth;
	return 0;
}

/* --- completion ---------------------------------------------------------------------------------
 */

struct completing {
	const char *partial;
	void (*fn)(void *arg, const char *word, const char *help, bool is_value);
	void *arg;
};

static void offer(const struct completing *c, const char *word, size_t len, const char *help)
{
	char text[TREE_WORD_MAX];
	bool value = false;

	if (!len || len >= sizeof(text))
		return;
	memcpy(text, word, len);
	text[len] = '\0';
	for (char *p = text; *p; p++)
		value |= isupper((unsigned char)*p);
	if (value && strchr(text, '=')) { /* sid=N: the word is ours, the value is not */
		strchr(text, '=')[1] = '\0';
		value = false;
	}
	if (!value && strncmp(text, c->partial, strlen(c->partial)) != 0)
		return;
	c->fn(c->arg, text, help, value);
}

/* Each of "a|b|C". */
static void offer_group(const struct completing *c, const char *group, size_t len, const char *help)
{
	while (len) {
		const char *bar = memchr(group, '|', len);
		size_t n = bar ? (size_t)(bar - group) : len;
		size_t word = n > 3 && !strncmp(group + n - 3, "...", 3) ? n - 3 : n;

		offer(c, group, word, help);
		len -= bar ? n + 1 : n;
		group += bar ? n + 1 : n;
	}
}

static bool is_value(const char *group, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isupper((unsigned char)group[i]))
			return true;
	return false;
}

static bool has_word(const char *group, size_t len, const char *typed)
{
	while (len) {
		const char *bar = memchr(group, '|', len);
		size_t n = bar ? (size_t)(bar - group) : len;

		if (word_is(group, n, typed))
			return true;
		len -= bar ? n + 1 : n;
		group += bar ? n + 1 : n;
	}
	return false;
}

/* The next group of a pattern: its text without brackets; where it stood in them. */
struct group {
	const char *p;
	size_t len;
	bool optional; /* it is the first of its brackets */
	bool inner;    /* it goes on in brackets that were open before */
	bool again;
};

static bool next_group(const char **pattern, bool *open, struct group *ret)
{
	const char *p = *pattern + strspn(*pattern, " ");
	size_t n;

	*ret = (struct group){ .inner = *open };
	if (*p == '[') {
		ret->optional = *open = true;
		p++;
	}
	n = strcspn(p, " ]");
	ret->p = p;
	ret->len = n;
	ret->again = n > 3 && !strncmp(p + n - 3, "...", 3);
	p += n;
	if (*p == ']') {
		*open = false;
		p++;
	}
	*pattern = p;
	return n;
}

static void skip_brackets(const char **pattern, bool *open)
{
	const char *end = *open ? strchr(*pattern, ']') : NULL;

	if (end)
		*pattern = end + 1;
	*open = false;
}

/* What may follow `argc` arguments that stand already. Brackets that begin with a word are passed
 * over where that word was not typed. */
static void complete_args(const struct completing *c, const struct control_command *cmd,
			  unsigned argc, const char *const *argv)
{
	const char *pattern = cmd->args;
	bool open = false;
	struct group g;

	while (argc && next_group(&pattern, &open, &g)) {
		if (g.optional && !is_value(g.p, g.len) && !has_word(g.p, g.len, argv[0])) {
			skip_brackets(&pattern, &open);
			continue;
		}
		argc--;
		argv++;
		if (g.again) {
			offer_group(c, g.p, g.len, cmd->help);
			return;
		}
	}
	while (!argc && next_group(&pattern, &open, &g)) {
		offer_group(c, g.p, g.len, cmd->help);
		if (!g.optional)
			return;
		skip_brackets(&pattern, &open);
	}
}

/* Was this word offered by an earlier row? */
static bool seen(const struct tree *t, enum tree_level who, const struct place *at, unsigned row,
		 const char *word, size_t len)
{
	for (unsigned i = 0; i < row; i++) {
		const struct control_command *c = &t->commands[i];
		size_t n;
		const char *w = below(at, c) ? word_at(c->words, at->depth, &n) : NULL;

		if (w && n == len && !strncmp(w, word, n) && tree_allows(who, c))
			return true;
	}
	return false;
}

void tree_complete(const struct tree *t, enum tree_level who, unsigned argc,
		   const char *const *argv, const char *partial,
		   void (*fn)(void *arg, const char *word, const char *help, bool is_value),
		   void *arg)
{
	struct completing c = { .partial = partial, .fn = fn, .arg = arg };
	const struct control_command *cmd;
	char why[256];
	struct place at;
	size_t len, more;
	int r = walk(t, who, argc, argv, &at, why, sizeof(why));

	for (unsigned i = 0; !r && i < t->count; i++) {
		const struct control_command *row = &t->commands[i];
		const char *word = below(&at, row) ? word_at(row->words, at.depth, &len) : NULL;

		if (word && tree_allows(who, row) && !seen(t, who, &at, i, word, len))
			offer(&c, word, len,
			      word_at(row->words, at.depth + 1, &more) ? "..." : row->help);
	}
	cmd = ending(t, &at);
	if (cmd && cmd->args && tree_allows(who, cmd) && r != -EEXIST)
		complete_args(&c, cmd, argc - at.depth, argv + at.depth);
}
