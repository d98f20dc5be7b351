// SPDX-License-Identifier: GPL-2.0-or-later
/* Another configuration: daemon/reload.h. */
#include "daemon/reload.h"

#include "base/json.h"
#include "daemon/daemon.h"
#include "daemon/privilege.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what differs -------------------------------------------------------------------------- */

/* When a change of a section means something. The others: at once. */
static const char *when(const char *section)
{
	static const char *const sessions[] = { "ppp", "auth", "ip-pool", "dns", "ipv6-pool" };

	for (unsigned i = 0; i < ARRAY_SIZE(sessions); i++)
		if (!strcmp(section, sessions[i]))
			return " (for new sessions)";
	return "";
}

/* A line of a dump, with the section that it is in; false at the end. */
struct lines {
	const char *at;
	char section[80], line[CONFIG_LINE_MAX];
};

static bool next_line(struct lines *l)
{
	while (l->at && *l->at) {
		const char *end = strchrnul(l->at, '\n');
		int len = (int)(end - l->at);
		const char *from = l->at;

		l->at = *end ? end + 1 : end;
		if (*from == '[') {
			snprintf(l->section, sizeof(l->section), "%.*s", len - 2, from + 1);
		} else if (len) {
			snprintf(l->line, sizeof(l->line), "%.*s", len, from);
			return true;
		}
	}
	return false;
}

static unsigned count_line(const char *text, const struct lines *sought)
{
	struct lines l = { .at = text };
	unsigned n = 0;

	while (next_line(&l))
		n += !strcmp(l.section, sought->section) && !strcmp(l.line, sought->line);
	return n;
}

/* Lines of @a of which @b has fewer. */
static unsigned only_in(const char *a, const char *b, char sign, struct sbuf *out)
{
	struct lines l = { .at = a };
	unsigned n = 0;

	while (next_line(&l)) {
		if (count_line(a, &l) <= count_line(b, &l))
			continue;
		sbuf_printf(out, "%c [%s] %s%s\n", sign, l.section, l.line, when(l.section));
		n++;
	}
	return n;
}

unsigned reload_diff(const struct config *from, const struct config *to, struct sbuf *out)
{
	struct sbuf a = { 0 }, b = { 0 };
	unsigned n;

	config_dump(from, &a);
	config_dump(to, &b);
	n = only_in(a.p, b.p, '-', out) + only_in(b.p, a.p, '+', out);
	sbuf_fini(&a);
	sbuf_fini(&b);
	return n;
}

/* --- what live sessions use ---------------------------------------------------------------- */

static bool has_interface(const struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->pppoe.interface_count; i++)
		if (!strcmp(c->pppoe.interfaces[i].name, name))
			return true;
	return false;
}

static bool has_ip4(const struct config *c, uint32_t addr)
{
	for (unsigned i = 0; i < c->ip_pool.pool_count; i++)
		if (addr >= c->ip_pool.pools[i].first && addr <= c->ip_pool.pools[i].last)
			return true;
	return false;
}

static bool has_prefix(const struct config_prefix_pool *p, unsigned count,
		       const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < count; i++)
		if (prefix->len >= p[i].prefix.len && prefix6_overlap(prefix, &p[i].prefix))
			return true;
	return false;
}

/* Of a session: those that @c has no pool for. */
static uint32_t lost_prefixes(const struct config *c, const struct session *s)
{
	uint32_t n = s->has & SESSION_HAS_POOL6 &&
		     !has_prefix(c->ipv6_pool.prefixes, c->ipv6_pool.prefix_count, &s->prefix6);

	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];
		bool delegated = l->kind == DHCP6_PD;

		n += l->flags & LEASE_OF_POOL &&
		     !has_prefix(delegated ? c->ipv6_pool.delegates : c->ipv6_pool.addresses,
				 delegated ? c->ipv6_pool.delegate_count
					   : c->ipv6_pool.address_count,
				 &l->prefix);
	}
	return n;
}

/* 0, or -EBUSY and `why`. */
static int check_uses(struct daemon *d, const struct config *next, char *why, size_t why_len)
{
	uint32_t interfaces = 0, addresses = 0, prefixes = 0, beyond = 0;
	struct session *s;

	for (uint32_t i = 0; (s = table_next(d, &i));) {
		interfaces += !has_interface(next, d->ports[s->line.port].conf.name);
		addresses += s->has & SESSION_HAS_POOL4 && !has_ip4(next, s->ip4);
		prefixes += lost_prefixes(next, s);
		beyond += s->slot >= next->pppoe.max_sessions;
	}
	if (!interfaces && !addresses && !prefixes && !beyond)
		return 0;
	snprintf(why, why_len,
		 "sessions use what it takes away: %u an interface, %u an address, %u a prefix, %u "
		 "a "
		 "place beyond max-sessions",
		 interfaces, addresses, prefixes, beyond);
	return -EBUSY;
}

/* Neither may change while sessions live: they are the state's own name. */
static int check_names(const struct daemon *d, const struct config *next, char *why, size_t why_len)
{
	if (!strcmp(next->subscriber.device, d->config->subscriber.device))
		return 0;
	snprintf(why, why_len, "[subscriber] device cannot be another while the daemon runs");
	return -EBUSY;
}

/* --- reload -------------------------------------------------------------------------------- */

static int refuse(struct reload *r, int rc)
{
	r->state = RELOAD_REFUSED;
	return rc;
}

/* Owns @next. */
static int go(struct daemon *d, struct config *next, bool force)
{
	struct reload *r = d->reload;
	int rc = check_names(d, next, r->why, sizeof(r->why));

	rc = rc ? rc : privilege_check_reload(d->config, next, r->why, sizeof(r->why));
	if (!rc && !force)
		rc = check_uses(d, next, r->why, sizeof(r->why));
	if (rc) {
		config_free(next);
		return refuse(r, rc);
	}
	(void)reload_diff(d->config, next, &r->changes);
	r->next = next;
	r->state = RELOAD_UNDERWAY;
	daemon_leave(d);
	return 0;
}

int reload_begin(struct daemon *d, bool force, struct sbuf *errors)
{
	struct reload *r = d->reload;
	struct config *next;
	int rc = config_load(r->path, &next, errors);

	*r->why = '\0';
	sbuf_fini(&r->changes);
	if (rc) {
		snprintf(r->why, sizeof(r->why), "%s has errors", r->path);
		return refuse(r, rc);
	}
	return go(d, next, force);
}

/* --- an interface more or less ------------------------------------------------------------- */

static bool is_subscribers(const struct config *c, const char *name)
{
	size_t len = strlen(c->subscriber.device);

	return !strncmp(name, c->subscriber.device, len) &&
	       (!name[len] || !strcmp(name + len, "p"));
}

/* @ret: those in effect, changed. -errno and `why`. */
static int interfaces_change(struct daemon *d, const char *name, bool more,
			     struct config_interface **ret, unsigned *ret_count)
{
	const struct config *c = d->config;
	struct reload *r = d->reload;
	struct config_interface *list;
	struct net_link link;
	unsigned n = 0;

	*r->why = '\0';
	if (more == has_interface(c, name))
		snprintf(r->why, sizeof(r->why), "'%s' is %s access interface", name,
			 more ? "already an" : "no");
	else if (more && net_link_get(d->net, name, &link))
		snprintf(r->why, sizeof(r->why), "there is no interface '%s'", name);
	else if (more && c->pppoe.interface_count == ABI_PORTS_MAX - 1)
		snprintf(r->why, sizeof(r->why), "there are %u access interfaces, and no more can be",
			 c->pppoe.interface_count);
	else if (more && is_subscribers(c, name))
		snprintf(r->why, sizeof(r->why), "'%s' is the subscriber device, or its other end",
			 name);
	else if (!more && c->pppoe.interface_count == 1)
		snprintf(r->why, sizeof(r->why), "'%s' is the only access interface", name);
	if (*r->why)
		return -EINVAL;
	list = calloc(c->pppoe.interface_count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (unsigned i = 0; i < c->pppoe.interface_count; i++)
		if (strcmp(c->pppoe.interfaces[i].name, name) != 0)
			list[n++] = c->pppoe.interfaces[i];
	if (more) {
		list[n].padi_limit = c->pppoe.padi_limit;
		snprintf(list[n++].name, sizeof(list->name), "%s", name);
	}
	*ret = list;
	*ret_count = n;
	return 0;
}

/* Is an access interface all that differs? */
static bool differs_by_interfaces(const struct config *from, const struct config *to)
{
	static const char key[] = " [pppoe] interface = ";
	struct sbuf changes = { 0 };
	bool alone = true;

	(void)reload_diff(from, to, &changes);
	for (const char *line = changes.p, *end; line && (end = strchr(line, '\n')); line = end + 1)
		alone = alone && !strncmp(line + 1, key, sizeof(key) - 1);
	sbuf_fini(&changes);
	return alone;
}

static void link_up(struct daemon *d, const char *name, bool more)
{
	struct net_link link;

	if (more && !net_link_get(d->net, name, &link) && !link.up)
		(void)net_link_up(d->net, link.ifindex);
}

int reload_interface(struct daemon *d, const char *name, bool more)
{
	struct config_interface *list = NULL;
	struct reload *r = d->reload;
	struct sbuf errors = { 0 };
	struct config *next;
	unsigned count;
	int rc = interfaces_change(d, name, more, &list, &count);

	if (rc)
		return rc;
	rc = config_load(r->path, &next, &errors);
	sbuf_fini(&errors);
	if (rc) {
		free(list);
		snprintf(r->why, sizeof(r->why), "%s has errors", r->path);
		return rc;
	}
	free(next->pppoe.interfaces);
	next->pppoe.interfaces = list;
	next->pppoe.interface_count = count;
	if (!differs_by_interfaces(d->config, next)) {
		config_free(next);
		snprintf(r->why, sizeof(r->why), "%s has other changes: reload first", r->path);
		return -EBUSY;
	}
	sbuf_fini(&r->changes);
	link_up(d, name, more); /* nothing can be read of one that is down */
	return go(d, next, false);
}

static void changes_json(struct json *j, const struct reload *r)
{
	json_open(j, "changes", '[');
	for (const char *line = r->changes.p, *end; line && (end = strchr(line, '\n'));
	     line = end + 1)
		json_strn(j, NULL, line, (size_t)(end - line));
	json_close(j, ']');
}

void reload_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct sbuf errors = { 0 };
	struct json j = { .out = control_body(r) };
	bool force = argc && !strcmp(argv[0], "force");

	if (argc && !force) {
		control_usage(r, "'%s' is not force", argv[0]);
		return;
	}
	if (reload_begin(d, force, &errors)) {
		log_warn("reload: %s", d->reload->why);
		log_lines(LOG_LEVEL_ERROR, errors.p);
		control_refuse(r, "%s%s%s", d->reload->why, errors.len ? ":\n" : "",
			       errors.len ? errors.p : "");
		sbuf_fini(&errors);
		return;
	}
	json_open(&j, NULL, '{');
	json_str(&j, "state", "underway");
	changes_json(&j, d->reload);
	json_close(&j, '}');
	control_done(r);
}

void reload_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	static const char *const names[] = { "none", "underway", "applied", "refused" };
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '{');
	json_str(&j, "state", names[d->reload->state]);
	json_u64(&j, "count", d->reload->count);
	json_str(&j, "why", *d->reload->why ? d->reload->why : NULL);
	changes_json(&j, d->reload);
	json_close(&j, '}');
	control_done(r);
}
