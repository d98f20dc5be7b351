/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What emu.bpf.c and emu.c share. */
#ifndef TEST_DIALER_EMU_H
#define TEST_DIALER_EMU_H

#include <linux/types.h>

#define EMU_VLAN_PRESENT 0x1000

struct emu_key { /* a session on the access link */
	__u16 svlan, cvlan, sid, pad;
};

struct emu_rx { /* where its packets go */
	__u32 ifindex;
	__u8 line_mac[6]; /* frames to others are not ours */
	__u8 dev_mac[6];  /* of the device behind */
};

struct emu_tx { /* what stands before a packet from a device */
	__u32 ifindex;
	__u16 tags; /* 0, 1 or 2 */
	__u16 sid;
	__u16 tpid, svlan, cvlan, pad;
	__u8 dst[6], src[6];
};

#endif
