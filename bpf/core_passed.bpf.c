// SPDX-License-Identifier: GPL-2.0-or-later
/* At a core interface's clsact egress, with [mirror] where = forwarded alone: mirror_passed.h. */
#define BPF_HOOK_TC
#include "bpf/mirror_passed.h"

SEC("tc")
int core_passed(struct __sk_buff *skb)
{
	passed(skb);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
