/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ppp_link on a bench: frames that it sends are kept, what it tells its owner is counted, the
 * clock and the random numbers are the test's. For tests and the stateful fuzz target.
 */
#ifndef TEST_PPP_RIG_H
#define TEST_PPP_RIG_H

#include "ppp/link.h"
#include "ppp/stats.h"

#include <stdlib.h>
#include <string.h>

#ifndef RIG_FRAMES
#define RIG_FRAMES 64
#endif

struct rig_frame {
	uint8_t b[PPP_FRAME_MAX];
	size_t len;
};

struct rig {
	struct ppp_link link;
	struct ppp_ctx ctx;
	struct ppp_config config;
	struct ppp_stats stats;
	struct wheel wheel;
	uint64_t now;

	struct rig_frame sent[RIG_FRAMES]; /* a ring */
	unsigned head, tail;
	uint64_t sent_octets, sent_frames;
	void (*tap)(struct rig *r, const uint8_t *frame, size_t len);

	const char *secret;
	bool hold_auth; /* do not answer ops->auth() */
	unsigned asked, up[PPP_LAYERS], down[PPP_LAYERS], finished;
	char name[PPP_NAME_MAX + 1];
	enum ppp_auth_method method;
	enum ppp_cause cause;
	struct ppp_auth_result result;
	uint64_t activity;
	unsigned pongs, lost; /* ops->echo */
	uint32_t pong_rtt;
	/* Called within each call to the owner, the n-th counted from 1. */
	void (*within)(struct rig *r, unsigned n);
	unsigned calls;
};

static uint64_t rig_seed = 1;

/* xorshift64*: the same numbers for the same seed. */
static inline uint32_t rig_rand(void)
{
	rig_seed ^= rig_seed >> 12;
	rig_seed ^= rig_seed << 25;
	rig_seed ^= rig_seed >> 27;
	return (uint32_t)(rig_seed * 0x2545f4914f6cdd1dull >> 32);
}

static void rig_random(void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = (uint8_t)rig_rand();
}

static struct rig *rig_of(struct ppp_link *l)
{
	return container_of(l, struct rig, link);
}

static void rig_within(struct rig *r)
{
	r->calls++;
	if (r->within)
		r->within(r, r->calls);
}

static void rig_transmit(struct ppp_link *l, const uint8_t *frame, size_t len)
{
	struct rig *r = rig_of(l);
	struct rig_frame *f = &r->sent[r->head % RIG_FRAMES];

	if (len > PPP_FRAME_MAX || r->finished)
		abort(); /* neither may ever happen, whatever the peer does */
	r->sent_frames++;
	r->sent_octets += len;
	if (r->tap) {
		r->tap(r, frame, len);
		return;
	}
	memcpy(f->b, frame, len);
	f->len = len;
	r->head++;
	if (r->head - r->tail > RIG_FRAMES)
		r->tail++;
}

static void rig_auth(struct ppp_link *l, uint64_t now, const struct ppp_auth_request *req)
{
	struct rig *r = rig_of(l);
	struct ppp_auth_result res = r->result;

	rig_within(r);
	r->asked++;
	r->method = req->method;
	memcpy(r->name, req->name ? req->name : (const uint8_t *)"", req->name_len);
	r->name[req->name_len] = '\0';
	if (req->name_len)
		ppp_auth_verify(req, r->secret, strlen(r->secret), &res);
	if (!r->hold_auth)
		ppp_link_auth_done(l, now, &res);
}

static void rig_up(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct rig *r = rig_of(l);

	(void)now;
	r->up[layer]++;
	if (r->up[layer] != r->down[layer] + 1)
		abort(); /* up and down alternate */
	rig_within(r);
}

static void rig_down(struct ppp_link *l, uint64_t now, enum ppp_layer layer)
{
	struct rig *r = rig_of(l);

	(void)now;
	r->down[layer]++;
	if (r->up[layer] != r->down[layer])
		abort();
	rig_within(r);
}

static void rig_finished(struct ppp_link *l, uint64_t now, enum ppp_cause cause)
{
	struct rig *r = rig_of(l);

	(void)now;
	for (unsigned i = 0; i < PPP_LAYERS; i++)
		if (r->up[i] != r->down[i])
			abort();
	if (r->finished++ || r->wheel.armed)
		abort(); /* once, and no timer is left */
	r->cause = cause;
}

static uint64_t rig_activity(struct ppp_link *l)
{
	return rig_of(l)->activity;
}

static void rig_echo(struct ppp_link *l, uint64_t now, uint32_t rtt)
{
	struct rig *r = rig_of(l);

	(void)now;
	r->pongs += rtt > 0;
	r->lost += !rtt;
	r->pong_rtt = rtt ? rtt : r->pong_rtt;
}

static const struct ppp_ops rig_ops = {
	.transmit = rig_transmit,
	.auth = rig_auth,
	.up = rig_up,
	.down = rig_down,
	.finished = rig_finished,
	.activity = rig_activity,
	.echo = rig_echo,
	.random = rig_random,
};

/* A link with defaults, not begun: the test may change the configuration. */
static void rig_init(struct rig *r)
{
	static const uint8_t one[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	memset(r, 0, sizeof(*r));
	r->now = 1000 * NSEC_PER_SEC;
	r->config = (struct ppp_config){
		.mru = 1492,
		.auth = { PPP_AUTH_CHAP_MD5, PPP_AUTH_MSCHAP_V2, PPP_AUTH_PAP },
		.auth_count = 3,
		.name = "brasberry",
		.ipv4 = PPP_ALLOW,
		.ipv6 = PPP_ALLOW,
		.restart_timer = 3 * NSEC_PER_SEC,
		.max_configure = 10,
		.max_terminate = 2,
		.max_failure = 5,
		.auth_timeout = 30 * NSEC_PER_SEC,
		.echo_failure = 3,
	};
	r->secret = "secret";
	r->result = (struct ppp_auth_result){ .ok = true,
					      .ipv4 = PPP_ALLOW,
					      .ipv6 = PPP_ALLOW,
					      .ip4 = 0x64400005,
					      .gateway4 = 0x64400001,
					      .dns = { 0x64400001, 0xc0000235 } };
	memcpy(r->result.ifid_local, one, 8);
	wheel_init(&r->wheel, r->now);
	r->ctx = (struct ppp_ctx){ &r->config, &rig_ops, &r->wheel, &r->stats, 0 };
}

static inline void rig_start(struct rig *r)
{
	ppp_link_init(&r->link, &r->ctx, 1492);
	ppp_link_start(&r->link, r->now);
}

static inline void rig_advance(struct rig *r, uint64_t ns)
{
	uint64_t until = r->now + ns;

	while (r->now < until) {
		r->now += WHEEL_TICK;
		wheel_run(&r->wheel, r->now);
	}
}

static inline uint64_t rig_drops(const struct rig *r)
{
	const struct ppp_stats *s = &r->stats;

	return s->drop_short + s->drop_oversized + s->drop_length + s->drop_option + s->drop_id +
	       s->drop_answer + s->drop_unexpected + s->drop_phase + s->drop_method + s->drop_code +
	       s->drop_loopback + s->drop_magic + s->drop_data + s->drop_rate;
}

#endif
