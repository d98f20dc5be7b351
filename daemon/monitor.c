// SPDX-License-Identifier: GPL-2.0-or-later
/* Streams of packets to readers: daemon/monitor.h. */
#include "daemon/monitor_priv.h"

#include "base/json.h"
#include "daemon/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int monitor_setup(struct daemon *d)
{
	int rc = 0;

	for (unsigned i = 0; i < ABI_STREAMS && !rc; i++)
		rc = dp_stream_clear(d->dp, i);
	if (rc)
		log_error("data plane: streams: %s", strerror(-rc));
	return rc;
}

static bool wants(const struct monitor *m, const struct session *s)
{
	return m && (!m->user || !strcmp(m->user, s->username));
}

bool monitor_is_of_all(const struct monitor *m)
{
	return !m->user;
}

uint8_t monitor_of(const struct session *s)
{
	uint8_t streams = 0;

	for (unsigned i = 0; i < ABI_STREAMS && s->username; i++)
		if (wants(s->d->monitors[i], s))
			streams |= (uint8_t)(1u << i);
	return streams;
}

static void put_session(struct monitor *m, const struct session *s)
{
	struct sbuf *out = control_body(m->reply);
	struct json j = { .out = out };
	uint64_t down, up;
	char mac[MAC_STRLEN];

	plan_rates(s, &down, &up);
	json_open(&j, NULL, '{');
	json_u64(&j, "slot", s->slot);
	json_u64(&j, "generation", s->generation);
	json_str(&j, "username", s->username);
	json_u64(&j, "sid", s->sid);
	json_str(&j, "ifname", s->d->ports[s->line.port].conf.name);
	json_str(&j, "mac", mac_str(mac, &s->mac));
	json_u64(&j, "rate-down", down);
	json_u64(&j, "rate-up", up);
	json_close(&j, '}');
	sbuf_append(out, "\n", 1);
}

void monitor_tell(const struct session *s)
{
	for (unsigned i = 0; i < ABI_STREAMS; i++) {
		struct monitor *m = s->d->monitors[i];

		if (!wants(m, s))
			continue;
		put_session(m, s);
		control_push(m->reply);
	}
}

/* Sessions that it wants have their entries written: with its bit, or without. */
static void apply(struct daemon *d, const struct monitor *m)
{
	struct session *s;

	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (s->username && s->has & SESSION_HAS_LINE && wants(m, s))
			(void)path_replan(s);
}

static void monitor_end(void *arg)
{
	struct monitor *m = arg;
	struct daemon *d = m->d;

	d->monitors[m->stream] = NULL;
	if (m->control)
		monitor_control_end(d);
	(void)dp_stream_clear(d->dp, m->stream);
	if (!d->leaving)
		apply(d, m);
	(void)mirror_upstream(d);
	log_notice("monitor: %s: the reader has gone", m->user ? m->user : "all");
	free(m->user);
	free(m);
}

/* The words but control and secrets are a rule's. */
static int read_words(unsigned argc, const char *const *argv, struct monitor *m,
		      struct abi_mirror *ret, char *why, size_t why_len)
{
	const char *words[16];
	struct mirror_rule rule;
	unsigned n = 0;

	for (unsigned i = 0; i < argc; i++) {
		if (n == ARRAY_SIZE(words)) { /* the command table allows fewer */
			snprintf(why, why_len, "'%s' is one word too many", argv[i]);
			return -EINVAL;
		}
		if (!strcmp(argv[i], "control")) {
			m->control = true;
		} else if (!strcmp(argv[i], "secrets")) {
			m->secrets = true;
		} else {
			words[n++] = argv[i];
		}
	}
	if (mirror_rule_parse(words, n, &rule, why, why_len))
		return -EINVAL;
	if (rule.to_count || mirror_rule_is_off(&rule)) {
		snprintf(why, why_len, "a stream has no to=, and is not off");
		return -EINVAL;
	}
	if (rule.snap > ABI_STREAM_SNAP_MAX) {
		snprintf(why, why_len, "'snap=%u' is more than %d", rule.snap, ABI_STREAM_SNAP_MAX);
		return -EINVAL;
	}
	if (m->secrets && !m->control) {
		snprintf(why, why_len, "secrets are those of control");
		return -EINVAL;
	}
	mirror_rule_abi(&rule, ret);
	ret->flags |= m->control ? ABI_MIRROR_CONTROL : 0;
	if (!ret->snap)
		ret->snap = ABI_STREAM_SNAP_MAX;
	return 0;
}

static int begin(struct daemon *d, struct monitor *m, const struct abi_mirror *rule)
{
	struct json j = { .out = control_body(m->reply) };
	struct session *s;
	char map[160];
	int rc = dp_stream_set(d->dp, m->stream, rule);

	if (rc)
		return rc;
	d->monitors[m->stream] = m;
	rc = mirror_upstream(d);
	if (rc) {
		d->monitors[m->stream] = NULL;
		return rc;
	}
	snprintf(map, sizeof(map), "%s/streams", d->pins);
	json_open(&j, NULL, '{');
	json_u64(&j, "stream", m->stream);
	json_u64(&j, "cpus", dp_cpus(d->dp));
	json_str(&j, "map", map);
	json_close(&j, '}');
	sbuf_append(control_body(m->reply), "\n", 1);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		if (s->username && wants(m, s))
			put_session(m, s);
	apply(d, m);
	return 0;
}

/* A copy that lives as long as the reader; NULL: no memory. */
static struct monitor *monitor_new(const struct monitor *from, const char *user)
{
	struct monitor *m = calloc(1, sizeof(*m));
	bool all = !strcmp(user, "all");

	if (!m)
		return NULL;
	*m = *from;
	m->user = all ? NULL : strdup(user);
	if (all || m->user)
		return m;
	free(m);
	return NULL;
}

static void monitor_begin(struct monitor *from, const char *user, const struct abi_mirror *rule)
{
	struct monitor *m = monitor_new(from, user);
	struct daemon *d = from->d;
	int rc = m ? 0 : -ENOMEM;

	if (!rc && m->control)
		rc = monitor_control_begin(d);
	if (!rc) {
		rc = begin(d, m, rule);
		if (rc && m->control)
			monitor_control_end(d);
	}
	if (rc) {
		control_refuse(from->reply, "%s", strerror(-rc));
		free(m ? m->user : NULL);
		free(m);
		return;
	}
	log_notice("monitor: %s: a reader, by the control socket%s", user,
		   m->secrets	? ", of control frames with secrets"
		   : m->control ? ", of control frames too"
				: "");
	control_follow(m->reply, monitor_end, m);
}

void monitor_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct monitor m = { .d = d, .reply = r };
	struct abi_mirror rule;
	char why[256];

	if (read_words(argc - 1, argv + 1, &m, &rule, why, sizeof(why))) {
		control_usage(r, "%s", why);
		return;
	}
	if (m.secrets && !control_is_root(r)) {
		control_refuse(r, "secrets are for root alone");
		return;
	}
	while (m.stream < ABI_STREAMS && d->monitors[m.stream])
		m.stream++;
	if (m.stream == ABI_STREAMS)
		control_refuse(r, "there are %d streams, and no more can be", ABI_STREAMS);
	else
		monitor_begin(&m, argv[0], &rule);
}

static void show_row(struct json *j, const struct monitor *m)
{
	struct abi_stream_counters c = { 0 };

	(void)dp_stream_counters(m->d->dp, m->stream, &c);
	json_open(j, NULL, '{');
	json_u64(j, "stream", m->stream);
	json_str(j, "username", m->user ? m->user : "all");
	json_u64(j, "packets", c.packets);
	json_u64(j, "lost", c.lost);
	json_bool(j, "control", m->control);
	json_u64(j, "control-packets", m->control_sent);
	json_u64(j, "control-lost", m->control_lost);
	json_bool(j, "secrets", m->secrets);
	json_close(j, '}');
}

void monitor_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	struct json j = { .out = control_body(r) };

	(void)argc, (void)argv;
	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < ABI_STREAMS; i++)
		if (d->monitors[i])
			show_row(&j, d->monitors[i]);
	json_close(&j, ']');
	control_done(r);
}
