/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users file, in the form of pppd's chap-secrets: `user server secret address rate`, one line
 * each; '#' comments, "..." and '...' quotes, backslash escapes, a line goes on after a backslash
 * at its end. `*` as user or server matches any. Address: `*` one of the default pool, `-` no
 * IPv4, an IPv4 address, or the name of a pool. Rate: down/up in kbit/s, `-` the default.
 */
#ifndef DAEMON_USERS_H
#define DAEMON_USERS_H

#include "base/str.h"
#include "daemon/config.h"

enum user_address {
	USER_ADDRESS_POOL,  /* `pool`, or the default one when that is NULL */
	USER_ADDRESS_NONE,  /* IPCP is refused */
	USER_ADDRESS_FIXED, /* `ip4` */
};

/* Valid until users_free(), or a reload that has changed something. */
struct user {
	const char *name, *server; /* "*": any */
	const char *secret;
	size_t secret_len;
	enum user_address address;
	uint32_t ip4;	  /* host order */
	const char *pool; /* NULL: the default pool */
	struct config_rate rate;
	unsigned line; /* of the file */
};

struct users;

/* Reads the file whole, or hands over nothing: every error is a line "FILE:LINE: what" of @errors.
 * 0, -EINVAL, or the -errno of open and read (told in @errors as well). */
int users_load(const char *path, struct users **ret, struct sbuf *errors);
int users_parse(const char *path, const char *text, size_t len, struct users **ret,
		struct sbuf *errors);
void users_free(struct users *u); /* wipes secrets; NULL is fine */

/* Who this is, or NULL. Like pppd: an exact name or server beats `*` (the name counts more), and
 * of equals the first line counts. @server: what we call ourselves, [pppoe] ac-name. */
const struct user *users_find(const struct users *u, const char *name, size_t name_len,
			      const char *server);
/* Is this somebody's fixed address? Then a pool must not give it to others. */
bool users_have_ip4(const struct users *u, uint32_t addr);
uint32_t users_count(const struct users *u);

/*
 * Looks (stat) whether the file is another than the one *u was read from and reads it then. 1: *u
 * is a new one and the old is freed; 0: nothing has changed; -errno: told in @errors, *u is what
 * it was. A file that was found bad is not read again before it changes. *u may be NULL.
 */
int users_reload_if_changed(struct users **u, const char *path, struct sbuf *errors);

#endif
