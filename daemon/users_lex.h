/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The users file's form, read in place: see daemon/users.h. */
#ifndef DAEMON_USERS_LEX_H
#define DAEMON_USERS_LEX_H

#include "daemon/users.h"

struct users_lex {
	const char *path;
	struct sbuf *errors;
	char *src, *end; /* what is to be read */
	char *dst;	 /* where words go: never past src */
	unsigned line, error_count;
	bool eol; /* the newline behind the last word has been read */
};

/* The next user: 1; 0 at the end. Lines with an error are told and skipped. */
int users_lex_user(struct users_lex *l, struct user *ret);

#endif
