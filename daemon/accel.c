// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * accel-ppp's commands for those who come from there: `terminate` in all its forms, `pppoe ...`.
 * What `pppoe` changes holds until the configuration is read again, as it does there.
 */
#include "daemon/accel.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/match.h"
#include "daemon/reload.h"
#include "pppoe/macfilter.h"

#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- terminate
 * ------------------------------------------------------------------------------------ */

/* Whom it ends: one of ours, or accel-ppp's word and a value. */
struct target {
	struct match match;
	const char *ifname; /* NULL: the match says */
	uint64_t acct_id;   /* 0: so */
	regex_t regex;
	bool by_regex;
};

/* accel-ppp's sid is the Acct-Session-Id, of 16 digits; ours is PPPoE's, of five at most. */
static int target_sid(struct target *t, const char *value)
{
	char *end;

	t->match.kind = MATCH_SID;
	if (strlen(value) < 16)
		return str_to_u64(value, 1, UINT16_MAX, &t->match.sid);
	t->acct_id = strtoull(value, &end, 16);
	return *end || strlen(value) != 16 || !t->acct_id ? -EINVAL : 0;
}

static int target_ip(struct target *t, const char *value)
{
	t->match.kind = MATCH_IP4;
	if (!ip4_parse(value, &t->match.ip4))
		return 0;
	t->match.kind = MATCH_IP6;
	return ip6_parse(value, &t->match.ip6);
}

static int target_word(struct target *t, const char *word, const char *value)
{
	t->match = (struct match){ .kind = MATCH_USER, .user = value };
	if (!strcmp(word, "username"))
		return 0;
	if (!strcmp(word, "ip"))
		return target_ip(t, value);
	if (!strcmp(word, "sid"))
		return target_sid(t, value);
	if (!strcmp(word, "csid")) {
		t->match.kind = MATCH_MAC;
		return mac_parse(value, &t->match.mac);
	}
	if (strcmp(word, "if") != 0)
		return -EINVAL;
	t->ifname = value;
	return 0;
}

/* `match username REGEX` */
static int target_regex(struct target *t, const char *column, const char *regex)
{
	if (strcmp(column, "username") || regcomp(&t->regex, regex, REG_EXTENDED | REG_NOSUB))
		return -EINVAL;
	t->by_regex = true;
	return 0;
}

/* soft and hard are the same to us: each line is told, none is waited for. */
static int target_parse(struct target *t, unsigned argc, const char *const *argv)
{
	const char *last = argv[argc - 1];

	*t = (struct target){ 0 };
	if (argc > 1 && (!strcmp(last, "soft") || !strcmp(last, "hard")) &&
	    (argc != 2 || !strcmp(argv[0], "all")))
		argc--;
	switch (argc) {
	case 1:
		return match_parse(argv[0], &t->match);
	case 2:
		return target_word(t, argv[0], argv[1]);
	case 3:
		return strcmp(argv[0], "match") ? -EINVAL : target_regex(t, argv[1], argv[2]);
	default:
		return -EINVAL;
	}
}

static bool target_is(const struct target *t, const struct session *s)
{
	if (t->by_regex)
		return s->username && !regexec(&t->regex, s->username, 0, NULL, 0);
	if (t->ifname)
		return !strcmp(s->d->ports[s->line.port].conf.name, t->ifname);
	if (t->acct_id)
		return s->acct_id == t->acct_id;
	return match_session(&t->match, s);
}

void accel_terminate(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	struct session *s;
	struct target t;
	uint64_t n = 0;

	if (target_parse(&t, argc, argv)) {
		control_usage(r,
			      "'%s' is not USER, sid=N, ip=ADDRESS, mac=MAC or all, nor "
			      "if|username|ip|csid|sid VALUE, nor match username REGEX",
			      argv[argc > 1 ? argc - 1 : 0]);
		return;
	}
	for (uint32_t i = 0; (s = table_next(d, &i));) {
		if (s->state == SESSION_CLOSING || !target_is(&t, s))
			continue;
		session_close(s, loop_now(d->loop), PPP_CAUSE_ADMIN_RESET);
		n++;
	}
	if (t.by_regex)
		regfree(&t.regex);
	if (!n && t.match.kind != MATCH_ALL) {
		control_refuse(r, "no session matches '%s'", argv[argc > 1 ? argc - 1 : 0]);
		return;
	}
	json_open(&j, NULL, '{');
	json_u64(&j, "terminated", n);
	json_close(&j, '}');
	control_done(r);
}

/* --- pppoe
 * ---------------------------------------------------------------------------------------- */

void accel_interface_show(void *ctx, unsigned argc, const char *const *argv,
			  struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	for (uint16_t i = 1; i <= d->port_count; i++) {
		const struct port *p = &d->ports[i];

		if (p->leaving && !p->sessions)
			continue; /* only its number is still taken */
		json_open(&j, NULL, '{');
		json_str(&j, "interface", p->conf.name);
		json_u64(&j, "connections", p->sessions);
		json_str(&j, "state", p->tap && !p->leaving ? "active" : "stop");
		json_close(&j, '}');
	}
	json_close(&j, ']');
	control_done(r);
}

void accel_filter_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const struct config_mac_filter *f = &d->config->pppoe.mac_filter;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_str(&j, "filter-type", !*f->file ? "disabled" : f->deny ? "deny" : "allow");
	json_str(&j, "file", *f->file ? f->file : NULL);
	json_u64(&j, "entries", d->mac_filter ? pppoe_mac_filter_count(d->mac_filter) : 0);
	json_close(&j, '}');
	control_done(r);
}

static void filter_put(struct daemon *d, struct pppoe_mac_filter *filter)
{
	pppoe_mac_filter_free(d->mac_filter);
	d->mac_filter = filter;
	d->pppoe_config.mac_filter = filter;
}

void accel_filter_reload(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const struct config_mac_filter *f = &d->config->pppoe.mac_filter;
	struct pppoe_mac_filter *filter;
	char why[200];

	if (!*f->file) {
		control_refuse(r, "[pppoe] mac-filter is not configured");
		return;
	}
	if (pppoe_mac_filter_load(&filter, f->file, !f->deny, why, sizeof(why))) {
		control_refuse(r, "%s", why);
		return;
	}
	filter_put(d, filter);
	log_notice("mac-filter read again: %u entries", pppoe_mac_filter_count(filter));
	accel_filter_show(ctx, argc, argv, r);
}

static void filter_change(struct daemon *d, const char *text, bool more, struct control_reply *r)
{
	struct pppoe_mac_filter *filter;
	struct mac mac;
	int rc;

	if (mac_parse(text, &mac)) {
		control_usage(r, "'%s' is not a MAC address", text);
		return;
	}
	if (!d->mac_filter) {
		control_refuse(r, "[pppoe] mac-filter is not configured");
		return;
	}
	rc = (more ? pppoe_mac_filter_with : pppoe_mac_filter_without)(&filter, d->mac_filter,
								       &mac);
	if (rc) {
		control_refuse(r,
			       rc == -EEXIST   ? "'%s' is in the filter"
			       : rc == -ENOENT ? "'%s' is not in the filter"
					       : "'%s': out of memory",
			       text);
		return;
	}
	filter_put(d, filter);
	log_notice("mac-filter: %s %s, by %s; until its file is read again", text,
		   more ? "added" : "removed", control_who(r));
	accel_filter_show(d, 0, NULL, r);
}

void accel_filter_add(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)argc;
	filter_change(ctx, argv[0], true, r);
}

void accel_filter_del(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)argc;
	filter_change(ctx, argv[0], false, r);
}

static void interface_change(struct daemon *d, const char *name, bool more, struct control_reply *r)
{
	struct json j = { .out = control_body(r) };

	if (reload_interface(d, name, more)) {
		control_refuse(r, "%s", d->reload->why);
		return;
	}
	log_notice("%s: %s, by %s; until the next reload", name,
		   more ? "an access interface now" : "no access interface any more",
		   control_who(r));
	json_open(&j, NULL, '{');
	json_str(&j, "state", "underway");
	json_close(&j, '}');
	control_done(r);
}

void accel_interface_add(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)argc;
	interface_change(ctx, argv[0], true, r);
}

void accel_interface_del(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	(void)argc;
	interface_change(ctx, argv[0], false, r);
}

void accel_pppoe_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const struct pppoe_config *c = &d->pppoe_config;
	struct json j = { .out = control_body(r) };
	const char *what = argv[0];

	(void)argc;
	json_open(&j, NULL, '{');
	if (!strcasecmp(what, "ac-name")) {
		json_str(&j, "AC-Name", c->ac_name);
	} else if (!strcasecmp(what, "service-name")) {
		json_open(&j, "Service-Name", '[');
		for (unsigned i = 0; i < c->service_count; i++)
			json_str(&j, NULL, c->services[i]);
		if (c->accept_any_service)
			json_str(&j, NULL, "*");
		json_close(&j, ']');
	} else if (!strcasecmp(what, "pado-delay")) {
		char text[32];

		json_open(&j, "PADO-delay", '[');
		for (unsigned i = 0; i < c->pado_delay_count; i++) {
			snprintf(text, sizeof(text), "%" PRId32 ":%" PRIu32,
				 c->pado_delay[i].delay_ms, c->pado_delay[i].sessions);
			json_str(&j, NULL, text);
		}
		json_close(&j, ']');
	} else {
		control_usage(r, "'%s' is not PADO-delay, Service-Name or AC-Name", what);
		return;
	}
	json_close(&j, '}');
	control_done(r);
}

static bool text_fits(const char *value)
{
	return *value && strlen(value) < PPPOE_SERVICE_MAX;
}

static int set_delay(struct daemon *d, const char *value)
{
	uint64_t ms;

	if (!strcmp(value, "-1"))
		d->pado_delay_set = (struct pppoe_pado_delay){ .delay_ms = -1 };
	else if (str_to_u64(value, 0, 60000, &ms))
		return -EINVAL;
	else
		d->pado_delay_set = (struct pppoe_pado_delay){ .delay_ms = (int32_t)ms };
	d->pppoe_config.pado_delay = &d->pado_delay_set;
	d->pppoe_config.pado_delay_count = 1;
	return 0;
}

static int set_service(struct daemon *d, const char *value)
{
	bool any = !strcmp(value, "*");

	if (!text_fits(value))
		return -EINVAL;
	d->pppoe_config.accept_any_service = any;
	if (any)
		return 0;
	snprintf(d->service_set[0], sizeof(d->service_set[0]), "%s", value);
	d->pppoe_config.services = d->service_set;
	d->pppoe_config.service_count = 1;
	return 0;
}

void accel_pppoe_set(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	const char *what = argv[0], *value = argv[1];
	char text[4 * PPPOE_SERVICE_MAX];
	int rc = -ENOENT;

	if (!strcasecmp(what, "pado-delay")) {
		rc = set_delay(d, value);
	} else if (!strcasecmp(what, "service-name")) {
		rc = set_service(d, value);
	} else if (!strcasecmp(what, "ac-name")) {
		rc = text_fits(value) ? 0 : -EINVAL;
		if (!rc)
			snprintf(d->pppoe_config.ac_name, sizeof(d->pppoe_config.ac_name), "%s",
				 value);
	}
	if (rc) {
		control_usage(r,
			      rc == -ENOENT ? "'%s' is not PADO-delay, Service-Name or AC-Name"
					    : "not a value of %s",
			      what);
		return;
	}
	str_escape(text, sizeof(text), value, strlen(value));
	log_notice("pppoe set %s %s, by %s; until the next reload", what, text, control_who(r));
	accel_pppoe_show(ctx, argc, argv, r);
}
