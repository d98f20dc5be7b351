// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of a stream become packets of a capture: mirror/stream.h. */
#include "mirror/stream.h"

#include "mirror/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLOTS_MAX (1u << 24)

void stream_fini(struct stream *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		free(s->sessions[i].username);
	free(s->sessions);
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

int stream_event(struct stream *s, const void *event, size_t len, struct sbuf *out)
{
	char text[PCAPNG_COMMENT_MAX];
	struct abi_stream_head h;
	struct pcapng_packet p;

	if (len < sizeof(h) + ABI_STREAM_ETH) {
		s->bad++;
		return -EBADMSG;
	}
	memcpy(&h, event,
	       sizeof(h)); /* the kernel's, not a peer's: but of another brasd, perhaps */
	len -= sizeof(h) + ABI_STREAM_ETH;
	if (h.version != ABI_STREAM_VERSION || h.caplen > len || h.caplen > h.len ||
	    (h.direction != ABI_MIRROR_UP && h.direction != ABI_MIRROR_DOWN)) {
		s->bad++;
		return -EBADMSG;
	}
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
	return 0;
}
