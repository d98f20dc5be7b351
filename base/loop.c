// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/loop.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <time.h>

/* Timers of one turn: many may be due at once, and descriptors have their turn in between. */
#define WHEEL_TIME (NSEC_PER_MSEC / 2)

struct loop {
	struct ev_loop *ev;
	struct ev_prepare prepare;
	struct ev_check check;
	struct ev_timer timer;
	struct ev_idle rest; /* while the wheel has some left: no sleep */
	struct wheel wheel;
	uint64_t now;
	uint64_t woke; /* 0: not yet */
	struct hist turns;
};

struct loop_io {
	struct ev_io ev;
	struct loop *loop;
	void (*fn)(void *arg, uint64_t now, unsigned events);
	void *arg;
};

struct loop_signal {
	struct ev_signal ev;
	struct loop *loop;
	void (*fn)(void *arg, uint64_t now);
	void *arg;
};

uint64_t loop_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t loop_now(struct loop *l)
{
	return l->now;
}

const struct hist *loop_turns(const struct loop *l)
{
	return &l->turns;
}

struct wheel *loop_wheel(struct loop *l)
{
	return &l->wheel;
}

/* Before the loop sleeps: run what is due, and say when the wheel wants to be run next. */
static void on_prepare(struct ev_loop *ev, struct ev_prepare *p, int revents)
{
	struct loop *l = p->data;
	uint64_t next;

	(void)revents;
	l->now = loop_clock();
	wheel_run_until(&l->wheel, l->now, loop_clock, l->now + WHEEL_TIME);
	if (l->woke)
		hist_add(&l->turns, loop_clock() - l->woke);
	next = wheel_next(&l->wheel);
	if (next <= l->now)
		ev_idle_start(ev, &l->rest);
	else
		ev_idle_stop(ev, &l->rest);
	if (next == UINT64_MAX) {
		ev_timer_stop(ev, &l->timer);
		return;
	}
	l->timer.repeat = next > l->now ? (double)(next - l->now) / NSEC_PER_SEC : 1e-6;
	ev_now_update(ev);
	ev_timer_again(ev, &l->timer);
}

static void on_check(struct ev_loop *ev, struct ev_check *c, int revents)
{
	struct loop *l = c->data;

	(void)ev;
	(void)revents;
	l->now = l->woke = loop_clock();
}

static void on_timer(struct ev_loop *ev, struct ev_timer *t, int revents)
{
	(void)ev;
	(void)t;
	(void)revents; /* it only wakes the loop; on_prepare() runs the wheel */
}

static void on_idle(struct ev_loop *ev, struct ev_idle *i, int revents)
{
	(void)ev;
	(void)i;
	(void)revents; /* while it is started, the loop does not sleep */
}

int loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->ev = ev_loop_new(EVFLAG_AUTO);
	if (!l->ev) {
		free(l);
		return -ENOMEM;
	}
	l->now = loop_clock();
	wheel_init(&l->wheel, l->now);
	l->prepare.data = l->check.data = l;
	ev_prepare_init(&l->prepare, on_prepare);
	ev_check_init(&l->check, on_check);
	ev_set_priority(&l->check, EV_MAXPRI); /* the clock is read before anyone is called */
	ev_init(&l->timer, on_timer);
	ev_idle_init(&l->rest, on_idle);
	ev_prepare_start(l->ev, &l->prepare);
	ev_check_start(l->ev, &l->check);
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	ev_loop_destroy(l->ev);
	free(l);
}

int loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
	return 0;
}

void loop_stop(struct loop *l)
{
	ev_break(l->ev, EVBREAK_ALL);
}

static void on_io(struct ev_loop *ev, struct ev_io *w, int revents)
{
	struct loop_io *io = w->data;

	(void)ev;
	io->fn(io->arg, io->loop->now,
	       (revents & EV_READ ? LOOP_READ : 0) | (revents & EV_WRITE ? LOOP_WRITE : 0));
}

static int ev_events(unsigned events)
{
	return (events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0);
}

int loop_io_new(struct loop *l, int fd, unsigned events,
		void (*fn)(void *arg, uint64_t now, unsigned events), void *arg,
		struct loop_io **ret)
{
	struct loop_io *io = calloc(1, sizeof(*io));

	if (!io)
		return -ENOMEM;
	io->loop = l;
	io->fn = fn;
	io->arg = arg;
	ev_io_init(&io->ev, on_io, fd, ev_events(events));
	io->ev.data = io;
	ev_io_start(l->ev, &io->ev);
	*ret = io;
	return 0;
}

void loop_io_events(struct loop_io *io, unsigned events)
{
	ev_io_stop(io->loop->ev, &io->ev);
	ev_io_set(&io->ev, io->ev.fd, ev_events(events));
	ev_io_start(io->loop->ev, &io->ev);
}

void loop_io_free(struct loop_io *io)
{
	if (!io)
		return;
	ev_io_stop(io->loop->ev, &io->ev);
	free(io);
}

static void on_signal(struct ev_loop *ev, struct ev_signal *w, int revents)
{
	struct loop_signal *s = w->data;

	(void)ev;
	(void)revents;
	s->fn(s->arg, s->loop->now);
}

int loop_signal_new(struct loop *l, int signo, void (*fn)(void *arg, uint64_t now), void *arg,
		    struct loop_signal **ret)
{
	struct loop_signal *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->fn = fn;
	s->arg = arg;
	ev_signal_init(&s->ev, on_signal, signo);
	s->ev.data = s;
	ev_signal_start(l->ev, &s->ev);
	*ret = s;
	return 0;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	ev_signal_stop(s->loop->ev, &s->ev);
	free(s);
}
