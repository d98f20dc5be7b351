// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody flushes a qdisc of ours, deletes a class, takes a program from its hook, deletes the
 * subscriber device: noticed, told once, put right. What is told by the kernel is only a reason to
 * look: our own changes are told as well. Of an XDP link that is detached nothing tells: it is
 * looked for every few seconds, by a thread.
 */
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/keep.h"
#include "daemon/watch.h"

#include <errno.h>
#include <string.h>

#define SOON	    (10 * NSEC_PER_MSEC) /* what belongs together has been told by then */
#define HOOKS_EVERY (2 * NSEC_PER_SEC)
#define AGAIN_PIECE 256 /* sessions a turn */
#define AGAIN_TURN  (10 * NSEC_PER_MSEC)

static bool is_ours(const struct daemon *d, int ifindex)
{
	if (!ifindex || ifindex == d->device.ifindex || ifindex == d->pair.peer_ifindex ||
	    dp_is_core(d->dp, ifindex))
		return true;
	for (uint16_t i = 1; i <= d->port_count; i++)
		if (d->ports[i].link.ifindex == ifindex)
			return true;
	return false;
}

static void look_soon(struct daemon *d, uint64_t now)
{
	uint64_t at = now + SOON < d->look_after ? d->look_after : now + SOON;

	if (!timer_is_set(&d->damage_timer))
		timer_set(loop_wheel(d->loop), &d->damage_timer, at);
}

static void on_gone(void *arg, uint64_t now, int ifindex, bool hook)
{
	struct daemon *d = arg;

	if (!is_ours(d, ifindex))
		return;
	*(hook ? &d->look_hooks : &d->look_trees) = true;
	look_soon(d, now);
}

void damage_link(struct daemon *d, uint64_t now, int ifindex)
{
	if (!d->watch || (ifindex && ifindex != d->pair.ifindex && ifindex != d->pair.peer_ifindex))
		return;
	d->look_device = true;
	look_soon(d, now);
}

void damage_missing(void *daemon, const char *ifname, int err)
{
	(void)daemon;
	if (err)
		log_error("%s: somebody has taken our program away, and it cannot be put back: %s",
			  ifname, strerror(-err));
	else
		log_warn("%s: somebody has taken our program away: it is back", ifname);
}

/* --- classes ------------------------------------------------------------------------------- */

static void on_fault(void *arg, struct session *s, const char *why)
{
	(void)why;
	(void)arg;
	plan_adopted(s, loop_now(s->d->loop));
}

static void on_checked(void *arg, uint64_t now, const struct shaper_seen *seen, int rc)
{
	struct daemon *d = arg;
	unsigned n = 0;

	d->looking = false;
	if (!rc && shaper_missing_trees(seen))
		rc = shaper_look(d->shaper); /* damage_rebuilt() follows */
	else if (!rc && (n = check_classes(d, seen, on_fault, d)))
		log_warn("shaper: somebody has changed the classes of %u sessions: they are "
			 "programmed again",
			 n);
	if (n) /* what cannot be mended, and is told of by the try, keeps nobody busy */
		d->look_after = now + NSEC_PER_SEC;
	if (rc)
		log_error("shaper: it cannot be looked at: %s", strerror(-rc));
}

static void look_at_trees(struct daemon *d)
{
	int rc;

	if (!d->shaper || d->looking)
		return;
	d->look_trees = false;
	rc = shaper_check(d->shaper, true, on_checked, d);
	d->looking = !rc;
	if (rc)
		log_error("shaper: no memory to look whether it is all there");
}

static void on_look(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, damage_timer);

	if (d->look_device)
		device_look(d);
	if (d->look_hooks)
		(void)dp_hooks_check(d->dp, true, damage_missing, d);
	d->look_hooks = d->look_device = false;
	if (d->look_trees)
		look_at_trees(d);
	if (d->look_trees && d->shaper) /* one look at a time */
		look_soon(d, now);
}

static void on_hooks(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, hooks_timer);

	dp_look_ask(d->look);
	timer_set(loop_wheel(d->loop), t, now + HOOKS_EVERY);
}

/* Somebody who waits for the kernel is right now: there is something to mend. */
static void on_looked(void *arg, uint64_t now, unsigned events)
{
	struct daemon *d = arg;

	(void)now;
	(void)events;
	if (dp_look_answer(d->look))
		(void)dp_hooks_check(d->dp, true, damage_missing, d);
}

static int look_setup(struct daemon *d)
{
	int rc = dp_look_new(&d->look, d->dp);

	if (!rc)
		rc = loop_io_new(d->loop, dp_look_fd(d->look), LOOP_READ, on_looked, d,
				 &d->look_io);
	if (rc)
		log_error("no thread to look after our programs: %s", strerror(-rc));
	else
		timer_set(loop_wheel(d->loop), &d->hooks_timer, loop_now(d->loop) + HOOKS_EVERY);
	return rc;
}

void damage_rebuilt(struct daemon *d, uint64_t now, int rc)
{
	if (rc) {
		log_error("shaper: somebody has taken its trees away, and they cannot be built: %s",
			  strerror(-rc));
		return;
	}
	log_warn("shaper: somebody has taken its trees away: they are built anew");
	d->again_slot = 0;
	timer_set(loop_wheel(d->loop), &d->again_timer, now);
}

/* Every plan is programmed again, in pieces. */
static void on_again(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, again_timer);
	uint32_t end = d->again_slot + AGAIN_PIECE;
	struct session *s;

	while (d->again_slot < end && (s = table_next(d, &d->again_slot)))
		plan_adopted(s, now);
	if (d->again_slot < d->table.high)
		timer_set(loop_wheel(d->loop), t, now + AGAIN_TURN);
}

int damage_setup(struct daemon *d)
{
	int rc;

	timer_init(&d->damage_timer, on_look);
	timer_init(&d->again_timer, on_again);
	timer_init(&d->hooks_timer, on_hooks);
	rc = watch_new(&d->watch, d->loop, on_gone, d);
	if (rc)
		log_error("netlink: %s", strerror(-rc));
	return rc ? rc : look_setup(d);
}

void damage_teardown(struct daemon *d)
{
	watch_free(d->watch);
	d->watch = NULL;
	loop_io_free(d->look_io);
	dp_look_free(d->look);
	d->look_io = NULL;
	d->look = NULL;
	if (!d->loop)
		return;
	timer_cancel(loop_wheel(d->loop), &d->damage_timer);
	timer_cancel(loop_wheel(d->loop), &d->again_timer);
	timer_cancel(loop_wheel(d->loop), &d->hooks_timer);
}
