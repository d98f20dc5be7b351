/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deeds that need more than brasd should have: modules, sysctls, the tools of Jool and bind9, and
 * children that serve on their own (named, tayga). A helper, brasd-deeds, does them, and only those
 * of its table (daemon/deeds_table.c, where a new one is a row). It is reached over a socket and
 * never waited for. It lives in brasd's network namespace, goes on with its children when brasd is
 * killed or restarts, and ends when brasd ends cleanly.
 *
 * It is started by whoever needs it first: the service manager, or, where there is none, the first
 * deed. All functions here return at once; what is called back is called from the loop.
 */
#ifndef DAEMON_DEEDS_H
#define DAEMON_DEEDS_H

#include "base/loop.h"

#include <stddef.h>

#define DEEDS_WORDS_MAX	 16
#define DEEDS_INPUT_MAX	 65536 /* octets, of one deed */
#define DEEDS_OUTPUT_MAX 65536 /* what is more is cut off */
#define DEEDS_NAME_MAX	 31    /* of a child */
#define DEEDS_QUEUE_MAX	 256   /* deeds that wait */

struct deeds;

/* @rc: 0; the tool's exit status, 1 to 255; -errno: it was not done. -EPERM and -EINVAL: not in the
 * table, or not with these arguments; -ENOENT: the tool is not installed; -ETIMEDOUT: it was ended
 * after DEED_PATIENCE; -ECONNRESET: the helper died, and nobody knows; -ENOTCONN: there is none.
 * @output: what it wrote to stdout and stderr, or why it was not done; NUL-terminated. */
typedef void deeds_done_fn(void *arg, uint64_t now, int rc, const char *output, size_t len);

enum deeds_child_state {
	DEEDS_CHILD_RUNS,   /* detail: its process id */
	DEEDS_CHILD_DIED,   /* detail: its wait status; it will be started again, later and later */
	DEEDS_CHILD_ENDED,  /* as it was told to; detail: its wait status */
	DEEDS_CHILD_UNKNOWN /* the helper is gone, and with it the child: start it again */
};
#define DEEDS_CHILD_STATES 4

typedef void deeds_child_fn(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
			    int detail);

int deeds_new(struct deeds **ret, struct loop *loop, const char *instance);
/* @end: the helper ends too, with its children; else it goes on. What waits is never called. */
void deeds_free(struct deeds *d, bool end);

/* Deeds are done one after the other, in the order asked. The words and the input are copied.
 * @words: the deed's name and its arguments. @input: for its stdin; NULL: none. @done may be NULL.
 * -E2BIG; -ENOBUFS: too many wait; and `done` is not called then. */
int deeds_do(struct deeds *d, const char *const *words, unsigned count, const void *input,
	     size_t len, deeds_done_fn *done, void *arg);
/* Whatever was asked with this `arg`, or listens with it, is not called any more. */
void deeds_forget(struct deeds *d, const void *arg);

/* What becomes of the supervised child of this name ("named"). -ENOSPC. */
int deeds_listen(struct deeds *d, const char *name, deeds_child_fn *fn, void *arg);

#endif
