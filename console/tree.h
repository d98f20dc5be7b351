/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command tree, the same behind every door. Its rows are paths of words; rows that begin alike
 * share their nodes. Dispatch, unique prefixes, completion, help and privileges come from it.
 *
 * An argument pattern is a list of groups with blanks between: "WHO RATE [temp]". In a group, '|'
 * separates alternatives: lower case is a word to be typed, upper case is a value, "sid=N" a word
 * that a value follows. "[...]" may be left out; "[order COLUMN]" is a word with its value;
 * "RULE..." may come again. Patterns are for completion and help; what a value may be is the
 * handler's care.
 */
#ifndef CONSOLE_TREE_H
#define CONSOLE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#define TREE_DEPTH_MAX 6
#define TREE_WORD_MAX  64

struct control_reply;

/* Whoever forgets to say it in a row gets the stricter one. */
enum tree_level { TREE_ADMIN, TREE_READ };

/* A command. @argv: what follows `words`; argc is within min_args and max_args already. */
struct control_command {
	const char *words; /* "show sessions" */
	const char *args;  /* the pattern; NULL: none */
	const char *help;
	unsigned min_args, max_args;
	void (*handler)(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
	enum tree_level level;
};

struct tree {
	const struct control_command *commands;
	unsigned count;
};

/* May somebody of this level see and use the command? */
bool tree_allows(enum tree_level who, const struct control_command *c);

/* The command that the words begin with, and how many of them are its path. A word may be cut short
 * where only one goes on like that, but never where an argument could stand as well: `terminate al`
 * is a user's name. What is for admins changes something, and wants whole words. 0; -ENOENT; -EPERM:
 * it is for admins; -EEXIST: ambiguous, and `why` lists what it may be; -ENOTUNIQ: cut short, and
 * `why` is the whole. */
int tree_find(const struct tree *t, enum tree_level who, unsigned argc, const char *const *argv,
	      const struct control_command **ret, unsigned *ret_words, char *why, size_t why_len);

/* What may stand where `partial` does, after these words. Values come as their upper case names,
 * with `is_value`. Each word once. */
void tree_complete(const struct tree *t, enum tree_level who, unsigned argc,
		   const char *const *argv, const char *partial,
		   void (*fn)(void *arg, const char *word, const char *help, bool is_value),
		   void *arg);

#endif
