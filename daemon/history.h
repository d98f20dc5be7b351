/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened to lines: the last events of each, kept for some time after it has ended. A line
 * that lives has its place by its slot; one that ends is moved to a ring, where the oldest makes
 * room. Lines that never got through authentication have a smaller ring of their own, so that
 * whoever dials in vain pushes nobody's past away. Pure: no clock, no session.
 *
 * A place is HISTORY_LINE octets, and is memory once it is used. In it the oldest events make room
 * for the newest. All places are one piece of memory; where that is a file's, the next process reads
 * it: history_load(), then history_resume() for each line that it goes on with, then
 * history_settle().
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_LINE	   512
#define HISTORY_DETAIL_MAX 120 /* longer ones are cut */
#define HISTORY_NAME_MAX   254 /* as well */
#define HISTORY_LINES_MAX  (1u << 20)
#define HISTORY_FOUND_MAX  16  /* lines of one answer: the newest */

#define HISTORY_EVENTS(X)                                                                          \
	X(DIAL, "dial")                                                                            \
	X(ADOPTED, "adopted") /* it was there before this process */                               \
	X(LCP, "lcp")                                                                              \
	X(ACCEPT, "accept")                                                                        \
	X(REJECT, "reject")                                                                        \
	X(PLAN, "plan")                                                                            \
	X(IPV4_UP, "ipv4-up")                                                                      \
	X(IPV4_DOWN, "ipv4-down")                                                                  \
	X(IPV6_UP, "ipv6-up")                                                                      \
	X(IPV6_DOWN, "ipv6-down")                                                                  \
	X(LEASE, "lease")                                                                          \
	X(COA, "coa")                                                                              \
	X(DISCONNECT, "disconnect")                                                                \
	X(ECHO_LOST, "echo-lost")                                                                  \
	X(MIRROR, "mirror")                                                                        \
	X(CLOSE, "close") /* we end it */                                                          \
	X(END, "end")

enum history_event {
#define X(id, name) HISTORY_##id,
	HISTORY_EVENTS(X)
#undef X
		HISTORY_EVENT_COUNT
};
const char *history_event_name(enum history_event event);

struct history;

/* history_size() octets of zeros. */
struct history_memory {
	uint8_t *p;
	/* Before this part is written: can it be? 0 or -errno. NULL: always. */
	int (*take)(void *arg, size_t at, size_t len);
	void *arg;
};
size_t history_size(uint32_t slots, uint32_t ended, uint32_t refused);

/* For @slots lines that live, and so many that have ended; each 1 or more. @memory NULL: of the heap;
 * else it must outlive what is made. -ENOMEM. */
int history_new(struct history **ret, const struct history_memory *memory, uint32_t slots,
		uint32_t ended, uint32_t refused);
void history_free(struct history *h);

/* What history_new() and the others made of other memory, of whatever sizes, into one without lines.
 * How many lines were not whole and left out. -EBADMSG: it is none, or another version's; -ENOMEM. */
int history_load(struct history *h, const uint8_t *octets, size_t len, unsigned *ret_damaged);
/* As history_begin(), but goes on with the line that the process before had in this slot. */
bool history_resume(struct history *h, uint32_t slot, const struct mac *mac, uint16_t sid);
/* Lines of that process which nobody has gone on with have ended. */
void history_settle(struct history *h, uint64_t time, const char *detail);

/* A line in this slot, which had none, or whose line is forgotten. false: no memory, it has none. */
bool history_begin(struct history *h, uint32_t slot, const struct mac *mac, uint16_t sid);
/* Whose it says it is; @accepted: and was believed. The last name holds. */
void history_name(struct history *h, uint32_t slot, const char *name, bool accepted);
/* @time: wall clock, ms. A slot without a line is let pass. */
void history_add(struct history *h, uint32_t slot, uint64_t time, enum history_event event,
		 const char *detail);
void history_end(struct history *h, uint32_t slot); /* kept among the ended; the slot is free */

/* Whose history: one of both, the other NULL. The newest HISTORY_FOUND_MAX lines, oldest first; how
 * many. They hold until the next call of the above. */
unsigned history_find(const struct history *h, const char *name, const struct mac *mac,
		      uint32_t ret[HISTORY_FOUND_MAX]);

struct history_item {
	uint64_t time;
	enum history_event event;
	const char *detail; /* not terminated: detail_len octets */
	size_t detail_len;
};
struct history_who {
	const char *name; /* NULL: it never said */
	struct mac mac;
	uint16_t sid;
};
struct history_who history_who(const struct history *h, uint32_t line);
/* The next event of a line, oldest first; *cursor begins as 0. false: there is none. */
bool history_next(const struct history *h, uint32_t line, size_t *cursor, struct history_item *ret);

#endif
