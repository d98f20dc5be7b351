/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log says of a session, with its tag: user, interface, session id, MAC, address and
 * accounting id are fields of each line (base/log.h). `debug USER` follows one: its debug lines are
 * told at any level, each frame of its control plane among them, so many a second and no more.
 *
 * All but errors and debug lines come out of the peer's share ([log] limit-per-line, log_share.h). Its
 * peer is a MAC address on a line; where a VLAN or a circuit id is one customer's
 * (max-sessions-per-vlan, -per-circuit-id), it is that one, whatever MAC addresses it makes up.
 */
#ifndef DAEMON_TRACE_H
#define DAEMON_TRACE_H

#include "base/log.h"
#include "base/rate.h"

#include <stddef.h>

#define TRACES_MAX	 8
#define TRACE_PER_SECOND 200

struct control_reply;
struct daemon;
struct mac;
struct pppoe_line;
struct session;

struct traces {
	char *who[TRACES_MAX]; /* as of match_parse(); NULL: free */
	struct rate rate;
	uint64_t untold;
};

void session_log(const struct session *s, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* @event: "login", "logout", "login-failed": a record, for who reads fields. */
void session_event(const struct session *s, enum log_level level, const char *event,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* For what somebody without a login can cause, or what then is said of everybody: when the peer's share has
 * allowed it, @limit must, too. @event: may be NULL. */
void session_provoked(const struct session *s, struct log_limit *limit, enum log_level level,
		      const char *event, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The same of a peer that has no session, for pppoe_ops. */
bool trace_may_tell(void *daemon, uint64_t now, const struct pppoe_line *line,
		    const struct mac *mac, uint64_t *ret_left_out);
#define session_debug(s, ...)                                                                      \
	do {                                                                                       \
		if (log_enabled(LOG_LEVEL_DEBUG) || (s)->has & SESSION_TRACED)                     \
			session_log(s, LOG_LEVEL_DEBUG, __VA_ARGS__);                              \
	} while (0)

/* Is it one that somebody follows? Asked when more of it is known: its MAC, its name. */
void trace_look(struct session *s);
/* A frame of its control plane; @ppp: protocol and on. */
void trace_frame(const struct session *s, bool received, const uint8_t *ppp, size_t len);

/* handlers: debug, show debug */
void trace_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void trace_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void traces_fini(struct traces *t);

#endif
