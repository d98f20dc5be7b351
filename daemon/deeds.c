// SPDX-License-Identifier: GPL-2.0-or-later
/* brasd's side of its helper: what is asked waits here until it can be sent, and until it is done.
 */
#include "daemon/deeds.h"

#include "base/log.h"
#include "daemon/deeds_sys.h"
#include "daemon/deeds_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

#define LISTENERS_MAX	8
#define CONNECT_AGAIN	(20 * NSEC_PER_MSEC)
#define START_AGAIN	(500 * NSEC_PER_MSEC) /* one that ends may hold the lock still */
#define CONNECT_TIMEOUT (10 * NSEC_PER_SEC)

struct request {
	TAILQ_ENTRY(request) link;
	uint32_t id;
	bool sent;
	deeds_done_fn *done;
	void *arg;
	size_t len;
	uint8_t message[];
};

struct listener {
	char name[DEEDS_NAME_MAX + 1];
	deeds_child_fn *fn; /* NULL: free */
	void *arg;
};

struct deeds {
	struct loop *loop;
	const char *instance;
	char path[CONTROL_PATH_MAX];
	int fd; /* -1: not connected */
	struct loop_io *io;
	struct timer timer;		  /* the next try to connect */
	uint64_t trying_since, start_due; /* 0: not trying; at once */
	pid_t starting;			  /* 0: nothing to reap */
	uint32_t next_id;
	unsigned count;
	TAILQ_HEAD(, request) requests; /* in the order asked: the sent ones first */
	struct listener listeners[LISTENERS_MAX];
	uint8_t message[DEEDS_MESSAGE_MAX + 1];
};

static void complete(struct deeds *d, struct request *q, uint64_t now, int rc, const char *text,
		     size_t len)
{
	TAILQ_REMOVE(&d->requests, q, link);
	d->count--;
	if (q->done)
		q->done(q->arg, now, rc, text, len);
	free(q);
}

/* Each of now, not of those that a `done` asks for. */
static void fail_all(struct deeds *d, uint64_t now, int rc, const char *why, bool sent_only)
{
	uint32_t end = d->next_id;
	struct request *q;

	while ((q = TAILQ_FIRST(&d->requests)) && (int32_t)(q->id - end) < 0 &&
	       (q->sent || !sent_only))
		complete(d, q, now, rc, why, strlen(why));
}

static void tell(struct deeds *d, uint64_t now, const char *name, enum deeds_child_state state,
		 int detail)
{
	for (unsigned i = 0; i < LISTENERS_MAX; i++) {
		struct listener *l = &d->listeners[i];

		if (l->fn && (!name || !strcmp(l->name, name)))
			l->fn(l->arg, now, l->name, state, detail);
	}
}

static void try_soon(struct deeds *d, uint64_t at)
{
	if (!timer_is_set(&d->timer))
		timer_set(loop_wheel(d->loop), &d->timer, at);
}

static void disconnect(struct deeds *d)
{
	loop_io_free(d->io);
	d->io = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* It has died, or was ended. What it had not got yet is for the next one. */
static void lost(struct deeds *d, uint64_t now)
{
	disconnect(d);
	log_warn("the helper is gone, and its children with it");
	fail_all(d, now, -ECONNRESET, "the helper died", true);
	tell(d, now, NULL, DEEDS_CHILD_UNKNOWN, 0);
	if (!TAILQ_EMPTY(&d->requests))
		try_soon(d, now);
}

static void on_result(struct deeds *d, uint64_t now, const struct deeds_reply *r)
{
	struct request *q;

	TAILQ_FOREACH(q, &d->requests, link)
		if (q->id == r->id && q->sent)
			break;
	if (q)
		complete(d, q, now, r->status, (const char *)r->text, r->len);
}

static int on_message(struct deeds *d, uint64_t now, size_t len)
{
	struct deeds_reply r;
	int rc = deeds_reply_parse(d->message, len, &r);
	char line[2 * DEEDS_LINE_MAX], name[DEEDS_NAME_MAX + 1];

	if (rc)
		return rc;
	d->message[len] = '\0'; /* what follows ends with the message */
	switch (r.kind) {
	case DEEDS_RESULT:
		on_result(d, now, &r);
		break;
	case DEEDS_CHILD:
		memcpy(name, d->message + len - r.len, r.len + 1);
		tell(d, now, name, r.state, r.status);
		break;
	case DEEDS_LOG:
		log_printf((enum log_level)r.level, "%s",
			   str_escape(line, sizeof(line), r.text, r.len));
		break;
	case DEEDS_DO:
	case DEEDS_QUIT:
		return -EBADMSG;
	}
	return 0;
}

static int send_waiting(struct deeds *d)
{
	struct request *q;

	TAILQ_FOREACH(q, &d->requests, link) {
		int rc = q->sent ? 0 : deeds_sys_send(d->fd, q->message, q->len);

		if (rc)
			return rc == -EAGAIN ? 0 : rc;
		q->sent = true;
	}
	loop_io_events(d->io, LOOP_READ);
	return 0;
}

static void on_io(void *arg, uint64_t now, unsigned events)
{
	struct deeds *d = arg;
	int rc = 0;

	if (events & LOOP_WRITE)
		rc = send_waiting(d);
	while (!rc && events & LOOP_READ) {
		ssize_t n = deeds_sys_recv(d->fd, d->message, sizeof(d->message) - 1);

		if (n == -EAGAIN || n == -EINTR)
			return;
		rc = n < 0 ? (int)n : !n ? -ECONNRESET : on_message(d, now, (size_t)n);
	}
	if (rc)
		lost(d, now);
}

static void give_up(struct deeds *d, uint64_t now, int rc)
{
	struct sbuf why = { 0 };

	d->trying_since = 0;
	if (rc == -EPERM)
		sbuf_printf(&why, "the helper does not answer: is brasd-deeds@%s.socket active?",
			    d->instance);
	else
		sbuf_printf(&why, "the helper cannot be had: %s",
			    rc == -ENOENT ? "brasd-deeds is not installed" : strerror(-rc));
	fail_all(d, now, -ENOTCONN, why.p ? why.p : "", false);
	sbuf_fini(&why);
}

static int start(struct deeds *d, uint64_t now)
{
	if (d->starting && deeds_sys_reaped(d->starting))
		d->starting = 0;
	if (d->starting || now < d->start_due)
		return 0;
	d->start_due = now + START_AGAIN;
	return deeds_sys_start(d->instance, &d->starting);
}

static void on_timer(struct timer *t, uint64_t now)
{
	struct deeds *d = container_of(t, struct deeds, timer);
	int fd = deeds_sys_connect(d->path), rc;

	if (!d->trying_since)
		d->trying_since = now;
	if (fd >= 0) {
		d->fd = fd;
		rc = loop_io_new(d->loop, fd, LOOP_READ | LOOP_WRITE, on_io, d, &d->io);
		d->trying_since = 0;
		if (d->starting && deeds_sys_reaped(d->starting))
			d->starting = 0;
		if (rc) {
			disconnect(d);
			give_up(d, now, rc);
		}
		return;
	}
	rc = fd;
	if (fd == -ENOENT || fd == -ECONNREFUSED) {
		rc = start(d, now);
		if (!rc || rc == -EPERM)
			rc = now - d->trying_since > CONNECT_TIMEOUT ? rc ? rc : -ETIMEDOUT : 0;
	} else if (fd == -EAGAIN) { /* its queue is full */
		rc = now - d->trying_since > CONNECT_TIMEOUT ? -ETIMEDOUT : 0;
	}
	if (rc)
		give_up(d, now, rc);
	else
		timer_set(loop_wheel(d->loop), t, now + CONNECT_AGAIN);
}

int deeds_do(struct deeds *d, const char *const *words, unsigned count, const void *input,
	     size_t len, deeds_done_fn *done, void *arg)
{
	const size_t cap = DEEDS_MESSAGE_MAX - DEEDS_INPUT_MAX;
	struct request *q;
	int n;

	if (d->count >= DEEDS_QUEUE_MAX)
		return -ENOBUFS;
	if (len > DEEDS_INPUT_MAX)
		return -E2BIG;
	q = malloc(sizeof(*q) + cap + len);
	if (!q)
		return -ENOMEM;
	n = deeds_request_write(q->message, cap + len, d->next_id, words, count, input, len);
	if (n < 0) {
		free(q);
		return n;
	}
	*q = (struct request){ .id = d->next_id++, .done = done, .arg = arg, .len = (size_t)n };
	TAILQ_INSERT_TAIL(&d->requests, q, link);
	d->count++;
	if (d->fd >= 0)
		loop_io_events(d->io, LOOP_READ | LOOP_WRITE);
	else
		try_soon(d, loop_now(d->loop));
	return 0;
}

void deeds_forget(struct deeds *d, const void *arg)
{
	struct request *q;

	TAILQ_FOREACH(q, &d->requests, link)
		if (q->arg == arg)
			q->done = NULL;
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		if (d->listeners[i].arg == arg)
			d->listeners[i].fn = NULL;
}

int deeds_listen(struct deeds *d, const char *name, deeds_child_fn *fn, void *arg)
{
	if (strlen(name) > DEEDS_NAME_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < LISTENERS_MAX; i++) {
		struct listener *l = &d->listeners[i];

		if (l->fn)
			continue;
		*l = (struct listener){ .fn = fn, .arg = arg };
		memcpy(l->name, name, strlen(name));
		return 0;
	}
	return -ENOSPC;
}

int deeds_new(struct deeds **ret, struct loop *loop, const char *instance)
{
	struct deeds *d = calloc(1, sizeof(*d));
	int rc = d ? deeds_path(d->path, instance) : -ENOMEM;

	if (rc) {
		free(d);
		return rc;
	}
	d->loop = loop;
	d->instance = instance;
	d->fd = -1;
	TAILQ_INIT(&d->requests);
	timer_init(&d->timer, on_timer);
	*ret = d;
	return 0;
}

void deeds_free(struct deeds *d, bool end)
{
	uint8_t quit[8];
	int len = deeds_quit_write(quit, sizeof(quit));
	struct request *q;

	if (!d)
		return;
	timer_cancel(loop_wheel(d->loop), &d->timer);
	if (end && d->fd < 0 && deeds_sys_alive(d->path)) /* of a process before us */
		d->fd = deeds_sys_connect(d->path);
	if (end && d->fd >= 0)
		(void)deeds_sys_send(d->fd, quit, (size_t)len);
	disconnect(d);
	if (d->starting)
		(void)deeds_sys_reaped(d->starting);
	while ((q = TAILQ_FIRST(&d->requests))) {
		TAILQ_REMOVE(&d->requests, q, link);
		free(q);
	}
	free(d);
}
