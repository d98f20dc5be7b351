// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of a stream become packets of a capture: mirror/stream.h. */
#include "mirror/stream.h"

#include "base/hex.h"
#include "mirror/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SLOTS_MAX (1u << 24)

void stream_fini(struct stream *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		free(s->sessions[i].username);
	free(s->sessions);
	free(s->waiting);
	sbuf_fini(&s->held);
	*s = (struct stream){ 0 };
}

static int grow(struct stream *s, uint32_t count)
{
	struct stream_session *more = realloc(s->sessions, count * sizeof(*more));

	if (!more)
		return -ENOMEM;
	memset(more + s->count, 0, (count - s->count) * sizeof(*more));
	s->sessions = more;
	s->count = count;
	return 0;
}

int stream_learn(struct stream *s, uint32_t slot, const struct stream_session *who)
{
	struct stream_session *mine;
	char *name;

	if (slot >= SLOTS_MAX)
		return -EINVAL;
	if (slot >= s->count && grow(s, slot + 64))
		return -ENOMEM;
	name = strdup(who->username ? who->username : "");
	if (!name)
		return -ENOMEM;
	mine = &s->sessions[slot];
	free(mine->username);
	*mine = *who;
	mine->username = name;
	return 0;
}

/* As it lies in held: comment_len octets of a comment (0: its session's), then the packet. */
struct held {
	struct abi_stream_head head;
	uint32_t kind, sid, comment_len;
};

const char *stream_reason(uint8_t verdict)
{
	static const char *const names[] = {
#define X(id, name, help) name,
		ABI_DROPS(X)
#undef X
	};

	return verdict && verdict <= ARRAY_SIZE(names) ? names[verdict - 1] : NULL;
}

static const struct stream_session *session_of(const struct stream *s,
					       const struct abi_stream_head *h)
{
	const struct stream_session *who = h->slot < s->count ? &s->sessions[h->slot] : NULL;

	return who && who->generation && who->generation == h->generation ? who : NULL;
}

/* What the packet's comment says: "user=alice sid=3 up plan=10000/2000 drop=rate". */
static void comment(const struct abi_stream_head *h, const struct stream_session *who, char *ret,
		    size_t cap)
{
	const char *direction = h->direction == ABI_MIRROR_UP ? "up" : "down";
	const char *reason = stream_reason(h->verdict);
	size_t n;

	if (!who)
		snprintf(ret, cap, "slot=%" PRIu32 " %s", h->slot, direction);
	else
		snprintf(ret, cap, "user=%.*s sid=%" PRIu32 " %s", STREAM_NAME_MAX, who->username,
			 who->sid, direction);
	n = strlen(ret);
	if (who && (who->rate_down || who->rate_up))
		snprintf(ret + n, cap - n, " plan=%" PRIu64 "/%" PRIu64, who->rate_down,
			 who->rate_up);
	n = strlen(ret);
	if (reason)
		snprintf(ret + n, cap - n, " drop=%s", reason);
	else if (h->verdict)
		snprintf(ret + n, cap - n, " drop=%u", h->verdict - 1u);
}

static bool is_event(const struct abi_stream_head *h, size_t len)
{
	return h->version == ABI_STREAM_VERSION && h->off <= ABI_STREAM_OFF_MAX && h->off <= len &&
	       h->caplen <= len - h->off && h->caplen <= h->len &&
	       (h->direction == ABI_MIRROR_UP || h->direction == ABI_MIRROR_DOWN);
}

static int wait_for(struct stream *s, const struct held *head, const char *text, const void *data)
{
	size_t cap = s->waiting_cap ? 2 * s->waiting_cap : 64, at = s->held.len;
	struct stream_waiting *more;

	if (s->waiting_count == s->waiting_cap) {
		more = realloc(s->waiting, cap * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->waiting = more;
		s->waiting_cap = cap;
	}
	sbuf_append(&s->held, head, sizeof(*head));
	sbuf_append(&s->held, text, head->comment_len);
	sbuf_append(&s->held, data, head->head.caplen);
	if (s->held.bad) {
		s->held.len = at;
		s->held.bad = false;
		return -ENOMEM;
	}
	s->waiting[s->waiting_count++] = (struct stream_waiting){ head->head.time, at };
	return 0;
}

int stream_event(struct stream *s, const void *event, size_t len)
{
	struct held held = { .kind = STREAM_IP };

	if (len >=
	    sizeof(held.head)) /* the kernel's, not a peer's: but of another brasd, perhaps */
		memcpy(&held.head, event, sizeof(held.head));
	if (len < sizeof(held.head) || !is_event(&held.head, len - sizeof(held.head))) {
		s->bad++;
		return -EBADMSG;
	}
	if (!held.head.off)
		held.kind = STREAM_PPPOE;
	return wait_for(s, &held, "", (const char *)event + sizeof(held.head) + held.head.off);
}

int stream_control(struct stream *s, const struct stream_control *c)
{
	const char *up = c->kind == STREAM_RADIUS ? "in" : "up";
	const char *down = c->kind == STREAM_RADIUS ? "out" : "down";
	const char *direction = c->up ? up : down;
	char text[PCAPNG_COMMENT_MAX];
	struct held held = {
		.head = {
			.time = c->time,
			.len = c->len,
			.caplen = (uint16_t)c->len,
			.direction = c->up ? ABI_MIRROR_UP : ABI_MIRROR_DOWN,
		},
		.kind = c->kind,
		.sid = c->sid,
	};

	if (c->len > STREAM_CONTROL_MAX || (c->kind != STREAM_PPPOE && c->kind != STREAM_RADIUS)) {
		s->bad++;
		return -EBADMSG;
	}
	if (c->user)
		snprintf(text, sizeof(text), "user=%.*s sid=%" PRIu32 " %s", STREAM_NAME_MAX,
			 c->user, c->sid, direction);
	else
		snprintf(text, sizeof(text), "%s", direction);
	held.comment_len = (uint32_t)strlen(text);
	return wait_for(s, &held, text, c->data);
}

int stream_hex(const char *hex, uint8_t *ret, size_t cap)
{
	size_t n = 0;

	for (; *hex; hex += 2, n++) {
		int high = hex_lower(hex[0]), low = high < 0 ? -1 : hex_lower(hex[1]);

		if (low < 0 || n == cap)
			return -EBADMSG;
		ret[n] = (uint8_t)(high << 4 | low);
	}
	return (int)n;
}

static void write_out(struct stream *s, const char *at, stream_out_fn *out, void *arg)
{
	const struct stream_session *who;
	char text[PCAPNG_COMMENT_MAX];
	struct stream_packet p;
	struct held h;

	memcpy(&h, at, sizeof(h));
	who = h.head.generation ? session_of(s, &h.head) : NULL;
	if (h.comment_len) {
		memcpy(text, at + sizeof(h), h.comment_len);
		text[h.comment_len] = '\0';
	} else {
		comment(&h.head, who, text, sizeof(text));
	}
	p = (struct stream_packet){
		.kind = (enum stream_kind)h.kind,
		.time = h.head.time + s->offset,
		.slot = h.head.slot,
		.generation = h.head.generation,
		.sid = who ? who->sid : h.sid,
		.up = h.head.direction == ABI_MIRROR_UP,
		.verdict = h.head.verdict,
		.hook = h.head.hook,
		.data = (const uint8_t *)at + sizeof(h) + h.comment_len,
		.caplen = h.head.caplen,
		.len = h.head.len,
		.comment = text,
	};
	out(arg, &p);
	s->received++;
}

void stream_pcapng(void *sbuf, const struct stream_packet *p)
{
	static const enum pcapng_interface interface[] = {
		[STREAM_IP] = PCAPNG_IP,
		[STREAM_PPPOE] = PCAPNG_PPPOE,
		[STREAM_RADIUS] = PCAPNG_RADIUS,
	};
	struct pcapng_packet out = {
		.interface = interface[p->kind],
		.time = p->time,
		.data = p->data,
		.caplen = p->caplen,
		.len = p->len,
		.up = p->up,
		.comment = p->comment,
	};

	if (p->verdict)
		out.dropped = p->hook == ABI_HOOK_XDP  ? PCAPNG_DROPPED_XDP
			      : p->hook == ABI_HOOK_TC ? PCAPNG_DROPPED_TC
						       : PCAPNG_DROPPED;
	pcapng_packet(sbuf, &out);
}

/* What came first goes first where two have the same time. */
static int by_time(const void *a, const void *b)
{
	const struct stream_waiting *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The rest moves to the beginning. */
static void keep_from(struct stream *s, size_t first)
{
	struct sbuf held = { 0 };
	struct held h;
	size_t n = 0;

	for (size_t i = first; i < s->waiting_count; i++) {
		size_t at = held.len;

		memcpy(&h, s->held.p + s->waiting[i].at, sizeof(h));
		sbuf_append(&held, s->held.p + s->waiting[i].at,
			    sizeof(h) + h.comment_len + h.head.caplen);
		if (held.bad)
			break;
		s->waiting[n++] = (struct stream_waiting){ s->waiting[i].time, at };
	}
	s->lost += s->waiting_count - first - n;
	s->waiting_count = n;
	sbuf_fini(&s->held);
	s->held = held;
	s->held.bad = false;
}

void stream_write(struct stream *s, uint64_t until, stream_out_fn *out, void *arg)
{
	size_t n = 0;

	if (!s->waiting_count)
		return;
	qsort(s->waiting, s->waiting_count, sizeof(*s->waiting), by_time);
	while (n < s->waiting_count && s->waiting[n].time <= until)
		write_out(s, s->held.p + s->waiting[n++].at, out, arg);
	if (n < s->waiting_count) {
		keep_from(s, n);
		return;
	}
	s->waiting_count = 0;
	s->held.len = 0;
}
