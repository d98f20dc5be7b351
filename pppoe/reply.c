// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frames that an access concentrator sends: PADO, PADS, PADT (RFC 2516, sections 5.2, 5.4,
 * 5.5). Tags of the host's come back as they were received: Host-Uniq, Relay-Session-Id.
 */
#include "pppoe/server.h"

/* RFC 2516, section 5: a discovery packet has at most 1484 octets, its header included, before
 * relays; what we send has been through them, and fills the Ethernet payload at most. */
#define PAYLOAD_MAX 1494
#define HEAD_LEN    20

static struct wr begin(uint8_t *buf, const struct pppoe_line *line, const struct mac *dst,
		       const struct mac *src, uint8_t code, uint16_t sid)
{
	struct wr w = wr_init(buf, PPPOE_FRAME_MAX);

	pppoe_frame_begin(&w, dst, src, line, PPPOE_ETH_DISCOVERY, code, sid);
	w.cap = w.len + PAYLOAD_MAX;
	return w;
}

static struct wr answer(uint8_t *buf, const struct pppoe_packet *p, uint8_t code, uint16_t sid)
{
	return begin(buf, &p->frame.line, &p->frame.src, p->ac, code, sid);
}

static void put_text(struct wr *w, enum pppoe_tag tag, const char *text)
{
	pppoe_tag_put(w, tag, text, strlen(text));
}

static void put_echoes(struct wr *w, const struct pppoe_tags *t)
{
	pppoe_tag_echo(w, PPPOE_TAG_HOST_UNIQ, &t->host_uniq);
	pppoe_tag_echo(w, PPPOE_TAG_RELAY_SESSION_ID, &t->relay);
}

static void put_max_payload(struct wr *w, uint16_t max_payload)
{
	if (max_payload)
		pppoe_tag_put_be16(w, PPPOE_TAG_MAX_PAYLOAD, max_payload);
}

uint16_t pppoe_reply_max_payload(const struct pppoe_server *s, const struct pppoe_tags *t)
{
	uint16_t ours = s->config->max_payload;
	uint16_t n = t->max_payload < ours ? t->max_payload : ours;

	return n > PPPOE_MAX_PAYLOAD_PLAIN ? n : 0;
}

void pppoe_cookie_for_packet(const struct pppoe_packet *p, struct pppoe_cookie_for *ret)
{
	*ret = (struct pppoe_cookie_for){ .ac = p->ac,
					  .station = &p->frame.src,
					  .line = &p->frame.line,
					  .host_uniq = p->tags.host_uniq };
}

static bool is_requested(const struct pppoe_tags *t, const char *service)
{
	return t->service.len == strlen(service) && !memcmp(t->service.p, service, t->service.len);
}

/* RFC 2516, section 5.2: the name from the PADI, and besides it whatever else we offer. The list
 * is cut where the frame is full. */
static void put_services(struct wr *w, const struct pppoe_config *config,
			 const struct pppoe_tags *t)
{
	for (unsigned i = 0; i < config->service_count; i++) {
		const char *name = config->services[i];

		if (!is_requested(t, name) && pppoe_tag_fits(w, strlen(name)))
			put_text(w, PPPOE_TAG_SERVICE_NAME, name);
	}
}

int pppoe_reply_pado(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t made,
		     uint8_t ret[PPPOE_FRAME_MAX])
{
	struct wr w = answer(ret, p, PPPOE_CODE_PADO, 0);
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookie_for f;

	pppoe_cookie_for_packet(p, &f);
	pppoe_cookie_make(&s->cookies, p->now, made, s->config->cookie_lifetime, &f, cookie);
	put_text(&w, PPPOE_TAG_AC_NAME, s->config->ac_name);
	pppoe_tag_echo(&w, PPPOE_TAG_SERVICE_NAME, &p->tags.service);
	pppoe_tag_put(&w, PPPOE_TAG_AC_COOKIE, cookie, sizeof(cookie));
	put_echoes(&w, &p->tags);
	put_max_payload(&w, pppoe_reply_max_payload(s, &p->tags));
	put_services(&w, s->config, &p->tags);
	return pppoe_frame_end(&w, &p->frame.line);
}

int pppoe_reply_pads(struct pppoe_server *s, const struct pppoe_packet *p,
		     const struct pppoe_request *req, uint16_t sid, uint8_t ret[PPPOE_FRAME_MAX])
{
	struct wr w = answer(ret, p, PPPOE_CODE_PADS, sid);

	put_text(&w, PPPOE_TAG_SERVICE_NAME, req->service);
	put_text(&w, PPPOE_TAG_AC_NAME, s->config->ac_name);
	put_echoes(&w, &p->tags);
	put_max_payload(&w, req->max_payload);
	return pppoe_frame_end(&w, &p->frame.line);
}

int pppoe_reply_error(struct pppoe_server *s, const struct pppoe_packet *p, enum pppoe_tag error,
		      const char *text, uint8_t ret[PPPOE_FRAME_MAX])
{
	struct wr w = answer(ret, p, PPPOE_CODE_PADS, 0);

	pppoe_tag_echo(&w, PPPOE_TAG_SERVICE_NAME, &p->tags.service);
	put_text(&w, PPPOE_TAG_AC_NAME, s->config->ac_name);
	put_text(&w, error, text);
	put_echoes(&w, &p->tags);
	return pppoe_frame_end(&w, &p->frame.line);
}

int pppoe_reply_padt(const struct pppoe_line *line, const struct mac *ac, const struct mac *mac,
		     uint16_t sid, const char *why, uint8_t ret[PPPOE_FRAME_MAX])
{
	struct wr w = begin(ret, line, mac, ac, PPPOE_CODE_PADT, sid);

	if (why && pppoe_tag_fits(&w, strlen(why)))
		put_text(&w, PPPOE_TAG_GENERIC_ERROR, why);
	return pppoe_frame_end(&w, line);
}
