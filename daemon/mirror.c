// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies of subscribers' traffic: who is copied, by which rule, to which port.
 *
 * Each user that a command named has a rule of the data plane to himself, so that his copies are
 * counted; all others share rule 1. What was commanded outlives the process in a file of the
 * instance, with its rule's number: the sessions' entries of the process before us name it.
 *
 * Ports come and go, gateways move: what the data plane is told of them is looked up again every
 * few seconds, and at once when a link changes.
 */
#include "daemon/mirror.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/neigh.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERYBODY 1
#define LOOK	  (3 * NSEC_PER_SEC)
#define LINE_CAP  1024

/* What has no station of its own goes to nobody's: a monitor that listens to everything has it. */
static const struct mac nobody = { { 0x02, 0xb5, 0x6d, 0x6f, 0x6e, 0x00 } };

struct entry {
	char *user; /* NULL: free */
	struct mirror_rule rule;
	uint64_t until; /* ns; 0: until it is taken back */
};

struct target {
	struct net_link link; /* ifindex 0: not there */
	struct mac dst;
	bool resolved;
};

struct skips {
	struct prefix4 p4[ABI_MIRROR_SKIPS];
	struct prefix6 p6[ABI_MIRROR_SKIPS];
	unsigned count4, count6;
};

struct mirrors {
	struct daemon *d;
	struct neigh *neigh;
	struct entry entries[ABI_MIRROR_RULES]; /* the index is the rule's number */
	unsigned high;				/* none at or beyond it */
	bool commanded;				/* everybody's rule is not the configuration's */
	struct target *targets;			/* of the configuration's ports */
	struct skips *skips;
	struct timer timer;
	char path[160];
};

/* --- where to ------------------------------------------------------------------------------ */

static unsigned target_of(const struct mirrors *m, const struct mirror_rule *r)
{
	const struct config *c = m->d->config;

	for (unsigned i = 0; i < c->mirror.port_count; i++)
		if (!strcmp(c->mirror.ports[i].name, r->to))
			return i;
	return 0;
}

static bool has_port(const struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->mirror.port_count; i++)
		if (!strcmp(c->mirror.ports[i].name, name))
			return true;
	return !*name;
}

static int program(struct mirrors *m, unsigned rule)
{
	const struct mirror_rule *r = &m->entries[rule].rule;
	const struct target *t = &m->targets[target_of(m, r)];
	struct abi_mirror a;

	mirror_rule_abi(r, &a);
	a.ifindex = t->resolved && t->link.up ? (uint32_t)t->link.ifindex : 0;
	memcpy(a.dst, t->dst.b, sizeof(a.dst));
	memcpy(a.src, t->link.mac.b, sizeof(a.src));
	return dp_mirror_set(m->d->dp, (uint16_t)rule, &a);
}

/* Upstream's program is there while anybody is copied. */
static int program_hook(struct mirrors *m)
{
	bool on = false;

	for (unsigned i = EVERYBODY; i < m->high; i++)
		on |= m->entries[i].user && !mirror_rule_is_off(&m->entries[i].rule);
	return dp_mirror_attach(m->d->dp, on);
}

static void resolve(struct mirrors *m, struct target *t, const struct config_mirror_port *p)
{
	const struct config_network *gw = &p->gateway;
	bool ip6 = gw->kind == CONFIG_NETWORK_IP6;

	t->resolved = false;
	if (net_link_get(m->d->net, p->name, &t->link)) {
		t->link = (struct net_link){ 0 };
		return;
	}
	t->dst = p->has_mac ? p->mac : nobody;
	t->resolved = !p->has_gateway || !neigh_mac(m->neigh, t->link.ifindex, gw->p4.addr,
						    ip6 ? &gw->p6.addr : NULL, &t->dst);
}

static bool same_target(const struct target *a, const struct target *b)
{
	return a->link.ifindex == b->link.ifindex && a->link.up == b->link.up &&
	       a->resolved == b->resolved && mac_equal(&a->link.mac, &b->link.mac) &&
	       mac_equal(&a->dst, &b->dst);
}

static void tell_target(const struct config_mirror_port *p, const struct target *t)
{
	if (!t->link.ifindex)
		log_warn("mirror: %s: no such interface; its copies are dropped", p->name);
	else if (!t->link.up)
		log_warn("mirror: %s: the interface is down; its copies are dropped", p->name);
	else if (!t->resolved)
		log_warn("mirror: %s: the gateway does not answer; its copies are dropped",
			 p->name);
	else
		log_notice("mirror: copies go out of %s", p->name);
}

/* --- what is never copied ------------------------------------------------------------------ */

static void skip4(struct skips *s, const struct prefix4 *p)
{
	if (s->count4 < ABI_MIRROR_SKIPS)
		s->p4[s->count4++] = *p;
}

static void skip6(struct skips *s, const struct prefix6 *p)
{
	if (s->count6 < ABI_MIRROR_SKIPS)
		s->p6[s->count6++] = *p;
}

static void on_network(void *arg, const struct neigh_network *net)
{
	if (net->is6)
		skip6(arg, &net->p6);
	else
		skip4(arg, &net->p4);
}

static void look_skips(struct mirrors *m)
{
	const struct config *c = m->d->config;
	struct skips *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	for (unsigned i = 0; i < c->mirror.exclude_count; i++) {
		const struct config_network *x = &c->mirror.excludes[i];

		if (x->kind == CONFIG_NETWORK_IP4)
			skip4(s, &x->p4);
		else if (x->kind == CONFIG_NETWORK_IP6)
			skip6(s, &x->p6);
	}
	for (unsigned i = 0; i < c->mirror.port_count; i++)
		if (m->targets[i].link.ifindex)
			(void)neigh_networks(m->neigh, m->targets[i].link.ifindex, on_network, s);
	if (m->skips && !memcmp(m->skips, s, sizeof(*s))) {
		free(s);
		return;
	}
	if (dp_mirror_skips(m->d->dp, s->p4, s->count4, s->p6, s->count6))
		log_error("mirror: what is never copied cannot be written");
	free(m->skips);
	m->skips = s;
}

/* A station that forwards what it gets must not send us the copies back. */
static void port_station(struct mirrors *m, unsigned i)
{
	const struct target *t = &m->targets[i];
	bool real = t->resolved && !mac_equal(&t->dst, &nobody);

	if (dp_mirror_port(m->d->dp, i, t->link.ifindex, real ? &t->dst : NULL))
		log_error("mirror: %s: copies that come back cannot be kept out", t->link.name);
}

static void look(struct mirrors *m, bool first)
{
	const struct config *c = m->d->config;
	bool changed = first;

	for (unsigned i = 0; i < c->mirror.port_count; i++) {
		struct target was = m->targets[i];

		resolve(m, &m->targets[i], &c->mirror.ports[i]);
		if (!first && same_target(&was, &m->targets[i]))
			continue;
		tell_target(&c->mirror.ports[i], &m->targets[i]);
		port_station(m, i);
		changed = true;
	}
	if (first)
		dp_mirror_ports_done(m->d->dp);
	look_skips(m); /* before a rule may copy */
	for (unsigned i = EVERYBODY; changed && i < m->high; i++)
		if (m->entries[i].user && program(m, i))
			log_error("mirror: rule %u cannot be written", i);
}

void mirror_links(struct daemon *d)
{
	if (d->mirrors)
		look(d->mirrors, false);
}

/* --- whom ---------------------------------------------------------------------------------- */

static unsigned find(const struct mirrors *m, const char *user)
{
	for (unsigned i = EVERYBODY + 1; i < m->high; i++)
		if (m->entries[i].user && !strcmp(m->entries[i].user, user))
			return i;
	return 0;
}

static bool is_excluded(const struct config *c, const struct mac *mac)
{
	for (unsigned i = 0; i < c->mirror.exclude_count; i++)
		if (c->mirror.excludes[i].kind == CONFIG_NETWORK_MAC &&
		    mac_equal(&c->mirror.excludes[i].mac, mac))
			return true;
	return false;
}

uint16_t mirror_of(const struct session *s)
{
	const struct mirrors *m = s->d->mirrors;
	unsigned rule = m && s->username ? find(m, s->username) : 0;

	if (!m || is_excluded(m->d->config, &s->mac))
		return 0;
	rule = rule ? rule : EVERYBODY;
	return mirror_rule_is_off(&m->entries[rule].rule) ? 0 : (uint16_t)rule;
}

/* @user NULL: all. */
static void apply(struct mirrors *m, const char *user)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(m->d, &i));)
		if (s->username && s->has & SESSION_HAS_LINE &&
		    (!user || !strcmp(s->username, user)))
			(void)path_replan(s);
}

static int entry_set(struct mirrors *m, unsigned i, const char *user, const struct mirror_rule *r,
		     uint64_t until)
{
	char *copy = strdup(user);

	if (!copy)
		return -ENOMEM;
	free(m->entries[i].user);
	m->entries[i] = (struct entry){ .user = copy, .rule = *r, .until = until };
	m->high = i >= m->high ? i + 1 : m->high;
	return program(m, i);
}

/* Nobody may have its number when it is another's. */
static void entry_drop(struct mirrors *m, unsigned i)
{
	char *user = m->entries[i].user;

	m->entries[i] = (struct entry){ 0 };
	apply(m, user);
	(void)dp_mirror_clear(m->d->dp, (uint16_t)i);
	free(user);
}

static unsigned free_entry(const struct mirrors *m)
{
	for (unsigned i = EVERYBODY + 1; i < ABI_MIRROR_RULES; i++)
		if (!m->entries[i].user)
			return i;
	return 0;
}

/* --- the file ------------------------------------------------------------------------------ */

/* NUMBER UNTIL "USER"-in-hex RULE: no octet of a user's name can be taken for another thing. */
static void write_entry(FILE *f, unsigned i, const struct entry *e)
{
	struct sbuf rule = { 0 };

	mirror_rule_write(&e->rule, &rule);
	fprintf(f, "%u %" PRIu64 " ", i, e->until);
	for (const char *p = e->user; *p; p++)
		fprintf(f, "%02x", (unsigned char)*p);
	fprintf(f, " %s\n", rule.p ? rule.p : "");
	sbuf_fini(&rule);
}

static void keep(struct mirrors *m)
{
	char new_path[sizeof(m->path) + 4];
	FILE *f;
	int bad;

	snprintf(new_path, sizeof(new_path), "%s.new", m->path);
	f = fopen(new_path, "we");
	if (!f) {
		log_error("%s: %s", new_path, strerror(errno));
		return;
	}
	for (unsigned i = m->commanded ? EVERYBODY : EVERYBODY + 1; i < m->high; i++)
		if (m->entries[i].user)
			write_entry(f, i, &m->entries[i]);
	bad = ferror(f);
	if (fclose(f) || bad || rename(new_path, m->path))
		log_error("%s: %s", new_path, strerror(errno));
}

static int read_user(const char *hex, char *ret, size_t cap)
{
	size_t n = strlen(hex) / 2;

	if (!n || strlen(hex) % 2 || n >= cap)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1] };
		char *end;

		ret[i] = (char)strtoul(digits, &end, 16);
		if (*end || !ret[i])
			return -EBADMSG;
	}
	ret[n] = '\0';
	return 0;
}

static int read_entry(struct mirrors *m, const char *line, uint64_t now)
{
	char hex[2 * PPP_NAME_MAX + 1], user[PPP_NAME_MAX + 1], why[128];
	struct mirror_rule rule;
	uint64_t until;
	unsigned i;
	int at;

	if (sscanf(line, "%u %" SCNu64 " %510s %n", &i, &until, hex, &at) != 3 || !i ||
	    i >= ABI_MIRROR_RULES || read_user(hex, user, sizeof(user)) ||
	    mirror_rule_parse_text(line + at, &rule, why, sizeof(why)))
		return -EBADMSG;
	if (until && until <= now)
		return 0;
	if (!has_port(m->d->config, rule.to)) {
		log_warn("mirror: %s: its port %s is no more: no copies", user, rule.to);
		return 0;
	}
	m->commanded |= i == EVERYBODY;
	return entry_set(m, i, user, &rule, until);
}

static void take(struct mirrors *m, uint64_t now)
{
	FILE *f = fopen(m->path, "re");
	char line[LINE_CAP];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (read_entry(m, line, now))
			log_warn("%s: a line is not understood, and forgotten", m->path);
	}
	fclose(f);
}

/* --- life ---------------------------------------------------------------------------------- */

static void everybody(struct mirrors *m)
{
	m->commanded = false;
	if (entry_set(m, EVERYBODY, "all", &m->d->config->mirror.everybody, 0))
		log_error("mirror: no memory");
}

static void on_look(struct timer *t, uint64_t now)
{
	struct mirrors *m = container_of(t, struct mirrors, timer);
	bool ended = false;

	look(m, false);
	for (unsigned i = EVERYBODY; i < m->high; i++) {
		struct entry *e = &m->entries[i];

		if (!e->user || !e->until || e->until > now)
			continue;
		log_notice("mirror: %s: its time is over", e->user);
		ended = true;
		if (i == EVERYBODY) {
			everybody(m);
			apply(m, NULL);
		} else {
			entry_drop(m, i);
		}
	}
	if (ended) {
		(void)program_hook(m);
		keep(m);
	}
	timer_set(loop_wheel(m->d->loop), t, now + LOOK);
}

int mirror_setup(struct daemon *d)
{
	const struct config *c = d->config;
	uint64_t now = loop_now(d->loop);
	struct mirrors *m;
	int rc;

	if (!c->mirror.port_count)
		return dp_mirror_attach(d->dp, false); /* the process before us may have had one */
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	d->mirrors = m;
	m->d = d;
	timer_init(&m->timer, on_look);
	snprintf(m->path, sizeof(m->path), "/run/brasberry/%s/mirror", d->instance);
	m->targets = calloc(c->mirror.port_count, sizeof(*m->targets));
	rc = m->targets ? neigh_new(&m->neigh) : -ENOMEM;
	if (rc)
		return rc;
	everybody(m);
	if (d->adopting)
		take(m, now);
	look(m, true);
	rc = program_hook(m);
	if (rc)
		log_error("mirror: %s", strerror(-rc));
	timer_set(loop_wheel(d->loop), &m->timer, now + LOOK);
	return rc;
}

void mirror_teardown(struct daemon *d)
{
	struct mirrors *m = d->mirrors;

	if (!m)
		return;
	d->mirrors = NULL;
	timer_cancel(loop_wheel(d->loop), &m->timer);
	if (!d->leaving)
		(void)unlink(m->path);
	for (unsigned i = 0; i < m->high; i++)
		free(m->entries[i].user);
	neigh_free(m->neigh);
	free(m->targets);
	free(m->skips);
	free(m);
}

/* --- commands ------------------------------------------------------------------------------ */

static void show_row(struct json *j, struct mirrors *m, unsigned i, uint64_t now)
{
	const struct entry *e = &m->entries[i];
	struct abi_mirror_counters c = { 0 };
	struct sbuf rule = { 0 };

	(void)dp_mirror_counters(m->d->dp, (uint16_t)i, &c);
	mirror_rule_write(&e->rule, &rule);
	json_open(j, NULL, '{');
	json_str(j, "username", e->user);
	json_str(j, "target", m->d->config->mirror.ports[target_of(m, &e->rule)].name);
	json_str(j, "rule", rule.p);
	json_u64(j, "packets", c.packets);
	json_u64(j, "bytes", c.bytes);
	json_u64(j, "drops", c.dropped);
	if (e->until)
		json_u64(j, "seconds-left", e->until > now ? (e->until - now) / NSEC_PER_SEC : 0);
	else
		json_null(j, "seconds-left");
	json_close(j, '}');
	sbuf_fini(&rule);
}

void mirror_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	for (unsigned i = EVERYBODY; d->mirrors && i < d->mirrors->high; i++)
		if (d->mirrors->entries[i].user)
			show_row(&j, d->mirrors, i, loop_now(d->loop));
	json_close(&j, ']');
	control_done(r);
}

static int set_rule(struct mirrors *m, const char *who, const struct mirror_rule *rule)
{
	uint64_t now = loop_now(m->d->loop);
	bool all = !strcmp(who, "all");
	unsigned i = all ? EVERYBODY : find(m, who);
	int rc;

	i = i ? i : free_entry(m);
	if (!i)
		return -ENOSPC;
	m->commanded |= all;
	rc = entry_set(m, i, who, rule, rule->seconds ? now + rule->seconds * NSEC_PER_SEC : 0);
	rc = rc ? rc : program_hook(m);
	if (!rc)
		apply(m, all ? NULL : who);
	keep(m);
	return rc;
}

static int reset_rule(struct mirrors *m, const char *who)
{
	unsigned i = find(m, who);

	int rc;

	if (!strcmp(who, "all")) {
		everybody(m);
		rc = program_hook(m);
		apply(m, NULL);
	} else if (i) {
		entry_drop(m, i);
		rc = program_hook(m);
	} else {
		return -ENOENT;
	}
	keep(m);
	return rc;
}

static void answer(struct control_reply *r, const char *who, const struct mirror_rule *rule)
{
	struct json j = { .out = control_body(r) };
	struct sbuf text = { 0 };

	if (rule)
		mirror_rule_write(rule, &text);
	json_open(&j, NULL, '{');
	json_str(&j, "username", who);
	json_str(&j, "rule", rule ? text.p : NULL);
	json_close(&j, '}');
	log_notice("mirror: %s: %s, by the control socket", who, rule ? text.p : "as everybody");
	sbuf_fini(&text);
	control_done(r);
}

void mirror_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct mirrors *m = d->mirrors;
	bool reset = argc == 2 && !strcmp(argv[1], "reset");
	struct mirror_rule rule;
	char why[256];
	int rc;

	if (!m) {
		control_refuse(r, "[mirror] has no port");
		return;
	}
	if (!reset && mirror_rule_parse(argv + 1, argc - 1, &rule, why, sizeof(why))) {
		control_usage(r, "%s", why);
		return;
	}
	if (!reset && !has_port(d->config, rule.to)) {
		control_refuse(r, "'%s' is no port of [mirror]", rule.to);
		return;
	}
	rc = reset ? reset_rule(m, argv[0]) : set_rule(m, argv[0], &rule);
	if (rc == -ENOENT)
		control_refuse(r, "'%s' has no rule of his own", argv[0]);
	else if (rc == -ENOSPC)
		control_refuse(r, "there are %u rules, and no more can be", ABI_MIRROR_RULES - 1);
	else if (rc)
		control_refuse(r, "the kernel refused it: %s", strerror(-rc));
	else
		answer(r, argv[0], reset ? NULL : &rule);
}
