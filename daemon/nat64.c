// SPDX-License-Identifier: GPL-2.0-or-later
/* NAT64: daemon/nat64.h. One deed is out at a time; its answer says what comes next. */
#include "daemon/nat64_priv.h"

#include "base/control.h"
#include "daemon/connections.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- deeds --------------------------------------------------------------------------------- */

static void on_done(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct nat64 *n = arg;
	nat64_take_fn *take = n->take;

	(void)now;
	n->take = NULL;
	if (take)
		take(n, rc, out, len);
}

void nat64_ask(struct nat64 *n, nat64_take_fn *take, const void *input, size_t len,
	       const char *const *words, unsigned count)
{
	int rc;

	n->take = take;
	rc = deeds_do(n->d->deeds, words, count, input, len, on_done, n);
	if (!rc)
		return;
	n->take = NULL;
	nat64_fail(n, "%s: %s", words[0], strerror(-rc));
}

void nat64_ask_text(struct nat64 *n, nat64_take_fn *take, const char *word, const char *arg,
		    struct sbuf *text)
{
	const char *const words[] = { word, arg };

	if (text->bad)
		nat64_fail(n, "no memory");
	else
		nat64_ask(n, take, text->p, text->len, words, arg ? 2 : 1);
	sbuf_fini(text);
}

const char *nat64_first_line(char *buf, size_t cap, const char *out, size_t len)
{
	const char *end = len ? memchr(out, '\n', len) : NULL;

	return str_escape(buf, cap, out, end ? (size_t)(end - out) : len);
}

/* --- ends ---------------------------------------------------------------------------------- */

/* Whatever was there goes on. */
void nat64_fail(struct nat64 *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->why, sizeof(n->why), fmt, ap);
	va_end(ap);
	n->state = NAT64_STATE_FAILED;
	n->failures++;
	if (strcmp(n->told, n->why) != 0)
		log_error("nat64: %s", n->why);
	memcpy(n->told, n->why, sizeof(n->told));
	if (n->stopping)
		nat64_undone(n);
	else
		nat64_look_start(n);
}

void nat64_up(struct nat64 *n)
{
	char pool6[PREFIX_STRLEN];
	int rc;

	n->state = NAT64_STATE_UP;
	memcpy(n->why, n->choice, sizeof(n->why));
	n->failures = 0;
	*n->told = '\0';
	log_notice("nat64: %s translates %s (%s)", nat64_backend_name(n->backend),
		   prefix6_str(pool6, &n->want.pool6), n->why);
	if (n->want.log && n->backend == NAT64_TAYGA) {
		log_warn("nat64: log: nobody tells who has which port behind tayga: nothing is "
			 "written to %s",
			 n->d->config->nat64.log);
	} else if (n->want.log && !n->log) {
		rc = nat64_log_open(&n->log, n->d->loop, n->d->config->nat64.log,
				    n->d->config->nat64.log_size, n->label);
		if (rc)
			log_error("nat64: %s: nothing is written there: %s",
				  n->d->config->nat64.log, strerror(-rc));
	}
	(void)connections_setup(n->d); /* which of them translates is known now */
	nat64_look_start(n);
}

void nat64_undone(struct nat64 *n)
{
	n->stopping = false;
	n->state = NAT64_STATE_OFF;
	n->backend = NAT64_OFF;
	if (n->d->stopping)
		daemon_session_gone(n->d);
}

bool nat64_checked(struct nat64 *n)
{
	struct sbuf why = { 0 }, reserved = { 0 };
	struct nat64_own *own = NULL;
	struct nat64_ports ports;
	unsigned count = 0;
	int rc = nat64_sys_own(&own, &count);

	rc = rc ? rc : nat64_sys_ports(&ports, &reserved);
	if (rc)
		nat64_fail(n, "addresses and ports of the box: %s", strerror(-rc));
	else
		rc = nat64_check(&n->want, n->backend, own, count, &ports, &why);
	if (rc == -EADDRINUSE) {
		for (char *p = why.p; p && (p = strchr(p, '\n'));)
			*p = p[1] ? ';' : '\0';
		nat64_fail(n, "%s", why.p ? why.p : "pool4");
	} else if (!n->failures) {
		log_lines(LOG_LEVEL_WARN, why.p);
	}
	sbuf_fini(&why);
	sbuf_fini(&reserved);
	free(own);
	return !rc;
}

/* --- the beginning, the end ---------------------------------------------------------------- */

static void begin_chosen(struct nat64 *n)
{
	if (n->d->config->nat64.backend == CONFIG_NAT64_TAYGA) {
		snprintf(n->choice, sizeof(n->choice), "as configured");
		nat64_tayga_begin(n);
	} else {
		nat64_jool_begin(n);
	}
}

/* What the configuration of before had and this one has not. */
static void rules_gone(struct nat64 *n)
{
	nat64_rules_remove(n, nat64_undone);
}

static void jool_gone(struct nat64 *n)
{
	nat64_tayga_remove(n, rules_gone);
}

static void remove_all(struct nat64 *n)
{
	nat64_jool_remove(n, jool_gone);
}

static void tayga_path(char ret[NAT64_PATH_MAX], const char *instance)
{
	snprintf(ret, NAT64_PATH_MAX, CONTROL_RUN_DIR "/%s/tayga.conf", instance);
}

bool nat64_is_wanted(const struct config *c)
{
	return c->nat64.backend != CONFIG_NAT64_OFF && c->nat64.pool4_count;
}

bool nat64_may_be_jool(const struct daemon *d)
{
	char tayga_conf[NAT64_PATH_MAX];

	if (!nat64_is_wanted(d->config) || d->config->nat64.backend == CONFIG_NAT64_TAYGA)
		return false;
	if (d->nat64 && d->nat64->state == NAT64_STATE_UP)
		return d->nat64->backend == NAT64_JOOL;
	tayga_path(tayga_conf, d->instance);
	return !nat64_sys_exists(tayga_conf);
}

static bool has_marks(const struct nat64 *n)
{
	return nat64_sys_exists(n->tayga_conf) || nat64_sys_exists(n->jool_conf);
}

void nat64_begin(struct nat64 *n)
{
	deeds_forget(n->d->deeds, n);
	n->take = NULL;
	timer_cancel(loop_wheel(n->d->loop), &n->look);
	if (n->state != NAT64_STATE_FAILED) /* that is what is shown until it is otherwise */
		n->state = NAT64_STATE_STARTING;
	if (nat64_is_wanted(n->d->config))
		begin_chosen(n);
	else if (has_marks(n))
		remove_all(n);
	else
		nat64_undone(n);
}

static void paths(struct nat64 *n, const char *instance)
{
	nat64_label(n->label, instance);
	nat64_table(n->table, instance);
	snprintf(n->data_dir, sizeof(n->data_dir), CONTROL_RUN_DIR "/%s/tayga", instance);
	tayga_path(n->tayga_conf, instance);
	snprintf(n->jool_conf, sizeof(n->jool_conf), CONTROL_RUN_DIR "/%s/jool.json", instance);
}

static int want(struct nat64 *n)
{
	const struct config *c = n->d->config;

	n->pool4 = calloc(c->nat64.pool4_count + 1, sizeof(*n->pool4));
	if (!n->pool4)
		return -ENOMEM;
	for (unsigned i = 0; i < c->nat64.pool4_count; i++)
		n->pool4[i] = (struct nat64_range){
			.addr = c->nat64.pool4[i].addr,
			.first = c->nat64.pool4[i].first_port,
			.last = c->nat64.pool4[i].last_port,
			.protos = c->nat64.pool4[i].protos,
		};
	n->want = (struct nat64_config){
		.instance = n->d->instance,
		.pool6 = c->nat64.pool6,
		.pool4 = n->pool4,
		.pool4_count = c->nat64.pool4_count,
		.iptables = c->nat64.framework == CONFIG_FRAMEWORK_IPTABLES,
		.log = *c->nat64.log,
		.subscribers = c->nat64.serve == CONFIG_SERVE_ANY ? NULL : c->subscriber.device,
		.device = c->nat64.tayga_device,
		.hosts = c->nat64.tayga_hosts,
		.data_dir = n->data_dir,
	};
	return 0;
}

int nat64_setup(struct daemon *d)
{
	struct nat64 *n = calloc(1, sizeof(*n));
	int rc;

	if (!n)
		return -ENOMEM;
	n->d = d;
	paths(n, d->instance);
	rc = want(n);
	if (rc) {
		free(n);
		return rc;
	}
	d->nat64 = n;
	nat64_begin(n);
	return 0;
}

void nat64_stop(struct daemon *d)
{
	struct nat64 *n = d->nat64;

	if (!n || n->stopping)
		return;
	deeds_forget(d->deeds, n);
	n->take = NULL;
	timer_cancel(loop_wheel(d->loop), &n->look);
	n->stopping = has_marks(n);
	if (n->stopping)
		remove_all(n);
}

bool nat64_stopping(const struct daemon *d)
{
	return d->nat64 && d->nat64->stopping;
}

void nat64_teardown(struct daemon *d)
{
	struct nat64 *n = d->nat64;

	if (!n)
		return;
	deeds_forget(d->deeds, n);
	timer_cancel(loop_wheel(d->loop), &n->look);
	nat64_log_close(n->log);
	sbuf_fini(&n->text);
	free(n->pool4);
	free(n);
	d->nat64 = NULL;
}
