// SPDX-License-Identifier: GPL-2.0-or-later
/* What the client tells of itself: counters, latencies, the pace of logins. */
#include "radius/client.h"

#include <stdio.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t as_us(uint64_t ns)
{
	return ns / 1000 < UINT32_MAX ? (uint32_t)(ns / 1000) : UINT32_MAX;
}

void radius_sample(struct radius_link *l, uint64_t ns)
{
	l->sample[l->sample_count++ % RADIUS_SAMPLES] = as_us(ns);
	hist_add(&l->latency, ns);
}

/* Sorting 64 numbers at each eighth answer is nothing beside the answers themselves. */
void radius_pace(struct radius_client *c, uint64_t ns)
{
	uint32_t sorted[RADIUS_PACE];
	unsigned n;

	c->pace[c->pace_count++ % RADIUS_PACE] = as_us(ns);
	if (c->pace_count % 8 && c->pace_count > 8)
		return;
	n = c->pace_count < RADIUS_PACE ? c->pace_count : RADIUS_PACE;
	memcpy(sorted, c->pace, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), by_size);
	c->pace_median = sorted[n / 2] * 1000ull;
}

uint64_t radius_client_latency(const struct radius_client *c)
{
	return c->pace_median;
}

/* The value that `percent` of the samples do not exceed, us; 0 without samples. */
static uint32_t percentile(const uint32_t *sorted, unsigned n, unsigned percent)
{
	return n ? sorted[(n * percent + 99) / 100 - 1] : 0;
}

static void show_latency(const struct radius_server *s, struct json *j)
{
	const struct radius_link *l = &s->link[RADIUS_AUTH];
	uint32_t sorted[RADIUS_SAMPLES];
	unsigned n;
	uint32_t p50, p99;

	if (!l->sample_count)
		l = &s->link[RADIUS_ACCT];
	n = l->sample_count < RADIUS_SAMPLES ? l->sample_count : RADIUS_SAMPLES;
	memcpy(sorted, l->sample, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), by_size);
	p50 = percentile(sorted, n, 50);
	p99 = percentile(sorted, n, 99);
	json_u64(j, "latency-ms-p50", (p50 + 500) / 1000);
	json_u64(j, "latency-ms-p99", (p99 + 500) / 1000);
	json_u64(j, "latency-us-p50", p50);
	json_u64(j, "latency-us-p99", p99);
}

static const char *state_name(enum link_state state)
{
	switch (state) {
	case LINK_UP:
		return "up";
	case LINK_DEAD:
		return "dead";
	case LINK_PROBING:
		return "probing";
	case LINK_TRIAL:
		return "trial";
	}
	return "?";
}

/* The worse one of both roles. */
static enum link_state worst(const struct radius_server *s)
{
	const struct radius_link *auth = &s->link[RADIUS_AUTH], *acct = &s->link[RADIUS_ACCT];

	return auth->used && auth->state != LINK_UP ? auth->state
	       : acct->used			    ? acct->state
						    : LINK_UP;
}

static void counter_name(char *buf, size_t cap, const char *name)
{
	size_t i;

	for (i = 0; name[i] && i + 1 < cap; i++)
		buf[i] = name[i] == '_' ? '-' : name[i];
	buf[i] = '\0';
}

static void show_server(const struct radius_client *c, unsigned i, struct json *j)
{
	const struct radius_server *s = &c->server[i];
	const struct radius_link *auth = &s->link[RADIUS_AUTH], *acct = &s->link[RADIUS_ACCT];
	char name[64];

	json_open(j, NULL, '{');
	json_str(j, "server", s->config.address);
	json_str(j, "state", state_name(worst(s)));
	json_u64(j, "inflight", auth->inflight + acct->inflight);
#define X(field)                                                                                   \
	counter_name(name, sizeof(name), #field);                                                  \
	json_u64(j, name, auth->count.field + acct->count.field);
	RADIUS_COUNTERS(X)
#undef X
	show_latency(s, j);
	json_u64(j, "auth-port", s->config.auth_port);
	json_str(j, "auth-state", auth->used ? state_name(auth->state) : NULL);
	json_u64(j, "auth-requests", auth->count.requests);
	json_u64(j, "acct-port", s->config.acct_port);
	json_str(j, "acct-state", acct->used ? state_name(acct->state) : NULL);
	json_u64(j, "acct-requests", acct->count.requests);
	json_bool(j, "signs", s->signs);
	json_u64(j, "queue", c->fresh_count);
	json_u64(j, "spool", radius_acct_depth(c));
	json_u64(j, "acct-waiting", c->acct.records);
	json_u64(j, "spool-dropped-interims", c->acct.dropped_interims);
	json_u64(j, "spool-dropped-others", c->acct.dropped_others);
	json_close(j, '}');
}

void radius_client_show(const struct radius_client *c, struct json *j)
{
	/* The name of the array is the caller's business where it stands in something. */
	json_open(j, NULL, '[');
	for (unsigned i = 0; i < c->server_count; i++)
		show_server(c, i, j);
	json_close(j, ']');
}

static uint64_t mean_ms(const struct radius_link *l)
{
	unsigned n = l->sample_count < RADIUS_SAMPLES ? l->sample_count : RADIUS_SAMPLES;
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += l->sample[i];
	return n ? (sum / n + 500) / 1000 : 0;
}

void radius_client_stat(const struct radius_client *c, struct json *j)
{
	char name[64];

	json_open(j, "radius", '{');
	for (unsigned i = 0; i < c->server_count; i++) {
		const struct radius_server *s = &c->server[i];
		const struct radius_link *auth = &s->link[RADIUS_AUTH], *acct = &s->link[RADIUS_ACCT];

		snprintf(name, sizeof(name), "%u, %.48s", i + 1, s->config.address);
		json_open(j, name, '{');
		json_str(j, "state", state_name(worst(s)));
		json_u64(j, "timeouts", auth->count.timeouts + acct->count.timeouts);
		json_u64(j, "inflight", auth->inflight + acct->inflight);
		json_u64(j, "queue", c->fresh_count);
		json_u64(j, "auth-requests", auth->count.requests);
		json_u64(j, "auth-timeouts", auth->count.timeouts);
		json_u64(j, "auth-latency-ms", mean_ms(auth));
		json_u64(j, "acct-requests", acct->count.requests);
		json_u64(j, "acct-timeouts", acct->count.timeouts);
		json_u64(j, "acct-latency-ms", mean_ms(acct));
		json_close(j, '}');
	}
	json_close(j, '}');
}

void radius_client_latencies(const struct radius_client *c, struct json *j)
{
	for (unsigned i = 0; i < c->server_count; i++) {
		const struct radius_server *s = &c->server[i];

		for (unsigned kind = 0; kind < RADIUS_KINDS; kind++) {
			if (!s->link[kind].used)
				continue;
			json_open(j, NULL, '{');
			json_str(j, "server", s->config.address);
			json_u64(j, "port",
				 kind == RADIUS_AUTH ? s->config.auth_port : s->config.acct_port);
			json_str(j, "kind", kind == RADIUS_AUTH ? "auth" : "acct");
			hist_show(&s->link[kind].latency, j, "latency");
			json_close(j, '}');
		}
	}
}
