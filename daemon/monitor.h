/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams of packets to readers: `monitor`. The packets go from the data plane to the reader past
 * us (bpf/abi.h, struct abi_stream_head); we say which, and whose they are. A stream lives as long
 * as the reader's connection to the control socket.
 */
#ifndef DAEMON_MONITOR_H
#define DAEMON_MONITOR_H

#include <stdint.h>

struct control_reply;
struct daemon;
struct session;

int monitor_setup(struct daemon *d); /* nobody reads */
/* A bit for each stream that wants a session's packets, for its entry in the data plane. */
uint8_t monitor_of(const struct session *s);
void monitor_tell(const struct session *s); /* its readers are told who it is */

/*
 * The handler of `monitor USER|all [RULE...] [snap=N]`. The body is a line each, as JSON:
 * {"stream","cpus","map"} first, then for each session, now and when one comes up, {"slot",
 * "generation","username","sid","ifname","mac","plan"}.
 */
void monitor_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
