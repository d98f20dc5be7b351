#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's own PPPoE (pppoe.ko, what pppd and pppoe-server -k use) against brasd, in one emulated
# guest: instructions per 64-octet packet, up and down, without and with conntrack and NAT:
# test/bench/kernel.sh BUILD [LINES]. One CPU carries everything (gen.c). The kernel's lines are made
# as pppd leaves them (kppp.c), all of one station.
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../deps.sh" vm >&2 || exit 1
	build=$(realpath "${1:-build}")
	shift
	exec "$here/../vm/vmrun" -d -c 1 -m 3072 -t "${LIMIT:-1500}" "$(realpath "$0")" "$build" "$@"
fi
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
. "$HERE/flows.sh"
shift
N=${1:-1000}
PACE="-b 128 -w 2000" # an emulated CPU is slow: ksoftirqd gets its time, and no queue runs over
LEAST=2000	      # packets that a measurement is of, at least
OUTSTANDING=20
SLOW=1
SECONDS_EACH=1 ASSURE=1
kppp=''
trap '[ -z "$kppp" ] || kill "$kppp" 2> /dev/null; down' EXIT

cell() { awk "BEGIN { n = $1 - $2; printf \"%.0f (%.2f)\", n, n / $3 }"; }
row() { # NAME UP DOWN; the first row of the kernel's PPPoE with NAT is what aims are measured by
	[ "$1" != "$REFERENCE" ] || ref_up=$(minus "$2" "$base_up") ref_down=$(minus "$3" "$base_down")
	printf '| %s | %s | %s | %s | %s |\n' "$1" "$(cell "$2" "$base_up" "$plain_up")" \
		"$(cell "$2" "$base_up" "${ref_up:-$plain_up}")" "$(cell "$3" "$base_down" "$plain_down")" \
		"$(cell "$3" "$base_down" "${ref_down:-$plain_down}")"
}
REFERENCE="kernel PPPoE, conntrack and NAT"

plain_rows() {
	local u d
	ip -n $G addr add 198.51.100.1/24 dev acc0
	ip -n $G neigh replace 198.51.100.2 lladdr $MAC_WAN dev acc0 nud permanent
	ip -n $G route add 100.64.0.0/15 via 198.51.100.2
	nft_on
	outer
	u=$(up ip-up)
	d=$(down_nat tc)
	nft_off
	later+=("plain forwarding, conntrack and NAT|$u|$d")
	u=$(BOUNCE=$G/acc0,core0 gen ip-up $H/wan0 $I/inet0 xdp $MAC_ACC $MAC_WAN)
	d=$(BOUNCE=$G/core0,acc0 gen ip-down $I/inet0 $H/wan0 xdp $MAC_CORE $MAC_INET)
	later+=("bare XDP redirect|$u|$d")
	ip -n $G route del 100.64.0.0/15
	ip -n $G addr del 198.51.100.1/24 dev acc0
}

is_ready() { grep -q ready "$T/kppp.log"; }
kernel_lines() { # N of the kernel's; $T/records
	modprobe pppoe || die "no pppoe.ko"
	nsenter --net=/run/netns/$G "$B/bench-kppp" acc0 $MAC_WAN "$N" > "$T/kppp.log" 2>&1 &
	kppp=$!
	wait_for 300 is_ready || die "no lines: $(cat "$T/kppp.log")"
	python3 - "$N" "$T/records" > "$T/batch" <<-'END'
	import socket, struct, sys
	n = int(sys.argv[1])
	out = open(sys.argv[2], "wb")
	for sid in range(1, n + 1):
	    ip = struct.pack("!I", 0x64400002 + sid)
	    out.write(struct.pack("=6sH4s", b"\2\0\0\0\1\1", sid, ip))
	    print("addr add 100.127.255.254 peer %s dev ppp%d" % (socket.inet_ntoa(ip), sid))
	    print("link set ppp%d mtu 1492 up" % sid)
	END
	ip -n $G -batch "$T/batch" || die "addresses"
	outer
}
kernel_rows() {
	local u d
	kernel_lines
	u=$(up pppoe-up)
	d=$(down_to tc)
	later+=("kernel PPPoE|$u|$d")
	nft_on
	u=$(up pppoe-up)
	d=$(down_nat tc)
	nft_off
	later+=("$REFERENCE|$u|$d")
	kill $kppp
	wait $kppp 2> /dev/null
	kppp=''
}

ours() { # MODE: one daemon for the way through the stack, one for routed, one for flows
	local u d m=$1
	daemon "$m" off
	u=$(up pppoe-up)
	d=$(down_to tc)
	row "brasd through the stack, $m" "$u" "$d"
	nft_on
	u=$(up pppoe-up)
	d=$(down_nat tc)
	nft_off
	row "the same, conntrack and NAT" "$u" "$d"
	brasd_stop
	daemon "$m" routed
	u=$(fast_only gen pppoe-up $H/wan0 $I/inet0 "$m" $MAC_ACC $MAC_WAN) || exit 1
	d=$(fast_only down_to "$m") || exit 1
	row "fast path, routed, $m" "$u" "$d"
	brasd_stop
	daemon "$m" flows
	nft_on
	assure
	u=$(fast_only gen pppoe-up $H/wan0 $I/inet0 "$m" $MAC_ACC $MAC_WAN) || exit 1
	d=$(fast_only down_nat "$m") || exit 1
	nft_off
	row "fast path, flows, NAT, $m" "$u" "$d"
	brasd_stop
}

lab
later=()
plain
plain_rows
kernel_rows
for r in "${later[@]}"; do
	IFS='|' read -r name u d <<< "$r"
	[ "$name" != "$REFERENCE" ] || ref_up=$(minus "$u" "$base_up") ref_down=$(minus "$d" "$base_down")
done
echo "| $N lines | up | of kernel PPPoE with NAT | down | of kernel PPPoE with NAT |"
echo "| --- | --- | --- | --- | --- |"
printf '| plain IP forwarding | %.0f (1.00) | %s | %.0f (1.00) | %s |\n' "$plain_up" "$(ratio "$plain_up" "$ref_up")" \
	"$plain_down" "$(ratio "$plain_down" "$ref_down")"
for r in "${later[@]}"; do
	IFS='|' read -r name u d <<< "$r"
	row "$name" "$u" "$d"
done
for m in ${MODES:-xdp tc}; do
	ours "$m"
done
