/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helper does at all, and the check of what it is asked for. Pure. */
#ifndef DAEMON_DEEDS_TABLE_H
#define DAEMON_DEEDS_TABLE_H

#include "daemon/deeds.h"

#include <stdbool.h>

#define DEED_ARGV_MAX 16
#define DEED_PATIENCE (10 * NSEC_PER_SEC) /* a tool that takes longer is killed */

enum deed_kind {
	DEED_RUN,    /* a tool, to its end */
	DEED_COUNT,  /* the same; what it prints is Jool's sessions, and of the input's prefixes' they
		      * are counted (nat64/held.h): their table may be longer than any answer */
	DEED_DIR,    /* argv: a user, a directory that becomes the user's */
	DEED_SYSCTL, /* argv: the path below /proc/sys, the value */
	DEED_START,  /* a supervised child */
	DEED_STOP,   /* argv: the child */
	DEED_STATUS, /* argv: the child */
	DEED_HUP,    /* argv: the child */
};

struct deed {
	const char *name;
	enum deed_kind kind;
	bool input;	  /* may have one */
	const char *tool; /* RUN, COUNT, START: looked for in deed_dirs; of START the child's name, too */
	/* What it gets: words as they stand, and for %X the next argument, checked:
	 *	%c  one of `choices`
	 *	%n  a name: letters, digits, '-', '_', at most 31 of them, no '-' before
	 *	%d  a decimal number of 32 bits
	 *	%u  a name that is not root
	 *	%f  a file in the instance's directories or in /etc/brasberry
	 *	%s  a sysctl of the list */
	const char *argv[DEED_ARGV_MAX];
	const char *choices; /* "a|b|c" */
	bool (*input_ok)(const char *text, size_t len, const char *instance);
};

extern const struct deed deed_table[];
extern const unsigned deed_count;
extern const char *const deed_dirs[]; /* NULL at the end */

struct deed_call {
	const struct deed *deed;
	unsigned argc;
	const char *argv[DEED_ARGV_MAX + 2]; /* the tool's name first; NULL at the end */
	const char *files[DEED_ARGV_MAX];    /* those of argv that are files */
	unsigned file_count;
};

/* Below one of our directories, with no way up or around. */
bool deed_file_ok(const char *file, const char *instance);

/* Rules of the one table that is NAT64's and the instance's, and of nothing else: as
 * nat64_nft_write() makes them. Nothing is included, defined or commented. */
bool deed_nft_ok(const char *text, size_t len, const char *instance);

/* Prefixes of a line, for COUNT. */
bool deed_of_ok(const char *text, size_t len, const char *instance);

/* @words: as received. 0; -EPERM: no such deed; -EINVAL: not with these arguments; `why` says it.
 * What is returned points into the table and the words. */
int deed_resolve(const char *const *words, unsigned count, bool input, const char *instance,
		 struct deed_call *ret, char *why, size_t why_len);

#endif
