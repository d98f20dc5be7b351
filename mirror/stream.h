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

struct stream {
	struct stream_session *sessions; /* by slot */
	uint32_t count;
	uint64_t offset; /* of CLOCK_REALTIME against CLOCK_MONOTONIC, ns */
	uint64_t received, lost, bad;
};

void stream_fini(struct stream *s);
/* @s is copied. -ENOMEM; -EINVAL: a slot beyond 16 million. */
int stream_learn(struct stream *s, uint32_t slot, const struct stream_session *who);
/* An event as it came, appended to @out as a packet. -EBADMSG: it is none, and counted. */
int stream_event(struct stream *s, const void *event, size_t len, struct sbuf *out);

#endif
