// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The session table. A session is a slot of one array; the slot's number is its index everywhere
 * (maps, metrics). Nothing here allocates but the table itself and a session's few texts, and
 * everything has the size of `max-sessions`, which is known at start.
 */
#include "base/str.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SHARE 8 /* times what is left of those that may start, for the lines of one group */

const char *session_state_name(enum session_state state)
{
	static const char *const names[] = {
#define X(id, name) [SESSION_##id] = name,
		SESSION_STATES(X)
#undef X
	};

	return names[state];
}

static void on_reap(struct timer *t, uint64_t now);

static void *array_new(uint32_t n, size_t size)
{
	void *p = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int table_setup(struct daemon *d)
{
	struct table *t = &d->table;
	uint32_t max = d->config->pppoe.max_sessions;

	t->max = max;
	t->sessions = array_new(max, sizeof(*t->sessions));
	t->stations = array_new(max, sizeof(*t->stations));
	t->free_slots = array_new(max, sizeof(*t->free_slots));
	t->free_stations = array_new(max, sizeof(*t->free_stations));
	if (!t->sessions || !t->stations || !t->free_slots || !t->free_stations ||
	    hidx_init(&t->by_sid, max) || hidx_init(&t->by_cookie, max) ||
	    hidx_init(&t->by_station, max) || hidx_init(&t->by_name, max))
		return -ENOMEM;
	if (tally_init(&t->lines, 2 * max))
		return -ENOMEM;
	TAILQ_INIT(&t->dead);
	timer_init(&t->reaper, on_reap);
	return siphash_key_random(&t->key);
}

static void array_free(void *p, uint32_t n, size_t size)
{
	if (p)
		munmap(p, n * size);
}

void table_teardown(struct daemon *d)
{
	struct table *t = &d->table;

	if (!t->sessions)
		return;
	timer_cancel(loop_wheel(d->loop), &t->reaper);
	on_reap(&t->reaper, 0);
	array_free(t->sessions, t->max, sizeof(*t->sessions));
	array_free(t->stations, t->max, sizeof(*t->stations));
	array_free(t->free_slots, t->max, sizeof(*t->free_slots));
	array_free(t->free_stations, t->max, sizeof(*t->free_stations));
	hidx_fini(&t->by_sid);
	hidx_fini(&t->by_cookie);
	hidx_fini(&t->by_station);
	hidx_fini(&t->by_name);
	tally_fini(&t->lines);
}

/* The slot that was freed last comes back first: its memory is there already. */
static uint32_t slot_get(struct table *t)
{
	if (t->free_slot_count)
		return t->free_slots[--t->free_slot_count];
	return t->high < t->max ? t->high++ : HIDX_NONE;
}

struct sid_key {
	struct pppoe_line line;
	uint16_t sid;
};

static uint64_t sid_hash(const struct table *t, const struct pppoe_line *line, uint16_t sid)
{
	uint16_t key[4] = { line->port, line->svlan, line->cvlan, sid };

	return siphash(&t->key, key, sizeof(key));
}

static bool line_equal(const struct pppoe_line *a, const struct pppoe_line *b)
{
	return a->port == b->port && a->svlan == b->svlan && a->cvlan == b->cvlan;
}

static bool sid_eq(uint32_t slot, const void *key, void *arg)
{
	const struct table *t = arg;
	const struct sid_key *k = key;

	return t->sessions[slot].sid == k->sid && line_equal(&t->sessions[slot].line, &k->line);
}

struct session *table_by_sid(struct daemon *d, const struct pppoe_line *line, uint16_t sid)
{
	struct sid_key key = { *line, sid };
	uint32_t slot = hidx_find(&d->table.by_sid, sid_hash(&d->table, line, sid), sid_eq, &key,
				  &d->table);

	return slot == HIDX_NONE ? NULL : &d->table.sessions[slot];
}

static bool request_eq(uint32_t slot, const void *key, void *arg)
{
	const struct session *s = &((struct table *)arg)->sessions[slot];
	const struct pppoe_request *req = key;

	return s->cookie_id == req->cookie_id && mac_equal(&s->mac, &req->mac) &&
	       line_equal(&s->line, &req->line);
}

/* The cookie is made of our own random octets: no need to key its hash. */
struct session *table_by_request(struct daemon *d, const struct pppoe_request *req)
{
	uint32_t slot = hidx_find(&d->table.by_cookie, req->cookie_id, request_eq, req, &d->table);

	return slot == HIDX_NONE ? NULL : &d->table.sessions[slot];
}

static uint64_t station_hash(const struct table *t, const struct station *st)
{
	uint16_t key[6] = { st->line.port, st->line.svlan, st->line.cvlan };

	memcpy(key + 3, st->mac.b, sizeof(st->mac.b));
	return siphash(&t->key, key, sizeof(key));
}

uint64_t table_station_hash(const struct daemon *d, const struct pppoe_line *line,
			    const struct mac *mac)
{
	struct station st = { .line = *line, .mac = *mac };

	return station_hash(&d->table, &st);
}

static bool station_eq(uint32_t i, const void *key, void *arg)
{
	const struct station *have = &((struct table *)arg)->stations[i], *sought = key;

	return mac_equal(&have->mac, &sought->mac) && line_equal(&have->line, &sought->line);
}

static uint32_t station_find(struct table *t, const struct station *st)
{
	return hidx_find(&t->by_station, station_hash(t, st), station_eq, st, t);
}

uint32_t table_count_station(struct daemon *d, const struct pppoe_line *line, const struct mac *mac)
{
	struct station st = { .line = *line, .mac = *mac };
	uint32_t i = station_find(&d->table, &st);

	return i == HIDX_NONE ? 0 : d->table.stations[i].count;
}

/* One session more of this station. There are as many places as sessions: it cannot fail. */
static uint32_t station_get(struct table *t, const struct pppoe_line *line, const struct mac *mac)
{
	struct station st = { .line = *line, .mac = *mac };
	uint32_t i = station_find(t, &st);

	if (i == HIDX_NONE) {
		i = t->free_station_count ? t->free_stations[--t->free_station_count]
					  : t->by_station.used;
		t->stations[i] = st;
		(void)hidx_add(&t->by_station, station_hash(t, &st), i);
	}
	t->stations[i].count++;
	return i;
}

static void station_put(struct table *t, uint32_t i)
{
	struct station *st = &t->stations[i];

	if (--st->count)
		return;
	(void)hidx_del(&t->by_station, station_hash(t, st), i);
	t->free_stations[t->free_station_count++] = i;
}

/* --- sessions of a VLAN and of a circuit id -------------------------------------------------- */

enum line_kind { LINE_VLAN, LINE_CIRCUIT };

uint64_t table_vlan_hash(const struct daemon *d, const struct pppoe_line *line)
{
	uint16_t key[4] = { LINE_VLAN, line->port, line->svlan, line->cvlan };

	return siphash(&d->table.key, key, sizeof(key));
}

/* Of an interface, whatever the VLAN: the access node says which of its ports it is. As the record
 * keeps it, up to a NUL, so that an adopted one counts with the others. */
static uint64_t circuit_hash(const struct table *t, const struct pppoe_request *req)
{
	struct {
		uint16_t kind, port;
		char id[PPPOE_ID_MAX];
	} key = { .kind = LINE_CIRCUIT, .port = req->line.port };

	snprintf(key.id, sizeof(key.id), "%s", req->circuit_id);
	return siphash(&t->key, &key, sizeof(key));
}

uint32_t table_count_vlan(const struct daemon *d, const struct pppoe_request *req)
{
	return req->line.svlan ? tally_count(&d->table.lines, table_vlan_hash(d, &req->line)) : 0;
}

uint32_t table_count_circuit(const struct daemon *d, const struct pppoe_request *req)
{
	return *req->circuit_id ? tally_count(&d->table.lines, circuit_hash(&d->table, req)) : 0;
}

static void lines_join(struct table *t, struct session *s, const struct pppoe_request *req)
{
	s->vlan = s->circuit = HIDX_NONE;
	if (s->line.svlan)
		s->vlan = tally_join(&t->lines, table_vlan_hash(s->d, &s->line));
	if (*req->circuit_id)
		s->circuit = tally_join(&t->lines, circuit_hash(t, req));
}

static char *text_dup(const char *s, size_t len)
{
	return len ? strndup(s, len) : NULL;
}

/* The session in this slot, which is nobody's, in every index. */
static struct session *enter(struct daemon *d, uint32_t slot, uint32_t generation,
			     const struct pppoe_request *req, uint16_t sid)
{
	struct table *t = &d->table;
	struct session *s = &t->sessions[slot];

	*s = (struct session){
		.d = d,
		.slot = slot,
		.generation = generation,
		.sid = sid,
		.line = req->line,
		.mac = req->mac,
		.cookie_id = req->cookie_id,
		.service = text_dup(req->service, strlen(req->service)),
		.circuit_id = text_dup(req->circuit_id, req->circuit_id_len),
		.remote_id = text_dup(req->remote_id, req->remote_id_len),
		.station = station_get(t, &req->line, &req->mac),
	};
	lines_join(t, s, req);
	(void)hidx_add(&t->by_sid, sid_hash(t, &s->line, sid), slot);
	(void)hidx_add(&t->by_cookie, s->cookie_id, slot);
	t->used++;
	t->by_state[SESSION_FREE]++; /* table_state() moves it on */
	table_state(s, SESSION_DISCOVERY);
	d->ports[s->line.port].sessions++;
	return s;
}

int table_add(struct daemon *d, const struct pppoe_request *req, uint16_t sid, struct session **ret)
{
	uint32_t slot = slot_get(&d->table), generation;

	if (slot == HIDX_NONE)
		return -EBUSY;
	generation = d->table.sessions[slot].generation + 1;
	*ret = enter(d, slot, generation ? generation : 1, req, sid);
	(*ret)->acct_id = d->acct_next++;
	return 0;
}

/* That very slot. Adopted in ascending order it is always beyond all others, and those between are
 * free; else it is sought among the free ones. */
static int slot_take(struct table *t, uint32_t slot)
{
	uint32_t i = t->free_slot_count;

	if (slot >= t->max)
		return -EINVAL;
	if (slot >= t->high) {
		while (t->high < slot)
			t->free_slots[t->free_slot_count++] = t->high++;
		t->high++;
		return 0;
	}
	while (i && t->free_slots[i - 1] != slot)
		i--;
	if (!i)
		return -EEXIST;
	memmove(&t->free_slots[i - 1], &t->free_slots[i],
		(--t->free_slot_count - (i - 1)) * sizeof(*t->free_slots));
	return 0;
}

int table_adopt(struct daemon *d, uint32_t slot, uint32_t generation,
		const struct pppoe_request *req, uint16_t sid, uint64_t acct_id,
		struct session **ret)
{
	int rc;

	if (req->line.port >= ABI_PORTS_MAX || !generation)
		return -EINVAL;
	if (table_by_sid(d, &req->line, sid))
		return -EEXIST;
	rc = slot_take(&d->table, slot);
	if (rc)
		return rc;
	*ret = enter(d, slot, generation, req, sid);
	(*ret)->acct_id = acct_id;
	if (acct_id >= d->acct_next)
		d->acct_next = acct_id + 1;
	return 0;
}

void table_generation(struct daemon *d, uint32_t slot, uint32_t generation)
{
	struct session *s = slot < d->table.max ? &d->table.sessions[slot] : NULL;

	if (s && s->state == SESSION_FREE && (int32_t)(generation - s->generation) > 0)
		s->generation = generation;
}

static uint32_t is_starting(uint8_t state)
{
	return state >= SESSION_DISCOVERY && state <= SESSION_NETWORK;
}

static uint32_t share_of(const struct table *t, const struct pppoe_line *line)
{
	return sid_hash(t, line, 0) % TABLE_SHARES;
}

uint32_t table_share(const struct daemon *d, const struct pppoe_line *line)
{
	return share_of(&d->table, line);
}

void table_state(struct session *s, enum session_state state)
{
	struct table *t = &s->d->table;

	t->starting[share_of(t, &s->line)] += is_starting(state) - is_starting(s->state);
	t->by_state[s->state]--;
	t->by_state[state]++;
	s->state = (uint8_t)state;
}

void table_remove(struct session *s)
{
	struct table *t = &s->d->table;

	(void)hidx_del(&t->by_sid, sid_hash(t, &s->line, s->sid), s->slot);
	(void)hidx_del(&t->by_cookie, s->cookie_id, s->slot);
	station_put(t, s->station);
	tally_leave(&t->lines, s->vlan);
	tally_leave(&t->lines, s->circuit);
	names_del(s);
	s->d->ports[s->line.port].sessions--;
	table_state(s, SESSION_DEAD);
	TAILQ_INSERT_TAIL(&t->dead, s, reap);
	if (!timer_is_set(&t->reaper))
		timer_set(loop_wheel(s->d->loop), &t->reaper, 0);
}

/* Nothing frees itself under its caller: the dead are buried by the loop. */
static void on_reap(struct timer *timer, uint64_t now)
{
	struct table *t = container_of(timer, struct table, reaper);
	struct session *s;

	(void)now;
	while ((s = TAILQ_FIRST(&t->dead))) {
		TAILQ_REMOVE(&t->dead, s, reap);
		ppp_link_fini(&s->link);
		login_free(s);
		free(s->given6);
		leases_fini(s);
		free(s->base);
		free(s->username);
		free(s->service);
		free(s->circuit_id);
		free(s->remote_id);
		table_state(s, SESSION_FREE);
		t->by_state[SESSION_FREE]--;
		t->free_slots[t->free_slot_count++] = s->slot;
		t->used--;
	}
}

uint32_t table_starting(const struct daemon *d)
{
	const uint32_t *n = d->table.by_state;

	return n[SESSION_DISCOVERY] + n[SESSION_LCP] + n[SESSION_AUTH] + n[SESSION_NETWORK];
}

bool table_starting_full(const struct daemon *d, const struct pppoe_line *line, uint32_t max)
{
	uint32_t all = table_starting(d), left = max > all ? max - all : 0;

	return max && d->table.starting[share_of(&d->table, line)] >= (uint64_t)SHARE * left;
}

struct session *table_next(struct daemon *d, uint32_t *cursor)
{
	while (*cursor < d->table.high) {
		struct session *s = &d->table.sessions[(*cursor)++];

		if (s->state != SESSION_FREE && s->state != SESSION_DEAD)
			return s;
	}
	return NULL;
}
