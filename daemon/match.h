/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_MATCH_H
#define DAEMON_MATCH_H

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct session;

/* Whom a command is about: USER, sid=N, ip=A, mac=M, all. */
struct match {
	enum { MATCH_USER, MATCH_SID, MATCH_IP4, MATCH_IP6, MATCH_MAC, MATCH_ALL } kind;
	const char *user;
	uint64_t sid;
	uint32_t ip4;
	struct ip6 ip6;
	struct mac mac;
};

int match_parse(const char *s, struct match *ret); /* -EINVAL */
bool match_session(const struct match *m, const struct session *s);
/* One of them, open if any is; NULL: there is none. */
struct session *match_find(struct daemon *d, const struct match *m);

#endif
