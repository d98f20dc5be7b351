// SPDX-License-Identifier: GPL-2.0-or-later
/* The dialer's beginning, pace, and end. Exit: 0 all dials came up, 1 not all, 2 usage or set-up.
 */
#include "test/dialer/dialer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PACE_TICK      (10 * NSEC_PER_MSEC)
#define CLOSE_PER_TICK 200
#define VLAN_PRESENT   0x1000

static struct dialer dialer;

struct dialer *the_dialer(void)
{
	return &dialer;
}

static void on_frame(void *arg, uint8_t *p, size_t len)
{
	struct dialer *d = arg;
	uint64_t now = loop_now(d->loop);
	struct line *l;
	struct frame f;
	int r = frame_parse(p, len, &f);

	if (r == -EPROTO)
		return;
	if (r) {
		d->st.bad_frames++;
		return;
	}
	if (f.ethertype == ETH_DISC) {
		disc_input(d, now, &f);
		return;
	}
	l = line_by_session(d, &f);
	if (l && !f.code)
		ppp_input(d, now, l, f.payload);
	else
		d->st.drops++;
}

static void on_readable(void *arg, uint64_t now, unsigned events)
{
	struct dialer *d = arg;

	(void)now;
	(void)events;
	io_read(d->io, on_frame, d);
	io_flush(d->io);
}

static struct line *next_to_dial(struct dialer *d)
{
	if (d->next_start < d->o.lines)
		return &d->lines[d->next_start++];
	if (d->redial_tail != d->redial_head)
		return &d->lines[d->redial[d->redial_tail++ % d->o.lines]];
	return NULL;
}

static void start_some(struct dialer *d, uint64_t now)
{
	uint64_t step = d->o.rate ? NSEC_PER_SEC / d->o.rate : 0;

	d->pace_credit += now - d->pace_last;
	d->pace_last = now;
	if (d->pace_credit > NSEC_PER_SEC)
		d->pace_credit = NSEC_PER_SEC;
	while (d->pace_credit >= step && d->st.outstanding < d->o.max_outstanding) {
		struct line *l = next_to_dial(d);

		if (!l)
			return;
		d->pace_credit -= step;
		line_dial(d, now, l);
	}
}

static void close_some(struct dialer *d, uint64_t now)
{
	unsigned n = d->cut ? d->o.lines : CLOSE_PER_TICK;

	while (n-- && d->next_close < d->o.lines) {
		struct line *l = &d->lines[d->next_close++];

		if (d->cut && l->phase != PH_IDLE)
			line_end(d, now, l, R_HUNG_UP, true);
		else
			line_hangup(d, now, l);
	}
}

/* Every line has come up, or failed, once. */
static void look_whether_ready(struct dialer *d, uint64_t now)
{
	if (d->reported || d->next_start < d->o.lines || d->st.outstanding)
		return;
	d->reported = true;
	d->all_up_at = now;
	report_ready(d);
}

static void on_pace(struct timer *t, uint64_t now)
{
	struct dialer *d = container_of(t, struct dialer, pace);

	if (!d->closing)
		start_some(d, now);
	look_whether_ready(d, now);
	if (d->reported && !d->o.hold_forever && !d->o.flap && now >= d->all_up_at + d->o.hold)
		d->closing = true;
	if (d->closing)
		close_some(d, now);
	io_flush(d->io);
	if (d->st.finished == d->o.lines)
		loop_stop(d->loop);
	else
		timer_set(d->wheel, &d->pace, now + PACE_TICK);
}

static void on_term(void *arg, uint64_t now)
{
	struct dialer *d = arg;

	(void)now;
	if (d->closing)
		loop_stop(d->loop); /* the second time: at once */
	d->closing = true;
}

/* All lines, at once. */
static void on_cut(void *arg, uint64_t now)
{
	struct dialer *d = arg;

	(void)now;
	d->closing = d->cut = true;
}

static void line_init(struct dialer *d, uint32_t i)
{
	struct line *l = &d->lines[i];
	uint32_t c_count = d->o.cvlan_last - d->o.cvlan_first + 1u, n = d->o.same_mac ? 0 : i;

	timer_init(&l->timer, line_timer);
	memcpy(l->mac, d->o.mac_base.b, 6);
	for (int b = 5; b > 1 && n; b--) {
		n += l->mac[b];
		l->mac[b] = (uint8_t)n;
		n >>= 8;
	}
	if (d->o.vlan)
		l->svlan = (uint16_t)(d->o.svlan_first + (d->o.qinq_range ? i / c_count : 0)) |
			   VLAN_PRESENT;
	if (d->o.qinq)
		l->cvlan = (uint16_t)(d->o.cvlan_first + (d->o.qinq_range ? i % c_count : 0)) |
			   VLAN_PRESENT;
}

static int dialer_setup(struct dialer *d)
{
	struct mac own;
	int r = loop_new(&d->loop);

	if (!r)
		r = io_new(&d->io, d->o.ifname, true, &own);
	if (r)
		return r;
	if (d->o.same_mac && !d->o.mac_set)
		d->o.mac_base = own;
	r = io_stations(d->io, &d->o.mac_base, d->o.same_mac ? 1 : d->o.lines);
	if (r)
		return r;
	d->wheel = loop_wheel(d->loop);
	d->lines = calloc(d->o.lines, sizeof(*d->lines));
	d->redial = calloc(d->o.lines, sizeof(*d->redial));
	d->st.setup_cap = d->o.lines * (d->o.flap < 100 ? d->o.flap + 1 : 100);
	d->st.setup_us = calloc(d->st.setup_cap, sizeof(*d->st.setup_us));
	if (!d->lines || !d->redial || !d->st.setup_us || hidx_init(&d->by_sid, d->o.lines))
		return -ENOMEM;
	r = siphash_key_random(&d->key);
	if (r)
		return r;
	d->rng = d->key.k[0] ^ d->key.k[1];
	for (uint32_t i = 0; i < d->o.lines; i++)
		line_init(d, i);
	return d->o.plumb ? emu_new(&d->emu, d) : 0;
}

static void dialer_teardown(struct dialer *d)
{
	emu_free(d->emu);
	io_free(d->io);
	hidx_fini(&d->by_sid);
	free(d->lines);
	free(d->redial);
	free(d->st.setup_us);
	loop_free(d->loop);
}

static int dialer_run(struct dialer *d)
{
	struct loop_signal *term = NULL, *intr = NULL, *cut = NULL;
	struct loop_io *in = NULL;
	int r = loop_io_new(d->loop, io_fd(d->io), LOOP_READ, on_readable, d, &in);

	if (!r)
		r = loop_signal_new(d->loop, SIGTERM, on_term, d, &term);
	if (!r)
		r = loop_signal_new(d->loop, SIGINT, on_term, d, &intr);
	if (!r)
		r = loop_signal_new(d->loop, SIGUSR1, on_cut, d, &cut);
	if (!r) {
		timer_init(&d->pace, on_pace);
		d->pace_last = loop_clock();
		d->pace_credit = d->o.rate ? NSEC_PER_SEC / d->o.rate : 0; /* the first, at once */
		timer_set(d->wheel, &d->pace, d->pace_last);
		r = loop_run(d->loop);
	}
	loop_signal_free(term);
	loop_signal_free(intr);
	loop_signal_free(cut);
	loop_io_free(in);
	return r;
}

int main(int argc, char **argv)
{
	struct dialer *d = &dialer;
	int r = options_parse(&d->o, argc, argv);

	if (r)
		return r - 1;
	setvbuf(stdout, NULL, d->o.quiet || d->o.lines > 1000 ? _IOFBF : _IOLBF, 1 << 16);
	r = dialer_setup(d);
	if (!r)
		r = dialer_run(d);
	if (r)
		fprintf(stderr, "dialer: %s: %s\n", d->o.ifname, strerror(-r));
	else
		report_final(d);
	r = r ? 2 : d->st.failed || d->st.came_up < d->o.lines;
	dialer_teardown(d);
	return r;
}
