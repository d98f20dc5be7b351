/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_NAT64_PRIV_H
#define DAEMON_NAT64_PRIV_H

#include "daemon/daemon.h"
#include "daemon/deeds.h"
#include "daemon/nat64.h"
#include "nat64/sys.h"

#define NAT64_WHY_MAX	512
#define NAT64_PATH_MAX	128
#define NAT64_LOOK	(10 * NSEC_PER_SEC)
#define NAT64_AGAIN	(2 * NSEC_PER_SEC) /* after a failure; doubles up to 1024 s */
#define NAT64_LINES_MAX 4		   /* `show session` that count at once */

enum nat64_state { NAT64_STATE_OFF, NAT64_STATE_STARTING, NAT64_STATE_UP, NAT64_STATE_FAILED };

struct nat64;

/* A step asks for a deed and returns true: the rest of it comes with the answer; or it is over at
 * once: false. What follows is said by nat64_go(). */
typedef void nat64_step_fn(struct nat64 *n);
/* @rc as deeds_done_fn has it. */
typedef void nat64_take_fn(struct nat64 *n, int rc, const char *out, size_t len);

struct nat64 {
	struct daemon *d;
	struct nat64_config want;
	struct nat64_range *pool4;
	char label[NAT64_LABEL_MAX], table[NAT64_TABLE_MAX];
	char data_dir[NAT64_PATH_MAX];
	/* Also the marks of what is in use. */
	char tayga_conf[NAT64_PATH_MAX], jool_conf[NAT64_PATH_MAX];
	enum nat64_state state;
	enum nat64_backend backend;
	char choice[NAT64_WHY_MAX]; /* why this backend */
	char why[NAT64_WHY_MAX];    /* the same once it is up; or what failed */
	bool stopping;

	nat64_take_fn *take; /* of the deed that is out; NULL: none is */
	nat64_step_fn *jool_then, *tayga_then, *rules_then; /* when they have been removed */
	/* What has been read of Jool's instance. */
	bool found, iptables;
	struct nat64_global global;
	struct sbuf text; /* answers that belong together */
	unsigned protocol;
	enum nat64_change change;

	struct timer look;
	unsigned failures;	  /* one after the other: the next try comes later and later */
	char told[NAT64_WHY_MAX]; /* the last failure that was logged */
	uint64_t no_port;	  /* packets without a port of pool4, as last told */
	bool looked;		  /* no_port is known */
	struct nat64_log *log;
	unsigned lines; /* that are counted now */
};

/* nat64.c */
void nat64_ask(struct nat64 *n, nat64_take_fn *take, const void *input, size_t len,
	       const char *const *words, unsigned count);
#define NAT64_ASK(n, take, ...)                                                                    \
	nat64_ask(n, take, NULL, 0, (const char *const[]){ __VA_ARGS__ },                          \
		  ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))
void nat64_ask_text(struct nat64 *n, nat64_take_fn *take, const char *word, const char *arg,
		    struct sbuf *text); /* frees the text */
void nat64_up(struct nat64 *n);
void nat64_fail(struct nat64 *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool nat64_checked(struct nat64 *n); /* false: it has failed */
void nat64_begin(struct nat64 *n);   /* from the start */
void nat64_undone(struct nat64 *n);  /* nothing of ours is left */
/* The first line of a tool's output, for people. */
const char *nat64_first_line(char *buf, size_t cap, const char *out, size_t len);

/* nat64_jool.c, nat64_tayga.c */
void nat64_jool_begin(struct nat64 *n);
void nat64_jool_remove(struct nat64 *n, nat64_step_fn *then);
void nat64_tayga_begin(struct nat64 *n);
void nat64_tayga_remove(struct nat64 *n, nat64_step_fn *then);
void nat64_rules(struct nat64 *n); /* the nft table, then it is up */
void nat64_rules_remove(struct nat64 *n, nat64_step_fn *then);

/* nat64_show.c */
void nat64_look_start(struct nat64 *n);

/* nat64_log.c */
int nat64_log_open(struct nat64_log **ret, struct loop *loop, const char *path, uint32_t megabytes,
		   const char *label);
void nat64_log_close(struct nat64_log *l);
uint64_t nat64_log_lost(const struct nat64_log *l); /* lines that never came to us */

#endif
