/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows and columns of a list somebody wants to see: `show sessions [COLUMN,...]
 * [order COLUMN] [match COLUMN REGEX]`, accel-ppp's words. It is done where the answer is shown, so
 * that the daemon need not sort. */
#ifndef CONSOLE_VIEW_H
#define CONSOLE_VIEW_H

#include "console/render.h"

#include "base/str.h"

#define VIEW_SESSION_COLUMNS "sid,ifname,username,calling-sid,ip,ip6,state,uptime,rx-bytes,tx-bytes"
#define VIEW_REGEX_MAX	     256

struct view {
	struct render_columns columns;
	bool stat;   /* it is `show stat` */
	bool chosen; /* the columns were the user's choice */
	char order[RENDER_NAME_MAX], match[RENDER_NAME_MAX]; /* empty: none */
	char regex[VIEW_REGEX_MAX];			     /* extended */
};

/* Takes the view's words out of a `show sessions`; other commands are left alone. 0, or -EINVAL and
 * in `*ret_bad` the word that is wrong. */
int view_take(struct view *v, unsigned *argc, const char **argv, const char **ret_bad);

/* Must the body be changed before it is shown? */
bool view_changes(const struct view *v);
/* The body, an array, without the rows that do not match, in order, and with accel-ppp's columns
 * where one was asked for. Numbers are ordered as numbers. 0; -EBADMSG; -EINVAL: the expression is
 * none; -ENOMEM. */
int view_apply(const struct view *v, struct sbuf *body);

#endif
