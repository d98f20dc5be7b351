// SPDX-License-Identifier: GPL-2.0-or-later
/* The command tree: dispatch, prefixes, levels, completion. */
#include "base/str.h"
#include "console/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct control_command rows[] = {
	{ "show sessions", "[COLUMNS] [order COLUMN] [match COLUMN REGEX]", "a", 0, 6, NULL,
	  TREE_READ },
	{ "show session", "USER|sid=N|ip=A|mac=M", "b", 1, 1, NULL, TREE_READ },
	{ "show stat", NULL, "c", 0, 0, NULL, TREE_READ },
	{ "show secrets", NULL, "d", 0, 0, NULL, TREE_ADMIN },
	{ "shutdown", "[soft|hard]", "e", 0, 1, NULL, TREE_ADMIN },
	{ "terminate", "all|USER", "f", 1, 1, NULL, TREE_ADMIN },
	{ "mirror", "USER", "g", 1, 1, NULL, TREE_ADMIN },
	{ "mirror ports", NULL, "h", 0, 0, NULL, TREE_ADMIN },
	{ "pppoe interface add", "NAME", "i", 1, 1, NULL, TREE_ADMIN },
	{ "pppoe interface show", NULL, "j", 0, 0, NULL, TREE_READ },
	{ "rule", "USER [RULE...]", "k", 1, 9, NULL, TREE_ADMIN },
};
static const struct tree tree = { rows, ARRAY_SIZE(rows) };
static char why[128], list[512];

static unsigned split(char *line, const char **argv)
{
	unsigned argc = 0;

	for (char *w = strtok(line, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	return argc;
}

/* The help of what was found, or the errno; *words: its path's length. */
static const char *find(enum tree_level who, const char *text, unsigned *words)
{
	const struct control_command *c = NULL;
	const char *argv[16];
	char line[128];
	int r;

	snprintf(line, sizeof(line), "%s", text);
	r = tree_find(&tree, who, split(line, argv), argv, &c, words, why, sizeof(why));
	return r == -ENOENT	? "none"
	       : r == -EPERM	? "forbidden"
	       : r == -EEXIST	? "several"
	       : r == -ENOTUNIQ ? "cut"
				: c->help;
}

static void test_find(void **state)
{
	static const struct {
		const char *line, *found;
		unsigned words;
	} cases[] = {
		{ "show sessions", "a", 2 },   { "show session x", "b", 2 },
		{ "sho st", "c", 2 },	       { "show s", "several", 0 },
		{ "show sess", "several", 0 }, { "sh stat", "several", 0 },
		{ "shut", "cut", 0 },	       { "t all", "cut", 0 },
		{ "terminate all", "f", 1 },   { "terminate al", "f", 1 },
		{ "mirror ports", "h", 2 },    { "mirror port", "g", 1 }, /* a user of that name */
		{ "p i s", "j", 3 },	       { "p i", "none", 0 },
		{ "showing", "none", 0 },      { "show", "none", 0 },
		{ "Show stat", "none", 0 },    { "", "none", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned words = 0;

		assert_string_equal(find(TREE_ADMIN, cases[i].line, &words), cases[i].found);
		if (cases[i].words)
			assert_int_equal(words, cases[i].words);
	}
}

static void test_ambiguous_says_what(void **state)
{
	unsigned words;

	(void)state;
	find(TREE_ADMIN, "show s", &words);
	assert_string_equal(why, "sessions, session, stat, secrets");
	find(TREE_READ, "show s", &words); /* what it must not do is not told */
	assert_string_equal(why, "sessions, session, stat");
}

static void test_levels(void **state)
{
	unsigned words;

	(void)state;
	assert_string_equal(find(TREE_READ, "show stat", &words), "c");
	assert_string_equal(find(TREE_READ, "show secrets", &words), "forbidden");
	assert_string_equal(find(TREE_READ, "terminate all", &words), "forbidden");
	assert_string_equal(find(TREE_READ, "pppoe interface add x", &words), "forbidden");
	assert_string_equal(find(TREE_READ, "pppoe interface show", &words), "j");
	assert_string_equal(find(TREE_READ, "s stat", &words), "c"); /* shutdown is no choice */
}

static void add(void *arg, const char *word, const char *help, bool is_value)
{
	(void)arg;
	(void)help;
	snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s%s", *list ? " " : "", word,
		 is_value ? "*" : "");
}

static const char *complete(enum tree_level who, const char *text, const char *partial)
{
	const char *argv[16];
	char line[128];

	*list = '\0';
	snprintf(line, sizeof(line), "%s", text);
	tree_complete(&tree, who, split(line, argv), argv, partial, add, NULL);
	return list;
}

static void test_complete(void **state)
{
	static const struct {
		const char *line, *partial, *words;
	} cases[] = {
		{ "", "", "show shutdown terminate mirror pppoe rule" },
		{ "", "sh", "show shutdown" },
		{ "", "x", "" },
		{ "show", "se", "sessions session secrets" },
		{ "pppoe", "", "interface" },
		{ "pppoe interface", "", "add show" },
		{ "shutdown", "", "soft hard" },
		{ "shutdown", "h", "hard" },
		{ "shutdown soft", "", "" },
		{ "terminate", "", "all USER*" },
		{ "mirror", "", "ports USER*" },
		{ "show session", "", "USER* sid= ip= mac=" },
		{ "show session", "si", "USER* sid=" },
		{ "show sessions", "", "COLUMNS* order match" },
		{ "show sessions a,b", "", "order match" },
		{ "show sessions a order", "", "COLUMN*" },
		{ "show sessions a order b", "", "match" },
		{ "show sessions a match", "", "COLUMN*" },
		{ "show sessions a match b", "", "REGEX*" },
		{ "rule x", "", "RULE*" },
		{ "rule x y z", "", "RULE*" },
		{ "show nothing", "", "" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(complete(TREE_ADMIN, cases[i].line, cases[i].partial),
				    cases[i].words);
	assert_string_equal(complete(TREE_READ, "", ""), "show pppoe");
	assert_string_equal(complete(TREE_READ, "show", "se"), "sessions session");
	assert_string_equal(complete(TREE_READ, "terminate", ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_ambiguous_says_what),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
