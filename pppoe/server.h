/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the discovery server: what server.c, reply.c, delay.c and wait.c share. Not for others. */
#ifndef PPPOE_SERVER_H
#define PPPOE_SERVER_H

#include "base/log.h"
#include "base/rate.h"
#include "bpf/abi.h"
#include "pppoe/cookie.h"
#include "pppoe/pppoe.h"
#include "pppoe/tag.h"
#include "pppoe/wait.h"

/* RFC 2516, section 5 */
enum pppoe_code {
	PPPOE_CODE_PADO = 0x07,
	PPPOE_CODE_PADI = 0x09,
	PPPOE_CODE_PADR = 0x19,
	PPPOE_CODE_PADS = 0x65,
	PPPOE_CODE_PADT = 0xa7,
};

#define PPPOE_MAX_PAYLOAD_PLAIN 1492 /* RFC 2516, section 7: what needs no agreement */
#ifndef PPPOE_DELAYED_MAX
#define PPPOE_DELAYED_MAX 1024 /* PADOs that can wait at once */
#endif
#ifndef PPPOE_PADT_BUCKETS
#define PPPOE_PADT_BUCKETS 8192 /* stations share one by a keyed hash */
#endif

enum pppoe_stat {
#define X(name) PPPOE_STAT_##name,
	PPPOE_STATS(X)
#undef X
		PPPOE_STAT_COUNT
};

struct pppoe_port_limits {
	struct rate padi, padr, padt;
};

struct pppoe_delayed {
	uint64_t due;
	uint16_t port, len;
	uint8_t frame[PPPOE_FRAME_MAX];
};

struct pppoe_server {
	const struct pppoe_config *config;
	struct pppoe_ops ops;
	void *arg;
	struct wheel *wheel;
	union {
		struct pppoe_stats stats;
		uint64_t count[PPPOE_STAT_COUNT];
	};
	struct log_limit log[PPPOE_STAT_COUNT];
	struct pppoe_cookies cookies;
	struct pppoe_port_limits port[ABI_PORTS_MAX];
	struct rate padt_station[PPPOE_PADT_BUCKETS];
	struct siphash_key padt_key;

	/* PADOs that wait, a ring. Each is due no earlier than the one before it. */
	struct timer timer;
	struct pppoe_delayed *delayed;
	unsigned delayed_first, delayed_count;

	struct pppoe_wait wait;
};

/* A discovery packet on its way through the checks. */
struct pppoe_packet {
	uint64_t now;
	struct pppoe_frame frame;
	struct pppoe_tags tags;
	const struct mac *ac;  /* our MAC on its port */
	const uint8_t *octets; /* all of it */
	size_t len;
};

/* Counts the packet under its reason and, at a limited rate, logs that. @value: the octets that
 * were the reason, or NULL. Returns false, so that a check can end with it. */
bool pppoe_drop(struct pppoe_server *s, const struct pppoe_packet *p, enum pppoe_stat reason,
		const struct pppoe_bytes *value);

/* A PADR that has passed the checks. 0: it has had its answer. -EAGAIN: there is no room for it
 * yet.
 * @behind: others wait for room before it, so that only a session that is there already is found.
 */
int pppoe_server_padr(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t cookie_id,
		      bool behind);
/* The tags of a packet whose frame has been parsed. -EBADMSG. */
int pppoe_server_tags(struct pppoe_packet *p);

/* reply.c: whole frames. The length or -ENOSPC. */
int pppoe_reply_pado(struct pppoe_server *s, const struct pppoe_packet *p, uint64_t made,
		     uint8_t ret[PPPOE_FRAME_MAX]);
int pppoe_reply_pads(struct pppoe_server *s, const struct pppoe_packet *p,
		     const struct pppoe_request *req, uint16_t sid, uint8_t ret[PPPOE_FRAME_MAX]);
int pppoe_reply_error(struct pppoe_server *s, const struct pppoe_packet *p, enum pppoe_tag error,
		      const char *text, uint8_t ret[PPPOE_FRAME_MAX]);
int pppoe_reply_padt(const struct pppoe_line *line, const struct mac *ac, const struct mac *mac,
		     uint16_t sid, const char *why, uint8_t ret[PPPOE_FRAME_MAX]);
/* RFC 4638: what we agree to, or 0. */
uint16_t pppoe_reply_max_payload(const struct pppoe_server *s, const struct pppoe_tags *t);
void pppoe_cookie_for_packet(const struct pppoe_packet *p, struct pppoe_cookie_for *ret);

/* delay.c. The delay for this many sessions in ns, or UINT64_MAX: no PADO. */
uint64_t pppoe_delay_for(const struct pppoe_config *config, uint32_t sessions);
int pppoe_delay_init(struct pppoe_server *s);
void pppoe_delay_fini(struct pppoe_server *s);
/* Room for one PADO that is to leave `delay` after `now`, and when it will; NULL: full. */
struct pppoe_delayed *pppoe_delay_room(struct pppoe_server *s, uint64_t now, uint64_t delay);
/* What was written into that room is to be sent. */
void pppoe_delay_commit(struct pppoe_server *s, struct pppoe_delayed *d);

#endif
