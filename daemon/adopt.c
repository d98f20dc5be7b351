// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starting is adopting: the device, the maps and the sessions of the process before us become ours,
 * if they are of this boot and this network namespace, and of a layout that we know. What cannot be
 * told from the kernel, the record says.
 *
 * What the kernel's state was made with stays as it was until all sessions have ended: the mode of
 * the data plane and the number of trees. Tables that are to have another size are built anew,
 * filled, and put in place of the old ones (d->rebuild).
 */
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/freeze.h"
#include "daemon/keep.h"
#include "daemon/nat44.h"
#include "daemon/keep_area.h"
#include "daemon/record.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void record_path(const struct daemon *d, char *path, size_t len)
{
	snprintf(path, len, "/run/brasberry/%s/sessions", d->instance);
}

#define DEVICE_LEN (2 * (4 + 6))

/* Whose record it is: both ends of the device. */
static int record_of(struct daemon *d, const struct net_pair *p, enum record_found *ret_found)
{
	uint8_t device[DEVICE_LEN];
	struct wr w = wr_init(device, sizeof(device));
	struct record_identity id = { .instance = d->instance, .device = device };
	char path[160], why[512];
	int rc;

	wr_be32(&w, (uint32_t)p->ifindex);
	wr_bytes(&w, p->mac.b, sizeof(p->mac.b));
	wr_be32(&w, (uint32_t)p->peer_ifindex);
	wr_bytes(&w, p->peer_mac.b, sizeof(p->peer_mac.b));
	id.device_len = w.len;
	record_path(d, path, sizeof(path));
	rc = record_identity_here(&id);
	rc = rc ? rc
		: record_open(path, &id, d->table.max, &d->record, ret_found, why, sizeof(why));
	if (rc)
		log_error("%s", *why ? why : strerror(-rc));
	else if (*ret_found == RECORD_FOREIGN || *ret_found == RECORD_CORRUPT)
		log_warn("%s", why);
	else if (*ret_found == RECORD_MIGRATED)
		log_notice("%s", why);
	return rc;
}

/* What the record says that the device was, where it is of this boot and namespace. */
static int pair_of_record(struct daemon *d, struct net_pair *ret)
{
	struct record_identity id = { .instance = d->instance };
	uint8_t device[DEVICE_LEN];
	struct net_pair p;
	char path[160];
	struct rd r;
	size_t len;
	int rc = record_identity_here(&id);

	record_path(d, path, sizeof(path));
	rc = rc ? rc : record_device(path, &id, device, sizeof(device), &len);
	if (rc)
		return rc;
	r = rd_init(device, len);
	p.ifindex = (int)rd_be32(&r);
	rd_copy(&r, p.mac.b, sizeof(p.mac.b));
	p.peer_ifindex = (int)rd_be32(&r);
	rd_copy(&r, p.peer_mac.b, sizeof(p.peer_mac.b));
	if (r.bad || rd_left(&r) || p.ifindex <= 0 || p.peer_ifindex <= 0)
		return -EBADMSG;
	*ret = p;
	return 0;
}

/* The device that is there; or that was, and somebody has deleted: it can be had again, as long as
 * nobody else has its numbers. */
static int find_pair(struct daemon *d, struct net_pair *ret)
{
	const char *name = d->config->subscriber.device;
	struct net_pair before;
	int rc = net_pair_get(d->net, name, ret);

	d->pair_gone = !pair_of_record(d, &before) && (rc || !net_pair_same(ret, &before)) &&
		       net_pair_free(&before, name);
	if (!d->pair_gone)
		return rc;
	*ret = before;
	return 0;
}

/* --- what is there ------------------------------------------------------------------------- */

/* An interface keeps its number; one that the configuration has no more stays for its sessions. */
static int take_ports(struct daemon *d, const struct keep_area *a)
{
	struct port kept[ABI_PORTS_MAX] = { 0 };
	uint16_t count = a->port_count;

	for (uint16_t i = 1; i <= a->port_count; i++) {
		kept[i] = (struct port){ .d = d, .number = i, .leaving = true };
		memcpy(kept[i].conf.name, a->ports[i], sizeof(kept[i].conf.name));
	}
	for (uint16_t i = 1; i <= d->port_count; i++) {
		uint16_t k = 1;

		while (k <= a->port_count && strcmp(a->ports[k], d->ports[i].conf.name) != 0)
			k++;
		if (k > a->port_count)
			k = ++count;
		if (k >= ABI_PORTS_MAX) {
			log_error("more than %d access interfaces, those of before included",
				  ABI_PORTS_MAX - 1);
			return -ENOSPC;
		}
		kept[k] = (struct port){ .d = d, .number = k, .conf = d->ports[i].conf };
	}
	memcpy(d->ports, kept, sizeof(d->ports));
	d->port_count = count;
	return 0;
}

static int take_area(struct daemon *d)
{
	uint8_t buf[RECORD_AREA_MAX];
	struct keep_area *a;
	struct rd r;
	size_t len;
	int rc = record_area_get(d->record, buf, sizeof(buf), &len);

	a = calloc(1, sizeof(*a));
	r = rd_init(buf, rc ? 0 : len);
	rc = rc ? rc : a ? keep_area_read(&r, a) : -ENOMEM;
	rc = rc ? rc : take_ports(d, a);
	explicit_bzero(buf, sizeof(buf));
	if (rc) {
		keep_area_free(a);
		return rc;
	}
	d->mode = a->mode;
	d->trees = a->trees;
	d->rebuild = d->rebuild || a->max_sessions != d->table.max;
	d->area = a;
	return 0;
}

/* Is there no word in the record of how the device was made? Whatever else stands in the way may
 * not do so for long. */
static bool area_lost(int rc)
{
	return rc == -ENOENT || rc == -EBADMSG || rc == -EAGAIN;
}

static int sessions_fit(struct daemon *d)
{
	uint32_t slots = record_high(d->record), n = 0;
	uint8_t buf[SESSION_FROZEN_MAX];

	for (uint32_t i = d->table.max; i < slots; i++) {
		uint32_t generation;
		size_t len;

		n += !record_get(d->record, i, buf, sizeof(buf), &len, &generation);
	}
	if (!n)
		return 0;
	log_error("max-sessions = %u, but %u sessions of before have places beyond: nothing was "
		  "changed, all of them go on",
		  d->table.max, n);
	return -ENOSPC;
}

static void tell_what_stays(const struct daemon *d)
{
	const struct config *c = d->config;
	uint32_t trees = c->shaper.mode == CONFIG_SHAPER_OFF ? 0 : c->shaper.queues;

	if (c->subscriber.datapath != DP_AUTO && c->subscriber.datapath != d->mode)
		log_warn("[subscriber] datapath: stays %s until all sessions have ended",
			 d->mode == DP_XDP ? "xdp" : "tc");
	if (trees != d->trees)
		log_warn("[shaper] mode, queues: stay as they were, %u trees, until all sessions "
			 "have ended",
			 d->trees);
}

int adopt_begin(struct daemon *d)
{
	enum record_found found = RECORD_NEW;
	int pins = dp_pins_check(d->pins), rc;
	char path[160];

	if (pins == -ENOTSUP) {
		log_error("%s: the data plane that is there is of a newer brasd; nothing was "
			  "changed, "
			  "its sessions go on",
			  d->pins);
		return pins;
	}
	if (find_pair(d, &d->pair))
		return 0;
	rc = record_of(d, &d->pair, &found);
	if (rc)
		return rc;
	if (found == RECORD_OURS || found == RECORD_MIGRATED) {
		d->rebuild = pins != 0;
		rc = sessions_fit(d);
		rc = rc ? rc : take_area(d);
		if (rc == -ENOTSUP)
			log_error("the record's area is a newer brasd's; nothing was changed, all "
				  "sessions go on");
		d->adopting = !area_lost(rc);
		if (!rc)
			tell_what_stays(d);
		if (d->adopting)
			return rc;
		log_warn(
			"the record has no word of how the device was made: its sessions are lost");
	}
	record_close(d->record);
	d->record = NULL;
	record_path(d, path, sizeof(path));
	(void)unlink(path);
	return 0;
}

int adopt_fresh(struct daemon *d)
{
	enum record_found found;

	return record_of(d, &d->pair, &found);
}

/* --- the sessions -------------------------------------------------------------------------- */

/* Maps that are built anew count on from where those of before are. */
static void carry_counters(struct session *s)
{
	if (!dp_counters_take(s->d->dp, s->slot))
		return;
	free(s->base);
	s->base = NULL;
}

/* What it had of a pool that there is no more is its own now. */
static int take_addresses(struct session *s)
{
	struct daemon *d = s->d;
	int rc = 0;

	if (s->has & SESSION_HAS_POOL4) {
		rc = pool_ip4_adopt(d->pools, s->ip4, s->username);
		if (rc == -ENOENT)
			s->has &= ~(uint32_t)SESSION_HAS_POOL4;
	}
	if (!rc || rc == -ENOENT)
		nat44_adopt(s, loop_now(d->loop));
	if ((!rc || rc == -ENOENT) && s->has & SESSION_HAS_POOL6) {
		rc = pool6_adopt(d->pools, POOL_PREFIX6, &s->prefix6, s->username);
		if (rc == -ENOENT)
			s->has &= ~(uint32_t)SESSION_HAS_POOL6;
	}
	rc = rc == -ENOENT ? 0 : rc;
	return rc ? rc : leases_take_pools(s);
}

/* What is there already does no harm to a second try: one refusal of the kernel's (a bucket that is
 * busy, no memory just now) is no reason to end a line. */
static int take_path(struct session *s)
{
	return path_adopt(s) ? path_adopt(s) : 0;
}

/* One that cannot be gone on with is ended as an error of ours. */
static void join(struct session *s, uint64_t now)
{
	struct daemon *d = s->d;
	int rc = pppoe_sids_take(d->sids, &s->line, s->sid);

	timeline_adopted(s);
	rc = rc ? rc : take_addresses(s);
	rc = rc ? rc : take_path(s);
	if (!rc) {
		plan_adopted(s, now);
		return;
	}
	session_log(s, LOG_LEVEL_ERROR, "cannot be gone on with: %s", strerror(-rc));
	session_finish(s, now, PPP_CAUSE_NAS_ERROR);
}

static void adopt_slot(struct daemon *d, uint32_t slot, uint64_t now, uint32_t *count)
{
	uint8_t buf[SESSION_FROZEN_MAX];
	struct session *s;
	uint32_t generation;
	size_t len;
	int rc = record_get(d->record, slot, buf, sizeof(buf), &len, &generation);

	if (rc == -ENOENT) {
		generation = record_generation(d->record, slot);
		if (generation)
			table_generation(d, slot, generation);
		return;
	}
	rc = rc ? rc : session_thaw(d, slot, generation, buf, len, now, &s);
	if (rc) {
		log_error("slot %u of the record: %s: that session is lost", slot,
			  rc == -ENOTSUP ? "a newer brasd's" : strerror(-rc));
		(void)record_clear(d->record, slot);
		return;
	}
	(*count)++;
}

static int take_place(struct daemon *d)
{
	struct session *s;
	struct net_link link;
	char why[256] = "";
	int rc;

	/* The programs of these two hooks find everything from the first packet on; those of the
	 * ports still work with what was before. */
	for (uint16_t i = 1; i <= d->port_count; i++)
		if (!net_link_get(d->net, d->ports[i].conf.name, &link))
			(void)dp_port_announce(d->dp, i, link.ifindex, link.mac.b);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		carry_counters(s);
	rc = dp_attach(d->dp, why, sizeof(why));
	if (rc)
		log_error("data plane: %s", *why ? why : strerror(-rc));
	else
		log_notice("the data plane's tables have been built anew");
	return rc;
}

/* Nothing counts in the old maps any more: what they have counted while we filled the new ones. */
void adopt_end(struct daemon *d)
{
	struct session *s;

	for (uint32_t i = 0; d->adopting && d->rebuild && (s = table_next(d, &i));) {
		static const struct abi_counters none;
		struct abi_counters late;

		if (dp_counters_late(d->dp, s->slot, &late) || !memcmp(&late, &none, sizeof(late)))
			continue;
		s->base = s->base ? s->base : calloc(1, sizeof(*s->base));
		if (s->base)
			dp_counters_sub(s->base, &late);
		keep_session(s);
	}
	keep_area_free(d->area);
	d->area = NULL;
	d->adopting = d->rebuild = false; /* what is to come is our own */
}

int adopt_sessions(struct daemon *d)
{
	uint64_t now = loop_now(d->loop);
	struct sbuf report = { 0 };
	uint32_t count = 0;
	struct session *s;
	struct rd secret;
	int rc;

	if (!d->adopting)
		return 0;
	secret = rd_init(d->area->secret, d->area->secret_len);
	if (d->area->secret_len && pppoe_server_secret_thaw(d->pppoe, &secret, now))
		log_warn("the keys of discovery's cookies are lost: who is dialling just now dials "
			 "again");
	for (uint32_t slot = 0; slot < record_high(d->record) && slot < d->table.max; slot++)
		adopt_slot(d, slot, now, &count);
	/* Before anything is added: what is nobody's may be in its place. */
	rc = check_entries(d, true, &report);
	check_shaper_adopted(d);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		join(s, now);
	if (rc >= 0 && d->rebuild)
		rc = take_place(d);
	rc = rc < 0 ? rc : check_sessions(d, true, &report);
	log_lines(LOG_LEVEL_NOTICE, report.p);
	sbuf_fini(&report);
	log_notice("%u sessions go on", count);
	d->stats.sessions_adopted = count;
	return rc < 0 ? rc : 0;
}
