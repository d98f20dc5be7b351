/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer headers of copies to a remote target, as the data plane puts them in front. Pure. */
#ifndef MIRROR_TUNNEL_H
#define MIRROR_TUNNEL_H

#include "base/addr.h"
#include "bpf/abi.h"
#include "mirror/rule.h"

#include <stdbool.h>

#define MIRROR_VXLAN_PORT 4789
#define MIRROR_TZSP_PORT  37008
#define MIRROR_VNI_MAX	  0xffffff
#define MIRROR_ERSPAN_MAX 1023

/* Integers in host order. */
struct mirror_tunnel {
	enum abi_tunnel_kind kind;
	bool ip6;
	uint32_t src4, dst4;
	struct ip6 src6, dst6;
	uint16_t port; /* UDP, of VXLAN and TZSP */
	uint32_t id;   /* VNI; key of GRE; session of ERSPAN */
	bool has_key;  /* of GRE */
	uint32_t snap; /* octets of the IP packet that are sent at most; 0: all */
	uint32_t mtu;  /* of the way there */
	int ifindex;   /* that it leaves by */
	struct mac src, dst;
};

/* -EMSGSIZE: the MTU leaves no room for as much as MIRROR_SNAP_MIN octets of IP. */
int mirror_tunnel_abi(const struct mirror_tunnel *t, struct abi_tunnel *ret);

#endif
