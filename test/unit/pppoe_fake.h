/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake owner of the discovery server: it opens sessions in an array, keeps the frames that were
 * sent, and can be told to refuse. For the unit tests and the fuzz target. */
#ifndef TEST_PPPOE_FAKE_H
#define TEST_PPPOE_FAKE_H

#include "base/str.h"
#include "pppoe/pppoe.h"
#include "pppoe/tag.h"

#include <limits.h>

#define FAKE_SESSIONS 64
#ifndef FAKE_SENT
#define FAKE_SENT 2048
#endif

struct fake_session {
	bool used, opened;
	uint16_t sid;
	struct pppoe_request req;
};

struct fake_sent {
	uint16_t port;
	size_t len;
	uint8_t frame[PPPOE_FRAME_MAX];
};

struct fake {
	struct pppoe_server *server;
	struct wheel wheel;
	struct pppoe_config config;
	char services[8][PPPOE_SERVICE_MAX];
	struct mac port_mac;
	bool port_gone;
	int admit_rc, open_rc;
	struct pppoe_request asked; /* of admit, last */
	unsigned open_most; /* more sessions: not yet */
	uint32_t count;	    /* what session_count says */
	uint16_t next_sid;
	struct fake_session session[FAKE_SESSIONS];
	unsigned opens, ends;
	struct fake_sent *sent;
	unsigned sent_count; /* all; the last FAKE_SENT are kept */
};

static void fake_transmit(void *arg, uint16_t port, const uint8_t *frame, size_t len)
{
	struct fake *f = arg;
	struct fake_sent *s = &f->sent[f->sent_count++ % FAKE_SENT];

	if (len > sizeof(s->frame))
		abort();
	s->port = port;
	s->len = len;
	memcpy(s->frame, frame, len);
}

static const struct mac *fake_port_mac(void *arg, uint16_t port)
{
	struct fake *f = arg;

	(void)port;
	return f->port_gone ? NULL : &f->port_mac;
}

static int fake_admit(void *arg, const struct pppoe_request *req)
{
	struct fake *f = arg;

	f->asked = *req;
	return f->admit_rc;
}

static uint32_t fake_count(void *arg)
{
	return ((struct fake *)arg)->count;
}

static bool fake_line_equal(const struct pppoe_line *a, const struct pppoe_line *b)
{
	return a->port == b->port && a->svlan == b->svlan && a->cvlan == b->cvlan;
}

static int fake_open(void *arg, uint64_t now, const struct pppoe_request *req, uint16_t *ret_sid,
		     bool *ret_duplicate)
{
	struct fake *f = arg;
	struct fake_session *free_one = NULL;

	(void)now;
	for (unsigned i = 0; i < FAKE_SESSIONS; i++) {
		struct fake_session *s = &f->session[i];

		if (!s->used) {
			free_one = free_one ? free_one : s;
			continue;
		}
		if (s->req.cookie_id != req->cookie_id || !mac_equal(&s->req.mac, &req->mac) ||
		    !fake_line_equal(&s->req.line, &req->line))
			continue;
		*ret_sid = s->sid;
		*ret_duplicate = true;
		return 0;
	}
	if (f->open_rc || req->behind)
		return f->open_rc ? f->open_rc : -EAGAIN;
	if (f->opens >= f->open_most)
		return -EAGAIN;
	if (!free_one)
		return -EBUSY;
	*free_one = (struct fake_session){ .used = true, .sid = ++f->next_sid, .req = *req };
	f->opens++;
	*ret_sid = free_one->sid;
	*ret_duplicate = false;
	return 0;
}

static struct fake_session *fake_find(struct fake *f, const struct pppoe_line *line, uint16_t sid)
{
	for (unsigned i = 0; i < FAKE_SESSIONS; i++)
		if (f->session[i].used && f->session[i].sid == sid &&
		    fake_line_equal(&f->session[i].req.line, line))
			return &f->session[i];
	return NULL;
}

static void fake_opened(void *arg, uint64_t now, const struct pppoe_line *line, uint16_t sid)
{
	struct fake_session *s = fake_find(arg, line, sid);

	(void)now;
	if (!s || s->opened)
		abort(); /* only once, and only what has been opened */
	s->opened = true;
}

static int fake_padt(void *arg, uint64_t now, const struct pppoe_line *line, const struct mac *src,
		     uint16_t sid)
{
	struct fake *f = arg;
	struct fake_session *s = fake_find(f, line, sid);

	(void)now;
	if (!s)
		return -ENOENT;
	if (!mac_equal(&s->req.mac, src))
		return -EPERM;
	s->used = false;
	f->ends++;
	return 0;
}

static const struct pppoe_ops fake_ops = {
	.transmit = fake_transmit,
	.port_mac = fake_port_mac,
	.admit = fake_admit,
	.session_count = fake_count,
	.open = fake_open,
	.opened = fake_opened,
	.padt = fake_padt,
};

static inline int fake_setup_at(struct fake *f, uint64_t now)
{
	*f = (struct fake){ .port_mac = { { 2, 0, 0, 0, 0, 1 } }, .open_most = UINT_MAX };
	f->sent = calloc(FAKE_SENT, sizeof(*f->sent));
	if (!f->sent)
		return -ENOMEM;
	strcpy(f->config.ac_name, "brasberry");
	strcpy(f->services[0], "internet");
	strcpy(f->services[1], "voice");
	f->config.services = f->services;
	f->config.service_count = 2;
	f->config.accept_blank_service = true;
	f->config.max_payload = 1500;
	f->config.cookie_lifetime = 5 * NSEC_PER_SEC;
	wheel_init(&f->wheel, now);
	return pppoe_server_new(&f->server, &f->config, &fake_ops, f, &f->wheel);
}

static inline void fake_teardown(struct fake *f)
{
	pppoe_server_free(f->server);
	free(f->sent);
}

#endif
