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
#include "daemon/mirror_priv.h"

#include "daemon/monitor.h"
#include "daemon/neigh.h"
#include "daemon/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK	 (3 * NSEC_PER_SEC)
#define LINE_CAP 1024

bool mirror_late(const struct daemon *d)
{
	const struct mirrors *m = d->mirrors;
	bool late = m && m->entries[MIRROR_EVERYBODY].user &&
		    !mirror_rule_is_off(&m->entries[MIRROR_EVERYBODY].rule);

	for (unsigned i = 0; i < ABI_STREAMS; i++)
		late |= d->monitors[i] && monitor_is_of_all(d->monitors[i]);
	return late;
}

/* Who is copied by himself does not need it, but for what leaves the box. */
int mirror_upstream(struct daemon *d)
{
	const struct mirrors *m = d->mirrors;
	bool on = false, late = mirror_late(d);

	for (unsigned i = MIRROR_EVERYBODY; m && i < m->high; i++)
		on |= m->entries[i].user && !mirror_rule_is_off(&m->entries[i].rule);
	on = on && d->config->mirror.where == CONFIG_MIRROR_FORWARDED;
	return dp_mirror_attach(d->dp, on || late, late);
}

/* --- whom ---------------------------------------------------------------------------------- */

static unsigned find(const struct mirrors *m, const char *user)
{
	for (unsigned i = MIRROR_EVERYBODY + 1; i < m->high; i++)
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
	rule = rule ? rule : MIRROR_EVERYBODY;
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

static unsigned free_entry(const struct mirrors *m)
{
	for (unsigned i = MIRROR_EVERYBODY + 1; i < ABI_MIRROR_RULES; i++)
		if (!m->entries[i].user && !m->entries[i].part)
			return i;
	return 0;
}

/* Numbers beyond @n targets are free again. */
static void parts_drop(struct mirrors *m, struct mirror_entry *e, unsigned n)
{
	for (unsigned i = n; i < ABI_MIRROR_TARGETS; i++) {
		uint16_t *number = &e->more[i - 1];

		if (!*number)
			continue;
		(void)dp_mirror_clear(m->d->dp, *number);
		m->entries[*number].part = false;
		*number = 0;
	}
}

/* A number for each target of @e behind the first that has none. */
static int parts_take(struct mirrors *m, unsigned own, struct mirror_entry *e)
{
	m->entries[own].part = true; /* not for them */
	for (unsigned i = 1; i < mirror_targets(&e->rule); i++) {
		unsigned number = e->more[i - 1] ? e->more[i - 1] : free_entry(m);

		if (!number) {
			m->entries[own].part = false;
			return -ENOSPC;
		}
		e->more[i - 1] = (uint16_t)number;
		m->entries[number].part = true;
	}
	m->entries[own].part = false;
	return 0;
}

/* Entries that say "late" need the program at subs0: it comes before them, and goes after them. */
static int change(struct mirrors *m, const char *user)
{
	int rc = mirror_late(m->d) ? mirror_upstream(m->d) : 0;

	apply(m, user);
	return rc ? rc : mirror_upstream(m->d);
}

static int entry_set(struct mirrors *m, unsigned i, const struct mirror_entry *from)
{
	char *copy = strdup(from->user);
	struct mirror_entry entry = *from, *e = &entry;
	unsigned had = m->entries[i].user ? mirror_targets(&m->entries[i].rule) : 1;
	int rc = copy ? 0 : -ENOMEM;

	if (m->entries[i].user)
		memcpy(e->more, m->entries[i].more, sizeof(e->more));
	rc = rc ? rc : parts_take(m, i, e);
	rc = rc ? rc : mirror_program(m, i, e);
	if (rc) {
		parts_drop(m, e, had);
		free(copy);
		return rc;
	}
	parts_drop(m, e, mirror_targets(&e->rule));
	free(m->entries[i].user);
	m->entries[i] = *e;
	m->entries[i].user = copy;
	m->high = i >= m->high ? i + 1 : m->high;
	return 0;
}

/* Nobody may have its number when it is another's. */
static void entry_drop(struct mirrors *m, unsigned i)
{
	struct mirror_entry was = m->entries[i];
	char *user = was.user;

	m->entries[i] = (struct mirror_entry){ 0 };
	apply(m, user);
	parts_drop(m, &was, 1);
	(void)dp_mirror_clear(m->d->dp, (uint16_t)i);
	free(user);
}

/* --- the file ------------------------------------------------------------------------------ */

/* NUMBER[,NUMBER]... UNTIL GIVEN USER-in-hex RULE: no octet of a user's name can be taken for another thing. */
static void write_entry(FILE *f, unsigned i, const struct mirror_entry *e)
{
	struct sbuf rule = { 0 };

	mirror_rule_write(&e->rule, &rule);
	fprintf(f, "%u", i);
	for (unsigned k = 1; k < mirror_targets(&e->rule); k++)
		fprintf(f, ",%u", e->more[k - 1]);
	fprintf(f, " %" PRIu64 " %d ", e->until, e->given);
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
	for (unsigned i = m->commanded ? MIRROR_EVERYBODY : MIRROR_EVERYBODY + 1; i < m->high; i++)
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

/* Ours and those of further targets. */
static int read_numbers(const struct mirrors *m, const char *text, unsigned *ret,
			struct mirror_entry *e)
{
	unsigned n = 0;
	char *end;

	for (;; text = end + 1) {
		unsigned long v = strtoul(text, &end, 10);

		if (end == text || !v || v >= ABI_MIRROR_RULES || n == ABI_MIRROR_TARGETS)
			return -EBADMSG;
		if (m->entries[v].part || (m->entries[v].user && (n || v != MIRROR_EVERYBODY)))
			return -EBADMSG;
		if (n)
			e->more[n - 1] = (uint16_t)v;
		else
			*ret = (unsigned)v;
		n++;
		if (!*end)
			return 0;
		if (*end != ',')
			return -EBADMSG;
	}
}

static int read_entry(struct mirrors *m, const char *line, uint64_t now)
{
	char hex[2 * PPP_NAME_MAX + 1], user[PPP_NAME_MAX + 1], why[128];
	struct mirror_entry e = { .user = user };
	const char *no;
	unsigned i, given;
	char numbers[32];
	int at;

	if (sscanf(line, "%31s %" SCNu64 " %u %510s %n", numbers, &e.until, &given, hex, &at) != 4 ||
	    read_numbers(m, numbers, &i, &e) || read_user(hex, user, sizeof(user)) ||
	    mirror_rule_parse_text(line + at, &e.rule, why, sizeof(why)))
		return -EBADMSG;
	e.given = given;
	if (e.until && e.until <= now)
		return 0;
	if (e.rule.has_until && mirror_clock_at(&e.rule.until, time(NULL), &e.ends))
		return 0;
	no = mirror_no_port(m->d->config, &e.rule);
	if (no) {
		log_warn("mirror: %s: its port %s is no more: no copies", user, no);
		return 0;
	}
	m->commanded |= i == MIRROR_EVERYBODY;
	return entry_set(m, i, &e);
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

void mirror_links(struct daemon *d)
{
	if (d->mirrors)
		mirror_look(d->mirrors, false);
}

/* --- life ---------------------------------------------------------------------------------- */

static void everybody(struct mirrors *m)
{
	struct mirror_entry e = { .user = "all", .rule = m->d->config->mirror.everybody };

	m->commanded = false;
	if (entry_set(m, MIRROR_EVERYBODY, &e))
		log_error("mirror: no memory");
}

/* Its time is over, or what RADIUS gave has no session any more. */
static bool is_over(struct mirrors *m, const struct mirror_entry *e, uint64_t now)
{
	if (!e->user)
		return false;
	if ((e->until && e->until <= now) || (e->ends && e->ends <= time(NULL))) {
		log_notice("mirror: %s: its time is over", e->user);
		return true;
	}
	if (!e->given || names_find(m->d, e->user))
		return false;
	log_notice("mirror: %s: as everybody: the last session that RADIUS gave it has ended",
		   e->user);
	return true;
}

static void on_look(struct timer *t, uint64_t now)
{
	struct mirrors *m = container_of(t, struct mirrors, timer);
	bool ended = false;

	mirror_returns_look(m, now);
	mirror_look(m, false);
	for (unsigned i = MIRROR_EVERYBODY; i < m->high; i++) {
		if (!is_over(m, &m->entries[i], now))
			continue;
		ended = true;
		if (i == MIRROR_EVERYBODY) {
			everybody(m);
			(void)change(m, NULL);
		} else {
			entry_drop(m, i);
		}
	}
	if (ended) {
		(void)mirror_upstream(m->d);
		keep(m);
	}
	timer_set(loop_wheel(m->d->loop), t, now + LOOK);
}

int mirror_setup(struct daemon *d)
{
	const struct config *c = d->config;
	uint64_t now = loop_now(d->loop);
	struct mirrors *m;
	int rc = monitor_setup(d);

	if (rc)
		return rc;
	if (!c->mirror.port_count) {
		if (d->adopting) /* the process before us may have had one */
			mirror_remote_clear(d);
		return mirror_upstream(d);
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	d->mirrors = m;
	m->d = d;
	timer_init(&m->timer, on_look);
	snprintf(m->path, sizeof(m->path), "/run/brasberry/%s/mirror", d->instance);
	m->targets = calloc(c->mirror.port_count, sizeof(*m->targets));
	rc = m->targets ? neigh_new(&m->neigh) : -ENOMEM;
	rc = rc ? rc : mirror_returns_init(m);
	if (rc)
		return rc;
	everybody(m);
	if (d->adopting)
		take(m, now);
	if (d->adopting && !mirror_remote_wanted(m))
		mirror_remote_clear(d);
	mirror_look(m, true);
	rc = mirror_upstream(m->d);
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
	if (!d->leaving) {
		(void)unlink(m->path);
		if (m->pair.ifindex)
			mirror_remote_clear(d);
	}
	for (unsigned i = 0; i < m->high; i++)
		free(m->entries[i].user);
	mirror_returns_fini(m);
	neigh_free(m->neigh);
	free(m->targets);
	free(m->skips);
	free(m);
}

/* A line for each change, with who made it. @rule NULL: none of his own any more. */
static void audit(struct daemon *d, const char *who, const struct mirror_rule *rule, const char *by)
{
	const char *what = "as everybody";
	struct sbuf text = { 0 };

	if (rule) {
		mirror_rule_write(rule, &text);
		what = text.bad ? "another rule" : text.p;
	}
	log_notice("mirror: %s: %s, by %s", who, what, by);
	timeline_mirror(d, who, what, by);
	sbuf_fini(&text);
}

int mirror_set(struct mirrors *m, const char *who, const struct mirror_rule *rule, const char *by,
	       bool given)
{
	uint64_t until = loop_now(m->d->loop) + rule->seconds * NSEC_PER_SEC;
	struct mirror_entry e = {
		.rule = *rule,
		.until = rule->seconds ? until : 0,
		.given = given,
	};
	bool all = !strcmp(who, "all");
	int rc = 0;
	unsigned i = all ? MIRROR_EVERYBODY : find(m, who);

	if (rule->has_until)
		rc = mirror_clock_at(&rule->until, time(NULL), &e.ends);
	if (rc)
		return rc;
	if (e.ends) /* the next such time is one time */
		mirror_clock_of(e.ends, &e.rule.until);
	i = i ? i : free_entry(m);
	if (!i)
		return -ENOSPC;
	e.user = (char *)who; /* a copy is kept */
	rc = entry_set(m, i, &e);
	if (!rc) {
		m->commanded |= all;
		keep(m); /* before a session's entry names it */
		rc = change(m, all ? NULL : who);
	}
	if (!rc)
		audit(m->d, who, &e.rule, by);
	return rc;
}

int mirror_reset(struct mirrors *m, const char *who, const char *by)
{
	unsigned i = find(m, who);
	int rc;

	if (!strcmp(who, "all")) {
		everybody(m);
		rc = change(m, NULL);
	} else if (i) {
		entry_drop(m, i);
		rc = mirror_upstream(m->d);
	} else {
		return -ENOENT;
	}
	keep(m);
	audit(m->d, who, NULL, by);
	return rc;
}

int mirror_check(const struct daemon *d, const char *text, char *why, size_t why_len)
{
	struct mirror_rule rule;
	const char *no;

	if (!d->mirrors) {
		snprintf(why, why_len, "[mirror] has no port");
		return -ENODEV;
	}
	if (mirror_rule_parse_text(text, &rule, why, why_len) ||
	    mirror_rule_of_copies(&rule, why, why_len))
		return -EINVAL;
	no = mirror_no_port(d->config, &rule);
	if (!no)
		return 0;
	snprintf(why, why_len, "'%s' is no port of [mirror]", no);
	return -EINVAL;
}

void mirror_given(struct session *s, const char *text, const char *by)
{
	struct mirrors *m = s->d->mirrors;
	unsigned i = m ? find(m, s->username) : 0;
	char why[256];
	struct mirror_rule rule;
	int rc = 0;

	if (i && !m->entries[i].given) /* the operator's own word stands */
		return;
	if (!*text) {
		if (i)
			(void)mirror_reset(m, s->username, by);
		return;
	}
	if (mirror_check(s->d, text, why, sizeof(why)) || !strcmp(s->username, "all")) {
		session_log(s, LOG_LEVEL_WARN, "BRAS-Mirror: %s",
			    strcmp(s->username, "all") ? why : "a user of this name has none");
		return;
	}
	(void)mirror_rule_parse_text(text, &rule, why, sizeof(why));
	rc = mirror_set(m, s->username, &rule, by, true);
	if (rc)
		session_log(s, LOG_LEVEL_WARN, "BRAS-Mirror: %s", strerror(-rc));
}
