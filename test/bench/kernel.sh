#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's own PPPoE (pppoe.ko, what pppd and pppoe-server -k use) against brasd, in one emulated
# guest: instructions per packet, up and down, without and with conntrack and NAT:
# test/bench/kernel.sh BUILD [LINES [OCTETS...]]. One CPU carries everything (gen.c). The kernel's lines
# are made as pppd leaves them (kppp.c), all of one station. MODES="xdp tc" measures mode tc as
# well; FEW=1 leaves out what is not the fast path nor what it is compared with.
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../deps.sh" vm >&2 || exit 1
	build=$(realpath "${1:-build}")
	shift
	exec "$here/../vm/vmrun" -d -c 1 -m 3072 -t "${LIMIT:-1500}" env MODES="${MODES:-xdp}" FEW="${FEW:-}" \
		"$(realpath "$0")" "$build" "$@"
fi
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
. "$HERE/flows.sh"
shift
N=${1:-1000}
shift
LENGTHS=${*:-64 1400}
PACE="-b 128 -w 2000" # an emulated CPU is slow: ksoftirqd gets its time, and no queue runs over
LEAST=500 # packets that went around the stack, at least: the pace above makes it some 1,700 a second
OUTSTANDING=20
SLOW=1
SECONDS_EACH=0.4 ASSURE=1 # of instructions a few hundred packets tell; every line gets one in a second
kppp=''
trap '[ -z "$kppp" ] || kill "$kppp" 2> /dev/null; down' EXIT

declare -A base_u base_d plain_u plain_d ref_u ref_d # by length
REFERENCE="kernel PPPoE, conntrack and NAT"
later=() # rows that wait for the reference

# As measured: prints them net, of plain forwarding, and of the kernel's PPPoE with conntrack and NAT.
row() { # NAME UP DOWN
	local bu=${base_u[$LENGTH]} bd=${base_d[$LENGTH]}
	echo "bench: $SECONDS s: $1, $LENGTH: $2 $3" >&2
	if [ "$1" = "$REFERENCE" ]; then
		ref_u[$LENGTH]=$(minus "$2" "$bu") ref_d[$LENGTH]=$(minus "$3" "$bd")
	fi
	if [ -z "${ref_done:-}" ]; then
		later+=("$LENGTH|$1|$2|$3")
		return
	fi
	printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$N" "$LENGTH" \
		"$(cell "$2" "$bu" "${plain_u[$LENGTH]}")" "$(ratio "$(minus "$2" "$bu")" "${ref_u[$LENGTH]}")" \
		"$(cell "$3" "$bd" "${plain_d[$LENGTH]}")" "$(ratio "$(minus "$3" "$bd")" "${ref_d[$LENGTH]}")"
}

plain_rows() {
	for LENGTH in $LENGTHS; do
		plain
		base_u[$LENGTH]=$base_up base_d[$LENGTH]=$base_down plain_u[$LENGTH]=$plain_up plain_d[$LENGTH]=$plain_down
		row "plain IP forwarding" "$(awk "BEGIN { print $plain_up + $base_up }")" \
			"$(awk "BEGIN { print $plain_down + $base_down }")"
	done
	[ -n "$FEW" ] || plain_more
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
	kernel_lines
	[ -n "$FEW" ] || both "kernel PPPoE" "up pppoe-up" "down_to tc"
	nft_on
	known pppoe-up
	both "$REFERENCE" "up pppoe-up" "down_nat tc"
	nft_off
	kill $kppp
	wait $kppp 2> /dev/null
	kppp=''
}

lab
plain_rows
kernel_rows
ref_done=1
echo "| | lines | octets | up (of plain) | of kernel PPPoE with NAT | down (of plain) | of kernel PPPoE with NAT |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for r in "${later[@]}"; do
	IFS='|' read -r LENGTH name u d <<< "$r"
	row "$name" "$u" "$d" 2> /dev/null
done
for m in $MODES; do
	ours "$m"
done
