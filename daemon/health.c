// SPDX-License-Identifier: GPL-2.0-or-later
/* `show health`: histograms and totals. The work is the same for ten lines and for sixty thousand,
 * which is why /metrics asks here and walks no table. */
#include "daemon/health.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/fastpath.h"

#include <sys/resource.h>

#ifndef BRASD_VERSION
#define BRASD_VERSION "0.1"
#endif

void health_phase_done(struct session *s, uint64_t now, enum health_phase phase)
{
	if (s->opened || !s->phase_at) /* an adopted one's phases are behind it */
		return;
	hist_add(&s->d->health.phase[phase], now - s->phase_at);
	s->phase_at = now;
}

void health_opened(struct session *s, uint64_t now)
{
	health_phase_done(s, now, HEALTH_NETWORK);
	if (s->offered && s->offered <= now)
		hist_add(&s->d->health.setup, now - s->offered);
}

static void show_phases(struct json *j, const struct daemon *d)
{
	static const char *const names[] = { "lcp", "auth", "network" };

	hist_show(&d->health.setup, j, "setup");
	json_open(j, "phases", '{');
	for (unsigned i = 0; i < HEALTH_PHASES; i++)
		hist_show(&d->health.phase[i], j, names[i]);
	json_close(j, '}');
}

static void show_states(struct json *j, const struct daemon *d)
{
	static const char *const names[] = {
#define X(id, name) name,
		SESSION_STATES(X)
#undef X
	};

	json_open(j, "states", '{');
	for (unsigned i = SESSION_DISCOVERY; i < SESSION_DEAD; i++)
		json_u64(j, names[i], d->table.by_state[i]);
	json_close(j, '}');
	json_u64(j, "max-sessions", d->table.max);
}

/* As `show fastpath`, but the entries are reckoned, not counted: no walk through the map. */
static void show_fastpath(struct json *j, const struct daemon *d)
{
	uint64_t n[ABI_FAST_COUNT] = { 0 }, in;

	if (!d->fastpath)
		return;
	(void)dp_fast_counts(d->dp, n);
	in = d->fastpath->base + d->fastpath->stats.added;
	json_open(j, "fastpath", '{');
	json_u64(j, "hits-up", n[ABI_FAST_UP_FAST] + n[ABI_FAST_UP_LATE]);
	json_u64(j, "hits-down", n[ABI_FAST_DOWN_FAST]);
	json_u64(j, "slow-up", n[ABI_FAST_UP_SLOW] - n[ABI_FAST_UP_LATE]);
	json_u64(j, "slow-down", n[ABI_FAST_DOWN_SLOW]);
	json_u64(j, "entries-added", in);
	json_u64(j, "entries-deleted", d->fastpath->stats.deleted);
	json_u64(j, "events-lost", d->fastpath->stats.lost);
	json_u64(j, "full", d->fastpath->stats.full);
	json_close(j, '}');
}

static void show_process(struct json *j)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return;
	json_open(j, "process", '{');
	json_u64(j, "cpu-us", (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
				      (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec));
	json_u64(j, "memory-peak-bytes", (uint64_t)u.ru_maxrss * 1024);
	json_close(j, '}');
}

static void show_interfaces(struct json *j, const struct daemon *d)
{
	json_open(j, "interfaces", '[');
	for (uint16_t i = 1; i <= d->port_count; i++) {
		json_open(j, NULL, '{');
		json_str(j, "name", d->ports[i].conf.name);
		json_bool(j, "up", d->ports[i].tap);
		json_u64(j, "sessions", d->ports[i].sessions);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void health_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_open(&j, "build", '[');
	json_open(&j, NULL, '{');
	json_str(&j, "version", BRASD_VERSION);
	json_str(&j, "datapath", d->mode == DP_XDP ? "xdp" : "tc");
	json_u64(&j, "one", 1);
	json_close(&j, '}');
	json_close(&j, ']');
	json_u64(&j, "uptime", (loop_now(d->loop) - d->started) / NSEC_PER_SEC);
	json_str(&j, "device", d->config->subscriber.device);
	json_bool(&j, "shaper", d->shaper);
	hist_show(loop_turns(d->loop), &j, "loop");
	show_states(&j, d);
	show_phases(&j, d);
	json_open(&j, "radius", '[');
	if (d->radius)
		radius_client_latencies(d->radius, &j);
	json_close(&j, ']');
	show_fastpath(&j, d);
	show_process(&j);
	show_interfaces(&j, d);
	json_close(&j, '}');
	control_done(r);
}
