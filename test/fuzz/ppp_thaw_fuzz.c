// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets are thawed or refused. What was thawed freezes to what thaws again, and lives on: time
 * passes, the peer asks, negotiates anew, and ends it. The bench (ppp_rig.h) aborts when up and
 * down do not alternate, or when a timer outlives the link.
 */
#include "test/unit/ppp_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void input(struct rig *r, const char *frame, size_t len)
{
	ppp_link_input(&r->link, r->now, (const uint8_t *)frame, len);
}

static void live(struct rig *r)
{
	input(r, "\xc0\x21\x09\x07\x00\x08\0\0\0\0", 10);
	input(r, "\xc0\x21\x0a\x07\x00\x08\0\0\0\0", 10);
	input(r, "\x80\x21\x01\x07\x00\x0a\x03\x06\0\0\0\0", 12);
	input(r, "\x80\x57\x01\x07\x00\x0e\x01\x0a\0\0\0\0\0\0\0\x01", 16);
	input(r, "\x80\xfd\x01\x07\x00\x04", 6);
	input(r, "\xc2\x23\x02\x07\x00\x16\x10yyyyyyyyyyyyyyyyu", 24);
	input(r, "\xc0\x21\x77\x07\x00\x04", 6);
	rig_advance(r, 2 * NSEC_PER_SEC);
	input(r, "\x80\x21\x05\x08\x00\x04", 6);
	rig_advance(r, 4 * NSEC_PER_SEC);
	input(r, "\xc0\x21\x01\x09\x00\x04", 6);
	rig_advance(r, 4 * NSEC_PER_SEC);
	input(r, "\xc0\x21\x05\x0a\x00\x04", 6);
	rig_advance(r, 8 * NSEC_PER_SEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig r;
	struct rd in = rd_init(data, size);
	uint8_t buf[PPP_LINK_FROZEN_MAX];
	struct wr w = wr_init(buf, sizeof(buf));
	int rc = ppp_link_frozen_check(in);

	rig_seed = 88172645463325252ull;
	rig_init(&r);
	r.config.echo_interval = size & 1 ? 5 * NSEC_PER_SEC : 0;
	r.config.rechallenge = size & 2 ? 3 * NSEC_PER_SEC : 0;
	r.config.network_timeout = size & 4 ? 6 * NSEC_PER_SEC : 0;
	r.config.auth_count = size & 8 ? 0 : 3;
	if (ppp_link_thaw(&r.link, &r.ctx, &in, r.now) != rc)
		abort();
	if (rc)
		return 0;
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		r.up[i] = r.link.up >> i & 1;
	if (ppp_link_freeze(&r.link, &w) || ppp_link_frozen_check(rd_init(buf, w.len)))
		abort();
	live(&r);
	ppp_link_fini(&r.link);
	if (r.wheel.armed)
		abort();
	return 0;
}
