// SPDX-License-Identifier: GPL-2.0-or-later
/* Which CPUs carry what lines send, and how much each has carried: spread.h. */
#include "daemon/spread.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

unsigned spread_cpus(const struct config *c, uint16_t *ret)
{
	const struct config_spread *v = &c->subscriber.spread;
	bool online[ABI_SPREAD_MAX];
	unsigned n = 0;
	int rc;

	if (!v->all && !v->count)
		return 0;
	rc = spread_online(online);
	if (rc) {
		log_warn("spread: CPUs that are online: %s", strerror(-rc));
		return 0;
	}
	for (uint16_t cpu = 0; v->all && cpu < ABI_SPREAD_MAX; cpu++)
		if (online[cpu])
			ret[n++] = cpu;
	for (unsigned i = 0; i < v->count; i++) {
		if (online[v->cpu[i]])
			ret[n++] = v->cpu[i];
		else
			log_warn("spread: CPU %u is not online: nothing is given to it", v->cpu[i]);
	}
	return n;
}

/* --- mode tc ------------------------------------------------------------------------------- */

/* As the kernel writes it: words of 32 CPUs, the highest first. */
static void mask_of(const struct daemon *d, char ret[SPREAD_MASK_MAX])
{
	uint32_t word[ABI_SPREAD_MAX / 32] = { 0 };
	unsigned words = 1, len = 0;

	for (unsigned i = 0; i < d->spread_count; i++) {
		unsigned at = d->spread[i] / 32;

		word[at] |= 1u << d->spread[i] % 32;
		words = at >= words ? at + 1 : words;
	}
	while (words--)
		len += (unsigned)snprintf(ret + len, SPREAD_MASK_MAX - len, "%08x%s", word[words],
					  words ? "," : "");
}

unsigned spread_queues(const struct daemon *d)
{
	unsigned most = 0;

	for (unsigned i = 0; i < d->spread_count; i++)
		most = d->spread[i] >= most ? d->spread[i] + 1u : most;
	return most;
}

/* Its own: nobody else has set anything there. */
void spread_device(struct daemon *d)
{
	char mask[SPREAD_MASK_MAX] = "0", was[SPREAD_MASK_MAX];
	int rc;

	if (!d->spread_count && !d->adopting)
		return;
	if (d->mode == DP_TC && d->spread_count)
		mask_of(d, mask);
	rc = spread_rps(d->device.name, d->device.ifindex, mask, was);
	if (rc && d->spread_count && d->mode == DP_TC)
		log_warn("spread: %s: receive packet steering: %s", d->device.name, strerror(-rc));
}

/* Undone: by the configuration, or at the end. */
static void restore(struct port *p)
{
	char first[SPREAD_MASK_MAX], was[SPREAD_MASK_MAX];

	if (spread_kept(p->d->instance, p->conf.name, first))
		return;
	(void)spread_rps(p->conf.name, p->link.ifindex, first, was);
	spread_forget(p->d->instance, p->conf.name);
}

void spread_port(struct port *p)
{
	struct daemon *d = p->d;
	char mask[SPREAD_MASK_MAX], was[SPREAD_MASK_MAX];
	int rc;

	if (d->mode != DP_TC || !d->spread_count) {
		restore(p);
		return;
	}
	mask_of(d, mask);
	rc = spread_rps(p->conf.name, p->link.ifindex, mask, was);
	if (!rc && spread_kept(d->instance, p->conf.name, was))
		rc = spread_keep(d->instance, p->conf.name, was);
	if (rc)
		log_warn("spread: %s: receive packet steering: %s", p->conf.name, strerror(-rc));
}

void spread_port_close(struct port *p)
{
	restore(p);
}

/* --- show cpu ------------------------------------------------------------------------------ */

int spread_of(const struct session *s)
{
	const struct daemon *d = s->d;
	uint16_t mac[3];

	if (d->mode != DP_XDP || !d->spread_count)
		return -1;
	memcpy(mac, s->mac.b, sizeof(mac));
	return d->spread[abi_spread_index(mac, s->sid, d->spread_count)];
}

static void row(struct json *j, const struct daemon *d, unsigned cpu, const uint32_t *sessions)
{
	struct dp_cpu c = { 0 };
	bool spread = false;

	(void)dp_cpu_get(d->dp, cpu, &c);
	for (unsigned i = 0; i < d->spread_count; i++)
		spread |= d->spread[i] == cpu;
	json_open(j, NULL, '{');
	json_u64(j, "cpu", cpu);
	json_bool(j, "spread", spread);
	json_u64(j, "packets", c.up + c.down);
	json_u64(j, "packets-up", c.up);
	json_u64(j, "packets-down", c.down);
	json_u64(j, "handed", c.handed);
	if (c.drops_known)
		json_u64(j, "drops", c.dropped);
	else
		json_null(j, "drops");
	if (d->mode == DP_XDP && d->spread_count)
		json_u64(j, "sessions", sessions[cpu]);
	else
		json_null(j, "sessions");
	json_close(j, '}');
}

void spread_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	uint32_t sessions[ABI_SPREAD_MAX] = { 0 };
	bool online[ABI_SPREAD_MAX] = { false };
	struct json j = { .out = control_body(r) };
	struct daemon *d = ctx;
	struct session *s;

	(void)argc, (void)argv;
	(void)spread_online(online);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (s->state == SESSION_OPEN && spread_of(s) >= 0)
			sessions[spread_of(s)]++;
	json_open(&j, NULL, '[');
	for (unsigned cpu = 0; cpu < ABI_SPREAD_MAX; cpu++)
		if (online[cpu])
			row(&j, d, cpu, sessions);
	json_close(&j, ']');
	control_done(r);
}
