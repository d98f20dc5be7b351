// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `test radius USER PASSWORD`: an Access-Request by PAP (RFC 2865) for nobody's line, and what the
 * servers say to it, value by value. It opens no session and sends no accounting; realm rules hold
 * as for a login. The password is in the request only: it is neither kept nor told.
 */
#include "base/json.h"
#include "daemon/daemon.h"
#include "radius/dictionary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trial {
	struct daemon *d;
	struct control_reply *reply;
	struct radius_request *request;
	uint64_t sent;
};

static void put_ip4(struct json *j, const char *name, uint32_t addr)
{
	char text[IP4_STRLEN];

	if (addr)
		json_str(j, name, ip4_str(text, addr));
}

static void put_prefix6(struct json *j, const char *name, const struct prefix6 *p)
{
	char text[PREFIX_STRLEN];

	json_str(j, name, prefix6_str(text, p));
}

static void put_text(struct json *j, const char *name, const char *text)
{
	if (*text)
		json_str(j, name, text);
}

static void put_octets(struct json *j, const char *name, const struct radius_octets *o)
{
	char hex[2 + 2 * RADIUS_TEXT_MAX + 1] = "0x";

	for (unsigned i = 0; i < o->len; i++)
		snprintf(hex + 2 + 2 * i, 3, "%02x", o->b[i]);
	json_str(j, name, hex);
}

static void put_numbers(struct json *j, const struct radius_reply *r)
{
	const struct {
		uint32_t bit;
		const char *name;
		uint64_t value;
	} row[] = {
		{ RADIUS_HAS_MTU, "Framed-MTU", r->mtu },
		{ RADIUS_HAS_SESSION_TIMEOUT, "Session-Timeout", r->session_timeout },
		{ RADIUS_HAS_IDLE_TIMEOUT, "Idle-Timeout", r->idle_timeout },
		{ RADIUS_HAS_INTERIM, "Acct-Interim-Interval", r->interim },
		{ RADIUS_HAS_QUOTA, "quota", r->quota },
		{ RADIUS_HAS_PORT_LIMIT, "Port-Limit", r->port_limit },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++)
		if (r->has & row[i].bit)
			json_u64(j, row[i].name, row[i].value);
	if (r->termination_action)
		json_u64(j, "Termination-Action", r->termination_action);
}

static void put_addresses(struct json *j, const struct radius_reply *r)
{
	char text[IP6_STRLEN];
	struct ip6 ifid = ip6_link_local(r->ifid);

	if (r->has & RADIUS_HAS_IP4)
		put_ip4(j, "Framed-IP-Address", r->ip4);
	else if (r->has & (RADIUS_HAS_IP4_POOL | RADIUS_HAS_IP4_ANY))
		json_str(j, "Framed-IP-Address", "of a pool");
	put_text(j, "Framed-Pool", r->pool);
	put_ip4(j, "MS-Primary-DNS-Server", r->dns4[0]);
	put_ip4(j, "MS-Secondary-DNS-Server", r->dns4[1]);
	if (r->has & RADIUS_HAS_IFID)
		json_str(j, "Framed-Interface-Id", ip6_str(text, &ifid));
	if (r->has & RADIUS_HAS_PREFIX6)
		put_prefix6(j, "Framed-IPv6-Prefix", &r->prefix6);
	if (r->has & RADIUS_HAS_ADDRESS6)
		json_str(j, "Framed-IPv6-Address", ip6_str(text, &r->address6));
	put_text(j, "Framed-IPv6-Pool", r->pool6);
	if (r->has & RADIUS_HAS_DELEGATED6)
		put_prefix6(j, "Delegated-IPv6-Prefix", &r->delegated6);
	put_text(j, "Delegated-IPv6-Prefix-Pool", r->delegated_pool);
	put_text(j, "Stateful-IPv6-Address-Pool", r->address_pool);
}

static void put_lists(struct json *j, const struct radius_reply *r)
{
	char text[PREFIX_STRLEN];

	if (r->dns6_count) {
		json_open(j, "DNS-Server-IPv6-Address", '[');
		for (unsigned i = 0; i < r->dns6_count; i++)
			json_str(j, NULL, ip6_str(text, &r->dns6[i]));
		json_close(j, ']');
	}
	if (r->route4_count) {
		json_open(j, "Framed-Route", '[');
		for (unsigned i = 0; i < r->route4_count; i++)
			json_str(j, NULL, prefix4_str(text, &r->routes4[i]));
		json_close(j, ']');
	}
	if (r->route6_count) {
		json_open(j, "Framed-IPv6-Route", '[');
		for (unsigned i = 0; i < r->route6_count; i++)
			json_str(j, NULL, prefix6_str(text, &r->routes6[i]));
		json_close(j, ']');
	}
	if (r->class_count) {
		json_open(j, "Class", '[');
		for (unsigned i = 0; i < r->class_count; i++)
			put_octets(j, NULL, &r->class[i]);
		json_close(j, ']');
	}
}

/* What a login with these attributes would get. */
static void put_speed(struct daemon *d, struct json *j, const struct radius_reply *r)
{
	struct plan_speed speed;
	char why[256];

	if (!(r->has & RADIUS_HAS_SPEED))
		return;
	if (plan_of_attrs(d, PLAN_RADIUS, r->speed, r->speed_len, NULL, &speed, why, sizeof(why))) {
		json_str(j, "rate-wrong", why);
		return;
	}
	if (speed.plan.down.pir)
		json_u64(j, "rate-down", speed.plan.down.pir / 1000);
	if (speed.plan.up.pir)
		json_u64(j, "rate-up", speed.plan.up.pir / 1000);
	plan_speed_fini(&speed);
}

/* Attributes of speed as they came, by name. */
static void put_attributes(struct json *j, const struct radius_reply *r)
{
	struct rd left = rd_init(r->speed, r->speed_len);

	if (!r->speed_len)
		return;
	json_open(j, "speed", '[');
	while (rd_left(&left)) {
		struct radius_attr a = { .vendor = rd_be32(&left) };
		struct sbuf text = { 0 };

		a.type = rd_u8(&left);
		a.len = rd_u8(&left);
		a.value = rd_bytes(&left, a.len);
		if (!left.bad)
			radius_attr_print(&text, &a);
		json_str(j, NULL, text.p);
		sbuf_fini(&text);
	}
	json_close(j, ']');
}

static const char *verdict_name(enum radius_verdict v)
{
	switch (v) {
	case RADIUS_ACCEPT:
		return "accept";
	case RADIUS_REJECT:
		return "reject";
	case RADIUS_UNREACHABLE:
		return "no answer";
	case RADIUS_BAD:
		return "bad answer";
	}
	return "?";
}

static void on_answer(void *arg, uint64_t now, const struct radius_reply *r)
{
	struct trial *t = arg;
	const struct config *c = t->d->config;
	struct json j = { .out = control_body(t->reply) };
	bool answered = r->verdict != RADIUS_UNREACHABLE;

	json_open(&j, NULL, '{');
	json_str(&j, "verdict", verdict_name(r->verdict));
	json_str(&j, "server", answered ? c->radius.servers[r->server].address : NULL);
	json_u64(&j, "latency-ms", (now - t->sent + 500000) / 1000000);
	json_str(&j, "message", r->message);
	json_open(&j, "attributes", '{');
	put_text(&j, "User-Name", r->username);
	put_addresses(&j, r);
	put_numbers(&j, r);
	put_text(&j, "Filter-Id", r->filter_id);
	put_text(&j, "BRAS-Mirror", r->mirror);
	put_attributes(&j, r);
	put_speed(t->d, &j, r);
	put_lists(&j, r);
	json_close(&j, '}');
	json_close(&j, '}');
	control_done(t->reply);
	free(t);
}

static void on_gone(void *arg)
{
	struct trial *t = arg;

	radius_request_cancel(t->request);
	free(t);
}

void trial_radius(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct trial *t = d->radius ? calloc(1, sizeof(*t)) : NULL;
	char name[RADIUS_TEXT_MAX + 1];
	struct radius_access a = {
		.line.username = name,
		.method = RADIUS_PAP,
		.response = (const uint8_t *)argv[1],
		.response_len = strlen(argv[1]),
	};
	int rc;

	(void)argc;
	if (!t) {
		control_refuse(r, d->radius ? "out of memory" : "no RADIUS server is configured");
		return;
	}
	t->d = d;
	t->reply = r;
	t->sent = loop_now(d->loop);
	rc = login_realm(d->config, name, sizeof(name), argv[0]);
	if (!rc)
		rc = radius_access_send(d->radius, t->sent, &a, on_answer, t, &t->request);
	if (rc) {
		free(t);
		control_refuse(r, "the request cannot be sent: %s", login_unsent(rc));
		return;
	}
	control_defer(r, on_gone, t);
}
