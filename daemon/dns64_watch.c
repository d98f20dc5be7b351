// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether named serves, and serves what we told it: it is asked as a subscriber would ask. One that
 * is silent is ended and started; what somebody else changes is put back, and told.
 */
#include "daemon/dns64_priv.h"

#include "base/json.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* --- judgement ----------------------------------------------------------------------------------
 */

static const char *listens(const struct dns64 *n, char buf[IP6_STRLEN])
{
	return ip6_str(buf, &n->want.listen);
}

static void good(struct dns64 *n)
{
	char at[IP6_STRLEN], pool6[PREFIX_STRLEN];

	n->good++;
	n->pause = 0;
	dns64_stats_ask(n);
	if (n->state == DNS64_STATE_UP)
		return;
	n->state = DNS64_STATE_UP;
	*n->why = *n->told = '\0';
	log_notice("dns64: named serves at %s, with addresses of %s", listens(n, at),
		   prefix6_str(pool6, &n->want.pool6));
}

static void wrong(struct dns64 *n, const struct dns64_answer *a)
{
	bool first = n->state != DNS64_STATE_TAMPERED;
	char at[IP6_STRLEN], pool6[PREFIX_STRLEN];

	dns64_trouble(n, DNS64_STATE_TAMPERED,
		      "%s answers %s with %s, which is not of %s: somebody tampers with named, or "
		      "another name server has this address",
		      listens(n, at), n->question.name, a->count ? n->last : "no address",
		      prefix6_str(pool6, &n->want.pool6));
	if (first) /* it may have been told to read something else */
		dns64_reload(n);
}

static void judge(struct dns64 *n, uint64_t now, const struct dns64_answer *a)
{
	bool early = n->state == DNS64_STATE_STARTING && now < n->starting_until;
	char at[IP6_STRLEN];

	n->asked = false;
	n->misses = 0;
	n->answered_at = now;
	n->rtt = loop_clock() - n->asked_at;
	*n->last = '\0';
	if (a->count)
		ip6_str(n->last, &a->address);
	n->failed += a->verdict == DNS64_FAILED;
	n->wrong += a->verdict == DNS64_WRONG;
	if (a->verdict == DNS64_GOOD)
		good(n);
	else if (early) /* of the configuration of before, or of one that is not ready */
		return;
	else if (a->verdict == DNS64_WRONG)
		wrong(n, a);
	else
		dns64_trouble(n, DNS64_STATE_FAILING, "%s answers %s with error %u (%s)",
			      listens(n, at), n->question.name, a->rcode,
			      a->rcode == 2   ? "SERVFAIL: does it reach the world?"
			      : a->rcode == 5 ? "REFUSED"
					      : "RFC 1035, section 4.1.1");
}

static void on_answer(void *arg, uint64_t now, unsigned events)
{
	struct dns64 *n = arg;
	uint8_t buf[DNS64_ANSWER_MAX];
	struct dns64_answer a;
	int len;

	(void)events;
	while ((len = dns64_sys_recv(n->fd, buf, sizeof(buf))) >= 0)
		if (n->asked && !dns64_answer_parse(buf, (size_t)len, &n->question, &a))
			judge(n, now, &a);
}

/* --- one that hangs -----------------------------------------------------------------------------
 */

static void on_ended(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	(void)now, (void)rc, (void)out, (void)len;
	dns64_start(arg);
}

static void silent(struct dns64 *n, uint64_t now)
{
	char at[IP6_STRLEN];

	dns64_trouble(n, DNS64_STATE_SILENT,
		      "named does not answer at %s: it is ended, and started", listens(n, at));
	if (now < n->restart_due)
		return;
	n->pause = n->pause < DNS64_HUNG_PAUSE ? DNS64_HUNG_PAUSE : 2 * n->pause;
	n->pause = n->pause > DNS64_PAUSE_MAX ? DNS64_PAUSE_MAX : n->pause;
	n->restart_due = now + n->pause;
	DNS64_ASK(n, on_ended, "stop", "named");
}

/* --- what somebody else changes -----------------------------------------------------------------
 */

static void put_back(struct dns64 *n)
{
	const struct config *c = n->d->config;
	int ifindex = n->d->device.ifindex;
	bool gone = !net_addr6_add(n->d->net, ifindex, &n->want.listen, 128);

	if (n->want.listen4 && n->want.listen4 != c->ip_pool.gw_ip_address)
		gone = !net_addr4_add(n->d->net, ifindex, n->want.listen4) || gone;
	if (gone)
		log_warn("dns64: somebody has taken its address from %s: it is back",
			 n->d->device.name);
	if (!n->done.loaded) /* it is on its way */
		return;
	if (dns64_sys_write(n->conf, n->text.p, n->text.len))
		return;
	n->rewrites++;
	log_warn("dns64: somebody has changed %s: it is written anew", n->conf);
	dns64_mark(n, 0);
	dns64_reload(n);
}

/* --- the question -------------------------------------------------------------------------------
 */

static void ask(struct dns64 *n)
{
	uint8_t buf[DNS64_QUERY_MAX];
	uint16_t id = (uint16_t)n->sent;
	int len, rc;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) < 0)
		id++;
	n->question = (struct dns64_question){
		.id = id,
		.name = n->d->config->dns64.probe.name,
		.pool6 = n->want.pool6,
	};
	len = dns64_query_write(buf, sizeof(buf), &n->question);
	if (n->fd < 0 || len < 0)
		return;
	n->asked = true;
	n->asked_at = loop_clock();
	rc = dns64_sys_send(n->fd, buf, (size_t)len);
	if (rc == -ECONNREFUSED) /* that is what the last one met */
		rc = dns64_sys_send(n->fd, buf, (size_t)len);
	n->sent += !rc;
}

/* A source port of its own each time: who does not see the question cannot answer it. */
static void reopen(struct dns64 *n)
{
	loop_io_free(n->io);
	n->io = NULL;
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
	if (dns64_sys_open(&n->want.listen, &n->fd))
		return;
	if (loop_io_new(n->d->loop, n->fd, LOOP_READ, on_answer, n, &n->io)) {
		close(n->fd);
		n->fd = -1;
	}
}

static void on_tick(struct timer *t, uint64_t now)
{
	struct dns64 *n = container_of(t, struct dns64, timer);
	bool early = n->state == DNS64_STATE_STARTING && now < n->starting_until;

	if (n->begin_due) {
		n->begin_due = 0;
		dns64_begin(n);
		return;
	}
	timer_set(loop_wheel(n->d->loop), t, now + (early ? DNS64_TICK_FIRST : DNS64_TICK));
	put_back(n);
	if (n->asked && !early) {
		n->misses++;
		n->missed++;
		if (n->misses >= DNS64_MISSES && n->state != DNS64_STATE_DOWN)
			silent(n, now);
	}
	reopen(n);
	ask(n);
}

void dns64_watch_start(struct dns64 *n, uint64_t now)
{
	if (n->state != DNS64_STATE_TAMPERED && n->state != DNS64_STATE_SILENT)
		n->state = DNS64_STATE_STARTING;
	n->starting_until = now + DNS64_STARTS;
	n->misses = 0;
	n->begin_due = 0;
	timer_set(loop_wheel(n->d->loop), &n->timer, now + DNS64_TICK_FIRST);
}

void dns64_again(struct dns64 *n, uint64_t now)
{
	n->pause = !n->pause ? DNS64_PAUSE : 2 * n->pause;
	n->pause = n->pause > DNS64_PAUSE_MAX ? DNS64_PAUSE_MAX : n->pause;
	n->begin_due = now + n->pause;
	timer_set(loop_wheel(n->d->loop), &n->timer, n->begin_due);
}

void dns64_watch_init(struct dns64 *n)
{
	n->fd = n->stats_fd = -1;
	timer_init(&n->timer, on_tick);
}

void dns64_watch_stop(struct dns64 *n)
{
	timer_cancel(loop_wheel(n->d->loop), &n->timer);
	dns64_stats_stop(n);
	loop_io_free(n->io);
	if (n->fd >= 0)
		close(n->fd);
}

/* --- show dns64 ---------------------------------------------------------------------------------
 */

static void show_probe(struct json *j, const struct dns64 *n, uint64_t now)
{
	json_open(j, "probe", '{');
	json_str(j, "name", n->d->config->dns64.probe.name);
	json_str(j, "address", *n->last ? n->last : NULL);
	if (n->answered_at) {
		json_u64(j, "seconds-ago", (now - n->answered_at) / NSEC_PER_SEC);
		json_u64(j, "latency-us", n->rtt / 1000);
	} else {
		json_null(j, "seconds-ago");
		json_null(j, "latency-us");
	}
	json_u64(j, "sent", n->sent);
	json_u64(j, "good", n->good);
	json_u64(j, "failed", n->failed);
	json_u64(j, "wrong", n->wrong);
	json_u64(j, "missed", n->missed);
	json_close(j, '}');
}

static void show_enabled(struct json *j, const struct dns64 *n, uint64_t now)
{
	char text[PREFIX_STRLEN];

	json_str(j, "listen", ip6_str(text, &n->want.listen));
	json_str(j, "listen4", n->want.listen4 ? ip4_str(text, n->want.listen4) : NULL);
	json_str(j, "pool6", prefix6_str(text, &n->want.pool6));
	json_bool(j, "break-dnssec", n->want.break_dnssec);
	json_bool(j, "dns-over-tls", n->want.tls_cert);
	json_bool(j, "dns-over-https", n->want.tls_cert);
	json_open(j, "forward", '[');
	for (unsigned i = 0; i < n->want.forward_count; i++)
		json_str(j, NULL, n->want.forward[i]);
	json_close(j, ']');
	json_u64(j, "pid", n->pid);
	json_u64(j, "restarts", n->restarts);
	json_u64(j, "reloads", n->reloads);
	json_u64(j, "rewrites", n->rewrites);
	show_probe(j, n, now);
	dns64_stats_show(j, n, now);
}

void dns64_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const char *const states[DNS64_STATES] = {
		[DNS64_STATE_OFF] = "off",	 [DNS64_STATE_STARTING] = "starting",
		[DNS64_STATE_UP] = "up",	 [DNS64_STATE_FAILING] = "failing",
		[DNS64_STATE_SILENT] = "silent", [DNS64_STATE_TAMPERED] = "tampered",
		[DNS64_STATE_DOWN] = "down",	 [DNS64_STATE_FAILED] = "failed",
	};
	struct daemon *d = ctx;
	const struct dns64 *n = d->dns64;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_str(&j, "state", states[n->state]);
	json_str(&j, "why", *n->why && n->state != DNS64_STATE_UP ? n->why : NULL);
	if (n->state != DNS64_STATE_OFF)
		show_enabled(&j, n, loop_now(d->loop));
	json_close(&j, '}');
	control_done(r);
}
