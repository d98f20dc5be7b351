// SPDX-License-Identifier: GPL-2.0-or-later
/* DNS64: daemon/dns64.h. Each step asks for a deed, and its answer says what comes next. */
#include "daemon/dns64_priv.h"

#include "base/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dns64_trouble(struct dns64 *n, enum dns64_state state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->why, sizeof(n->why), fmt, ap);
	va_end(ap);
	n->state = state;
	if (strcmp(n->told, n->why) != 0)
		log_error("dns64: %s", n->why);
	memcpy(n->told, n->why, sizeof(n->told));
}

void dns64_ask(struct dns64 *n, deeds_done_fn *done, const char *const *words, unsigned count)
{
	int rc = deeds_do(n->d->deeds, words, count, NULL, 0, done, n);

	if (!rc)
		return;
	dns64_trouble(n, DNS64_STATE_FAILED, "%s: %s", words[0], strerror(-rc));
	dns64_again(n, loop_now(n->d->loop));
}

/* A deed that was not done, or not well. */
static bool failed(struct dns64 *n, const char *what, int rc, const char *out, size_t len)
{
	const char *end = len ? memchr(out, '\n', len) : NULL;
	char text[256];

	if (!rc)
		return false;
	dns64_trouble(n, DNS64_STATE_FAILED, "%s: %s", what,
		      len ? str_escape(text, sizeof(text), out, end ? (size_t)(end - out) : len)
			  : strerror(rc < 0 ? -rc : EINVAL));
	dns64_again(n, loop_now(n->d->loop));
	return true;
}

/* --- the mark: what is set up -------------------------------------------------------------------
 */

void dns64_mark(struct dns64 *n, uint64_t loaded)
{
	struct sbuf out = { 0 };
	int rc;

	n->done = (struct dns64_mark){ n->want.listen, n->want.listen4, loaded };
	dns64_mark_write(&n->done, &out);
	rc = out.bad ? -ENOMEM : dns64_sys_write(n->mark, out.p, out.len);
	if (rc < 0)
		log_warn("dns64: %s: %s", n->mark, strerror(-rc));
	sbuf_fini(&out);
}

/* The addresses of the one before, where they are not wanted any more. */
static void addresses_leave(struct dns64 *n)
{
	const struct config *c = n->d->config;
	int ifindex = n->d->device.ifindex;

	if (!ip6_is_zero(&n->done.listen) && !ip6_equal(&n->done.listen, &n->want.listen))
		(void)net_addr6_del(n->d->net, ifindex, &n->done.listen, 128);
	if (n->done.listen4 && n->done.listen4 != n->want.listen4 &&
	    n->done.listen4 != c->ip_pool.gw_ip_address)
		(void)net_addr4_del(n->d->net, ifindex, n->done.listen4);
}

static void addresses_put(struct dns64 *n)
{
	int ifindex = n->d->device.ifindex;
	int rc = net_addr6_add(n->d->net, ifindex, &n->want.listen, 128);

	if ((!rc || rc == -EEXIST) && n->want.listen4 &&
	    n->want.listen4 != n->d->config->ip_pool.gw_ip_address)
		rc = net_addr4_add(n->d->net, ifindex, n->want.listen4);
	if (rc && rc != -EEXIST)
		log_error("dns64: no address of the name server on %s: %s", n->d->device.name,
			  strerror(-rc));
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void loaded(struct dns64 *n, uint64_t now)
{
	dns64_mark(n, dns64_conf_hash(&n->text));
	dns64_watch_start(n, now);
}

static void on_reloaded(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;

	if (rc == -ESRCH) /* it has just died: what comes reads it anyway */
		rc = 0;
	if (!failed(n, "named cannot be told to read its configuration", rc, out, len))
		loaded(n, now);
}

void dns64_reload(struct dns64 *n)
{
	n->reloads++;
	DNS64_ASK(n, on_reloaded, "hup", "named");
}

static void on_started(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;

	if (failed(n, "named cannot be started", rc, out, len))
		return;
	if (n->was_up && !n->fresh)
		dns64_reload(n);
	else
		loaded(n, now);
}

void dns64_start(struct dns64 *n)
{
	DNS64_ASK(n, on_started, "start-named", n->d->config->dns64.user, n->conf);
}

static void on_status(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;
	const char *pid = len ? strstr(out, "\"pid\":") : NULL;

	(void)now;
	if (rc != -ESRCH && failed(n, "named", rc, out, len))
		return;
	n->pid = rc || !pid ? 0 : strtoull(pid + 6, NULL, 10);
	n->was_up = n->pid;
	dns64_start(n);
}

static void put_conf(struct dns64 *n)
{
	int rc = dns64_sys_write(n->conf, n->text.p, n->text.len);

	if (rc < 0)
		failed(n, n->conf, rc, NULL, 0);
	else
		DNS64_ASK(n, on_status, "status", "named");
}

static void on_checked(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;

	(void)now;
	dns64_sys_remove(n->check);
	/* Whatever ran goes on with what it had. */
	if (!failed(n, "named-checkconf", rc, out, len))
		put_conf(n);
}

static void on_dir(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;

	(void)now;
	if (failed(n, n->work_dir, rc, out, len))
		return;
	rc = dns64_sys_write(n->check, n->text.p, n->text.len);
	if (rc < 0)
		failed(n, n->check, rc, NULL, 0);
	else
		DNS64_ASK(n, on_checked, "named-check", n->check);
}

static void on_stopped(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct dns64 *n = arg;

	(void)now;
	if (rc)
		log_warn("dns64: named cannot be ended: %.*s", (int)len, out);
	dns64_sys_remove(n->conf);
	dns64_sys_remove(n->mark);
}

static void on_child(void *arg, uint64_t now, const char *name, enum deeds_child_state state,
		     int detail)
{
	struct dns64 *n = arg;

	(void)name;
	n->pid = state == DEEDS_CHILD_RUNS ? (uint64_t)detail : 0;
	switch (state) {
	case DEEDS_CHILD_RUNS:
		n->restarts += n->state == DNS64_STATE_DOWN;
		dns64_watch_start(n, now);
		return;
	case DEEDS_CHILD_DIED:
		snprintf(n->why, sizeof(n->why),
			 "named died, and is started again; what it says at its start is in the "
			 "system's log");
		n->state = DNS64_STATE_DOWN;
		return;
	case DEEDS_CHILD_ENDED:
		n->state = DNS64_STATE_DOWN;
		return;
	case DEEDS_CHILD_UNKNOWN:
		snprintf(n->why, sizeof(n->why), "named ended with the helper");
		n->state = DNS64_STATE_DOWN;
		n->restarts++;
		dns64_again(n, now);
		return;
	}
}

void dns64_begin(struct dns64 *n)
{
	int rc = dns64_sys_mkdir(n->dir);

	deeds_forget(n->d->deeds, n); /* what an earlier beginning still waits for */
	rc = rc ? rc : deeds_listen(n->d->deeds, "named", on_child, n);
	n->state = DNS64_STATE_STARTING;
	if (rc) {
		failed(n, n->dir, rc, NULL, 0);
		return;
	}
	/* On a device that is new, its sockets may be those of the old one's addresses. */
	n->fresh = n->d->adopting && n->done.loaded == dns64_conf_hash(&n->text) &&
		   dns64_sys_write(n->conf, n->text.p, n->text.len) == 1;
	addresses_leave(n);
	addresses_put(n);
	if (!n->fresh)
		dns64_mark(n, 0);
	if (dns64_sys_confined())
		log_warn("dns64: AppArmor may keep named from %s: see DNS64 in brasd.conf(5)",
			 n->dir);
	if (n->fresh)
		DNS64_ASK(n, on_status, "status", "named");
	else
		DNS64_ASK(n, on_dir, "named-dir", n->d->config->dns64.user, n->work_dir);
}

/* --- what is wanted -----------------------------------------------------------------------------
 */

static void want_allow(struct dns64 *n)
{
	const struct config *c = n->d->config;
	const struct {
		const struct config_prefix_pool *pools;
		unsigned count;
	} rows[] = {
		{ c->ipv6_pool.prefixes, c->ipv6_pool.prefix_count },
		{ c->ipv6_pool.delegates, c->ipv6_pool.delegate_count },
		{ c->ipv6_pool.addresses, c->ipv6_pool.address_count },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned k = 0; k < rows[i].count; k++)
			n->allow[n->want.allow_count++] =
				(struct dns64_net){ .is6 = true, .p6 = rows[i].pools[k].prefix };
	for (unsigned i = 0; i < c->dns64.allow_count; i++)
		n->allow[n->want.allow_count++] = c->dns64.allows[i];
}

struct adding {
	struct dns64 *n;
	unsigned left;
};

static void want_route(void *arg, const struct pool_route *route)
{
	struct adding *a = arg;

	if (route->family == 4 && a->left) {
		a->left--;
		a->n->allow[a->n->want.allow_count++] = (struct dns64_net){ .p4 = route->prefix4 };
	}
}

static void count_route(void *arg, const struct pool_route *route)
{
	*(unsigned *)arg += route->family == 4;
}

static int want(struct dns64 *n)
{
	const struct config *c = n->d->config;
	struct adding adding = { .n = n };
	uint32_t lines = c->pppoe.max_sessions;

	pools_routes(n->d->pools, count_route, &adding.left);
	n->allow = calloc(adding.left + c->ipv6_pool.prefix_count + c->ipv6_pool.delegate_count +
				  c->ipv6_pool.address_count + c->dns64.allow_count + 1ul,
			  sizeof(*n->allow));
	n->forward = calloc(c->dns64.forward_count + 1ul, sizeof(*n->forward));
	if (!n->allow || !n->forward)
		return -ENOMEM;
	for (unsigned i = 0; i < c->dns64.forward_count; i++)
		n->forward[i] = c->dns64.forwards[i].address;
	n->want = (struct dns64_config){
		.work_dir = n->work_dir,
		.pool6 = c->nat64.pool6,
		.listen = c->dns64.listen,
		.listen4 = c->dns64.listen4,
		.allow = n->allow,
		.clients = c->dns64.clients,
		.client_count = c->dns64.client_count,
		.mapped = c->dns64.mapped,
		.mapped_count = c->dns64.mapped_count,
		.exclude = c->dns64.excludes,
		.exclude_count = c->dns64.exclude_count,
		.break_dnssec = c->dns64.break_dnssec,
		.validate = c->dns64.dnssec_validation,
		.forward = n->forward,
		.forward_count = c->dns64.forward_count,
		.tls_cert = *c->dns64.tls_cert ? c->dns64.tls_cert : NULL,
		.tls_key = c->dns64.tls_key,
		.cache = c->dns64.cache_size,
		.rate_limit = c->dns64.rate_limit,
		/* bind9's own, and a part of the lines at once, whatever they do */
		.recursive_clients = 1000 + lines / 10,
		.tcp_clients = 150 + (lines / 4 < 10000 ? lines / 4 : 10000),
	};
	pools_routes(n->d->pools, want_route, &adding);
	want_allow(n);
	dns64_conf_write(&n->want, &n->text);
	return n->text.bad ? -ENOMEM : 0;
}

static void read_mark(struct dns64 *n)
{
	char text[DNS64_MARK_MAX];

	if (!dns64_sys_read(n->mark, text, sizeof(text)) && dns64_mark_parse(text, &n->done))
		log_warn("dns64: %s is not ours any more", n->mark);
}

static void paths(struct dns64 *n)
{
	const char *i = n->d->instance;

	snprintf(n->dir, sizeof(n->dir), CONTROL_RUN_DIR "/%s/named", i);
	snprintf(n->work_dir, sizeof(n->work_dir), "%s/work", n->dir);
	snprintf(n->conf, sizeof(n->conf), "%s/named.conf", n->dir);
	snprintf(n->check, sizeof(n->check), "%s/named.conf.check", n->dir);
	snprintf(n->mark, sizeof(n->mark), "%s/mark", n->dir);
}

int dns64_setup(struct daemon *d)
{
	struct dns64 *n = calloc(1, sizeof(*n));
	int rc = n ? 0 : -ENOMEM;

	if (rc)
		return rc;
	n->d = d;
	dns64_watch_init(n);
	d->dns64 = n;
	paths(n);
	read_mark(n);
	if (!d->config->dns64.enable) {
		addresses_leave(n);
		if (!ip6_is_zero(&n->done.listen))
			DNS64_ASK(n, on_stopped, "stop", "named");
		return 0;
	}
	rc = want(n);
	if (!rc)
		dns64_begin(n);
	return rc;
}

void dns64_teardown(struct daemon *d)
{
	struct dns64 *n = d->dns64;

	if (!n)
		return;
	deeds_forget(d->deeds, n);
	dns64_watch_stop(n);
	if (!d->leaving) { /* the helper ends, and named with it */
		dns64_sys_remove(n->conf);
		dns64_sys_remove(n->mark);
	}
	sbuf_fini(&n->text);
	free(n->allow);
	free(n->forward);
	free(n);
	d->dns64 = NULL;
}
