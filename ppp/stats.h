/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the links of one owner saw, counted. Every way in which a received frame can end without
 * effect is a drop_*, and has one name.
 */
#ifndef PPP_STATS_H
#define PPP_STATS_H

#include <stdint.h>

/* clang-format off */
#define PPP_STATS(X)                                                                               \
	X(frames_rx)           /* all frames given to ppp_link_input() */                          \
	X(frames_tx)                                                                               \
	X(drop_short)          /* no room for protocol, code, identifier and length */             \
	X(drop_oversized)      /* longer than PPP_FRAME_MAX */                                     \
	X(drop_length)         /* a length field that its surroundings contradict */               \
	X(drop_option)         /* options that do not fill the packet, or one listed twice */      \
	X(drop_id)             /* an answer to nothing we asked, or a second answer */             \
	X(drop_answer)         /* Ack or Reject of options that we did not send */                 \
	X(drop_unexpected)     /* an empty cell of RFC 1661 section 4.1 */                         \
	X(drop_phase)          /* a protocol before its phase, or after the end */                 \
	X(drop_method)         /* an authentication method that was not agreed */                  \
	X(drop_code)           /* a code that a peer has no business to send */                    \
	X(drop_loopback)       /* our own magic number came back */                                \
	X(drop_magic)          /* a magic number that is not the peer's */                         \
	X(drop_data)           /* IPv4 or IPv6 given to the control plane */                       \
	X(drop_rate)           /* more than the link's budget of answers */                        \
	X(unknown_code)        /* answered with Code-Reject */                                     \
	X(unknown_protocol)    /* answered with Protocol-Reject */                                 \
	X(code_reject_rx)                                                                          \
	X(protocol_reject_rx)                                                                      \
	X(echo_tx)                                                                                 \
	X(echo_lost)           /* requests that were not answered */                               \
	X(auth_asked)                                                                              \
	X(auth_ok)                                                                                 \
	X(auth_failed)                                                                             \
	X(auth_timeout)                                                                            \
	X(auth_resent)         /* the result, for a repeated request or response */                \
	X(auth_stale)          /* an owner's answer to a question of an earlier negotiation */     \
	X(not_converging)      /* too many Naks or Rejects received: the layer was closed */
/* clang-format on */

struct ppp_stats {
#define X(name) uint64_t name;
	PPP_STATS(X)
#undef X
};

#endif
