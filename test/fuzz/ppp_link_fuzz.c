// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A live link: the input is a list of steps. The bench (ppp_rig.h) aborts when something is sent
 * after the end, when up and down do not alternate, or when a timer outlives the link. Here: no
 * more goes out than a budget allows.
 *
 * The first two octets choose the configuration. A step: op, length, octets. Frames may ask for
 * what the fuzzer cannot guess: the identifier of our last request (op 1), an answer to it (op 2),
 * a right response to our challenge (op 3), our magic number (op 4).
 */
#include "test/unit/ppp_rig.h"

#include <nettle/md5.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void configure(struct rig *r, uint8_t a, uint8_t b)
{
	r->config.auth_count = a & 3;
	r->config.auth[0] = (enum ppp_auth_method)((a >> 2) % 3);
	r->config.auth[1] = (enum ppp_auth_method)((r->config.auth[0] + 1u) % 3);
	r->config.auth[2] = (enum ppp_auth_method)((r->config.auth[0] + 2u) % 3);
	r->config.echo_interval = a & 16 ? 5 * NSEC_PER_SEC : 0;
	r->config.echo_adaptive = a & 32;
	r->config.rechallenge = a & 64 ? 20 * NSEC_PER_SEC : 0;
	r->config.network_timeout = a & 128 ? 60 * NSEC_PER_SEC : 0;
	r->result.ipv4 = (enum ppp_mode)(b & 3);
	r->result.ipv6 = (enum ppp_mode)(b >> 2 & 3);
	r->result.session_timeout = b & 16 ? 300 * NSEC_PER_SEC : 0;
	r->result.idle_timeout = b & 32 ? 80 * NSEC_PER_SEC : 0;
	r->result.reauthenticate = (b & 48) == 48;
	r->result.ip4 = b & 64 ? 0 : r->result.ip4;
	r->hold_auth = b & 128;
}

static void input(struct rig *r, const uint8_t *frame, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that a read beyond the frame is seen */

	memcpy(exact, frame, len);
	ppp_link_input(&r->link, r->now, exact, len);
	free(exact);
}

/* Answers our last request of a layer: by an Ack, a Nak or a Reject of all of it. */
static void ack(struct rig *r, uint8_t which)
{
	static const uint16_t protocol[] = { PPP_LCP, PPP_IPCP, PPP_IPV6CP };
	uint16_t want = protocol[which % 3];

	for (unsigned i = r->head; i != r->tail && i + RIG_FRAMES > r->head; i--) {
		struct rig_frame f = r->sent[(i - 1) % RIG_FRAMES];

		if (f.b[0] != want >> 8 || f.b[1] != (want & 0xff) || f.b[2] != PPP_CONF_REQ)
			continue;
		f.b[2] = (uint8_t)(PPP_CONF_ACK + which / 3 % 3);
		input(r, f.b, f.len);
		return;
	}
}

static void respond(struct rig *r)
{
	uint8_t f[] = { 0xc2, 0x23, 2, r->link.auth.id, 0, 22, 16, [23] = 'u' };
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 1, &r->link.auth.id);
	md5_update(&md5, strlen(r->secret), (const uint8_t *)r->secret);
	md5_update(&md5, PPP_CHALLENGE_LEN, r->link.auth.challenge);
	md5_digest(&md5, 16, f + 7);
	input(r, f, sizeof(f));
}

static unsigned strike;

static void end_within(struct rig *r, unsigned n)
{
	if (n != strike)
		return;
	if (r->activity & 1)
		ppp_link_lost(&r->link, r->now, PPP_CAUSE_PORT_ERROR);
	else
		ppp_link_close(&r->link, r->now, PPP_CAUSE_ADMIN_RESET);
}

static void step(struct rig *r, uint8_t op, const uint8_t *p, size_t len)
{
	uint8_t f[256];
	struct ppp_auth_result res = r->result;

	memcpy(f, p, len);
	switch (op % 10) {
	case 1:
		if (len > 3 && p[1] == 0x21)
			f[3] = r->link.fsm[p[0] == 0x80].req_id;
		else if (len > 3)
			f[3] = r->link.fsm[p[1] == 0x57 ? 2 : 0].req_id;
		input(r, f, len);
		break;
	case 2:
		ack(r, len ? p[0] : 0);
		break;
	case 3:
		respond(r);
		break;
	case 4:
		if (len >= 10)
			for (int i = 0; i < 4; i++)
				f[6 + i] = (uint8_t)(r->link.lcp.magic >> (24 - 8 * i));
		input(r, f, len);
		break;
	case 5:
		rig_advance(r, (len ? p[0] : 1) * 50 * NSEC_PER_MSEC);
		break;
	case 6:
		r->activity += len ? p[0] & 1 : 1;
		res.ok = !(len && p[0] & 2);
		ppp_link_auth_done(&r->link, r->now, &res);
		break;
	case 7:
		if (len > 2 && p[0] == 0xc1 && p[1] == 0x05)
			ppp_link_close(&r->link, r->now, (enum ppp_cause)(p[2] % PPP_CAUSE_COUNT));
		else if (len > 2 && p[0] == 0xc1 && p[1] == 0x06)
			ppp_link_lost(&r->link, r->now, (enum ppp_cause)(p[2] % PPP_CAUSE_COUNT));
		break;
	case 8: /* the owner ends it from within one of the next calls */
		if (len == 2) {
			strike = r->calls + 1 + p[0] % 8;
			r->within = end_within;
		}
		break;
	default:
		input(r, p, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig r;
	struct rd in = rd_init(data, size);
	uint64_t began;

	rig_seed = 88172645463325252ull;
	rig_init(&r);
	configure(&r, rd_u8(&in), rd_u8(&in));
	began = r.now;
	rig_start(&r);
	while (rd_left(&in)) {
		uint8_t op = rd_u8(&in);
		size_t len = rd_u8(&in);

		if (len > rd_left(&in))
			len = rd_left(&in);
		step(&r, op, rd_bytes(&in, len), len);
	}
	/* Two budgets with bursts of 20 and 60, 10 and 20 a second, a few frames each, and what
	 * the timers send. */
	if (r.sent_frames > 300 + 100 * ((r.now - began) / NSEC_PER_SEC + 1))
		abort();
	ppp_link_fini(&r.link);
	if (r.wheel.armed)
		abort();
	return 0;
}
