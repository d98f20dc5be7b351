/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RADIUS client's engine: pure, with its doors injected. radius/sys.c gives it sockets, files,
 * the clock of the wall and randomness; a test gives it what it likes.
 *
 *   client.c        creation, requests handed in, cancelled and finished
 *   client_send.c   which server, identifiers, transmission, RFC 5080 section 2.2.1 back-off
 *   client_link.c   servers that die, are probed (RFC 5997) and live again; who signs
 *   client_reply.c  what comes back
 *   client_acct.c   accounting records: memory, spool, order
 *   client_show.c   counters and percentiles
 */
#ifndef RADIUS_CLIENT_H
#define RADIUS_CLIENT_H

#include "base/hist.h"
#include "base/log.h"
#include "base/siphash.h"
#include "radius/message.h"
#include "radius/radius.h"
#include "radius/spool.h"

enum radius_kind { RADIUS_AUTH, RADIUS_ACCT, RADIUS_KINDS };

#define RADIUS_IDS	   256 /* of one socket */
#define RADIUS_SOCKETS_MAX 3
#define RADIUS_MRT	   (16 * NSEC_PER_SEC) /* RFC 5080, section 2.2.1 */
#define RADIUS_PATIENCE	   10 /* rounds of probes, for a server that once answered one */
#define RADIUS_SAMPLES	   1024
#define RADIUS_PACE	   64 /* answers that radius_client_latency() looks back on */

/* Sockets per server and kind: so many that an identifier rests a while before it is used again. */
static inline unsigned radius_sockets(unsigned window)
{
	return 1 + window / 128;
}

struct radius_doors {
	void *arg;
	/* One datagram through a connected socket. 0 or -errno; a lost one is repeated anyway. */
	int (*send)(void *arg, unsigned server, enum radius_kind kind, unsigned socket,
		    const uint8_t *p, size_t len);
	void (*random)(void *arg, void *p, size_t len);
	uint64_t (*wall)(void *arg);	  /* s since 1970 */
	const struct radius_store *store; /* NULL: nothing is kept */
	void (*close)(void *arg);	  /* at the end of radius_client_free(); may be NULL */
};

/* The engine behind radius_client_new(). `wheel` outlives it. */
int radius_engine_new(struct radius_client **ret, struct wheel *wheel, uint64_t now,
		      const struct radius_config *c, const struct radius_doors *doors, char *why,
		      size_t why_len);
/* A datagram that came in through this socket. */
void radius_engine_input(struct radius_client *c, unsigned server, enum radius_kind kind,
			 unsigned socket, const uint8_t *p, size_t len, uint64_t now);
/* What the socket says of the way there (ICMP): counted. */
void radius_engine_error(struct radius_client *c, unsigned server, enum radius_kind kind,
			 int error);

/* --- inside ---------------------------------------------------------------------------------
 */

/* clang-format off */
#define RADIUS_COUNTERS(X)                                                                         \
	X(requests)            /* each once for a server it goes to */                             \
	X(retransmits)                                                                             \
	X(accepts)                                                                                 \
	X(rejects)                                                                                 \
	X(challenges)          /* taken as rejects: there is no EAP here */                        \
	X(bad_accepts)         /* accepts with a malformed attribute */                            \
	X(acct_answers)                                                                            \
	X(timeouts)            /* waits for an answer that ended without one */                    \
	X(failovers)           /* requests that went on to another server */                       \
	X(deaths)                                                                                  \
	X(probes)                                                                                  \
	X(probe_answers)                                                                           \
	X(icmp_errors)                                                                             \
	X(send_errors)                                                                             \
	X(drop_malformed)      /* length or attribute chain */                                     \
	X(drop_unexpected)     /* no request waits under its identifier: late, twice, invented */  \
	X(drop_code)           /* no answer to what was asked */                                   \
	X(drop_authenticator)  /* Response Authenticator */                                        \
	X(drop_message_authenticator)                                                              \
	X(drop_malformed_message_authenticator)                                                    \
	X(drop_unsigned)       /* without the Message-Authenticator that is required */            \
	X(drop_proxy_state)    /* we never send one */
/* clang-format on */

struct radius_counters {
#define X(name) uint64_t name;
	RADIUS_COUNTERS(X)
#undef X
};

enum link_state {
	LINK_UP,
	LINK_DEAD,    /* for dead_time */
	LINK_PROBING, /* Status-Server is on its way */
	LINK_TRIAL,   /* it never answered one: the next request is the probe, with one try */
};

TAILQ_HEAD(request_list, radius_request);

/* One server in one of its two roles. */
struct radius_link {
	struct radius_client *client;
	unsigned server;
	enum radius_kind kind;
	bool used;
	enum link_state state;
	unsigned inflight, silent; /* timeouts in a row */
	unsigned probes;	   /* without an answer, in this round */
	unsigned patience;	   /* rounds of probes before a request is risked */
	struct timer timer;
	struct request_list flying;   /* probes are not among them */
	struct radius_request **slot; /* by socket * RADIUS_IDS + id */
	uint16_t *free;		      /* a ring: the one that rested longest is taken */
	unsigned slots, free_head, free_count;
	struct radius_counters count;
	uint32_t sample[RADIUS_SAMPLES]; /* us */
	unsigned sample_count;		 /* all there ever were */
	struct hist latency;
};

struct radius_server {
	struct radius_server_config config;
	bool signs; /* has sent a good Message-Authenticator */
	struct radius_link link[RADIUS_KINDS];
	struct log_limit limit;
};

enum request_what { REQUEST_ACCESS, REQUEST_ACCOUNT, REQUEST_PROBE };
enum request_state { REQUEST_QUEUED, REQUEST_FLYING, REQUEST_SLEEPING, REQUEST_ENDING };

struct radius_request {
	TAILQ_ENTRY(radius_request) entry;
	struct request_list *list; /* NULL: in none */
	struct radius_client *client;
	struct timer timer;
	enum request_what what;
	enum request_state state;
	struct radius_link *link; /* FLYING */
	unsigned slot, tries, max_try;
	uint32_t tried; /* servers */
	uint64_t rt, since, sent;
	uint8_t auth[RADIUS_AUTH_LEN];
	uint8_t *packet;
	size_t len;

	struct radius_rec *rec; /* ACCOUNT */

	struct radius_access *access; /* ACCESS: a copy, with its texts, in one block */
	size_t access_len;
	void (*done)(void *arg, uint64_t now, const struct radius_reply *reply);
	void *arg;
};

#define RADIUS_BUSY_BUCKETS 256
LIST_HEAD(busy_list, radius_rec);

/* Accounting: client_acct.c. */
struct radius_acct {
	struct radius_rec_list waiting;	       /* by sequence */
	struct radius_rec_list memory;	       /* all that could not be written to disk */
	struct radius_rec_list interims, rest; /* all that may be dropped for room, by age */
	struct busy_list busy[RADIUS_BUSY_BUCKETS];
	struct request_list sleeping; /* no server answered; another round later */
	struct siphash_key key;
	struct radius_spool *spool; /* NULL: there is none */
	uint64_t next_seq, memory_bytes;
	unsigned records, memory_count; /* all; those in `memory` */
	unsigned cached;		/* on disk, with their octets in memory as well */
	unsigned flying;
	bool barrier; /* an Accounting-On or -Off is on its way */
	uint64_t dropped_interims, dropped_others, spooled;
	bool full_told, error_told;
};

struct radius_client {
	struct wheel *wheel;
	struct radius_doors doors;
	struct radius_config config; /* its pointers are not kept but for those below */
	char *identifier;
	struct radius_nas nas;
	struct radius_server *server;
	unsigned server_count;
	struct request_list again,
		fresh;		    /* access that waits: for its next server, for its first */
	struct request_list ending; /* unreachable, to be told when the wheel turns */
	unsigned fresh_count;
	struct timer kick;
	struct radius_acct acct;
	uint32_t pace[RADIUS_PACE]; /* us */
	unsigned pace_count;
	uint64_t pace_median; /* ns */
	uint8_t pool[512];    /* random octets not yet used: the last pool_left */
	size_t pool_left;
	uint8_t buf[RADIUS_PACKET_MAX];
	uint8_t blob[RADIUS_RECORD_ENCODED_MAX];
	struct radius_reply reply;
	bool closing;
};

/* client.c */
void radius_random(struct radius_client *c, void *p, size_t len);
void radius_request_free(struct radius_request *r);
void radius_request_list_move(struct radius_request *r, struct request_list *list, bool first);
/* Ends an access request: gives the answer (NULL: unreachable) and frees. */
void radius_access_done(struct radius_request *r, uint64_t now, const struct radius_reply *reply);

/* client_send.c */
enum radius_pick { PICK_OK, PICK_WAIT, PICK_NONE };
enum radius_pick radius_pick(struct radius_client *c, enum radius_kind kind, uint32_t tried,
			     struct radius_link **ret);
/* Builds and sends the first try. -errno: it cannot be built; it is as it was. */
int radius_transmit(struct radius_request *r, struct radius_link *l, uint64_t now);
void radius_slot_release(struct radius_request *r); /* FLYING: off its link */
void radius_access_dispatch(struct radius_client *c, uint64_t now);
void radius_request_timer(struct timer *t, uint64_t now);
uint64_t radius_jitter(struct radius_client *c, uint64_t rt); /* rt * (0.9 to 1.1) */
/* Off its link, to the next server or to its end. */
void radius_request_move(struct radius_request *r, uint64_t now);
void radius_dispatch(struct radius_client *c, enum radius_kind kind, uint64_t now);

/* client_link.c */
int radius_link_init(struct radius_link *l, struct radius_client *c, unsigned server,
		     enum radius_kind kind);
void radius_link_fini(struct radius_link *l);
void radius_link_answered(struct radius_link *l, uint64_t now);
void radius_link_silent(struct radius_link *l, uint64_t now); /* one timeout more */
void radius_probe_timeout(struct radius_request *r, uint64_t now);
void radius_signers_load(struct radius_client *c);
void radius_signer_add(struct radius_client *c, struct radius_server *s);

/* client_acct.c */
int radius_acct_init(struct radius_client *c);
void radius_acct_fini(struct radius_client *c); /* what is left goes to the spool */
void radius_acct_dispatch(struct radius_client *c, uint64_t now);
void radius_acct_answered(struct radius_request *r);
void radius_acct_timeout(struct radius_request *r); /* not answered at once */
void radius_acct_unanswered(struct radius_request *r, uint64_t now);
void radius_acct_wake(struct radius_request *r);
void radius_acct_wake_all(struct radius_client *c);
/* Decodes a record, from memory or the spool; -EIO, -EBADMSG: it cannot be read. -errno: not now. */
int radius_acct_record(struct radius_client *c, const struct radius_rec *rec,
		       struct radius_record *ret, struct radius_record_room *room);
unsigned radius_acct_depth(const struct radius_client *c);

/* client_show.c */
void radius_sample(struct radius_link *l, uint64_t ns);
void radius_pace(struct radius_client *c, uint64_t ns);

#endif
