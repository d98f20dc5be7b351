// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody flushes a qdisc of ours, or takes a program from its hook: noticed, told once, put
 * right. What is told by the kernel is only a reason to look: our own changes are told as well.
 */
#include "daemon/daemon.h"
#include "daemon/watch.h"

#include <errno.h>
#include <string.h>

#define SOON	    (10 * NSEC_PER_MSEC) /* what belongs together has been told by then */
#define AGAIN_PIECE 256			 /* sessions a turn */
#define AGAIN_TURN  (10 * NSEC_PER_MSEC)

static bool is_ours(const struct daemon *d, int ifindex)
{
	if (!ifindex || ifindex == d->device.ifindex || ifindex == d->peer_ifindex ||
	    dp_is_core(d->dp, ifindex))
		return true;
	for (uint16_t i = 1; i <= d->port_count; i++)
		if (d->ports[i].link.ifindex == ifindex)
			return true;
	return false;
}

static void on_gone(void *arg, uint64_t now, int ifindex, bool hook)
{
	struct daemon *d = arg;

	if (!is_ours(d, ifindex))
		return;
	*(hook ? &d->look_hooks : &d->look_trees) = true;
	if (!timer_is_set(&d->damage_timer))
		timer_set(loop_wheel(d->loop), &d->damage_timer, now + SOON);
}

static void on_missing(void *arg, const char *ifname, int err)
{
	(void)arg;
	if (err)
		log_error("%s: somebody has taken our program away, and it cannot be put back: %s",
			  ifname, strerror(-err));
	else
		log_warn("%s: somebody has taken our program away: it is back", ifname);
}

static void on_look(struct timer *t, uint64_t now)
{
	struct daemon *d = container_of(t, struct daemon, damage_timer);

	(void)now;
	if (d->look_hooks)
		(void)dp_hooks_check(d->dp, true, on_missing, d);
	if (d->look_trees && d->shaper && shaper_look(d->shaper))
		log_error("shaper: no memory to look whether it is all there");
	d->look_hooks = d->look_trees = false;
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
	rc = watch_new(&d->watch, d->loop, on_gone, d);
	if (rc)
		log_error("netlink: %s", strerror(-rc));
	return rc;
}

void damage_teardown(struct daemon *d)
{
	watch_free(d->watch);
	d->watch = NULL;
	if (!d->loop)
		return;
	timer_cancel(loop_wheel(d->loop), &d->damage_timer);
	timer_cancel(loop_wheel(d->loop), &d->again_timer);
}
