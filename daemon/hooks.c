// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session tells its scripts. Arguments, as of accel-ppp: a name, "none", 0, our address, the
 * subscriber's, its MAC. There is no device for a session, so the name is one that nothing else has
 * while it lives: "ppp" and the session's slot. What comes from a peer is escaped.
 */
#include "daemon/hooks.h"

#include "base/json.h"
#include "base/str.h"
#include "daemon/daemon.h"
#include "radius/dictionary.h"
#include "radius/packet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* For what still waits at the end: lines wait for the next process, when there is one. */
#define STOP_PATIENCE  (10 * NSEC_PER_SEC)
#define LEAVE_PATIENCE (1 * NSEC_PER_SEC)

static const char *script(const struct config *c, enum hook hook)
{
	switch (hook) {
	case HOOK_UP:
		return c->hooks.ip_up;
	case HOOK_DOWN:
		return c->hooks.ip_down;
	case HOOK_CHANGE:
		return c->hooks.ip_change;
	case HOOKS:
		break;
	}
	return "";
}

static void text_env(struct hook_job *j, const char *name, const char *value)
{
	char text[1024];

	if (value)
		hook_job_env(j, "%s=%s", name, str_escape(text, sizeof(text), value, strlen(value)));
}

static void arguments(struct hook_job *j, const struct session *s, const char *path)
{
	char gw[IP4_STRLEN] = "0.0.0.0", ip[IP4_STRLEN] = "0.0.0.0", mac[MAC_STRLEN];

	if (s->ip4) {
		ip4_str(gw, s->d->config->ip_pool.gw_ip_address);
		ip4_str(ip, s->ip4);
	}
	hook_job_arg(j, "%s", path);
	hook_job_arg(j, "ppp%u", s->slot);
	hook_job_arg(j, "none");
	hook_job_arg(j, "0");
	hook_job_arg(j, "%s", gw);
	hook_job_arg(j, "%s", ip);
	hook_job_arg(j, "%s", mac_str(mac, &s->mac));
}

static void addresses(struct hook_job *j, const struct session *s)
{
	char text[PREFIX_STRLEN], ip[IP4_STRLEN];

	if (s->ip4) {
		hook_job_env(j, "IPLOCAL=%s", ip4_str(ip, s->d->config->ip_pool.gw_ip_address));
		hook_job_env(j, "IPREMOTE=%s", ip4_str(ip, s->ip4));
	}
	if (s->has & SESSION_HAS_PREFIX6)
		hook_job_env(j, "IPV6_PREFIX=%s", prefix6_str(text, &s->prefix6));
	for (unsigned i = 0; s->leases && i < s->leases->count; i++) {
		const struct lease *l = &s->leases->lease[i];

		if (l->flags & LEASE_BOUND && l->kind == DHCP6_PD) {
			hook_job_env(j, "IPV6_DELEGATED_PREFIX=%s", prefix6_str(text, &l->prefix));
			break;
		}
	}
}

static void environment(struct hook_job *j, const struct session *s)
{
	char mac[MAC_STRLEN];

	hook_job_env(j, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	hook_job_env(j, "IFNAME=ppp%u", s->slot);
	hook_job_env(j, "DEVICE=%s", s->d->ports[s->line.port].conf.name);
	hook_job_env(j, "SPEED=0");
	hook_job_env(j, "ORIG_UID=0");
	hook_job_env(j, "PPPLOGNAME=root");
	hook_job_env(j, "MACREMOTE=%s", mac_str(mac, &s->mac));
	hook_job_env(j, "CALLING_SID=%s", mac);
	text_env(j, "CALLED_SID", s->service);
	text_env(j, "PEERNAME", s->username);
	text_env(j, "CIRCUIT_ID", s->circuit_id);
	hook_job_env(j, "SUBSCRIBER_DEVICE=%s", s->d->config->subscriber.device);
	hook_job_env(j, "ACCT_SESSION_ID=%016" PRIx64, s->acct_id);
	addresses(j, s);
}

static void figures(struct hook_job *j, const struct session *s, uint64_t now, const char *cause,
		    const struct abi_counters *c)
{
	hook_job_env(j, "CONNECT_TIME=%" PRIu64, (uint64_t)((now - s->opened) / NSEC_PER_SEC));
	hook_job_env(j, "BYTES_SENT=%" PRIu64, (uint64_t)(c->tx4_bytes + c->tx6_bytes));
	hook_job_env(j, "BYTES_RCVD=%" PRIu64, (uint64_t)(c->rx4_bytes + c->rx6_bytes));
	hook_job_env(j, "PACKETS_SENT=%" PRIu64, (uint64_t)(c->tx4_packets + c->tx6_packets));
	hook_job_env(j, "PACKETS_RCVD=%" PRIu64, (uint64_t)(c->rx4_packets + c->rx6_packets));
	hook_job_env(j, "TERMINATE_CAUSE=%s", cause);
}

static void radattr(struct hook_job *j, struct session *s)
{
	const char *prefix = s->d->config->hooks.radattr_prefix;

	if (!*prefix)
		return;
	if (asprintf(&j->radattr, "%s.ppp%u", prefix, s->slot) < 0 ||
	    asprintf(&j->radattr_old, "%s_old.ppp%u", prefix, s->slot) < 0)
		j->bad = true;
	if (s->login) { /* it is in the file now, and need not be here */
		j->text = s->login->radattr;
		s->login->radattr = NULL;
	}
}

static struct hook_job *job(struct session *s, enum hook hook)
{
	const char *path = script(s->d->config, hook);
	struct hook_job *j = hook_job_new(hook, s->acct_id);

	if (!j)
		return NULL;
	radattr(j, s);
	if (!*path)
		return j;
	arguments(j, s, path);
	environment(j, s);
	return j;
}

static bool hand_over(struct session *s, uint64_t now, struct hook_job *j)
{
	static struct log_limit limit;
	uint64_t suppressed = 0;
	int rc;

	if (j && !j->argv[0] && !j->radattr) { /* nobody wants to know */
		hook_job_free(j);
		return true;
	}
	rc = j ? hooks_run(s->d->hooks, j) : -ENOMEM;
	if (rc && log_limit_ok(&limit, now, &suppressed))
		session_log(s, LOG_LEVEL_WARN, "a script is not run: %s (%" PRIu64 " more before)",
			    rc == -ENOBUFS ? "too many wait" : strerror(-rc), suppressed);
	return !rc;
}

void hooks_up(struct session *s, uint64_t now)
{
	if (s->d->hooks && !(s->has & SESSION_HOOKED) && hand_over(s, now, job(s, HOOK_UP)))
		s->has |= SESSION_HOOKED;
}

void hooks_down(struct session *s, uint64_t now, const char *cause, const struct abi_counters *c)
{
	struct hook_job *j;

	if (!s->d->hooks || !(s->has & SESSION_HOOKED))
		return;
	j = job(s, HOOK_DOWN);
	if (j && j->argv[0])
		figures(j, s, now, cause, c);
	(void)hand_over(s, now, j);
}

void hooks_change(struct session *s, uint64_t now)
{
	if (s->d->hooks && s->has & SESSION_HOOKED)
		(void)hand_over(s, now, job(s, HOOK_CHANGE));
}

/* radius_attr_print() writes NAME = VALUE, a text in quotes; pppd's plugin a blank, and none. */
void hooks_radattr(const struct radius_packet *p, struct sbuf *out)
{
	struct radius_iter it;
	struct radius_attr a;

	radius_iter_init(&it, p);
	while (radius_iter_next(&it, &a)) {
		struct sbuf line = { 0 };
		char *equal, *value;
		size_t len;

		radius_attr_print(&line, &a);
		sbuf_append(&line, "", 1);
		equal = line.bad ? NULL : strstr(line.p, " = ");
		value = equal ? equal + 3 : NULL;
		len = value ? strlen(value) : 0;
		if (len > 1 && value[0] == '"') {
			value++;
			len -= 2;
		}
		if (value && *value != '<') /* a secret */
			sbuf_printf(out, "%.*s %.*s\n", (int)(equal - line.p), line.p, (int)len, value);
		sbuf_fini(&line);
	}
}

void hooks_attributes(struct session *s, const struct radius_packet *p)
{
	struct sbuf text = { 0 };

	if (!s->d->hooks || !s->login || !p || !*s->d->config->hooks.radattr_prefix)
		return;
	hooks_radattr(p, &text);
	sbuf_append(&text, "", 1);
	free(s->login->radattr);
	s->login->radattr = text.bad ? NULL : strdup(text.p);
	sbuf_fini(&text);
}

void hooks_show(const struct daemon *d, struct json *j)
{
	struct hooks_stats st;

	if (!d->hooks)
		return;
	hooks_stats(d->hooks, &st);
	json_open(j, "hooks", '{');
	json_u64(j, "started", st.started);
	json_u64(j, "failed", st.failed);
	json_u64(j, "timeouts", st.timeouts);
	json_u64(j, "dropped", st.dropped);
	json_u64(j, "waiting", st.waiting);
	json_u64(j, "running", st.running);
	json_close(j, '}');
}

int hooks_setup(struct daemon *d)
{
	const struct config *c = d->config;
	int rc = 0;

	if (!*c->hooks.ip_up && !*c->hooks.ip_down && !*c->hooks.ip_change &&
	    !*c->hooks.radattr_prefix)
		return 0;
	rc = hooks_new(&d->hooks, c->hooks.fork_limit, c->hooks.timeout * NSEC_PER_SEC);
	if (rc)
		log_error("hooks: %s", strerror(-rc));
	return rc;
}

void hooks_teardown(struct daemon *d)
{
	hooks_free(d->hooks, d->leaving ? LEAVE_PATIENCE : STOP_PATIENCE);
	d->hooks = NULL;
}
