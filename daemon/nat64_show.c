// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How NAT64 is: for people, when they ask; and for the log, every ten seconds. The kernel and the
 * tools are asked anew each time, and the one who asks waits for the answers.
 */
#include "daemon/nat64_priv.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- the answer ---------------------------------------------------------------------------- */

/* One question. It has its answers one after the other, and goes with the last, or with its
 * client. */
struct show {
	struct nat64 *n;
	struct control_reply *reply;
	struct nat64_counting *counting;
	struct nat64_stats stats;
	struct nat64_nft nft;
	struct nat64_count count;
	uint64_t pid, restarts; /* of tayga */
	uint64_t no_port;	/* of conntrack, for tayga */
	char error[256];
};

static void show_free(void *state)
{
	struct show *s = state;

	deeds_forget(s->n->d->deeds, s);
	nat64_count_free(s->counting);
	free(s);
}

static void ranges(struct json *j, const struct nat64 *n)
{
	json_open(j, "pool4", '[');
	for (unsigned i = 0; i < n->want.pool4_count; i++) {
		const struct nat64_range *r = &n->want.pool4[i];
		char text[64], addr[IP4_STRLEN];
		int len = snprintf(text, sizeof(text), "%s,%u-%u", ip4_str(addr, r->addr), r->first,
				   r->last);

		for (unsigned p = 0; r->protos != NAT64_ALL && p < NAT64_PROTOS; p++)
			if (r->protos & 1u << p)
				len += snprintf(text + len, sizeof(text) - (size_t)len, ",%s",
						nat64_proto_name((enum nat64_proto)p));
		json_str(j, NULL, text);
	}
	json_close(j, ']');
}

static uint64_t pool_size(const struct nat64 *n)
{
	struct nat64_ranges r = { 0 };
	uint64_t size;

	if (nat64_ranges_normal(n->want.pool4, n->want.pool4_count, &r))
		return 0;
	size = nat64_ranges_size(&r);
	free(r.item);
	return size;
}

static void numbers(struct json *j, const struct show *s)
{
	bool jool = s->n->backend == NAT64_JOOL;
	uint64_t bib = jool ? s->stats.bib : s->count.bib;
	uint64_t drops = s->stats.drops + s->nft.strangers + s->nft.no_pool4 + s->no_port;

	json_u64(j, "bib", bib);
	json_u64(j, "sessions", jool ? s->stats.sessions : s->count.sessions);
	json_u64(j, "pool-used", bib); /* a mapping has an address and port of pool4 for itself */
	json_u64(j, "pool-size", pool_size(s->n));
	json_u64(j, "drops", drops);
	json_open(j, "drops-by-reason", '{');
	json_u64(j, "stranger", s->nft.strangers);
	if (!jool) {
		json_u64(j, "no-pool4", s->nft.no_pool4);
		json_u64(j, "no-free-port", s->no_port);
	}
	for (unsigned i = 0; i < s->stats.drop_count; i++)
		json_u64(j, s->stats.drop[i].name, s->stats.drop[i].value);
	json_close(j, '}');
	if (jool) {
		json_u64(j, "translated", s->stats.translated);
		json_u64(j, "received6", s->stats.received6);
		json_u64(j, "received4", s->stats.received4);
		json_u64(j, "passed", s->stats.passed);
	} else {
		json_u64(j, "flows", s->nft.flows);
		json_u64(j, "pid", s->pid);
		json_u64(j, "restarts", s->restarts);
	}
}

static void body(struct json *j, const struct show *s)
{
	static const char *const states[] = { "off", "starting", "up", "failed" };
	const struct nat64 *n = s->n;
	char text[PREFIX_STRLEN];

	json_open(j, NULL, '{');
	json_str(j, "backend", nat64_backend_name(n->backend));
	json_str(j, "state", states[n->state]);
	json_str(j, "why", *n->why ? n->why : NULL);
	json_str(j, "pool6", prefix6_str(text, &n->want.pool6));
	ranges(j, n);
	numbers(j, s);
	if (n->backend == NAT64_JOOL)
		json_str(j, "framework", n->want.iptables ? "iptables" : "netfilter");
	if (n->want.log && n->backend == NAT64_JOOL)
		json_u64(j, "log-lost", n->log ? nat64_log_lost(n->log) : 0);
	json_str(j, "error", *s->error ? s->error : NULL);
	json_close(j, '}');
}

static void answer(struct show *s)
{
	struct json j = { .out = control_body(s->reply) };

	body(&j, s);
	control_done(s->reply);
	show_free(s);
}

/* --- the questions ------------------------------------------------------------------------- */

static void trouble(struct show *s, const char *what, const char *out, size_t len)
{
	char line[200];

	if (!*s->error)
		snprintf(s->error, sizeof(s->error), "%s: %s", what,
			 nat64_first_line(line, sizeof(line), out, len));
}

static void on_count(void *arg, uint64_t now, int rc, const struct nat64_count *count)
{
	struct show *s = arg;

	(void)now;
	s->count = *count;
	rc = rc ? rc : nat64_sys_no_port(&s->no_port);
	if (rc)
		trouble(s, "conntrack", strerror(-rc), strlen(strerror(-rc)));
	answer(s);
}

static void ask_count(struct show *s)
{
	int rc = nat64_count(&s->counting, s->n->d->loop, &s->n->want.hosts, NULL, on_count, s);

	if (!rc)
		return;
	trouble(s, "conntrack", strerror(-rc), strlen(strerror(-rc)));
	answer(s);
}

/* A number of the helper's JSON. */
static uint64_t number_of(const char *out, const char *name)
{
	const char *p = strstr(out, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

static void on_status(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct show *s = arg;

	(void)now;
	if (rc) {
		trouble(s, "tayga", out, len);
	} else {
		s->pid = number_of(out, "\"pid\":");
		s->restarts = number_of(out, "\"restarts\":");
	}
	ask_count(s);
}

static void on_nft(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	static const char *const words[] = { "status", "tayga" };
	struct show *s = arg;
	struct nat64 *n = s->n;

	(void)now;
	if (rc ? n->backend == NAT64_TAYGA || n->want.subscribers
	       : nat64_nft_parse(out, len, &s->nft))
		trouble(s, "nft", out, len);
	if (n->backend != NAT64_TAYGA || deeds_do(n->d->deeds, words, 2, NULL, 0, on_status, s))
		answer(s);
}

static void ask_nft(struct show *s)
{
	const char *const words[] = { "nft-list", s->n->table };

	if (deeds_do(s->n->d->deeds, words, 2, NULL, 0, on_nft, s))
		answer(s);
}

static void on_stats(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct show *s = arg;

	(void)now;
	if (rc || nat64_stats_parse(out, len, &s->stats))
		trouble(s, "jool", out, len);
	ask_nft(s);
}

void nat64_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct show *s = d->nat64 ? calloc(1, sizeof(*s)) : NULL;
	const char *words[] = { "jool-show", d->nat64 ? d->nat64->label : "", "stats" };

	(void)argc, (void)argv;
	if (!s) {
		control_refuse(r, "out of memory");
		return;
	}
	s->n = d->nat64;
	s->reply = r;
	if (s->n->state != NAT64_STATE_UP) {
		answer(s);
		return;
	}
	control_defer(r, show_free, s);
	if (s->n->backend == NAT64_TAYGA)
		ask_nft(s);
	else if (deeds_do(d->deeds, words, ARRAY_SIZE(words), NULL, 0, on_stats, s))
		answer(s);
}

/* --- a look -------------------------------------------------------------------------------- */

static void look_again(struct nat64 *n)
{
	uint64_t after = NAT64_LOOK;

	if (n->state == NAT64_STATE_FAILED)
		after = NAT64_AGAIN << (n->failures < 10 ? n->failures - 1 : 9);
	timer_set(loop_wheel(n->d->loop), &n->look, loop_now(n->d->loop) + after);
}

/* Somebody has taken away what we made: it is made again. */
static void make_again(struct nat64 *n, const char *what)
{
	log_warn("nat64: somebody has taken away %s: it is made again", what);
	nat64_begin(n);
}

static void child_stopped(struct nat64 *n, int rc, const char *out, size_t len)
{
	(void)rc, (void)out, (void)len;
	make_again(n, "tayga's device");
}

static void tell_no_port(struct nat64 *n, uint64_t count)
{
	if (n->looked && count > n->no_port)
		log_warn("nat64: %llu packets of new connections found no port of pool4%s: more "
			 "ports or addresses are needed",
			 (unsigned long long)(count - n->no_port),
			 n->backend == NAT64_JOOL ? " (or Jool met an error that it does not name)"
						  : "");
	n->no_port = count;
	n->looked = true;
}

static void jool_looked(struct nat64 *n, int rc, const char *out, size_t len)
{
	static struct nat64_stats stats;

	if (rc > 0) {
		make_again(n, "Jool's instance");
		return;
	}
	if (!rc && !nat64_stats_parse(out, len, &stats)) {
		tell_no_port(n, stats.no_port);
	}
	look_again(n);
}

static void nft_looked(struct nat64 *n, int rc, const char *out, size_t len)
{
	uint64_t no_port;

	(void)out, (void)len;
	if (rc > 0) {
		make_again(n, "the nft table");
		return;
	}
	if (!nat64_sys_no_port(&no_port))
		tell_no_port(n, no_port);
	look_again(n);
}

static void on_look(struct timer *t, uint64_t now)
{
	struct nat64 *n = container_of(t, struct nat64, look);
	struct net_link link;

	(void)now;
	if (n->state != NAT64_STATE_UP)
		nat64_begin(n);
	else if (n->backend == NAT64_JOOL)
		NAT64_ASK(n, jool_looked, "jool-show", n->label, "stats");
	else if (net_link_get(n->d->net, n->want.device, &link) == -ENODEV)
		NAT64_ASK(n, child_stopped, "stop", "tayga"); /* it holds the old one */
	else
		NAT64_ASK(n, nft_looked, "nft-list", n->table);
}

void nat64_look_start(struct nat64 *n)
{
	timer_cancel(loop_wheel(n->d->loop), &n->look);
	n->look.fn = on_look;
	if (n->backend == NAT64_TAYGA) /* what was before us is not told */
		n->looked = !nat64_sys_no_port(&n->no_port);
	look_again(n);
}
