// SPDX-License-Identifier: GPL-2.0-or-later
/* Nothing is told twice: what was told of is kept until it is over. */
#include "console/mib_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define SERVER_UP 1 /* brasRadiusState */

const struct mib_event_row mib_events[] = {
	[MIB_UP] = { "brasBox", { "uptime", "states.open" } },
	[MIB_POOL_EXHAUSTED] = { "brasPoolTable", { "name", "total", "used" } },
	[MIB_POOL_FREE] = { "brasPoolTable", { "name", "total", "used" } },
	[MIB_RADIUS_DOWN] = { "brasRadiusTable", { "server", "auth-port", "state" } },
	[MIB_RADIUS_UP] = { "brasRadiusTable", { "server", "auth-port", "state" } },
};

int mib_column_at(const struct mib_table *t, const char *path, unsigned *ret)
{
	for (unsigned i = 0; i < t->count; i++)
		if (!strcmp(t->columns[i].path, path)) {
			*ret = i;
			return 0;
		}
	return -ENOENT;
}

/* One that is not there has no number, and begins where the octets do. */
static uint64_t number(const struct mib_image *m, unsigned row, const char *path)
{
	unsigned c;

	return mib_column_at(m->table, path, &c)
		       ? 0
		       : m->values[(size_t)row * m->table->count + c].number;
}

/* What a row is called from one answer to the next. Another in its place is another one. */
static void put_name(const struct mib_image *m, unsigned row, const char *path, struct sbuf *out)
{
	const struct mib_value *v;
	unsigned c;

	out->len = 0;
	sbuf_printf(out, "%" PRIu64 " ", m->keys[row]);
	if (mib_column_at(m->table, path, &c))
		return;
	v = &m->values[(size_t)row * m->table->count + c];
	if (v->there)
		sbuf_printf(out, "%.*s", (int)v->len, m->octets.p + v->number);
}

static bool pool_is_bad(const struct mib_image *m, unsigned row, bool was)
{
	uint64_t total = number(m, row, "total"), used = number(m, row, "used");

	return total && (was ? used > total - total / 10 || used == total : used >= total);
}

static bool server_is_bad(const struct mib_image *m, unsigned row, bool was)
{
	uint64_t state = number(m, row, "state");

	return state ? state != SERVER_UP : was;
}

static const struct kind {
	const char *table, *name;
	bool (*is_bad)(const struct mib_image *m, unsigned row, bool was);
	enum mib_event begins, ends;
} kinds[] = {
	{ "brasPoolTable", "name", pool_is_bad, MIB_POOL_EXHAUSTED, MIB_POOL_FREE },
	{ "brasRadiusTable", "server", server_is_bad, MIB_RADIUS_DOWN, MIB_RADIUS_UP },
};

static const struct kind *kind_of(const struct mib_image *m)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].table, m->table->name))
			return &kinds[i];
	return NULL;
}

void mib_watch_box(struct mib_watch *w, const struct mib_image *box, mib_notify_fn *notify,
		   void *arg)
{
	uint64_t uptime = box && box->rows ? number(box, 0, "uptime") : 0;

	if (!box && !w->down)
		notify(arg, MIB_DOWN, NULL, 0);
	else if (box && w->seen && (w->down || uptime < w->uptime))
		notify(arg, MIB_UP, box, 0);
	w->seen = true;
	w->down = !box;
	if (box)
		w->uptime = uptime;
}

int mib_watch_table(struct mib_watch *w, const struct mib_image *m, mib_notify_fn *notify,
		    void *arg)
{
	const struct kind *k = kind_of(m);
	json_t *now = json_object(), *before;
	struct sbuf name = { 0 };

	if (!w->bad)
		w->bad = json_object();
	before = json_object_get(w->bad, m->table->name); /* lives until it is replaced */
	for (unsigned row = 0; k && now && row < m->rows; row++) {
		bool was, is;

		put_name(m, row, k->name, &name);
		was = json_object_get(before, name.p) != NULL;
		is = k->is_bad(m, row, was);
		if (is != was)
			notify(arg, is ? k->begins : k->ends, m, row);
		if (is)
			json_object_set_new(now, name.p, json_true());
	}
	sbuf_fini(&name);
	if (!k || !now || !w->bad) {
		json_decref(now);
		return -ENOMEM;
	}
	return json_object_set_new(w->bad, k->table, now) ? -ENOMEM : 0;
}

void mib_watch_fini(struct mib_watch *w)
{
	json_decref(w->bad);
	*w = (struct mib_watch){ 0 };
}
