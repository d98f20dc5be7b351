// SPDX-License-Identifier: GPL-2.0-or-later
/* Tags that parse lie within what was received, and what is written again parses to the same. */
#include "pppoe/pppoe.h"
#include "pppoe/tag.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void within(const uint8_t *data, size_t size, const struct pppoe_bytes *b)
{
	check(b->p ? b->p >= data && b->p + b->len <= data + size : !b->len);
}

static void same(const struct pppoe_bytes *a, const struct pppoe_bytes *b)
{
	check(!a->p == !b->p && a->len == b->len && (!a->len || !memcmp(a->p, b->p, a->len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[1 << 17];
	struct wr w = wr_init(buf, size + 4 < sizeof(buf) ? size + 4 : sizeof(buf));
	struct pppoe_tags t, again;

	if (pppoe_tags_parse(rd_init(data, size), &t))
		return 0;
	within(data, size, &t.service);
	within(data, size, &t.ac_name);
	within(data, size, &t.host_uniq);
	within(data, size, &t.cookie);
	within(data, size, &t.relay);
	within(data, size, &t.circuit_id);
	within(data, size, &t.remote_id);
	within(data, size, &t.error_text);
	check(t.circuit_id.len < PPPOE_ID_MAX && t.remote_id.len < PPPOE_ID_MAX);
	pppoe_tag_echo(&w, PPPOE_TAG_SERVICE_NAME, &t.service);
	pppoe_tag_echo(&w, PPPOE_TAG_AC_NAME, &t.ac_name);
	pppoe_tag_echo(&w, PPPOE_TAG_HOST_UNIQ, &t.host_uniq);
	pppoe_tag_echo(&w, PPPOE_TAG_AC_COOKIE, &t.cookie);
	pppoe_tag_echo(&w, PPPOE_TAG_RELAY_SESSION_ID, &t.relay);
	if (t.max_payload)
		pppoe_tag_put_be16(&w, PPPOE_TAG_MAX_PAYLOAD, t.max_payload);
	if (size > sizeof(buf))
		return 0;
	check(wr_done(&w) >= 0 && !pppoe_tags_parse(rd_init(buf, w.len), &again));
	same(&t.service, &again.service);
	same(&t.ac_name, &again.ac_name);
	same(&t.host_uniq, &again.host_uniq);
	same(&t.cookie, &again.cookie);
	same(&t.relay, &again.relay);
	check(t.max_payload == again.max_payload && !again.duplicates);
	return 0;
}
