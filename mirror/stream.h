/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of a stream (bpf/abi.h): events become packets of a capture, with what the
 * daemon has told of their sessions, and the control frames that it tells. Pure; the rings are in
 * sys_ring.c.
 */
#ifndef MIRROR_STREAM_H
#define MIRROR_STREAM_H

#include "base/str.h"
#include "bpf/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_NAME_MAX	   256
#define STREAM_CONTROL_MAX 4224 /* octets of a control frame: RADIUS's 4096 with IPv6 and UDP */

/* Whose packets a slot's are. */
struct stream_session {
	uint32_t generation; /* 0: nothing is known */
	uint32_t sid;
	uint64_t rate_down, rate_up; /* kbit/s, 0: none */
	char *username;
};

enum stream_kind { STREAM_IP, STREAM_PPPOE, STREAM_RADIUS };

/* A frame that the daemon has sent or got, as it tells us. */
struct stream_control {
	enum stream_kind kind;
	uint64_t time;	  /* ns, CLOCK_MONOTONIC */
	const char *user; /* NULL: not known */
	uint32_t sid;	  /* 0: none yet */
	bool up;
	const uint8_t *data; /* Ethernet, or IP */
	uint32_t len;	     /* at most STREAM_CONTROL_MAX */
};

/* What goes out. */
struct stream_packet {
	enum stream_kind kind;
	uint64_t time;			/* ns since 1970 */
	uint32_t slot, generation, sid; /* generation 0: a control frame; sid 0: not known */
	bool up;
	uint8_t verdict, hook; /* as in struct abi_stream_head */
	const uint8_t *data;
	uint32_t caplen, len;
	const char *comment; /* "user=alice sid=3 up plan=10000/2000 drop=rate" */
};
typedef void stream_out_fn(void *arg, const struct stream_packet *p);

struct stream_waiting {
	uint64_t time;
	size_t at; /* in held: struct held of stream.c */
};

struct stream {
	struct stream_waiting *waiting;
	size_t waiting_count, waiting_cap;
	struct sbuf held;
	struct stream_session *sessions; /* by slot */
	uint32_t count;
	uint64_t offset; /* of CLOCK_REALTIME against CLOCK_MONOTONIC, ns */
	uint64_t received, lost, bad;
};

void stream_fini(struct stream *s);
/* @s is copied. -ENOMEM; -EINVAL: a slot beyond 16 million. */
int stream_learn(struct stream *s, uint32_t slot, const struct stream_session *who);
/* An event as it came; it waits. -EBADMSG: it is none, and counted; -ENOMEM. */
int stream_event(struct stream *s, const void *event, size_t len);
int stream_control(struct stream *s, const struct stream_control *c); /* it waits, too */
/* The octets of lower-case hex digits: how many, or -EBADMSG. */
int stream_hex(const char *hex, uint8_t *ret, size_t cap);
/* Those that wait and are not younger than @until (ns, CLOCK_MONOTONIC) go out, by time: each CPU
 * has a ring of its own, and a reader of the capture wants one order. */
void stream_write(struct stream *s, uint64_t until, stream_out_fn *out, void *arg);
/* A stream_out_fn: to a struct sbuf, as pcapng. */
void stream_pcapng(void *sbuf, const struct stream_packet *p);
/* The name of a drop's reason ("rate"): of verdict - 1. NULL: a newer brasd's. */
const char *stream_reason(uint8_t verdict);

#endif
