// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one line holds of NAT64, for `show session`: of Jool's table, which the helper reads and
 * counts; of tayga's hosts, and of conntrack's table behind them. Nothing of it is read in one turn,
 * and a few may ask at once: the tables of a large box are read from end to end for each.
 */
#include "daemon/nat64_priv.h"

#include "base/json.h"
#include "daemon/lease.h"
#include "nat64/held.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct nat64_line {
	struct nat64 *n;
	enum nat64_backend backend;
	unsigned protocol; /* of Jool: the one that is asked for */
	struct nat64_held held;
	struct nat64_finding *finding;
	struct nat64_counting *counting;
	uint64_t sessions, bib;
	char error[200]; /* "": none */
	bool done;
	void (*fn)(void *arg);
	void *arg;
};

static void end(struct nat64_line *l)
{
	l->done = true;
	l->fn(l->arg);
}

static void trouble(struct nat64_line *l, const char *what, const char *out, size_t len)
{
	char line[160];

	snprintf(l->error, sizeof(l->error), "%s: %s", what,
		 nat64_first_line(line, sizeof(line), out, len));
}

static void failed(struct nat64_line *l, const char *what, int rc)
{
	trouble(l, what, strerror(-rc), strlen(strerror(-rc)));
}

/* --- Jool ---------------------------------------------------------------------------------- */

static void on_count(void *arg, uint64_t now, int rc, const char *out, size_t len);

static int ask_jool(struct nat64_line *l)
{
	struct deeds *deeds = l->n->d->deeds;
	struct sbuf of = { 0 };
	char flag[16];
	const char *words[] = { "jool-count", l->n->label, flag };
	int rc;

	snprintf(flag, sizeof(flag), "--%s", nat64_proto_name((enum nat64_proto)l->protocol));
	nat64_of_write(&l->held.of, &of);
	rc = of.bad ? -ENOMEM
		    : deeds_do(deeds, words, ARRAY_SIZE(words), of.p, of.len, on_count, l);
	sbuf_fini(&of);
	return rc;
}

static void on_count(void *arg, uint64_t now, int rc, const char *out, size_t len)
{
	struct nat64_line *l = arg;
	uint64_t sessions, bib;

	(void)now;
	if (rc || nat64_held_parse(out, len, &sessions, &bib)) {
		trouble(l, "jool", out, len);
		end(l);
		return;
	}
	l->sessions += sessions;
	l->bib += bib;
	l->protocol++;
	rc = l->protocol < NAT64_PROTOS ? ask_jool(l) : 0;
	if (rc)
		failed(l, "jool", rc);
	if (rc || l->protocol == NAT64_PROTOS)
		end(l);
}

/* --- tayga --------------------------------------------------------------------------------- */

static void on_counted(void *arg, uint64_t now, int rc, const struct nat64_count *count)
{
	struct nat64_line *l = arg;

	(void)now;
	if (rc)
		failed(l, "conntrack", rc);
	l->sessions = count->sessions;
	l->bib = count->bib;
	end(l);
}

static void on_found(void *arg, uint64_t now, int rc)
{
	struct nat64_line *l = arg;
	struct nat64 *n = l->n;

	(void)now;
	if (!rc && l->held.host_count)
		rc = nat64_count(&l->counting, n->d->loop, &n->want.hosts, &l->held, on_counted, l);
	if (l->held.more)
		snprintf(l->error, sizeof(l->error), "more than %d hosts: of the first alone",
			 NAT64_HOSTS_MAX);
	if (rc)
		failed(l, "tayga", rc);
	if (rc || !l->held.host_count)
		end(l);
}

/* --- asked --------------------------------------------------------------------------------- */

static void prefixes(const struct session *s, struct nat64_of *of)
{
	if (s->has & SESSION_HAS_PREFIX6)
		nat64_of_add(of, &s->prefix6);
	for (unsigned i = 0; s->leases && i < s->leases->count; i++)
		if (s->leases->lease[i].flags & LEASE_BOUND)
			nat64_of_add(of, &s->leases->lease[i].prefix);
	for (unsigned i = 0; s->login && i < s->login->route6_count; i++)
		nat64_of_add(of, &s->login->routes6[i]);
}

int nat64_line_ask(struct nat64_line **ret, const struct session *s, void (*fn)(void *arg),
		   void *arg)
{
	struct nat64 *n = s->d->nat64;
	struct nat64_line *l;
	int rc;

	if (!n || n->state != NAT64_STATE_UP || !(s->has & SESSION_UP6))
		return -ENOENT;
	if (n->lines == NAT64_LINES_MAX)
		return -EBUSY;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->n = n;
	l->backend = n->backend;
	l->fn = fn;
	l->arg = arg;
	prefixes(s, &l->held.of);
	rc = !l->held.of.count		 ? -ENOENT
	     : l->backend == NAT64_TAYGA ? nat64_find(&l->finding, n->d->loop, n->data_dir,
						      &l->held, on_found, l)
					 : ask_jool(l);
	if (rc) {
		free(l);
		return rc;
	}
	n->lines++;
	*ret = l;
	return 0;
}

bool nat64_line_done(const struct nat64_line *l)
{
	return l->done;
}

void nat64_line_free(struct nat64_line *l)
{
	if (!l)
		return;
	l->n->lines--;
	deeds_forget(l->n->d->deeds, l);
	nat64_find_free(l->finding);
	nat64_count_free(l->counting);
	free(l);
}

static void hosts(struct json *j, const struct nat64_held *h)
{
	char text[IP6_STRLEN];

	json_open(j, "hosts", '[');
	for (unsigned i = 0; i < h->host_count; i++) {
		json_open(j, NULL, '{');
		json_str(j, "ip6", ip6_str(text, &h->host[i].ip6));
		json_str(j, "ip4", ip4_str(text, h->host[i].ip4));
		json_close(j, '}');
	}
	json_close(j, ']');
}

void nat64_line_show(struct json *j, const struct nat64_line *l, int rc)
{
	if (rc == -ENOENT) {
		json_null(j, "nat64");
		return;
	}
	json_open(j, "nat64", '{');
	json_str(j, "backend", l ? nat64_backend_name(l->backend) : NULL);
	if (l && l->done) {
		json_u64(j, "bib", l->bib);
		json_u64(j, "sessions", l->sessions);
	} else {
		json_null(j, "bib");
		json_null(j, "sessions");
	}
	if (l && l->backend == NAT64_TAYGA)
		hosts(j, &l->held);
	json_str(j, "error",
		 rc == -EBUSY ? "others are being counted"
		 : rc	      ? strerror(-rc)
		 : !l->done   ? "no answer in time"
		 : *l->error  ? l->error
			      : NULL);
	json_close(j, '}');
}
