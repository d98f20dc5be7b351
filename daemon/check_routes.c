// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes: those that pools and sessions should have against those that the kernel has. Sessions
 * with routes of their own may be many, so what should be there is sorted once.
 */
#include "daemon/check.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
	struct net_route route;
	bool seen;
};

struct routes {
	struct daemon *d;
	struct check_report *report;
	struct wanted *list;
	size_t count, room;
	bool no_memory;
};

/* Of one destination there is one route. */
static int compare(const void *pa, const void *pb)
{
	const struct net_route *a = &((const struct wanted *)pa)->route;
	const struct net_route *b = &((const struct wanted *)pb)->route;

	if (a->is6 != b->is6)
		return a->is6 ? 1 : -1;
	if (a->is6)
		return a->p6.len != b->p6.len
			       ? a->p6.len - b->p6.len
			       : memcmp(&a->p6.addr, &b->p6.addr, sizeof(a->p6.addr));
	if (a->p4.len != b->p4.len)
		return a->p4.len - b->p4.len;
	return a->p4.addr == b->p4.addr ? 0 : a->p4.addr < b->p4.addr ? -1 : 1;
}

static void want(void *arg, const struct net_route *r)
{
	struct routes *all = arg;

	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 64;
		struct wanted *more = realloc(all->list, room * sizeof(*more));

		if (!more) {
			all->no_memory = true;
			return;
		}
		all->list = more;
		all->room = room;
	}
	all->list[all->count++] = (struct wanted){ .route = *r };
}

static void want_pool(void *arg, const struct pool_route *p)
{
	struct routes *all = arg;
	struct net_route r = {
		.is6 = p->family == 6,
		.p4 = p->prefix4,
		.p6 = p->prefix6,
		.ifindex = all->d->device.ifindex,
	};

	want(all, &r);
}

static bool known(void *arg, const struct net_route *r)
{
	struct routes *all = arg;
	struct wanted key = { .route = *r }, *w;
	char text[PREFIX_STRLEN];

	w = all->count ? bsearch(&key, all->list, all->count, sizeof(key), compare) : NULL;
	if (w) {
		w->seen = true;
		return true;
	}
	check_found(all->report, r->is6 ? prefix6_str(text, &r->p6) : prefix4_str(text, &r->p4),
		    "a route that is nobody's");
	return false;
}

static void check_missing(struct routes *all)
{
	char text[PREFIX_STRLEN];

	for (size_t i = 0; i < all->count; i++) {
		const struct net_route *r = &all->list[i].route;

		if (all->list[i].seen)
			continue;
		r->is6 ? prefix6_str(text, &r->p6) : prefix4_str(text, &r->p4);
		check_found(all->report, text, "its route is missing");
		if (all->report->repair && net_route_add(all->d->net, r))
			check_found(all->report, text, "and cannot be made");
	}
}

int check_routes(struct daemon *d, struct check_report *report)
{
	struct routes all = { .d = d, .report = report };
	struct session *s;
	int rc;

	pools_routes(d->pools, want_pool, &all);
	for (uint32_t i = 0; (s = table_next(d, &i));)
		path_routes(s, want, &all);
	if (all.no_memory) {
		free(all.list);
		return -ENOMEM;
	}
	if (all.count)
		qsort(all.list, all.count, sizeof(*all.list), compare);
	rc = net_routes_sweep(d->net, d->device.ifindex, known, &all, report->repair);
	if (rc >= 0)
		check_missing(&all);
	free(all.list);
	return rc < 0 ? rc : 0;
}
