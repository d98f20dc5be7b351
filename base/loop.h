/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: descriptors, signals, and one timer wheel (base/wheel.h). It hides its library
 * (libev). One thread; no function here blocks but loop_run().
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/hist.h"
#include "base/wheel.h"

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop;
struct loop_io;
struct loop_signal;

int loop_new(struct loop **ret);
void loop_free(struct loop *l);

/* Monotonic ns, read once per turn of the loop. */
uint64_t loop_now(struct loop *l);
/* Reads the clock again: for long work within one turn. */
uint64_t loop_clock(void);
struct wheel *loop_wheel(struct loop *l);
/* How long each turn was at work, from waking up until it slept again: what anybody may have had to
 * wait for. */
const struct hist *loop_turns(const struct loop *l);

int loop_run(struct loop *l); /* until loop_stop() */
void loop_stop(struct loop *l);

/* @events: LOOP_READ | LOOP_WRITE. The descriptor stays the caller's. */
int loop_io_new(struct loop *l, int fd, unsigned events,
		void (*fn)(void *arg, uint64_t now, unsigned events), void *arg,
		struct loop_io **ret);
void loop_io_events(struct loop_io *io, unsigned events);
void loop_io_free(struct loop_io *io); /* allowed inside its own function */

int loop_signal_new(struct loop *l, int signo, void (*fn)(void *arg, uint64_t now), void *arg,
		    struct loop_signal **ret);
void loop_signal_free(struct loop_signal *s);

#endif
