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
	rc = check_names(d, next, r->why, sizeof(r->why));
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
