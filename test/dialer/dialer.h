/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dialer: the control plane of many PPPoE subscribers in one process. It is a second opinion
 * on the concentrator and therefore shares nothing with ppp/ or pppoe/, only base/.
 */
#ifndef TEST_DIALER_H
#define TEST_DIALER_H

#include "base/addr.h"
#include "base/hidx.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/siphash.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETH_DISC 0x8863
#define ETH_SESS 0x8864

#define PROTO_IP     0x0021
#define PROTO_IPV6   0x0057
#define PROTO_IPCP   0x8021
#define PROTO_IPV6CP 0x8057
#define PROTO_LCP    0xc021
#define PROTO_PAP    0xc023
#define PROTO_CHAP   0xc223

enum code { /* RFC 1661, section 5 */
	    CONF_REQ = 1,
	    CONF_ACK,
	    CONF_NAK,
	    CONF_REJ,
	    TERM_REQ,
	    TERM_ACK,
	    CODE_REJ,
	    PROTO_REJ,
	    ECHO_REQ,
	    ECHO_REP,
	    DISCARD_REQ,
};

enum auth { AUTH_NONE, AUTH_PAP, AUTH_CHAP, AUTH_MSCHAPV2, AUTH_COUNT };

/* Where a line is. Everything from LCP on has a session id. */
enum phase {
	PH_IDLE,
	PH_PADI,
	PH_PADR,
	PH_LCP,
	PH_AUTH,
	PH_NET,
	PH_OPEN,
	PH_CLOSING, /* Terminate-Request is out */
	PH_DONE,
};

/* Why a line failed to come up, or ended. */
#define REASONS(X)                                                                                 \
	X(NONE, "none")                                                                            \
	X(NO_PADO, "no-pado")                                                                      \
	X(NO_PADS, "no-pads")                                                                      \
	X(PADS_ERROR, "pads-error")                                                                \
	X(LCP_TIMEOUT, "lcp-timeout")                                                              \
	X(LCP_LOOP, "lcp-no-convergence")                                                          \
	X(AUTH_TIMEOUT, "auth-timeout")                                                            \
	X(AUTH_REJECTED, "auth-rejected")                                                          \
	X(AUTH_SERVER, "auth-server-unproved")                                                     \
	X(NO_NETWORK, "no-network")                                                                \
	X(IPCP_TIMEOUT, "ipcp-timeout")                                                            \
	X(IPV6CP_TIMEOUT, "ipv6cp-timeout")                                                        \
	X(NO_RA, "no-ra")                                                                          \
	X(NO_DHCP6, "no-dhcp6")                                                                    \
	X(PADT, "padt")                                                                            \
	X(TERMINATED, "terminated")                                                                \
	X(ECHO_LOST, "echo-lost")                                                                  \
	X(PLUMB, "plumb-failed")                                                                   \
	X(HUNG_UP, "hung-up")

enum reason {
#define X(id, name) R_##id,
	REASONS(X)
#undef X
		R_COUNT
};
const char *reason_name(enum reason r);

enum nego_state { N_CLOSED, N_REQ_SENT, N_ACK_RCVD, N_ACK_SENT, N_OPENED, N_DENIED };

struct nego {
	uint8_t state; /* enum nego_state */
	uint8_t id;
	uint8_t sent;	  /* Configure-Requests without an answer */
	uint8_t loops;	  /* Naks and Rejects received */
	uint8_t rejected; /* bit per option that the peer will not have */
};

struct line {
	struct timer timer;
	uint64_t started;   /* first PADI of this dial, ns */
	uint64_t deadline;  /* of authentication, or of the hold when open */
	uint64_t echo_at;   /* when our last Echo-Request went */
	uint8_t *echo_tags; /* AC-Cookie and Relay-Session-Id to give back; while dialling */
	uint32_t setup_us;
	uint32_t magic;
	uint32_t ip, gateway, dns[2];
	uint32_t dials;		    /* how often, for Host-Uniq and --flap */
	uint16_t sid, svlan, cvlan; /* VLAN: 0 none, else id | 0x1000 */
	uint16_t max_payload;	    /* granted by PADS (RFC 4638); 0: not */
	uint16_t mru_nak;	    /* the most the peer lets us ask for; 0: it has not said */
	uint16_t peer_mru, ra_mtu, ra_lifetime, echo_tags_len;
	uint8_t mac[6], ac_mac[6];
	uint8_t ifid[8], peer_ifid[8];
	struct ip6 prefix, router, na;
	struct prefix6 pd;
	uint8_t prefix_len, prefix_flags, ra_flags;
	uint8_t phase, reason, tries, auth, auth_id, echo_missed;
	bool has_ra, came_up, plumbed, ra_expired;
	uint8_t proof[20]; /* what the MS-CHAPv2 server must know to be believed */
	struct nego lcp, ipcp, ipv6cp;
};

struct options {
	const char *ifname, *user, *password, *service, *circuit_id, *remote_id, *plumb;
	unsigned lines, rate, max_outstanding, flap, retries, auth_mask;
	uint16_t max_payload, mru, tpid;
	uint16_t svlan_first, svlan_last, cvlan_first, cvlan_last;
	bool vlan, qinq, qinq_range, same_mac, mac_set, ipv4, ipv6, echo_reply, json, quiet;
	bool dhcp_pd, dhcp_na;
	bool hold_forever;
	uint64_t hold, echo_interval;
	struct mac mac_base;
};

struct stats {
	uint32_t up_now, came_up, failed, finished, outstanding, dials, drops;
	uint32_t echo_rx, echo_tx, retransmits, bad_frames;
	uint32_t echo_lost, echo_longest; /* of our own: without a reply until the next; us */
	uint32_t failures[R_COUNT]; /* dials that did not come up */
	uint32_t ends[R_COUNT];	    /* of lines that had been up */
	uint32_t auths[AUTH_COUNT];
	uint64_t first, last; /* when the first PADI went, when the last line came up */
	uint32_t *setup_us;   /* of every dial that came up, up to setup_cap */
	uint32_t setup_count, setup_cap;
};

struct io;
struct emu;

struct dialer {
	struct options o;
	struct stats st;
	struct loop *loop;
	struct wheel *wheel;
	struct io *io;
	struct emu *emu;
	struct line *lines;
	struct hidx by_sid;
	struct siphash_key key;
	struct timer pace; /* starts lines, and ends them */
	uint64_t pace_credit, pace_last, all_up_at;
	uint32_t next_start, next_close;
	uint32_t *redial; /* lines waiting to dial again: a ring */
	uint32_t redial_head, redial_tail;
	uint64_t rng;
	bool closing, cut, reported; /* cut: PADT and no more */
};

/* options.c */
int options_parse(struct options *o, int argc, char **argv); /* 0, or the exit code + 1 */
/* Writes the pattern with %d replaced by the line's number. */
size_t expand(char *dst, size_t cap, const char *pattern, uint32_t n);

/* io.c: one packet socket, batches both ways. A handler gets one Ethernet frame, tags in place. */
int io_new(struct io **ret, const char *ifname, bool promiscuous, struct mac *ret_mac);
/* Only frames to these: of other dialers' on the same link, the kernel wakes nobody for. */
int io_stations(struct io *io, const struct mac *first, uint32_t count);
void io_free(struct io *io);
int io_fd(const struct io *io);
void io_read(struct io *io, void (*fn)(void *arg, uint8_t *frame, size_t len), void *arg);
uint8_t *io_slot(struct io *io, size_t *ret_cap); /* where the next frame is written */
void io_commit(struct io *io, size_t len);
void io_flush(struct io *io);
/* Frames that the kernel dropped before we read them, and would not send. */
void io_lost(struct io *io, uint64_t *ret_rx, uint64_t *ret_tx);

/* frame.c: Ethernet, tags and PPPoE around a payload. */
struct wr frame_begin(struct dialer *d, const struct line *l, const uint8_t dst[6],
		      uint16_t ethertype, uint8_t code, uint16_t sid);
void frame_end(struct dialer *d, const struct line *l, struct wr *w);
struct frame {
	uint8_t dst[6], src[6];
	uint16_t svlan, cvlan, ethertype, sid;
	uint8_t code;
	struct rd payload;
};
int frame_parse(const uint8_t *p, size_t len, struct frame *ret); /* -EPROTO: not PPPoE */
uint32_t dialer_random(struct dialer *d);

/* disc.c: RFC 2516, the host's side. */
void disc_padi(struct dialer *d, struct line *l);
void disc_padr(struct dialer *d, struct line *l);
void disc_padt(struct dialer *d, struct line *l);
/* Forgets the session id and what a PADO gave us. */
void disc_forget(struct dialer *d, struct line *l);
void disc_input(struct dialer *d, uint64_t now, struct frame *f);
/* The line of a session frame; NULL when it is nobody's. */
struct line *line_by_session(struct dialer *d, const struct frame *f);

/* nego.c: PPP framing, and what LCP, IPCP and IPV6CP have in common (RFC 1661, section 4). */
struct layer {
	uint16_t proto;
	struct nego *(*nego)(struct line *l);
	void (*options)(struct dialer *d, const struct line *l, struct wr *w); /* of our request */
	/* CONF_ACK, CONF_NAK or CONF_REJ to one option of the peer's request. */
	enum code (*judge)(struct dialer *d, const struct line *l, uint8_t type, struct rd value);
	void (*suggest)(struct dialer *d, const struct line *l, uint8_t type, struct wr *w);
	void (*take)(struct line *l, uint8_t type, struct rd value);  /* acknowledged */
	void (*learn)(struct line *l, uint8_t type, struct rd value); /* from a Nak */
	unsigned (*bit)(uint8_t type); /* for nego.rejected; 0: not one of ours */
	void (*opened)(struct dialer *d, uint64_t now, struct line *l);
};
extern const struct layer layer_lcp, layer_ipcp, layer_ipv6cp;

struct wr ppp_begin(struct dialer *d, const struct line *l, uint16_t proto);
void ppp_end(struct dialer *d, const struct line *l, struct wr *w);
/* A packet of the common form: code, identifier, length, data. */
void ppp_packet(struct dialer *d, const struct line *l, uint16_t proto, uint8_t code, uint8_t id,
		const void *data, size_t len);
/* Reads that form's header; the reader becomes the data. -EBADMSG. */
int ppp_header(struct rd *r, uint8_t *ret_code, uint8_t *ret_id);
void nego_start(struct dialer *d, struct line *l, const struct layer *y);
/* Codes 1 to 4; others are the caller's. */
void nego_input(struct dialer *d, uint64_t now, struct line *l, const struct layer *y, uint8_t code,
		uint8_t id, struct rd data);
/* The request again. False when it has been sent often enough. */
bool nego_retry(struct dialer *d, struct line *l, const struct layer *y);

/* ppp.c: LCP, and what goes where. */
void ppp_input(struct dialer *d, uint64_t now, struct line *l, struct rd r);
void lcp_echo(struct dialer *d, struct line *l);
void lcp_terminate(struct dialer *d, struct line *l);

/* ra.c: router advertisements (RFC 4861, section 4). */
void ra_solicit(struct dialer *d, struct line *l);
/* Fills the line from a router advertisement; -EBADMSG where it is not a correct one, -EPROTO
 * where it is something else. */
int ra_parse(struct line *l, struct rd packet);
uint16_t icmp6_checksum(const uint8_t src[16], const uint8_t dst[16], const uint8_t *icmp,
			size_t len);

/* dhcp6.c: a prefix, an address, or both (RFC 8415). */
void dhcp6_solicit(struct dialer *d, struct line *l);
/* Fills the line from a Reply; -EBADMSG and -EPROTO as above. */
int dhcp6_parse(struct line *l, struct rd packet);
bool dhcp6_pending(const struct dialer *d, const struct line *l);

/* auth.c: PAP, CHAP-MD5, MS-CHAPv2 (RFC 1334, 1994, 2759). */
void auth_start(struct dialer *d, uint64_t now, struct line *l);
void auth_retry(struct dialer *d, struct line *l);
void pap_input(struct dialer *d, uint64_t now, struct line *l, struct rd r);
void chap_input(struct dialer *d, uint64_t now, struct line *l, struct rd r);
void mschap_nt_response(const uint8_t auth[16], const uint8_t peer[16], const char *user,
			size_t user_len, const char *password, uint8_t ret[24]);
void mschap_proof(const uint8_t auth[16], const uint8_t peer[16], const char *user, size_t user_len,
		  const char *password, const uint8_t nt_response[24], uint8_t ret[20]);

/* line.c: the life of a line. */
void line_timer(struct timer *t, uint64_t now);
void line_dial(struct dialer *d, uint64_t now, struct line *l);
void line_arm(struct dialer *d, struct line *l, uint64_t after);
void line_session(struct dialer *d, uint64_t now, struct line *l); /* PADS has come */
void line_lcp_up(struct dialer *d, uint64_t now, struct line *l);
void line_auth_up(struct dialer *d, uint64_t now, struct line *l);
void line_network(struct dialer *d, uint64_t now, struct line *l); /* looks whether all is up */
void line_hangup(struct dialer *d, uint64_t now, struct line *l);  /* the polite end */
/* The end, failed or not. @padt: tell the concentrator. */
void line_end(struct dialer *d, uint64_t now, struct line *l, enum reason why, bool padt);
uint16_t line_mtu(const struct line *l);
uint16_t line_mru(const struct dialer *d, const struct line *l);
uint32_t line_index(const struct dialer *d, const struct line *l);
struct dialer *the_dialer(void);

/* report.c */
void report_up(struct dialer *d, const struct line *l);
void report_down(struct dialer *d, const struct line *l, enum reason why);
void report_ready(struct dialer *d);
void report_final(struct dialer *d);
const char *auth_name(enum auth a);

/* emu.c: the lines' IP traffic by BPF. */
int emu_new(struct emu **ret, struct dialer *d);
void emu_free(struct emu *e);
int emu_attach(struct emu *e, const struct line *l);
void emu_detach(struct emu *e, const struct line *l);

#endif
