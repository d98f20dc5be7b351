// SPDX-License-Identifier: GPL-2.0-or-later
/* What the dialer tells: a line for each event, percentiles, or one JSON document at the end. */
#include "test/dialer/dialer.h"

#include <stdio.h>
#include <stdlib.h>

#define JSON_LINES_MAX 5000 /* lines are listed one by one up to here */

const char *auth_name(enum auth a)
{
	static const char *const names[] = { "none", "pap", "chap", "mschapv2" };

	return a < AUTH_COUNT ? names[a] : "?";
}

static FILE *out(const struct dialer *d)
{
	return d->o.json ? stderr : stdout;
}

static const char *ip_text(char buf[IP4_STRLEN], uint32_t addr)
{
	return addr ? ip4_str(buf, addr) : "-";
}

static const char *prefix_text(char buf[PREFIX_STRLEN], const struct line *l)
{
	struct prefix6 p = { .addr = l->prefix, .len = l->prefix_len };

	return l->has_ra && l->prefix_len ? prefix6_str(buf, &p) : "-";
}

void report_up(struct dialer *d, const struct line *l)
{
	char user[256], ip[IP4_STRLEN], gw[IP4_STRLEN], dns[2][IP4_STRLEN], p[PREFIX_STRLEN];
	char ll[IP6_STRLEN], router[IP6_STRLEN], mac[MAC_STRLEN];
	struct ip6 local = ip6_link_local(l->ifid);
	struct mac m;

	if (d->o.quiet)
		return;
	memcpy(m.b, l->mac, 6);
	expand(user, sizeof(user), d->o.user, line_index(d, l));
	fprintf(out(d), "up %u %s %s %s %u sid=%u mac=%s auth=%s gw=%s dns1=%s dns2=%s",
		line_index(d, l), user, ip_text(ip, l->ip), prefix_text(p, l), line_mtu(l), l->sid,
		mac_str(mac, &m), auth_name(l->auth), ip_text(gw, l->gateway),
		ip_text(dns[0], l->dns[0]), ip_text(dns[1], l->dns[1]));
	if (l->ipv6cp.state == N_OPENED)
		fprintf(out(d), " ll=%s router=%s ra-mtu=%u ra-flags=%s%s ra-lifetime=%u",
			ip6_str(ll, &local), ip6_str(router, &l->router), l->ra_mtu,
			l->prefix_flags & 0x80 ? "L" : "", l->prefix_flags & 0x40 ? "A" : "",
			l->ra_lifetime);
	if (l->ipv6cp.state == N_OPENED)
		fprintf(out(d), " ra-mo=%s%s pd=%s na=%s", l->ra_flags & 0x80 ? "M" : "",
			l->ra_flags & 0x40 ? "O" : "", l->pd.len ? prefix6_str(p, &l->pd) : "-",
			ip6_is_zero(&l->na) ? "-" : ip6_str(ll, &l->na));
	fprintf(out(d), " ms=%u.%u\n", l->setup_us / 1000, l->setup_us / 100 % 10);
}

void report_down(struct dialer *d, const struct line *l, enum reason why)
{
	if (!d->o.quiet)
		fprintf(out(d), "%s %u %s\n", l->came_up ? "down" : "fail", line_index(d, l),
			reason_name(why));
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* @permille of the dials that came up needed no longer. */
static uint32_t percentile(const struct stats *st, unsigned permille)
{
	uint64_t i;

	if (!st->setup_count)
		return 0;
	i = ((uint64_t)st->setup_count * permille + 999) / 1000;
	return st->setup_us[i ? i - 1 : 0];
}

static uint64_t per_second(const struct stats *st)
{
	uint64_t span = st->last > st->first ? st->last - st->first : 0;

	return span ? st->came_up * NSEC_PER_SEC / span : st->came_up;
}

void report_ready(struct dialer *d)
{
	struct stats *st = &d->st;
	uint64_t rx_lost, tx_lost;

	io_lost(d->io, &rx_lost, &tx_lost);
	qsort(st->setup_us, st->setup_count, sizeof(*st->setup_us), by_value);
	fprintf(out(d),
		"ready: %u up, %u failed, %llu/s, setup us p50 %u p90 %u p99 %u max %u, "
		"%u retransmits, lost here %llu in %llu out\n",
		st->up_now, st->failed, (unsigned long long)per_second(st), percentile(st, 500),
		percentile(st, 900), percentile(st, 990), percentile(st, 1000), st->retransmits,
		(unsigned long long)rx_lost, (unsigned long long)tx_lost);
	for (unsigned i = 1; i < R_COUNT; i++)
		if (st->failures[i])
			fprintf(out(d), "failed: %u %s\n", st->failures[i], reason_name(i));
	fflush(out(d));
}

static void json_reasons(struct json *j, const char *name, const uint32_t count[R_COUNT])
{
	json_open(j, name, '{');
	for (unsigned i = 1; i < R_COUNT; i++)
		if (count[i])
			json_u64(j, reason_name(i), count[i]);
	json_close(j, '}');
}

static void json_line(struct json *j, const struct dialer *d, const struct line *l)
{
	char buf[256];
	struct mac m;

	memcpy(m.b, l->mac, 6);
	json_open(j, NULL, '{');
	json_u64(j, "line", line_index(d, l));
	json_strn(j, "user", buf, expand(buf, sizeof(buf), d->o.user, line_index(d, l)));
	json_bool(j, "came-up", l->came_up);
	json_str(j, "reason", l->reason ? reason_name(l->reason) : NULL);
	json_str(j, "mac", mac_str(buf, &m));
	json_str(j, "auth", auth_name(l->auth));
	json_str(j, "ip", l->ip ? ip4_str(buf, l->ip) : NULL);
	json_str(j, "gateway", l->gateway ? ip4_str(buf, l->gateway) : NULL);
	json_str(j, "dns1", l->dns[0] ? ip4_str(buf, l->dns[0]) : NULL);
	json_str(j, "dns2", l->dns[1] ? ip4_str(buf, l->dns[1]) : NULL);
	json_str(j, "ip6", l->prefix_len ? prefix_text(buf, l) : NULL);
	json_u64(j, "mtu", line_mtu(l));
	json_u64(j, "setup-us", l->setup_us);
	json_close(j, '}');
}

static void report_json(struct dialer *d)
{
	const struct stats *st = &d->st;
	struct sbuf b = { 0 };
	struct json j = { .out = &b };
	uint64_t rx_lost, tx_lost;

	io_lost(d->io, &rx_lost, &tx_lost);
	json_open(&j, NULL, '{');
	json_u64(&j, "lines", d->o.lines);
	json_u64(&j, "dials", st->dials);
	json_u64(&j, "came-up", st->came_up);
	json_u64(&j, "failed", st->failed);
	json_u64(&j, "per-second", per_second(st));
	json_open(&j, "setup-us", '{');
	json_u64(&j, "p50", percentile(st, 500));
	json_u64(&j, "p90", percentile(st, 900));
	json_u64(&j, "p99", percentile(st, 990));
	json_u64(&j, "max", percentile(st, 1000));
	json_close(&j, '}');
	json_reasons(&j, "failures", st->failures);
	json_reasons(&j, "ends", st->ends);
	json_u64(&j, "retransmits", st->retransmits);
	json_u64(&j, "lost-rx", rx_lost);
	json_u64(&j, "lost-tx", tx_lost);
	json_u64(&j, "echo-rx", st->echo_rx);
	json_u64(&j, "echo-tx", st->echo_tx);
	json_u64(&j, "echo-lost", st->echo_lost);
	json_u64(&j, "echo-longest-us", st->echo_longest);
	json_u64(&j, "bad-frames", st->bad_frames);
	json_open(&j, "sessions", '[');
	for (uint32_t i = 0; i < d->o.lines && i < JSON_LINES_MAX; i++)
		json_line(&j, d, &d->lines[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	if (!b.bad)
		printf("%s\n", b.p);
	sbuf_fini(&b);
}

void report_final(struct dialer *d)
{
	const struct stats *st = &d->st;

	qsort(st->setup_us, st->setup_count, sizeof(*st->setup_us), by_value);
	fprintf(out(d), "done: %u dials, %u came up, %u failed, %u bad frames\n", st->dials,
		st->came_up, st->failed, st->bad_frames);
	for (unsigned i = 1; i < R_COUNT; i++)
		if (st->ends[i])
			fprintf(out(d), "ended: %u %s\n", st->ends[i], reason_name(i));
	if (d->o.json)
		report_json(d);
}
