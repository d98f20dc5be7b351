// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `top`: which lines carry most. All counters are read twice, a second apart, a few at a time so
 * that nobody waits for us; what differs is the rate. The readers share nothing.
 */
#include "base/json.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <string.h>

#define ROWS_DEFAULT 20
#define ROWS_MAX     500
#define PIECE	     64 /* slots that one system call reads */
#define PIECES	     8	/* of one turn of the loop */
#define APART	     NSEC_PER_SEC

enum order { BOTH, RX, TX };

struct look {
	uint64_t rx, tx, rx_packets, tx_packets;
	uint32_t generation; /* 0: nobody's */
};

struct row {
	uint32_t slot, generation;
	uint64_t key, rx, tx, rx_packets, tx_packets; /* a second */
};

struct top {
	struct daemon *d;
	struct control_reply *reply;
	struct timer timer;
	enum order order;
	bool second; /* look */
	uint64_t began;
	uint32_t slot, high;
	struct look *looks; /* of `high` slots */
	uint64_t *at;	    /* ns, of each piece */
	uint32_t rows, max;
	struct row row[];
};

static void end(void *arg)
{
	struct top *t = arg;

	timer_cancel(loop_wheel(t->d->loop), &t->timer);
	free(t->looks);
	free(t->at);
	free(t);
}

/* The largest first, `max` of them. */
static void insert(struct top *t, const struct row *r)
{
	uint32_t i = t->rows;

	if (t->rows == t->max && r->key <= t->row[t->max - 1].key)
		return;
	if (t->rows < t->max)
		t->rows++;
	else
		i--;
	for (; i && t->row[i - 1].key < r->key; i--)
		t->row[i] = t->row[i - 1];
	t->row[i] = *r;
}

static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return after > before ? (uint64_t)((double)(after - before) * NSEC_PER_SEC / (double)ns)
			      : 0;
}

static struct look look_of(const struct session *s, const struct abi_counters *c)
{
	return (struct look){ c->rx4_bytes + c->rx6_bytes, c->tx4_bytes + c->tx6_bytes,
			      c->rx4_packets + c->rx6_packets, c->tx4_packets + c->tx6_packets,
			      s->generation };
}

static void compare(struct top *t, const struct session *s, const struct look *a,
		    const struct look *b, uint64_t ns)
{
	struct row r = { .slot = s->slot, .generation = s->generation };

	if (a->generation != b->generation || !ns)
		return;
	r.rx = rate(a->rx, b->rx, ns) * 8;
	r.tx = rate(a->tx, b->tx, ns) * 8;
	r.rx_packets = rate(a->rx_packets, b->rx_packets, ns);
	r.tx_packets = rate(a->tx_packets, b->tx_packets, ns);
	r.key = t->order == RX ? r.rx : t->order == TX ? r.tx : r.rx + r.tx;
	insert(t, &r);
}

static void piece(struct top *t, uint32_t first, uint32_t end)
{
	struct abi_counters c[PIECE];
	uint32_t cursor = first;
	uint64_t now = loop_clock(), ns = now - t->at[first / PIECE];
	struct session *s;

	if (dp_counters_range(t->d->dp, first, end - first, c))
		return;
	t->at[first / PIECE] = now;
	while (cursor < end && (s = table_next(t->d, &cursor)) && s->slot < end) {
		struct look look = look_of(s, &c[s->slot - first]);

		if (t->second)
			compare(t, s, &t->looks[s->slot], &look, ns);
		else
			t->looks[s->slot] = look;
	}
}

static void answer(struct top *t)
{
	struct json j = { .out = control_body(t->reply) };
	char text[IP4_STRLEN];

	json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < t->rows; i++) {
		const struct row *r = &t->row[i];
		const struct session *s = &t->d->table.sessions[r->slot];

		if (s->generation != r->generation || s->state == SESSION_DEAD ||
		    s->state == SESSION_FREE)
			continue;
		json_open(&j, NULL, '{');
		json_str(&j, "username", s->username);
		json_u64(&j, "sid", s->sid);
		json_str(&j, "ifname", t->d->ports[s->line.port].conf.name);
		json_str(&j, "ip", s->has & SESSION_UP4 ? ip4_str(text, s->ip4) : NULL);
		json_u64(&j, "rx-bps", r->rx);
		json_u64(&j, "tx-bps", r->tx);
		json_u64(&j, "rx-pps", r->rx_packets);
		json_u64(&j, "tx-pps", r->tx_packets);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	control_done(t->reply);
	end(t);
}

static void on_timer(struct timer *timer, uint64_t now)
{
	struct top *t = container_of(timer, struct top, timer);
	uint64_t next = now;

	for (unsigned i = 0; i < PIECES && t->slot < t->high; i++) {
		uint32_t last = t->slot + PIECE < t->high ? t->slot + PIECE : t->high;

		piece(t, t->slot, last);
		t->slot = last;
	}
	if (t->slot == t->high && t->second) {
		answer(t);
		return;
	}
	if (t->slot == t->high) {
		t->slot = 0;
		t->second = true;
		next = t->began + APART > now ? t->began + APART : now;
	}
	timer_set(loop_wheel(t->d->loop), &t->timer, next);
}

static int read_words(unsigned argc, const char *const *argv, uint64_t *ret_max,
		      enum order *ret_order)
{
	*ret_max = ROWS_DEFAULT;
	*ret_order = BOTH;
	for (unsigned i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "rx"))
			*ret_order = RX;
		else if (!strcmp(argv[i], "tx"))
			*ret_order = TX;
		else if (str_to_u64(argv[i], 1, ROWS_MAX, ret_max))
			return -EINVAL;
	}
	return 0;
}

void top_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r)
{
	struct daemon *d = ctx;
	uint64_t max, now = loop_now(d->loop);
	enum order order;
	struct top *t;

	if (read_words(argc, argv, &max, &order)) {
		control_usage(r, "top [N] [rx|tx]: N is from 1 to %d", ROWS_MAX);
		return;
	}
	t = calloc(1, sizeof(*t) + max * sizeof(*t->row));
	if (t) {
		t->d = d;
		t->reply = r;
		t->order = order;
		t->max = (uint32_t)max;
		t->began = now;
		t->high = d->table.high;
		t->looks = calloc(t->high + 1, sizeof(*t->looks));
		t->at = calloc(t->high / PIECE + 1, sizeof(*t->at));
		timer_init(&t->timer, on_timer);
	}
	if (!t || !t->looks || !t->at) {
		if (t)
			end(t);
		control_refuse(r, "out of memory");
		return;
	}
	timer_set(loop_wheel(d->loop), &t->timer, now);
	control_defer(r, end, t);
}
