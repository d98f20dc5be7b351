// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NAT64 by tayga: its configuration, its device with the routes to it, the masquerade behind it,
 * and the helper's child. The device is persistent, so that routes stay while tayga is started
 * anew.
 */
#include "daemon/nat64_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- away with it -------------------------------------------------------------------------- */

static void files_removed(struct nat64 *n)
{
	char map[160];

	snprintf(map, sizeof(map), "%s/dynamic.map", n->data_dir);
	nat64_sys_remove(map);
	nat64_sys_remove(n->data_dir);
	nat64_sys_remove(n->tayga_conf);
	n->tayga_then(n);
}

static void tun_removed(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc)
		log_warn("nat64: tayga's device stays: %s",
			 nat64_first_line(line, sizeof(line), out, len));
	files_removed(n);
}

static void child_stopped(struct nat64 *n, int rc, const char *out, size_t len)
{
	(void)rc, (void)out, (void)len;
	NAT64_ASK(n, tun_removed, "tayga-rmtun", n->tayga_conf);
}

void nat64_tayga_remove(struct nat64 *n, nat64_step_fn *then)
{
	n->tayga_then = then;
	if (!nat64_sys_exists(n->tayga_conf)) {
		then(n);
		return;
	}
	NAT64_ASK(n, child_stopped, "stop", "tayga");
}

/* --- as it should be ----------------------------------------------------------------------- */

static void child_started(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc)
		nat64_fail(n, "tayga: %s", nat64_first_line(line, sizeof(line), out, len));
	else
		nat64_rules(n);
}

static int device_up(struct nat64 *n)
{
	struct prefix4 hosts = nat64_tayga_route4(&n->want);
	struct net_link link;
	int rc = net_link_get(n->d->net, n->want.device, &link);

	if (!rc && link.mtu != NAT64_TAYGA_MTU) /* tayga reads it when it starts */
		rc = nat64_sys_mtu(n->want.device, NAT64_TAYGA_MTU);
	if (!rc && !link.up)
		rc = net_link_up(n->d->net, link.ifindex);
	rc = rc ? rc : nat64_sys_route4(link.ifindex, &hosts);
	rc = rc < 0 ? rc : nat64_sys_route6(link.ifindex, &n->want.pool6);
	return rc < 0 ? rc : 0;
}

static void tun_made(struct nat64 *n, int rc, const char *out, size_t len)
{
	char line[256];

	if (rc) {
		nat64_fail(n, "tayga: %s", nat64_first_line(line, sizeof(line), out, len));
		return;
	}
	rc = device_up(n);
	if (rc)
		nat64_fail(n, "%s and its routes: %s", n->want.device, strerror(-rc));
	else
		NAT64_ASK(n, child_started, "start-tayga", n->tayga_conf);
}

static void write_conf(struct nat64 *n)
{
	bool ours = nat64_sys_exists(n->tayga_conf);
	struct sbuf text = { 0 };
	struct net_link link;
	int rc;

	nat64_tayga_write(&n->want, &text);
	rc = nat64_sys_mkdir(n->data_dir);
	rc = rc ? rc : text.bad ? -ENOMEM : nat64_sys_write(n->tayga_conf, text.p, text.len);
	sbuf_fini(&text);
	if (rc < 0)
		nat64_fail(n, "%s: %s", n->tayga_conf, strerror(-rc));
	else if (ours && !net_link_get(n->d->net, n->want.device, &link))
		tun_made(n, 0, "", 0); /* tayga has it, perhaps, and nobody else may open it */
	else
		NAT64_ASK(n, tun_made, "tayga-mktun", n->tayga_conf);
}

static void jool_gone(struct nat64 *n)
{
	struct sbuf text = { 0 };
	bool same;

	nat64_tayga_write(&n->want, &text);
	same = !text.bad && nat64_sys_has(n->tayga_conf, text.p, text.len);
	sbuf_fini(&text);
	if (same || !nat64_sys_exists(n->tayga_conf)) {
		write_conf(n);
		return;
	}
	log_warn("nat64: tayga's configuration is another: it is started anew");
	nat64_tayga_remove(n, write_conf);
}

static void on_child(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		     int detail)
{
	struct nat64 *n = arg;

	(void)now, (void)name, (void)detail;
	if (state == DEEDS_CHILD_UNKNOWN && !n->stopping && n->state == NAT64_STATE_UP)
		nat64_begin(n);
}

void nat64_tayga_begin(struct nat64 *n)
{
	n->backend = NAT64_TAYGA;
	if (!nat64_checked(n))
		return;
	if (deeds_listen(n->d->deeds, "tayga", on_child, n))
		log_warn("nat64: a death of the helper will not be noticed");
	nat64_jool_remove(n, jool_gone);
}
