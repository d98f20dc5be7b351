/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_DNS64_PRIV_H
#define DAEMON_DNS64_PRIV_H

#include "daemon/daemon.h"
#include "daemon/deeds.h"
#include "daemon/dns64.h"
#include "nat64/dns64.h"

#define DNS64_WHY_MAX	 320
#define DNS64_TICK	 (5 * NSEC_PER_SEC)
#define DNS64_TICK_FIRST (250 * NSEC_PER_MSEC) /* while it starts */
#define DNS64_STARTS	 (20 * NSEC_PER_SEC)   /* what it answers counts from then on */
#define DNS64_MISSES	 3		       /* questions without an answer, and it hangs */
#define DNS64_PAUSE	 (2 * NSEC_PER_SEC)    /* before the next try; doubles */
#define DNS64_PAUSE_MAX	 (600 * NSEC_PER_SEC)
#define DNS64_HUNG_PAUSE                                                                           \
	(30 * NSEC_PER_SEC) /* one that does not answer is not ended more often                    \
			     */

enum dns64_state {
	DNS64_STATE_OFF,
	DNS64_STATE_STARTING, /* or it reads another configuration */
	DNS64_STATE_UP,	      /* it answers as it should */
	DNS64_STATE_FAILING,  /* it answers that it cannot */
	DNS64_STATE_SILENT,   /* it runs and does not answer */
	DNS64_STATE_TAMPERED, /* its answers are not what we configured */
	DNS64_STATE_DOWN,     /* it has died, and is started again */
	DNS64_STATE_FAILED,   /* it cannot be had: `why` */
};
#define DNS64_STATES 8

struct dns64 {
	struct daemon *d;
	struct dns64_config want;
	struct dns64_net *allow;
	const char **forward;
	struct sbuf text; /* of named.conf */
	char dir[96], work_dir[112], conf[112], check[128], mark[112];
	struct dns64_mark done;
	enum dns64_state state;
	char why[DNS64_WHY_MAX], told[DNS64_WHY_MAX]; /* the last trouble that was logged */
	bool fresh;  /* what is on disk is what named has, and what is wanted */
	bool was_up; /* named ran already */
	uint64_t pid;
	uint64_t restarts, reloads, rewrites;
	uint64_t starting_until;
	uint64_t pause, begin_due, restart_due;

	struct timer timer;
	int fd; /* -1: none */
	struct loop_io *io;
	struct dns64_question question;
	bool asked; /* and no answer yet */
	unsigned misses;
	uint64_t asked_at, answered_at, rtt; /* ns; 0: never */
	uint64_t sent, good, failed, wrong, missed;
	char last[IP6_STRLEN]; /* the address it gave */

	/* What it has counted. */
	int stats_fd; /* -1: none */
	struct loop_io *stats_io;
	struct sbuf stats_reply;
	struct dns64_stats stats;
	uint64_t stats_at; /* 0: never */
};

/* dns64.c */
void dns64_ask(struct dns64 *n, deeds_done_fn *done, const char *const *words, unsigned count);
#define DNS64_ASK(n, done, ...)                                                                    \
	dns64_ask(n, done, (const char *const[]){ __VA_ARGS__ },                                   \
		  ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))
void dns64_begin(struct dns64 *n); /* from the start */
void dns64_start(struct dns64 *n); /* named: where it runs already, nothing happens */
void dns64_reload(struct dns64 *n);
void dns64_mark(struct dns64 *n, uint64_t loaded);
/* Says it once, as long as it stays the same. */
void dns64_trouble(struct dns64 *n, enum dns64_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* dns64_watch.c */
void dns64_watch_init(struct dns64 *n);
void dns64_watch_start(struct dns64 *n, uint64_t now); /* it has been started, or reads anew */
void dns64_again(struct dns64 *n, uint64_t now);       /* from the start, later and later */
void dns64_watch_stop(struct dns64 *n);

/* dns64_stats.c */
void dns64_stats_ask(struct dns64 *n); /* again: what has not been answered is given up */
void dns64_stats_stop(struct dns64 *n);
void dns64_stats_show(struct json *j, const struct dns64 *n, uint64_t now);

#endif
