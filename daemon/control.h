/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket's server (base/control.h has the protocol). It lives in the daemon's loop and
 * never blocks: a long answer is produced piece by piece, as the reader takes it.
 *
 *	static void cmd_show_stat(void *ctx, unsigned argc, const char *const *argv,
 *				  struct control_reply *r)
 *	{
 *		struct json j = { .out = control_body(r) };
 *
 *		json_open(&j, NULL, '{');
 *		...
 *		json_close(&j, '}');
 *		control_done(r);
 *	}
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/loop.h"
#include "base/str.h"
#include "console/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_BUFFER_MAX (64 * 1024) /* a producer is not asked while this much waits */
#define CONTROL_PIECES_MAX 64	       /* calls of `more` in one turn of the loop */

struct control;
struct control_reply;

/* The handler of a row of the command tree (console/tree.h) ends the reply with exactly one of
 * control_done(), control_refuse(), control_usage(), control_stream(), control_follow(),
 * control_defer(). */

/* Produces a long body. `more` appends the next piece (one object, or 64, but little work):
 * 1: call again; 0: that was all; -errno: the body breaks off there, and the reader sees that.
 * Other things happen in the daemon between two calls: keep (slot, generation), no pointers. */
struct control_producer {
	int (*more)(void *state, struct sbuf *out);
	void (*free)(void *state); /* called once, also when the reader went away */
};

struct control_config {
	const char *path;
	const struct control_command *commands;
	unsigned command_count;
	void *ctx;	      /* of the handlers */
	unsigned max_clients; /* 0: 16 */
	uint64_t timeout;     /* ns without progress (request or reading) until we close; 0: 30 s */
};

/* Makes the directory of the path (0755) where missing, and the socket (0660). A socket file that
 * nobody listens on is replaced; -EADDRINUSE when somebody does. On failure `why` has a sentence
 * without a full stop. `config` is copied; what it points to must live on. */
int control_new(struct control **ret, struct loop *loop, const struct control_config *config,
		char *why, size_t why_len);
/* Closes all clients (what is ready for them is written if it can be, without waiting), removes
 * the socket. Not from within a handler. NULL is fine. */
void control_free(struct control *c);

/* Takes a connected socket as a client of this level: a request is expected from it. It is ours,
 * also when that fails. `who` (copied) is for the log. 0 or -ENOMEM. */
int control_attach(struct control *c, int fd, enum tree_level level, const char *who);

/* Does somebody listen there? */
bool control_is_served(const char *path);

/* Who asks, for the log. */
const char *control_who(const struct control_reply *r);

/* Where the JSON goes, before control_done() or control_stream(). */
struct sbuf *control_body(struct control_reply *r);
void control_done(struct control_reply *r);
void control_refuse(struct control_reply *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* NULL fmt: the command's own synopsis. */
void control_usage(struct control_reply *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What is in the body is sent, then what the producer makes. */
void control_stream(struct control_reply *r, const struct control_producer *p, void *state);
/* What is in the body is sent, and the client stays: more goes into the body from time to time,
 * whole lines, each time told by control_push(). `gone` is called when the client has gone away;
 * one that does not read is sent away. */
void control_follow(struct control_reply *r, void (*gone)(void *state), void *state);
void control_push(struct control_reply *r);
/* Octets of a follower's body that he has not taken. He is sent away beyond CONTROL_BUFFER_MAX. */
size_t control_waiting(const struct control_reply *r);
/* Is the client's process root's? */
bool control_is_root(const struct control_reply *r);
/* The answer comes later, by one of the above. If the client goes away before, `gone` is called and
 * `r` is no more. */
void control_defer(struct control_reply *r, void (*gone)(void *state), void *state);

#endif
