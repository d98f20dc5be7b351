// SPDX-License-Identifier: GPL-2.0-or-later
/* Any octets as events of a stream, two octets of length before each: what is written is whole
 * blocks, and not more than there was. */
#include "mirror/stream.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct stream_session who = { .generation = 1, .sid = 2, .rate_up = 3, .username = "u" };
	struct stream s = { 0 };
	struct sbuf out = { 0 };
	size_t most = 0;

	check(!stream_learn(&s, 0, &who));
	while (len > 2) {
		size_t n = (size_t)(data[0] << 8 | data[1]);
		uint8_t *event;

		data += 2;
		len -= 2;
		n = n < len ? n : len;
		event = malloc(n + 1); /* so that a read beyond it is seen */
		check(event);
		memcpy(event, data, n);
		if (!stream_event(&s, event, n))
			most += n + 240;
		stream_write(&s, n & 1 ? UINT64_MAX : n << 52, stream_pcapng, &out);
		check(out.len <= most);
		free(event);
		data += n;
		len -= n;
	}
	stream_write(&s, UINT64_MAX, stream_pcapng, &out);
	check(out.len <= most && !s.waiting_count);
	check_blocks(&out);
	stream_fini(&s);
	sbuf_fini(&out);
	return 0;
}
