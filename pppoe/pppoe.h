/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoE discovery, the access concentrator's side (RFC 2516, 4638; TR-101 3.9.2). No I/O: frames
 * come in through pppoe_server_input() and go out through ops->transmit. Sessions are the owner's:
 * the server asks for one with ops->open and knows of it only what the owner tells it.
 */
#ifndef PPPOE_PPPOE_H
#define PPPOE_PPPOE_H

#include "base/addr.h"
#include "base/wheel.h"
#include "base/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PPPOE_ETH_DISCOVERY 0x8863
#define PPPOE_ETH_SESSION   0x8864
#define PPPOE_SERVICE_MAX   64	/* octets of a service name, with its NUL */
#define PPPOE_ID_MAX	    64	/* circuit and remote id (TR-101: 63 octets) */
#define PPPOE_FRAME_MAX	    1530 /* Ethernet, two tags, PPPoE, 1508 */
#define PPPOE_HEADER_MAX    28	/* Ethernet, two tags, PPPoE, PPP protocol */

/* A VLAN tag: 0 for none; else id | VLAN_PRESENT, and VLAN_8021AD for TPID 0x88a8. The values are
 * those of bpf/abi.h (a test compares them). */
#define PPPOE_VLAN_ID	   0x0fff
#define PPPOE_VLAN_PRESENT 0x1000
#define PPPOE_VLAN_8021AD  0x2000

/* Where a frame came from. One tag alone is svlan. */
struct pppoe_line {
	uint16_t port;
	uint16_t svlan, cvlan;
};

/* A received frame, up to the PPPoE payload. */
struct pppoe_frame {
	struct mac dst, src;
	struct pppoe_line line;
	uint16_t ethertype; /* PPPOE_ETH_DISCOVERY or PPPOE_ETH_SESSION */
	uint8_t code;
	uint16_t sid;
	struct rd payload; /* exactly the PPPoE length; padding is cut off */
};

/* 0, or -EBADMSG (malformed PPPoE), or -EPROTO (not PPPoE, more than two tags). No side effect. */
int pppoe_frame_parse(uint16_t port, const uint8_t *frame, size_t len, struct pppoe_frame *ret);

/* Writes Ethernet, tags and PPPoE header, the length left open; finish with pppoe_frame_end(). */
void pppoe_frame_begin(struct wr *w, const struct mac *dst, const struct mac *src,
		       const struct pppoe_line *line, uint16_t ethertype, uint8_t code, uint16_t sid);
/* Patches the length; pads to 60 octets. Returns the frame's length or -ENOSPC. */
int pppoe_frame_end(struct wr *w, const struct pppoe_line *line);

/* A PADR that has been found good: what a session starts with. */
struct pppoe_request {
	struct pppoe_line line;
	struct mac mac;
	uint64_t cookie_id;   /* the same for a PADR sent again; differs between PADOs */
	uint64_t offered;     /* ns; when its PADO was sent (or was to be), to the ms; 0: not known */
	uint16_t max_payload; /* RFC 4638, as we echo it; 0: not asked, 1492 it is */
	char service[PPPOE_SERVICE_MAX];
	char circuit_id[PPPOE_ID_MAX], remote_id[PPPOE_ID_MAX]; /* raw octets, NUL ended */
	uint8_t circuit_id_len, remote_id_len;
	bool behind; /* others wait before it: -EAGAIN, unless its session is there already */
};

struct pppoe_limits {
	uint32_t max_sessions, max_per_mac, max_starting; /* 0 = none */
};

struct pppoe_config {
	char ac_name[PPPOE_SERVICE_MAX];
	char (*services)[PPPOE_SERVICE_MAX];
	unsigned service_count;
	bool accept_any_service;   /* also names that are not in the list */
	bool accept_blank_service; /* no name at all (pppd unless told one): our first service */
	uint16_t max_payload; /* the most we agree to by PPP-Max-Payload: [ppp] mtu */
	uint64_t cookie_lifetime; /* ns; 0: 60 s; at most a day counts */
	struct pppoe_pado_delay {
		uint32_t sessions; /* from this many sessions on */
		int32_t delay_ms;  /* -1: no PADO */
	} *pado_delay;
	unsigned pado_delay_count;
	uint32_t padi_limit, padr_limit; /* per second and port; 0 = none */
	const struct pppoe_mac_filter *mac_filter; /* NULL: none; pppoe/macfilter.h */
};

struct pppoe_ops {
	void (*transmit)(void *arg, uint16_t port, const uint8_t *frame, size_t len);
	/* The MAC of a port: the source of its frames. */
	const struct mac *(*port_mac)(void *arg, uint16_t port);
	/* May this station open one more now? 0, or -EBUSY (over a limit; -EDQUOT: its line's): no
	 * PADO; -EAGAIN: soon, and a PADO if its PADR can wait until then. Asked for PADIs only: of
	 * a PADR, open() knows better whether it is a duplicate, which no limit may refuse. */
	int (*admit)(void *arg, const struct pppoe_request *req);
	/* How many sessions there are (PADO delay by load). */
	uint32_t (*session_count)(void *arg);
	/* The session of this request, made now or found: everything must be ready to receive
	 * its frames when this returns. 0 and the session id; -EBUSY, -EDQUOT (a limit: checked here
	 * again), -ENOMEM, -ENOSPC: PADS with AC-System-Error; -EAGAIN: it waits a few seconds and is
	 * asked about again, or the client comes again while the cookie lives; any other: with
	 * Generic-Error. */
	int (*open)(void *arg, uint64_t now, const struct pppoe_request *req, uint16_t *ret_sid,
		    bool *ret_duplicate);
	/* PADS has been sent: PPP may begin. Not called for duplicates. */
	void (*opened)(void *arg, uint64_t now, const struct pppoe_line *line, uint16_t sid);
	/* PADT. Ends the session, 0; or -ENOENT (no such session) or -EPERM (not this MAC's). */
	int (*padt)(void *arg, uint64_t now, const struct pppoe_line *line, const struct mac *src,
		    uint16_t sid);
	/* May one more line be logged of this peer, and how many were not since the last? NULL:
	 * always. */
	bool (*may_tell)(void *arg, uint64_t now, const struct pppoe_line *line,
			 const struct mac *mac, uint64_t *ret_left_out);
};

/* Everything is counted; the drops by reason. `show stat` names them with dashes. */
#define PPPOE_STATS(X)                                                                             \
	X(padi_rx) X(pado_tx) X(padr_rx) X(padr_dup_rx) X(pads_tx) X(pads_error_tx) X(padt_rx)     \
	X(padt_tx) X(drop_malformed) X(drop_bad_tag) X(drop_bad_code) X(drop_not_for_us)           \
	X(drop_source_mac) X(drop_mac_filter) X(drop_padi_rate) X(drop_padr_rate)                  \
	X(drop_service_name) X(drop_bad_cookie) X(drop_stale_cookie) X(drop_limit)                 \
	X(drop_line_limit) X(drop_pado_delay) X(drop_padt_no_session) X(drop_padt_wrong_mac)       \
	X(drop_padt_rate) X(tr101_ignored)

struct pppoe_stats {
#define X(name) uint64_t name;
	PPPOE_STATS(X)
#undef X
};

struct pppoe_server;

int pppoe_server_new(struct pppoe_server **ret, const struct pppoe_config *config,
		     const struct pppoe_ops *ops, void *arg, struct wheel *wheel);
void pppoe_server_free(struct pppoe_server *s);
/* A new configuration: takes effect with the next frame. The old one may be freed afterwards. */
void pppoe_server_reconfigure(struct pppoe_server *s, const struct pppoe_config *config);
/* A whole discovery frame (0x8863) as received. */
void pppoe_server_input(struct pppoe_server *s, uint64_t now, uint16_t port, const uint8_t *frame,
			size_t len);
/* A PADT from this session's own station has come in, though not its frame. */
void pppoe_server_padt_noted(struct pppoe_server *s, uint64_t now, const struct pppoe_line *line,
			     const struct mac *src, uint16_t sid);
/* Sends a PADT. */
void pppoe_server_padt(struct pppoe_server *s, const struct pppoe_line *line,
		       const struct mac *mac, uint16_t sid, const char *why);
/* The same, in answer to data for a session that is not there; rate limited. */
void pppoe_server_padt_unknown(struct pppoe_server *s, uint64_t now, const struct pppoe_line *line,
			       const struct mac *mac, uint16_t sid);
/* The keys of its cookies, so that a PADR which crosses a restart is good: pppoe/cookie.h. They
 * are secrets, and to be kept again when _changes() has another value. */
#define PPPOE_SERVER_SECRET_MAX 85
int pppoe_server_secret_freeze(const struct pppoe_server *s, struct wr *w);
int pppoe_server_secret_thaw(struct pppoe_server *s, struct rd *r, uint64_t now);
uint32_t pppoe_server_secret_changes(const struct pppoe_server *s);
const struct pppoe_stats *pppoe_server_stats(const struct pppoe_server *s);
uint32_t pppoe_server_waiting(const struct pppoe_server *s); /* PADRs */

/* Session ids, per (port, VLANs). An id that was given back is not given again on its line for
 * `quarantine` ns, so that frames in flight cannot meet its successor; unless the line has no other
 * left, and then it is the one that was given back first. */
struct pppoe_sids;
int pppoe_sids_new(struct pppoe_sids **ret, uint32_t max_sessions, uint64_t quarantine);
void pppoe_sids_free(struct pppoe_sids *s);
int pppoe_sids_get(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line,
		   uint16_t *ret_sid); /* -ENOSPC: all of this line's ids are in use */
/* Takes a given id (a session that is adopted): -EEXIST. */
int pppoe_sids_take(struct pppoe_sids *s, const struct pppoe_line *line, uint16_t sid);
void pppoe_sids_put(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line, uint16_t sid);
/* Quarantine for an id that nobody here gave out: that of a session which an earlier process had and
 * which is not adopted. One that is taken, or rests, is left as it is. -EINVAL, -ENOSPC. */
int pppoe_sids_rest(struct pppoe_sids *s, uint64_t now, const struct pppoe_line *line, uint16_t sid);

/*
 * The door to the wire (pppoe/sys.c): one libpcap handle per access interface, immediate mode.
 * Frames come with both VLAN tags in place.
 */
struct pppoe_tap;
int pppoe_tap_open(struct pppoe_tap **ret, const char *ifname, char *why, size_t why_len);
void pppoe_tap_close(struct pppoe_tap *t);
int pppoe_tap_fd(const struct pppoe_tap *t);
/* Up to `max` frames. The number handed on, or -ENETDOWN when the interface has gone. */
int pppoe_tap_read(struct pppoe_tap *t, unsigned max,
		   void (*fn)(void *arg, const uint8_t *frame, size_t len), void *arg);
int pppoe_tap_write(struct pppoe_tap *t, const uint8_t *frame, size_t len);
uint64_t pppoe_tap_dropped(struct pppoe_tap *t); /* by the kernel's ring, since opened */

#endif
