/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of subscribers' traffic to a monitoring port; nothing of it is there without one. */
#ifndef DAEMON_MIRROR_H
#define DAEMON_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control_reply;
struct json;
struct daemon;
struct session;

int mirror_setup(struct daemon *d); /* the data plane is there; no session is yet */
void mirror_teardown(struct daemon *d);
void mirror_links(struct daemon *d); /* an interface has changed */
/* Is everybody copied? Then copies upstream are made at subs0 (ABI_SESSION_COPY_LATE). */
bool mirror_late(const struct daemon *d);
/* Whether upstream's program is needed, and then it is there. 0 or -errno. */
int mirror_upstream(struct daemon *d);
/* The rule of a session, for its entry in the data plane; 0: it is not copied. */
uint16_t mirror_of(const struct session *s);

/* BRAS-Mirror: would it do? 0, or -errno and `why`. */
int mirror_check(const struct daemon *d, const char *text, char *why, size_t why_len);
/* RADIUS says so of the session's user; empty: nothing, any more. @by: "RADIUS", "CoA". */
void mirror_given(struct session *s, const char *text, const char *by);

/* Key "mirror": the rule that a session has, and what it copied; null: none. */
void mirror_line_show(struct json *j, const struct session *s);

/* handlers */
void mirror_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void mirror_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
