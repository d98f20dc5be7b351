#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per packet, up and down: the fast path, the way through the stack, the kernel's
# plain forwarding without and with conntrack and NAT, and the least there is, a bare XDP redirect:
# test/bench/fast.sh BUILD [FLOWS:OCTETS...]. One CPU carries everything (gen.c). The sink is XDP where
# frames come by XDP redirect, else tc.
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
. "$HERE/flows.sh"
shift
[ $# -gt 0 ] || set -- 1:64 1000:64 1000:1400

row() { # NAME UP DOWN: as measured; "-" for none
	local u=- d=-
	[ "$2" = - ] || u=$(awk "BEGIN { n = $2 - $base_up; printf \"%.0f (%.2f)\", n, n / $plain_up }")
	[ "$3" = - ] || d=$(awk "BEGIN { n = $3 - $base_down; printf \"%.0f (%.2f)\", n, n / $plain_down }")
	printf '| %s | %s | %s | %s | %s |\n' "$1" "$N" "$LENGTH" "$u" "$d"
}

plain_more() {
	local u d
	ip -n $G addr add 198.51.100.1/24 dev acc0
	ip -n $G neigh replace 198.51.100.2 lladdr $MAC_WAN dev acc0 nud permanent
	ip -n $G route add 100.64.0.0/15 via 198.51.100.2
	nft_on
	outer
	u=$(up ip-up)
	d=$(down_nat tc)
	nft_off
	row "plain forwarding, conntrack and NAT" "$u" "$d"
	u=$(BOUNCE=$G/acc0,core0 gen ip-up $H/wan0 $I/inet0 xdp $MAC_ACC $MAC_WAN)
	d=$(BOUNCE=$G/core0,acc0 gen ip-down $I/inet0 $H/wan0 xdp $MAC_CORE $MAC_INET)
	row "bare XDP redirect" "$u" "$d"
	ip -n $G route del 100.64.0.0/15
	ip -n $G addr del 198.51.100.1/24 dev acc0
}

mode() { # xdp|tc
	local u d s=$1
	daemon "$1" off
	row "brasd through the stack, $1" "$(up pppoe-up)" "$(down_to tc)"
	nft_on
	u=$(up pppoe-up)
	d=$(down_nat tc)
	nft_off
	row "the same, conntrack and NAT" "$u" "$d"
	brasd_stop
	daemon "$1" routed
	u=$(fast_only gen pppoe-up $H/wan0 $I/inet0 "$s" $MAC_ACC $MAC_WAN) || exit 1
	d=$(fast_only down_to "$s") || exit 1
	row "fast path, routed, $1" "$u" "$d"
	brasd_stop
	daemon "$1" flows
	nft_on
	assure
	u=$(fast_only gen pppoe-up $H/wan0 $I/inet0 "$s" $MAC_ACC $MAC_WAN) || exit 1
	d=$(fast_only down_nat "$s") || exit 1
	nft_off
	row "fast path, flows, NAT, $1" "$u" "$d"
	brasd_stop
}

lab
echo "| | flows | octets | up, ns (ratio) | down, ns (ratio) |"
echo "| --- | --- | --- | --- | --- |"
for what in "$@"; do
	N=${what%:*} LENGTH=${what#*:}
	plain
	printf '| baseline, as measured | %s | %s | %.0f | %.0f |\n' "$N" "$LENGTH" "$base_up" "$base_down"
	printf '| plain IP forwarding | %s | %s | %.0f (1.00) | %.0f (1.00) |\n' "$N" "$LENGTH" "$plain_up" "$plain_down"
	plain_more
	for m in ${MODES:-xdp tc}; do
		mode "$m"
	done
done
