// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of a stream become packets of a capture: mirror/stream.h. */
#include "mirror/stream.h"

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

/* What the packet's comment says: "user=alice sid=3 up plan=10000/2000". */
static void comment(const struct stream *s, const struct abi_stream_head *h, char *ret, size_t cap)
{
	const struct stream_session *who = h->slot < s->count ? &s->sessions[h->slot] : NULL;
	const char *direction = h->direction == ABI_MIRROR_UP ? "up" : "down";
	int n;

	if (!who || !who->generation || who->generation != h->generation) {
		snprintf(ret, cap, "slot=%" PRIu32 " %s", h->slot, direction);
		return;
	}
	n = snprintf(ret, cap, "user=%.*s sid=%" PRIu32 " %s", STREAM_NAME_MAX, who->username,
		     who->sid, direction);
	if ((who->rate_down || who->rate_up) && n > 0 && (size_t)n < cap)
		snprintf(ret + n, cap - (size_t)n, " plan=%" PRIu64 "/%" PRIu64, who->rate_down,
			 who->rate_up);
}

static bool is_event(const struct abi_stream_head *h, size_t len)
{
	return h->version == ABI_STREAM_VERSION && h->caplen <= len && h->caplen <= h->len &&
	       (h->direction == ABI_MIRROR_UP || h->direction == ABI_MIRROR_DOWN);
}

static int wait_for(struct stream *s, uint64_t time, const void *event, size_t len)
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
	sbuf_append(&s->held, event, len);
	if (s->held.bad)
		return -ENOMEM;
	s->waiting[s->waiting_count++] = (struct stream_waiting){ time, at };
	return 0;
}

int stream_event(struct stream *s, const void *event, size_t len)
{
	struct abi_stream_head h;

	if (len < sizeof(h) + ABI_STREAM_ETH) {
		s->bad++;
		return -EBADMSG;
	}
	memcpy(&h, event,
	       sizeof(h)); /* the kernel's, not a peer's: but of another brasd, perhaps */
	if (!is_event(&h, len - sizeof(h) - ABI_STREAM_ETH)) {
		s->bad++;
		return -EBADMSG;
	}
	return wait_for(s, h.time, event, sizeof(h) + ABI_STREAM_ETH + h.caplen);
}

static void write_event(struct stream *s, const char *event, struct sbuf *out)
{
	char text[PCAPNG_COMMENT_MAX];
	struct abi_stream_head h;
	struct pcapng_packet p;

	memcpy(&h, event, sizeof(h));
	comment(s, &h, text, sizeof(text));
	p = (struct pcapng_packet){
		.time = h.time + s->offset,
		.ip = (const uint8_t *)event + sizeof(h) + ABI_STREAM_ETH,
		.caplen = h.caplen,
		.len = h.len,
		.up = h.direction == ABI_MIRROR_UP,
		.comment = text,
	};
	pcapng_packet(out, &p);
	s->received++;
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
	struct abi_stream_head h;
	size_t n = 0;

	for (size_t i = first; i < s->waiting_count; i++) {
		size_t at = held.len;

		memcpy(&h, s->held.p + s->waiting[i].at, sizeof(h));
		sbuf_append(&held, s->held.p + s->waiting[i].at,
			    sizeof(h) + ABI_STREAM_ETH + h.caplen);
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

void stream_write(struct stream *s, uint64_t until, struct sbuf *out)
{
	size_t n = 0;

	if (!s->waiting_count)
		return;
	qsort(s->waiting, s->waiting_count, sizeof(*s->waiting), by_time);
	while (n < s->waiting_count && s->waiting[n].time <= until)
		write_event(s, s->held.p + s->waiting[n++].at, out);
	if (n < s->waiting_count) {
		keep_from(s, n);
		return;
	}
	s->waiting_count = 0;
	s->held.len = 0;
}
