/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams of packets to readers: `monitor`. The packets go from the data plane to the reader past
 * us (bpf/abi.h, struct abi_stream_head); we say which, and whose they are. A stream lives as long
 * as the reader's connection to the control socket.
 */
#ifndef DAEMON_MONITOR_H
#define DAEMON_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control_reply;
struct daemon;
struct monitor;
struct radius_datagram;
struct session;

int monitor_setup(struct daemon *d); /* nobody reads */
/* A bit for each stream that wants a session's packets, for its entry in the data plane. */
uint8_t monitor_of(const struct session *s);
bool monitor_is_of_all(const struct monitor *m);
void monitor_tell(const struct session *s); /* its readers are told who it is */

/*
 * Control frames, to the readers that asked for them: called while d->monitor_controls is not 0. A
 * frame of a station whose user is not known yet waits for the name, for those who follow one
 * user. @up: it came in.
 */
void monitor_frame(struct daemon *d, uint16_t port, bool up, const uint8_t *frame, size_t len);
void monitor_radius(void *daemon, const struct radius_datagram *g);

/*
 * The handler of `monitor USER|all [RULE...] [snap=N] [control] [secrets]`. The body is a line
 * each, as JSON: {"stream","cpus","map"} first, then for each session, now and when one comes up,
 * {"slot", "generation","username","sid","ifname","mac","rate-down","rate-up"}; for each control
 * frame
 * {"control":"pppoe"|"radius","time","in","username","sid","data"}, data in hex: Ethernet, or IP;
 * {"lost"}: so many control frames did not fit.
 */
void monitor_command(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);
void monitor_show(void *ctx, unsigned argc, const char *const *argv, struct control_reply *r);

#endif
