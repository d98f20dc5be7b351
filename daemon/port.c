// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Access interfaces. A port has a number of its own, by which maps and sessions know it: an
 * interface that goes and comes back, even under another ifindex, is the same port, and its lines
 * live on (or are found dead by their echo). Link events bring it up and down.
 */
#include "base/str.h"
#include "daemon/daemon.h"
#include "daemon/mirror.h"
#include "daemon/monitor.h"
#include "daemon/spread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of a turn, so that timers and console get their turn too: frames, and the time. */
#define TAP_BATCH 256
#define TAP_TIME  (NSEC_PER_MSEC / 2)
#define TAP_PIECE 4 /* frames between two looks at the clock; a frame that begins a session takes long */

/* Sessions that are ended by notes, until the wheel's next tick. */
#define NOTES_TIME  (4 * NSEC_PER_MSEC)
#define NOTES_PIECE 512 /* slots between two looks at the clock */

static void on_frame(void *arg, const uint8_t *frame, size_t len)
{
	struct port *p = arg;

	if (p->d->monitor_controls)
		monitor_frame(p->d, p->number, true, frame, len);
	session_input(p, loop_now(p->d->loop), frame, len);
}

/* A reading that leaves some behind: were others lost? */
static void look_for_losses(struct port *p, uint64_t now)
{
	uint64_t dropped = p->tap ? pppoe_tap_dropped(p->tap) : 0;

	if (dropped > p->tap_seen)
		p->d->ppp.deaf_at = now;
	p->tap_seen = dropped;
}

/* How many frames; *ret_all: there are no more. */
static unsigned read_frames(struct port *p, bool *ret_all)
{
	uint64_t until = loop_clock() + TAP_TIME;
	unsigned frames = 0;
	int n;

	do {
		n = pppoe_tap_read(p->tap, TAP_PIECE, on_frame, p);
		frames += n > 0 ? (unsigned)n : 0;
	} while (n == TAP_PIECE && p->tap && frames < TAP_BATCH && loop_clock() < until);
	if (n == -ENETDOWN && p->tap)
		log_debug("%s: the tap says that the interface is down", p->conf.name);
	*ret_all = n < TAP_PIECE;
	return frames;
}

/* Whether a session was ended. */
static bool take_note(struct daemon *d, uint64_t now, uint32_t slot)
{
	uint32_t generation = dp_padt_take(d->dp, slot);
	const struct session *s = &d->table.sessions[slot];

	if (!generation || s->generation != generation || s->state == SESSION_FREE ||
	    s->state == SESSION_DEAD)
		return false;
	pppoe_server_padt_noted(d->pppoe, now, &s->line, &s->mac, s->sid);
	return true;
}

/* PADTs that there was no room for in the tap (bpf/tap.bpf.c). */
static void on_notes(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, notes_timer);
	uint64_t until = loop_clock() + NOTES_TIME;

	while (d->notes_slot < d->table.high) {
		bool ended = take_note(d, now, d->notes_slot++);

		if ((ended || d->notes_slot % NOTES_PIECE == 0) && loop_clock() >= until)
			break;
	}
	if (d->notes_slot >= d->table.high) { /* of those that came meanwhile we are told again */
		d->notes_slot = 0;
		if (!dp_padts_noted(d->dp))
			return;
	}
	timer_set(loop_wheel(d->loop), t, now + WHEEL_TICK);
}

static void on_tap(void *arg, uint64_t now, unsigned events)
{
	struct port *p = arg;
	bool all;
	unsigned frames = read_frames(p, &all);

	(void)events;
	if (!timer_is_set(&p->d->notes_timer) && dp_padts_noted(p->d->dp))
		timer_set(loop_wheel(p->d->loop), &p->d->notes_timer, now);
	if (all) {
		dp_tap_read(p->d->dp, p->number, UINT32_MAX);
		return;
	}
	dp_tap_read(p->d->dp, p->number, frames);
	look_for_losses(p, now);
	/* If that was all, the tap lets no more of a storm's frames in and wakes nobody: it has to be told. */
	timer_set(loop_wheel(p->d->loop), &p->tap_timer, now + WHEEL_TICK);
}

static void on_tap_timer(struct timer *t, uint64_t now)
{
	struct port *p = container_of(t, struct port, tap_timer);

	if (p->tap)
		on_tap(p, now, LOOP_READ);
}

void port_transmit(struct daemon *d, uint16_t port, const uint8_t *frame, size_t len)
{
	struct port *p = &d->ports[port];

	if (!p->tap || pppoe_tap_write(p->tap, frame, len))
		d->stats.transmit_failed++;
	else if (d->monitor_controls)
		monitor_frame(d, port, false, frame, len);
}

/* The last step, by itself so that port_open() reads as one list. Logs what fails. */
static int port_attach(struct port *p)
{
	struct daemon *d = p->d;
	char why[256];
	int rc = pppoe_tap_open(&p->tap, p->conf.name, why, sizeof(why));

	if (rc) {
		log_error("%s: %s", p->conf.name, why);
		return rc;
	}
	rc = dp_tap_attach(d->dp, p->number, pppoe_tap_fd(p->tap));
	if (rc) {
		log_error("%s: socket filter: %s", p->conf.name, strerror(-rc));
		return rc;
	}
	rc = dp_port_attach(d->dp, p->number, p->link.ifindex, p->link.mac.b);
	if (rc) {
		log_error("%s: cannot attach the %s program: %s%s", p->conf.name,
			  d->mode == DP_XDP ? "XDP" : "tc", strerror(-rc),
			  rc == -EBUSY ? " (another program is attached there)" : "");
		return rc;
	}
	timer_init(&p->tap_timer, on_tap_timer);
	return loop_io_new(d->loop, pppoe_tap_fd(p->tap), LOOP_READ, on_tap, p, &p->io);
}

int port_open(struct port *p)
{
	const char *feature;
	int rc = net_link_get(p->d->net, p->conf.name, &p->link);

	if (rc) {
		p->link = (struct net_link){ 0 };
		return -ENODEV;
	}
	rc = net_offload_close(p->conf.name, &p->offload, &feature);
	if (rc) {
		log_error("%s: the driver keeps '%s' on, so that frames of two VLANs cannot be "
			  "told apart",
			  p->conf.name, feature);
		return rc;
	}
	if (p->offload.promiscuous) {
		rc = net_link_promisc(p->d->net, p->link.ifindex, true);
		log_notice("%s: its VLAN filter stays on%s", p->conf.name,
			   rc ? ": tagged lines are lost" : "; promiscuous mode lifts it");
	}
	rc = port_attach(p);
	if (rc) {
		port_close(p);
		return rc;
	}
	spread_port(p);
	return 0;
}

void port_close(struct port *p)
{
	if (p->io)
		timer_cancel(loop_wheel(p->d->loop), &p->tap_timer);
	loop_io_free(p->io);
	p->io = NULL;
	if (!p->d->leaving)
		(void)dp_port_detach(p->d->dp, p->number);
	if (p->tap)
		p->tap_dropped += pppoe_tap_dropped(p->tap);
	pppoe_tap_close(p->tap);
	p->tap = NULL;
	if (p->d->leaving)
		return;
	if (p->offload.promiscuous)
		(void)net_link_promisc(p->d->net, p->link.ifindex, false);
	spread_port_close(p);
	net_offload_restore(p->conf.name, &p->offload);
	p->offload = (struct net_offload){ 0 };
}

static void port_lost(struct port *p)
{
	log_notice("%s: the interface has gone; %u sessions wait for it", p->conf.name,
		   p->sessions);
	p->offload = (struct net_offload){ 0 }; /* of a device that is no more */
	port_close(p);
	p->link = (struct net_link){ 0 };
}

static void port_link(struct port *p, const struct net_link *link)
{
	if (p->tap && link->ifindex != p->link.ifindex)
		port_lost(p);
	if (p->tap && !mac_equal(&link->mac, &p->link.mac)) {
		char mac[MAC_STRLEN];

		log_notice("%s: its MAC is now %s", p->conf.name, mac_str(mac, &link->mac));
		(void)dp_port_attach(p->d->dp, p->number, link->ifindex, link->mac.b);
	}
	/* A packet socket of an interface that was down may stay deaf: make a new one. */
	if (p->tap && link->up && !p->link.up)
		port_close(p);
	if (p->tap) {
		if (link->running != p->link.running)
			log_notice("%s: carrier %s", p->conf.name, link->running ? "up" : "down");
		p->link = *link;
	} else if (link->up && !port_open(p)) {
		log_notice("%s: the interface is back", p->conf.name);
	}
}

static void on_changed(void *arg, uint64_t now, const struct net_link *link, bool gone)
{
	struct daemon *d = arg;

	damage_link(d, now, link->ifindex);
	for (uint16_t i = 1; i <= d->port_count; i++) {
		struct port *p = &d->ports[i];

		if (gone && p->tap && p->link.ifindex == link->ifindex)
			port_lost(p);
		else if (!gone && !strcmp(p->conf.name, link->name))
			port_link(p, link);
	}
	mirror_links(d);
}

static void on_lost(void *arg, uint64_t now)
{
	struct daemon *d = arg;

	damage_link(d, now, 0);
	for (uint16_t i = 1; i <= d->port_count; i++) {
		struct net_link link;

		if (!net_link_get(d->net, d->ports[i].conf.name, &link))
			port_link(&d->ports[i], &link);
		else if (d->ports[i].tap)
			port_lost(&d->ports[i]);
	}
}

const struct net_events port_net_events = { .changed = on_changed, .lost = on_lost };

int ports_setup(struct daemon *d)
{
	timer_init(&d->notes_timer, on_notes);
	for (uint16_t i = 1; i <= d->port_count; i++) {
		struct port *p = &d->ports[i];
		int rc;

		if (p->leaving && !p->sessions)
			continue;
		rc = port_open(p);
		if (p->leaving || (rc == -ENODEV && d->adopting && p->sessions)) {
			log_warn("%s: %u sessions of before are on it%s", p->conf.name, p->sessions,
				 rc ? "; they wait for it" : "; there will be no new ones");
			continue;
		}
		if (rc == -ENODEV)
			log_error("%s: no such interface", p->conf.name);
		if (rc)
			return rc;
		if (!p->link.up)
			rc = net_link_up(d->net, p->link.ifindex);
		if (rc) {
			log_error("%s: cannot be set up: %s", p->conf.name, strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void ports_teardown(struct daemon *d)
{
	timer_cancel(loop_wheel(d->loop), &d->notes_timer);
	for (uint16_t i = 1; i <= d->port_count; i++)
		if (d->ports[i].tap)
			port_close(&d->ports[i]);
}
