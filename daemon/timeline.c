// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens to lines, written down and told: daemon/timeline.h. */
#include "daemon/timeline.h"

#include "base/json.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Places for lines that have ended: as many as may live, within reason. */
#define ENDED_MIN   1024
#define ENDED_MAX   16384
#define REFUSED	    1024
#define READERS_MAX 8
#define TIME_STRLEN 32

struct timeline_reader {
	struct daemon *d;
	struct control_reply *reply;
	LIST_ENTRY(timeline_reader) link;
	char *user; /* both NULL, false: all */
	bool by_mac;
	struct mac mac;
};

static uint64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / NSEC_PER_MSEC;
}

/* --- what outlives the process ------------------------------------------------------------- */

/* A file that is not ours is no reason not to start. */
static void take_history(struct history *h, const char *path)
{
	uint8_t *octets = NULL;
	unsigned damaged = 0;
	size_t len = 0;
	int rc = history_file_read(path, &octets, &len);

	if (rc == -ENOENT)
		return;
	rc = rc ? rc : history_load(h, octets, len, &damaged);
	free(octets);
	if (!rc && !damaged)
		return;
	if (rc)
		log_warn("%s: %s: what lines did before is forgotten; it is now %s.bad", path,
			 rc == -EBADMSG ? "it is damaged, or another version's" : strerror(-rc),
			 path);
	else
		log_warn("%s: what %u lines did before is damaged, and forgotten; it is now %s.bad",
			 path, damaged, path);
	rc = history_file_aside(path);
	if (rc)
		log_warn("%s: it cannot be set aside: %s", path, strerror(-rc));
}

int timeline_setup(struct daemon *d)
{
	uint32_t max = d->table.max;
	uint32_t ended = max < ENDED_MIN ? ENDED_MIN : max > ENDED_MAX ? ENDED_MAX : max;
	struct history_memory memory = { .take = history_file_take, .arg = &d->history_file };
	char path[160];
	int rc;

	LIST_INIT(&d->readers);
	snprintf(path, sizeof(path), "/run/brasberry/%s/history", d->instance);
	rc = history_file_new(&d->history_file, path, history_size(max, ended, REFUSED));
	memory.p = d->history_file.p;
	rc = rc ? rc : history_new(&d->history, &memory, max, ended, REFUSED);
	if (!rc) {
		take_history(d->history, path);
		rc = history_file_publish(path);
	}
	if (rc)
		log_warn("%s: %s: what lines do is forgotten at the next restart", path,
			 strerror(-rc));
	return d->history ? 0 : history_new(&d->history, NULL, max, ended, REFUSED);
}

void timeline_settle(struct daemon *d)
{
	history_settle(d->history, wall_ms(), "it was not there any more after a restart");
}

void timeline_teardown(struct daemon *d)
{
	history_free(d->history);
	d->history = NULL;
	history_file_close(&d->history_file);
}

/* --- telling ------------------------------------------------------------------------------- */

static const char *time_text(char buf[TIME_STRLEN], uint64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(buf, TIME_STRLEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, TIME_STRLEN - n, ".%03uZ", (unsigned)(ms % 1000));
	return buf;
}

static void put(struct json *j, const struct history_who *who, const struct history_item *item,
		bool with_mac)
{
	char text[TIME_STRLEN], mac[MAC_STRLEN];

	json_open(j, NULL, '{');
	json_str(j, "time", time_text(text, item->time));
	json_str(j, "username", who->name);
	json_u64(j, "sid", who->sid);
	if (with_mac)
		json_str(j, "calling-sid", mac_str(mac, &who->mac));
	json_str(j, "event", history_event_name(item->event));
	json_strn(j, "detail", item->detail, item->detail_len);
	json_close(j, '}');
}

static bool wants(const struct timeline_reader *l, const struct history_who *who)
{
	if (l->by_mac)
		return mac_equal(&l->mac, &who->mac);
	return !l->user || (who->name && !strcmp(l->user, who->name));
}

static void tell(struct session *s, const struct history_item *item)
{
	struct history_who who = history_who(s->d->history, s->slot);
	struct timeline_reader *l;

	LIST_FOREACH(l, &s->d->readers, link) {
		struct json j = { .out = control_body(l->reply) };

		if (!wants(l, &who))
			continue;
		put(&j, &who, item, true);
		sbuf_append(j.out, "\n", 1);
		control_push(l->reply);
	}
}

void timeline_event(struct session *s, enum history_event event, const char *fmt, ...)
{
	struct history_item item = { .event = event };
	char detail[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	item.time = wall_ms();
	item.detail = detail;
	item.detail_len = strlen(detail);
	history_add(s->d->history, s->slot, item.time, event, detail);
	if (!LIST_EMPTY(&s->d->readers))
		tell(s, &item);
}

/* --- what is told -------------------------------------------------------------------------- */

static const char *where(const struct session *s, char *buf, size_t cap)
{
	size_t n = (size_t)snprintf(buf, cap, "%s", s->d->ports[s->line.port].conf.name);

	if (s->line.svlan & PPPOE_VLAN_PRESENT)
		n += (size_t)snprintf(buf + n, cap - n, ".%u", s->line.svlan & PPPOE_VLAN_ID);
	if (s->line.cvlan & PPPOE_VLAN_PRESENT)
		n += (size_t)snprintf(buf + n, cap - n, ".%u", s->line.cvlan & PPPOE_VLAN_ID);
	if (s->circuit_id)
		snprintf(buf + n, cap - n, ", circuit-id %.64s", s->circuit_id);
	return buf;
}

void timeline_dial(struct session *s)
{
	char text[160], mac[MAC_STRLEN];

	(void)history_begin(s->d->history, s->slot, &s->mac, s->sid);
	timeline_event(s, HISTORY_DIAL, "%s on %s", mac_str(mac, &s->mac),
		       where(s, text, sizeof(text)));
}

void timeline_adopted(struct session *s)
{
	char text[160];

	(void)history_resume(s->d->history, s->slot, &s->mac, s->sid);
	if (s->username)
		history_name(s->d->history, s->slot, s->username, true);
	timeline_event(s, HISTORY_ADOPTED, "by a new process, %llu s after its dial, on %s",
		       (unsigned long long)((loop_now(s->d->loop) - s->started) / NSEC_PER_SEC),
		       where(s, text, sizeof(text)));
}

void timeline_login(struct session *s, const char *name, const char *why)
{
	const struct config *c = s->d->config;
	const struct login *l = s->login;
	const char *by = s->has & SESSION_LOCAL ? "users file" : NULL;
	char server[128];

	if (l && l->answered_by && l->answered_by <= c->radius.server_count) {
		snprintf(server, sizeof(server), "server %.64s after %.1f ms",
			 c->radius.servers[l->answered_by - 1].address,
			 (double)l->answered_after / NSEC_PER_MSEC);
		by = by ? by : server;
	}
	history_name(s->d->history, s->slot, name, !why);
	if (!why && s->link.auth.again && !s->link.auth.renewing)
		return; /* a repeated challenge: nothing has changed */
	timeline_event(s, why ? HISTORY_REJECT : HISTORY_ACCEPT, "%s%s%s%s%s",
		       ppp_auth_name(s->link.lcp.method), by ? ", " : "", by ? by : "",
		       why ? ": " : "", why ? why : "");
}

void timeline_plan(struct session *s, const char *why)
{
	uint64_t down, up;

	plan_rates(s, &down, &up);
	timeline_event(s, HISTORY_PLAN, "%llu/%llu kbit/s%s", (unsigned long long)down,
		       (unsigned long long)up, why);
}

void timeline_mirror(struct daemon *d, const char *user, const char *rule, const char *by)
{
	struct session *first = names_find(d, user), *s = first;

	if (!first)
		return;
	do {
		timeline_event(s, HISTORY_MIRROR, "%s, by %s", rule, by);
		s = s->name_next;
	} while (s != first);
}

void timeline_lease(struct session *s, const struct prefix6 *p, const char *what)
{
	char text[PREFIX_STRLEN];

	timeline_event(s, HISTORY_LEASE, "%s %s", prefix6_str(text, p), what);
}

void timeline_end(struct session *s, const char *cause, uint64_t age, uint64_t from, uint64_t to)
{
	timeline_event(s, HISTORY_END, "%s after %llu s, %llu octets from, %llu to the subscriber",
		       cause, (unsigned long long)age, (unsigned long long)from,
		       (unsigned long long)to);
	history_end(s->d->history, s->slot);
}

/* --- handlers ------------------------------------------------------------------------------ */

/* USER or mac=MAC. 0 or -EINVAL. */
static int read_whom(const char *word, const char **ret_user, struct mac *ret_mac)
{
	if (strncmp(word, "mac=", 4) != 0) {
		*ret_user = word;
		return 0;
	}
	*ret_user = NULL;
	return mac_parse(word + 4, ret_mac) ? -EINVAL : 0;
}

void timeline_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };
	uint32_t found[HISTORY_FOUND_MAX];
	const char *user;
	struct mac mac;
	unsigned n;

	(void)argc;
	if (read_whom(argv[0], &user, &mac)) {
		control_usage(r, "'%s' is not USER or mac=MAC", argv[0]);
		return;
	}
	n = history_find(d->history, user, &mac, found);
	if (!n) {
		control_refuse(r, "nothing is known of '%s'", argv[0]);
		return;
	}
	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < n; i++) {
		struct history_who who = history_who(d->history, found[i]);
		struct history_item item;
		size_t cursor = 0;

		while (history_next(d->history, found[i], &cursor, &item))
			put(&j, &who, &item, false);
	}
	json_close(&j, ']');
	control_done(r);
}

static void on_gone(void *arg)
{
	struct timeline_reader *l = arg;

	LIST_REMOVE(l, link);
	free(l->user);
	free(l);
}

static unsigned reader_count(const struct daemon *d)
{
	const struct timeline_reader *l;
	unsigned n = 0;

	LIST_FOREACH(l, &d->readers, link)
		n++;
	return n;
}

void timeline_monitor(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct timeline_reader *l;
	struct daemon *d = ctx;
	const char *user = NULL;
	struct mac mac = { 0 };

	if (argc && read_whom(argv[0], &user, &mac)) {
		control_usage(r, "'%s' is not USER or mac=MAC", argv[0]);
		return;
	}
	if (strcmp(control_who(r), "control socket") != 0) {
		control_refuse(r, "monitor events is brasctl's: a console answers once");
		return;
	}
	if (reader_count(d) == READERS_MAX) {
		control_refuse(r, "there are %d readers, and no more can be", READERS_MAX);
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l)
		*l = (struct timeline_reader){ .d = d, .reply = r, .mac = mac };
	if (l && user)
		l->user = strdup(user);
	if (!l || (user && !l->user)) {
		free(l);
		control_refuse(r, "out of memory");
		return;
	}
	l->by_mac = argc && !user;
	LIST_INSERT_HEAD(&d->readers, l, link);
	control_follow(r, on_gone, l);
}
