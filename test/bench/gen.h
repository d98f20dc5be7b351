/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bench's packet generator and its programs share. */
#ifndef TEST_BENCH_GEN_H
#define TEST_BENCH_GEN_H

#include <linux/types.h>

/* One session, as in the records file: 12 octets, in the machine's order unless said. */
struct gen_record {
	__u8 mac[6];
	__u16 sid;
	__u32 ip_be;
};

/* One frame as it is sent, in the frames file: the first octets of it, as many as -l says. */
#define GEN_FRAME_MAX 128
struct gen_frame {
	__u8 octets[GEN_FRAME_MAX];
};

#define GEN_FRAME 64 /* octets of a frame, without FCS */
#define GEN_RECORD_MAX 1506 /* of a record's frame: 1492 in PPPoE */

/* Program of the sink: everything that is data is counted and dropped, the rest passes. */
struct gen_counter {
	__u64 packets;
};

#endif
