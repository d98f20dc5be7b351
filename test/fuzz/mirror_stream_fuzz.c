// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as events of a stream, two octets of length before each: what is written is whole
 * blocks, and not more than there was; so are frames of a virtual port. One whose length is odd in
 * its higher octet is a control frame, told in hex. */
#include "mirror/frame.h"
#include "mirror/stream.h"

#include <errno.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_blocks(const struct sbuf *b)
{
	size_t at = 0;

	while (at < b->len) {
		uint32_t len, again;

		check(b->len - at >= 12);
		memcpy(&len, b->p + at + 4, sizeof(len));
		check(len >= 12 && len % 4 == 0 && len <= b->len - at);
		memcpy(&again, b->p + at + len - 4, sizeof(again));
		check(again == len);
		at += len;
	}
}

static void to_both(void *out, const struct stream_packet *p)
{
	static uint8_t frame[FRAME_MAX];
	struct brasmon_header h;
	int n = frame_write(p, frame, sizeof(frame));

	check(n == (int)(BRASMON_HEAD_LEN + p->caplen));
	memcpy(&h, frame, sizeof(h));
	check(h.version == BRASMON_VERSION && h.kind && h.direction);
	stream_pcapng(out, p);
}

/* True: it waits, so many octets of it at most. */
static bool control(struct stream *s, const uint8_t *data, size_t len, size_t *ret)
{
	char *hex = malloc(len + 1);
	uint8_t octets[300];
	struct stream_control c = { .data = octets };
	int n, rc;

	check(hex);
	memcpy(hex, data, len);
	hex[len] = '\0';
	n = stream_hex(hex, octets, sizeof(octets));
	check(n < 0 ? n == -EBADMSG : (size_t)n * 2 == strlen(hex) && (size_t)n <= sizeof(octets));
	c.len = n < 0 ? 0 : (uint32_t)n;
	c.kind = (enum stream_kind)(len % 4);
	c.up = len & 4;
	c.time = (uint64_t)len << 50;
	c.user = len & 8 ? hex : NULL; /* any text, longer than is kept */
	rc = stream_control(s, &c);
	free(hex);
	*ret = c.len + STREAM_NAME_MAX;
	return !rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct stream_session who = { .generation = 1, .sid = 2, .rate_up = 3, .username = "u" };
	struct stream s = { 0 };
	struct sbuf out = { 0 };
	size_t most = 0, more = 0;

	check(!stream_learn(&s, 0, &who));
	while (len > 2) {
		size_t n = (size_t)(data[0] << 8 | data[1]);
		bool told = data[0] & 1;
		uint8_t *event;

		data += 2;
		len -= 2;
		n = n < len ? n : len;
		event = malloc(n + 1); /* so that a read beyond it is seen */
		check(event);
		memcpy(event, data, n);
		if (told ? control(&s, event, n, &more) : !stream_event(&s, event, n))
			most += (told ? more : n) + 240;
		stream_write(&s, n & 1 ? UINT64_MAX : n << 52, to_both, &out);
		check(out.len <= most);
		free(event);
		data += n;
		len -= n;
	}
	stream_write(&s, UINT64_MAX, to_both, &out);
	check(out.len <= most && !s.waiting_count);
	check_blocks(&out);
	stream_fini(&s);
	sbuf_fini(&out);
	return 0;
}
