/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dialogues of real pppd (test/vectors) replayed: every frame through the parser, whole and cut
 * short at every octet, and the discovery part against our server (RFC 2516, section 5; 4638).
 */
#include "pppoe/pppoe.h"
#include "test/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PORT 7
#define SID  0x1234

static const struct mac server_mac = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac client_mac = { { 2, 0, 0, 0, 1, 1 } };

static void check_frame(const struct vector_frame *v)
{
	struct pppoe_frame f;

	assert_int_equal(pppoe_frame_parse(PORT, v->octets, v->len, &f), 0);
	assert_memory_equal(f.dst.b, v->octets, 6);
	assert_memory_equal(f.src.b, v->octets + 6, 6);
	assert_int_equal(f.line.port, PORT);
	assert_int_equal(f.line.svlan, 0);
	assert_int_equal(f.line.cvlan, 0);
	assert_int_equal(f.ethertype, vector_be16(v, 12));
	assert_int_equal(f.code, v->octets[15]);
	assert_int_equal(f.sid, vector_be16(v, 16));
	assert_ptr_equal(f.payload.p, v->octets + 20);
	assert_int_equal(rd_left(&f.payload), vector_be16(v, 18));
}

static void check_cut_short(const struct vector_frame *v)
{
	size_t whole = 20u + vector_be16(v, 18);
	struct pppoe_frame f;
	uint8_t *copy;
	int r;

	for (size_t len = 0; len < whole; len++) {
		copy = malloc(len ? len : 1); /* so that a sanitizer sees a read beyond */
		assert_non_null(copy);
		memcpy(copy, v->octets, len);
		r = pppoe_frame_parse(PORT, copy, len, &f);
		assert_true(r == -EBADMSG || r == -EPROTO);
		free(copy);
	}
}

static void test_frames_parse(void **state)
{
	static struct vector v;

	(void)state;
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		vector_read(vector_names[i], &v);
		for (unsigned j = 0; j < v.count; j++) {
			check_frame(&v.frame[j]);
			check_cut_short(&v.frame[j]);
		}
	}
}

/* --- the discovery part, with our server in the place of pppoe-server ------------------------- */

struct replay {
	struct vector_frame sent; /* the last frame of our server */
	unsigned count;
	unsigned opened, padt;
	struct pppoe_request request;
};

static void rp_transmit(void *arg, uint16_t port, const uint8_t *frame, size_t len)
{
	struct replay *rp = arg;

	assert_int_equal(port, PORT);
	assert_true(len <= sizeof(rp->sent.octets));
	memcpy(rp->sent.octets, frame, len);
	rp->sent.len = len;
	rp->count++;
}

static const struct mac *rp_port_mac(void *arg, uint16_t port)
{
	(void)arg;
	(void)port;
	return &server_mac;
}

static int rp_admit(void *arg, const struct pppoe_request *req)
{
	(void)arg;
	assert_memory_equal(&req->mac, &client_mac, sizeof(client_mac));
	return 0;
}

static uint32_t rp_session_count(void *arg)
{
	(void)arg;
	return 0;
}

static int rp_open(void *arg, uint64_t now, const struct pppoe_request *req, uint16_t *ret_sid,
		   bool *ret_duplicate)
{
	struct replay *rp = arg;

	(void)now;
	rp->request = *req;
	*ret_sid = SID;
	*ret_duplicate = false;
	return 0;
}

static void rp_opened(void *arg, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	struct replay *rp = arg;

	(void)now;
	assert_int_equal(line->port, PORT);
	assert_int_equal(sid, SID);
	rp->opened++;
}

static int rp_padt(void *arg, uint64_t now, const struct pppoe_line *line, const struct mac *src,
		   uint16_t sid)
{
	struct replay *rp = arg;

	(void)now;
	(void)line;
	assert_memory_equal(src, &client_mac, sizeof(client_mac));
	assert_int_equal(sid, SID);
	rp->padt++;
	return 0;
}

static const struct pppoe_ops replay_ops = {
	.transmit = rp_transmit,
	.port_mac = rp_port_mac,
	.admit = rp_admit,
	.session_count = rp_session_count,
	.open = rp_open,
	.opened = rp_opened,
	.padt = rp_padt,
};

/* The first tag of this type in a discovery frame; NULL when there is none. An independent walk. */
static const uint8_t *tag_of(const struct vector_frame *f, uint16_t type, size_t *ret_len)
{
	size_t end = 20u + vector_be16(f, 18);

	for (size_t off = 20; off + 4 <= end; off += 4u + vector_be16(f, off + 2)) {
		if (vector_be16(f, off) != type)
			continue;
		*ret_len = vector_be16(f, off + 2);
		return f->octets + off + 4;
	}
	return NULL;
}

static bool has_service(const struct vector_frame *f, const void *name, size_t name_len)
{
	size_t end = 20u + vector_be16(f, 18);

	for (size_t off = 20; off + 4 <= end; off += 4u + vector_be16(f, off + 2))
		if (vector_be16(f, off) == 0x0101 && vector_be16(f, off + 2) == name_len &&
		    !memcmp(f->octets + off + 4, name, name_len))
			return true;
	return false;
}

static void same_tag(const struct vector_frame *a, const struct vector_frame *b, uint16_t type)
{
	const uint8_t *tag_a, *tag_b;
	size_t len_a = 0, len_b = 0;

	tag_a = tag_of(a, type, &len_a);
	tag_b = tag_of(b, type, &len_b);
	assert_int_equal(!tag_a, !tag_b);
	assert_int_equal(len_a, len_b);
	if (tag_a)
		assert_memory_equal(tag_a, tag_b, len_a);
}

/* The captured PADR, with our cookie in the place of pppoe-server's. */
static struct vector_frame padr_with_cookie(const struct vector_frame *padr,
					    const struct vector_frame *pado)
{
	size_t old_len = 0, new_len = 0, head, tail, len;
	const uint8_t *old = tag_of(padr, 0x0104, &old_len);
	const uint8_t *cookie = tag_of(pado, 0x0104, &new_len);
	struct vector_frame f = *padr;

	assert_non_null(old);
	assert_non_null(cookie);
	head = (size_t)(old - padr->octets);
	tail = padr->len - head - old_len;
	memcpy(f.octets + head, cookie, new_len);
	memcpy(f.octets + head + new_len, old + old_len, tail);
	f.octets[head - 2] = (uint8_t)(new_len >> 8);
	f.octets[head - 1] = (uint8_t)new_len;
	f.len = head + new_len + tail;
	len = f.len - 20;
	f.octets[18] = (uint8_t)(len >> 8);
	f.octets[19] = (uint8_t)len;
	return f;
}

static void input(struct pppoe_server *s, const struct vector_frame *f)
{
	pppoe_server_input(s, NSEC_PER_SEC, PORT, f->octets, f->len);
}

static void check_reply(const struct replay *rp, uint8_t code, uint16_t sid,
			const struct vector_frame *like)
{
	assert_memory_equal(rp->sent.octets, &client_mac, 6);
	assert_memory_equal(rp->sent.octets + 6, &server_mac, 6);
	assert_int_equal(rp->sent.octets[15], code);
	assert_int_equal(vector_be16(&rp->sent, 16), sid);
	same_tag(&rp->sent, like, 0x0103); /* Host-Uniq */
	same_tag(&rp->sent, like, 0x0120); /* PPP-Max-Payload */
}

static void replay_discovery(struct pppoe_server *s, struct replay *rp, const struct vector *v)
{
	struct vector_frame padr = padr_with_cookie(&v->frame[2], &rp->sent);

	*rp = (struct replay){ .count = 0 };
	input(s, &padr);
	assert_int_equal(rp->count, 1);
	check_reply(rp, 0x65, SID, &v->frame[3]);
	assert_int_equal(rp->opened, 1);
	assert_memory_equal(&rp->request.mac, &client_mac, sizeof(client_mac));
}

static void test_discovery(void **state)
{
	static char services[1][PPPOE_SERVICE_MAX] = { "internet" };
	struct pppoe_config config = {
		.ac_name = "access",
		.services = services,
		.service_count = 1,
		.accept_any_service = true,
		.accept_blank_service = true,
		.max_payload = 1500,
		.cookie_lifetime = 60 * NSEC_PER_SEC,
	};
	struct pppoe_server *s = NULL;
	static struct vector v;
	const uint8_t *asked;
	size_t asked_len = 0;
	struct replay rp;
	struct wheel wheel;

	(void)state;
	wheel_init(&wheel, NSEC_PER_SEC);
	assert_int_equal(pppoe_server_new(&s, &config, &replay_ops, &rp, &wheel), 0);
	for (unsigned i = 0; i < VECTOR_NAMES; i++) {
		vector_read(vector_names[i], &v);
		rp = (struct replay){ .count = 0 };
		input(s, &v.frame[0]);
		assert_int_equal(rp.count, 1);
		check_reply(&rp, 0x07, 0, &v.frame[1]);
		same_tag(&rp.sent, &v.frame[1], 0x0102); /* AC-Name */
		/* RFC 2516, section 5.2: the name that was asked for, and every other. */
		asked = tag_of(&v.frame[0], 0x0101, &asked_len);
		assert_true(has_service(&rp.sent, asked, asked_len));
		assert_true(has_service(&rp.sent, "internet", 8));
		assert_int_equal(rp.opened, 0);
		replay_discovery(s, &rp, &v);
		assert_int_equal(rp.request.max_payload,
				 strcmp(vector_names[i], "mru-1500") ? 0 : 1500);
	}
	assert_int_equal(pppoe_server_stats(s)->padi_rx, VECTOR_NAMES);
	assert_int_equal(pppoe_server_stats(s)->padr_rx, VECTOR_NAMES);
	assert_int_equal(pppoe_server_stats(s)->pads_tx, VECTOR_NAMES);
	pppoe_server_free(s);
}

/* The captured PADT, turned round: it comes from the subscriber and names our session. */
static void test_padt(void **state)
{
	struct pppoe_config config = { .ac_name = "access", .accept_any_service = true };
	struct pppoe_server *s = NULL;
	struct replay rp = { .count = 0 };
	static struct vector v;
	struct vector_frame *padt;
	struct wheel wheel;

	(void)state;
	wheel_init(&wheel, NSEC_PER_SEC);
	assert_int_equal(pppoe_server_new(&s, &config, &replay_ops, &rp, &wheel), 0);
	vector_read("pap", &v);
	padt = &v.frame[v.count - 1];
	assert_int_equal(padt->octets[15], 0xa7);
	memcpy(padt->octets, &server_mac, 6);
	memcpy(padt->octets + 6, &client_mac, 6);
	padt->octets[16] = SID >> 8;
	padt->octets[17] = SID & 0xff;
	input(s, padt);
	assert_int_equal(rp.padt, 1);
	assert_int_equal(rp.count, 0);
	pppoe_server_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_parse),
		cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_padt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
