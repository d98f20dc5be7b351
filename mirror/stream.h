/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of a stream (bpf/abi.h): events become packets of a capture, with what the
 * daemon has told of their sessions. Pure; the rings are in sys_ring.c.
 */
#ifndef MIRROR_STREAM_H
#define MIRROR_STREAM_H

#include "base/str.h"
#include "bpf/abi.h"

#include <stddef.h>
#include <stdint.h>

#define STREAM_NAME_MAX 256

/* Whose packets a slot's are. */
struct stream_session {
	uint32_t generation; /* 0: nothing is known */
	uint32_t sid;
	uint64_t rate_down, rate_up; /* kbit/s, 0: none */
	char *username;
};

struct stream_waiting {
	uint64_t time;
	size_t at; /* in held: struct abi_stream_head, Ethernet, the packet */
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
/* Those that wait and are not younger than @until (ns, CLOCK_MONOTONIC) are appended to @out as
 * packets, by time: each CPU has a ring of its own, and a reader of the capture wants one order. */
void stream_write(struct stream *s, uint64_t until, struct sbuf *out);

#endif
