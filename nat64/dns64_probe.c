// SPDX-License-Identifier: GPL-2.0-or-later
/* A question as any subscriber would ask it (RFC 1035, section 4), and the judgement of what comes
 * back. Of an answer only its addresses count; the names in it are skipped, not followed. */
#include "nat64/dns64.h"

#include "base/wire.h"

#include <strings.h>

#define TYPE_AAAA 28
#define CLASS_IN  1
#define FLAG_QR	  0x8000
#define FLAG_RD	  0x0100
#define OPCODE(f) ((f) >> 11 & 15)
#define RCODE(f)  ((f)&15)
#define RRS_MAX	  64 /* 512 octets have no more */

enum { RCODE_NOERROR = 0, RCODE_NXDOMAIN = 3 };

int dns64_query_write(void *buf, size_t cap, const struct dns64_question *q)
{
	struct wr w = wr_init(buf, cap);
	int rc;

	wr_be16(&w, q->id);
	wr_be16(&w, FLAG_RD);
	wr_be16(&w, 1);
	wr_zero(&w, 6);
	rc = dname_write(&w, q->name);
	wr_be16(&w, TYPE_AAAA);
	wr_be16(&w, CLASS_IN);
	return rc ? rc : wr_done(&w);
}

bool dns64_within(const struct prefix6 *p, const struct ip6 *a)
{
	unsigned bits = p->len % 8;

	if (memcmp(a->b, p->addr.b, p->len / 8) != 0)
		return false;
	return !bits || !((a->b[p->len / 8] ^ p->addr.b[p->len / 8]) >> (8 - bits));
}

uint32_t dns64_embedded(const struct prefix6 *p, const struct ip6 *a)
{
	uint32_t v = 0;

	for (unsigned at = p->len / 8, n = 0; n < 4 && at < 16; at++) {
		if (at == 8) /* its bits 64 to 71 are 0 */
			continue;
		v = v << 8 | a->b[at];
		n++;
	}
	return v;
}

/* RFC 1035, section 4.1.4: labels, or a pointer, which ends it. */
static void skip_name(struct rd *r)
{
	while (rd_left(r)) {
		uint8_t len = rd_u8(r);

		if (!len)
			return;
		if (len >= 0xc0) {
			rd_skip(r, 1);
			return;
		}
		if (len > 63)
			break;
		rd_skip(r, len);
	}
	r->bad = true;
}

/* Case is the server's to keep (RFC 4343), but one that changes it answers the same question. */
static bool same_question(struct rd *r, const struct dns64_question *q)
{
	uint8_t want[DNAME_MAX];
	struct wr w = wr_init(want, sizeof(want));
	const uint8_t *got;

	if (dname_write(&w, q->name))
		return false;
	got = rd_bytes(r, w.len);
	if (!got || rd_be16(r) != TYPE_AAAA || rd_be16(r) != CLASS_IN || r->bad)
		return false;
	for (size_t i = 0; i < w.len; i++) {
		uint8_t a = got[i], b = want[i];

		if (a != b && (a ^ b) != 0x20)
			return false;
		if (a != b && !((a | 0x20) >= 'a' && (a | 0x20) <= 'z'))
			return false;
	}
	return true;
}

static bool is_ours(const struct dns64_question *q, const struct ip6 *a)
{
	uint32_t v4;

	if (!dns64_within(&q->pool6, a))
		return false;
	if (strcasecmp(q->name, DNS64_WELL_KNOWN) != 0)
		return true;
	v4 = dns64_embedded(&q->pool6, a);
	return v4 == 0xc00000aa || v4 == 0xc00000ab;
}

static int read_answers(struct rd *r, unsigned count, const struct dns64_question *q,
			struct dns64_answer *a)
{
	bool wrong = false;

	for (unsigned i = 0; i < count; i++) {
		uint16_t type, class, len;
		struct ip6 addr;

		skip_name(r);
		type = rd_be16(r);
		class = rd_be16(r);
		rd_skip(r, 4);
		len = rd_be16(r);
		if (type != TYPE_AAAA || class != CLASS_IN) {
			rd_skip(r, len);
			continue;
		}
		if (len != sizeof(addr.b))
			return -EBADMSG;
		rd_copy(r, addr.b, sizeof(addr.b));
		if (r->bad)
			return -EBADMSG;
		if (!a->count || (!wrong && !is_ours(q, &addr)))
			a->address = addr;
		wrong = wrong || !is_ours(q, &addr);
		a->count++;
	}
	if (r->bad)
		return -EBADMSG;
	wrong = wrong || !a->count || a->rcode != RCODE_NOERROR;
	a->verdict = wrong ? DNS64_WRONG : DNS64_GOOD;
	return 0;
}

int dns64_answer_parse(const void *message, size_t len, const struct dns64_question *q,
		       struct dns64_answer *ret)
{
	struct rd r = rd_init(message, len);
	uint16_t id = rd_be16(&r), flags = rd_be16(&r), questions = rd_be16(&r);
	uint16_t answers = rd_be16(&r);
	struct dns64_answer a = { .rcode = RCODE(flags) };
	int rc = 0;

	rd_skip(&r, 4);
	if (r.bad)
		return -EBADMSG;
	if (id != q->id || !(flags & FLAG_QR) || OPCODE(flags) || questions != 1)
		return -ENOENT;
	if (!same_question(&r, q))
		return -ENOENT;
	if (answers > RRS_MAX)
		return -EBADMSG;
	if (a.rcode != RCODE_NOERROR && a.rcode != RCODE_NXDOMAIN)
		a.verdict = DNS64_FAILED;
	else
		rc = read_answers(&r, answers, q, &a);
	if (!rc)
		*ret = a;
	return rc;
}
