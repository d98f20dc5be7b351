// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /api/v1/events: Server-Sent Events (the HTML standard, section 9.2). While somebody watches, one
 * thread asks the daemon once a second and makes one text of the answer; all viewers get that text.
 * Nobody asks while nobody watches.
 *
 *	event: health	each second: the object of `show health`
 *	event: sessions	lines that have changed, as http_delta() has it; each second as well, but
 *			seldom enough that no more than ROWS_PER_SECOND lines are asked for
 *	event: missed	how many of the events before this one he was not told: he is slow, and
 *			what is kept is the last one. A line may have gone with them: he has to ask for all.
 */
#include "base/control.h"
#include "daemon/http.h"
#include "daemon/http_delta.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define VIEWERS_MAX	32
#define ROWS_PER_SECOND 4000

struct http_events {
	struct http *http;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change; /* an event, a first viewer, or the end */
	struct sbuf text;      /* the last event */
	uint64_t seq;	       /* its number */
	unsigned viewers;
	bool stop;
	/* of the thread alone */
	struct http_delta delta;
	unsigned pause; /* s until lines are asked for again */
};

static void second_from(const struct timespec *t, struct timespec *ret)
{
	*ret = *t;
	ret->tv_sec++;
}

static void event(struct sbuf *out, const char *name, struct sbuf *data)
{
	while (data->len && data->p[data->len - 1] == '\n')
		data->len--;
	sbuf_printf(out, "event: %s\ndata: %.*s\n\n", name, (int)data->len, data->p);
}

static bool ask(struct http *h, const char *what, struct sbuf *ret)
{
	const char *argv[] = { "show", what };
	char message[CONTROL_MESSAGE_MAX];

	return !http_ask(h, 2, argv, ret, message, sizeof(message)) && ret->len;
}

/* Between two of them a rate can be told, whenever they come to be read. */
static void sessions_event(struct sbuf *out, const struct timespec *at, const struct sbuf *delta)
{
	sbuf_printf(out, "event: sessions\ndata: {\"at\":%lld,%.*s\n\n",
		    (long long)at->tv_sec * 1000 + at->tv_nsec / 1000000, (int)delta->len - 1,
		    delta->p + 1);
}

static void make_sessions(struct http_events *e, struct sbuf *out)
{
	struct sbuf counters = { 0 }, data = { 0 };
	struct timespec now;

	if (e->pause) {
		e->pause--;
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (ask(e->http, "counters", &counters) &&
	    !http_delta(&e->delta, counters.p, counters.len, &data) && data.len)
		sessions_event(out, &now, &data);
	out->bad |= data.bad; /* of lines that it had nobody is told again */
	e->pause = (unsigned)(e->delta.count / ROWS_PER_SECOND);
	sbuf_fini(&counters);
	sbuf_fini(&data);
}

/* What all viewers are told now; empty: the daemon does not answer. */
static void make(struct http_events *e, struct sbuf *out)
{
	struct sbuf data = { 0 };

	if (ask(e->http, "health", &data))
		event(out, "health", &data);
	sbuf_fini(&data);
	make_sessions(e, out);
}

static void *run(void *arg)
{
	struct http_events *e = arg;
	struct timespec now, next;

	pthread_mutex_lock(&e->lock);
	while (!e->stop) {
		struct sbuf text = { 0 };

		if (!e->viewers) {
			pthread_cond_wait(&e->change, &e->lock);
			continue;
		}
		pthread_mutex_unlock(&e->lock);
		clock_gettime(CLOCK_MONOTONIC, &now);
		second_from(&now, &next);
		make(e, &text);
		pthread_mutex_lock(&e->lock);
		sbuf_fini(&e->text);
		e->text = text;
		e->seq += text.bad ? 2 : 1; /* without memory for it all have missed one */
		pthread_cond_broadcast(&e->change);
		while (!e->stop && !pthread_cond_timedwait(&e->change, &e->lock, &next))
			;
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

int http_events_new(struct http_events **ret, struct http *h)
{
	struct http_events *e = calloc(1, sizeof(*e));
	pthread_condattr_t attr;
	int rc;

	if (!e)
		return -ENOMEM;
	e->http = h;
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&e->change, &attr);
	pthread_condattr_destroy(&attr);
	rc = -pthread_create(&e->thread, NULL, run, e);
	if (rc) {
		free(e);
		return rc;
	}
	*ret = e;
	return 0;
}

void http_events_stop(struct http_events *e)
{
	pthread_mutex_lock(&e->lock);
	e->stop = true;
	pthread_cond_broadcast(&e->change);
	pthread_mutex_unlock(&e->lock);
}

void http_events_free(struct http_events *e)
{
	if (!e)
		return;
	http_events_stop(e);
	pthread_join(e->thread, NULL);
	sbuf_fini(&e->text);
	http_delta_fini(&e->delta);
	pthread_cond_destroy(&e->change);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

bool http_events_enter(struct http_events *e, uint64_t *ret_seq)
{
	bool ok;

	pthread_mutex_lock(&e->lock);
	ok = !e->stop && e->viewers < VIEWERS_MAX;
	e->viewers += ok;
	*ret_seq = e->seq; /* the last event may be of the last viewer, hours ago */
	pthread_cond_broadcast(&e->change);
	pthread_mutex_unlock(&e->lock);
	return ok;
}

void http_events_leave(struct http_events *e)
{
	pthread_mutex_lock(&e->lock);
	e->viewers--;
	pthread_mutex_unlock(&e->lock);
}

int http_events_next(struct http_events *e, uint64_t *seq, struct sbuf *ret)
{
	struct timespec now, until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	second_from(&now, &until);
	until.tv_sec++;
	pthread_mutex_lock(&e->lock);
	while (!e->stop && e->seq == *seq && !rc)
		rc = pthread_cond_timedwait(&e->change, &e->lock, &until);
	if (e->stop) {
		rc = -ESHUTDOWN;
	} else {
		rc = 0;
		if (e->seq - *seq > 1)
			sbuf_printf(ret, "event: missed\ndata: %" PRIu64 "\n\n", e->seq - *seq - 1);
		if (e->seq != *seq && e->text.len)
			sbuf_append(ret, e->text.p, e->text.len);
		else
			sbuf_printf(ret, ": nothing new\n\n");
		*seq = e->seq;
	}
	pthread_mutex_unlock(&e->lock);
	return rc;
}
