/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP, for reading only. It lives in threads of its own and knows the daemon as any client does: by
 * the control socket (base/control.h). So nothing that happens here can stall the loop, which
 * answers each question piece by piece; and no answer is kept in the loop for a reader that is slow.
 *
 *	http_sys.c	libmicrohttpd: connections, limits, answers; a thread for each connection
 *	http_ask.c	one question to the daemon, as a whole text
 *	http_route.c	the table of paths, and what stands behind each
 *	http_path.c	paths and hosts, pure
 *	http_events.c	/api/v1/events: one thread asks, all viewers are told
 *	metrics.c	/metrics: text of JSON, pure; metrics_sys.c what the kernel counts
 */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct config_endpoint;
struct http;
struct http_events;
struct http_path;

struct http_config {
	const struct config_endpoint *listens;
	unsigned listen_count;
	unsigned max_connections;
	char socket[108]; /* the control socket of the daemon */
};

/* Serves. 0; on failure `why` has a sentence without a full stop. `config` is copied, the list in it
 * too. */
int http_new(struct http **ret, const struct http_config *config, char *why, size_t why_len);
/* Ends all connections; waits for threads, which wait for nothing for longer than a moment. NULL is
 * fine. */
void http_free(struct http *h);

/* --- behind it ------------------------------------------------------------------------------ */

struct http_answer {
	unsigned status;	  /* of HTTP */
	const char *type;	  /* Content-Type */
	struct sbuf body;	  /* the answer is its owner */
	struct http_events *live; /* not NULL: a stream of events follows, the body is empty */
};

struct http_route {
	const char *path;
	unsigned more;	   /* segments that follow the path */
	const char *words; /* of the command, for `fetch`; NULL: none */
	/* Fills *ret, whose status is 200. @args: the segments that follow. In a connection's thread:
	 * it may wait. */
	void (*fetch)(struct http *h, const struct http_route *r, const char *const *args,
		      struct http_answer *ret);
};

extern const struct http_route http_routes[];
extern const unsigned http_route_count;

/* What this path is answered with: 404 and the like, too. */
void http_answer(struct http *h, const char *path, struct http_answer *ret);
void http_fail(struct http_answer *a, unsigned status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* http_page.c: the file of the status page at the route's path. */
void http_page(struct http *h, const struct http_route *r, const char *const *args,
	       struct http_answer *ret);

/* One command; the body of its answer is appended. 0, or an HTTP status and `message`. At most
 * HTTP_ASKING questions are out at once: the others wait for a moment, then it is 503. */
#define HTTP_ASKING 4
int http_ask(struct http *h, unsigned argc, const char *const *argv, struct sbuf *ret,
	     char *message, size_t message_len);
bool http_stopping(const struct http *h);
/* http_ask.c: the same, without a limit. */
int http_ask_socket(const char *path, unsigned argc, const char *const *argv, struct sbuf *ret,
		    char *message, size_t message_len);

/* http_events.c. A viewer waits for what comes after `*seq`, a second at most, and gets a whole event,
 * or a comment that keeps the connection alive. */
int http_events_new(struct http_events **ret, struct http *h);
void http_events_stop(struct http_events *e); /* viewers are let go */
void http_events_free(struct http_events *e);
struct http_events *http_events(struct http *h);
/* false: there are enough viewers. `*ret_seq`: of what was told before, and is not told again. */
bool http_events_enter(struct http_events *e, uint64_t *ret_seq);
void http_events_leave(struct http_events *e);
int http_events_next(struct http_events *e, uint64_t *seq, struct sbuf *ret); /* -ESHUTDOWN */

/* metrics.c: Prometheus' text format 0.0.4. Each argument is JSON as the command of that name gives
 * it, NULL or empty where it could not be had. */
struct metrics_input {
	const char *stat, *health, *pools, *radius, *nat64, *mirror;
	const char *kernel; /* of metrics_sys.c */
};
int metrics_write(const struct metrics_input *in, struct sbuf *out);

/* A member of an object, and a newline. -EBADMSG. */
int metrics_member(const char *object, const char *name, struct sbuf *out);

/* Of what the kernel is asked; taken from `show health`. */
#define METRICS_NAMES_MAX 128
struct metrics_wanted {
	unsigned count;
	char names[METRICS_NAMES_MAX][16]; /* interfaces */
	char device[16];		   /* the subscribers'; empty: not known */
	bool shaper;
};
void metrics_wanted_parse(const char *health, struct metrics_wanted *ret);

/* metrics_sys.c, as JSON: {interfaces: [{name, up, rx-bytes, ...}], queues: [{direction, drops,
 * backlog}], memory-bytes, fds}. */
void metrics_kernel(const struct metrics_wanted *wanted, struct sbuf *out);

#endif
