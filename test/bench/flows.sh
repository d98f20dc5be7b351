# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A translation that needs conntrack and its flows on the fast path, for benches that source lib.sh and
# gen.sh first.

# Every line has an outer address of its own: the generator can answer to them.
nft_on() {
	in_ns $G nft add table ip bench
	in_ns $G nft "add chain ip bench f { type filter hook forward priority 0; }"
	in_ns $G nft add rule ip bench f ct state invalid drop
	in_ns $G nft "add chain ip bench p { type nat hook postrouting priority 100; }"
	in_ns $G nft add rule ip bench p oifname core0 snat ip prefix to ip saddr map '{ 100.64.0.0/15 : 198.18.0.0/15 }' ||
		die "nft"
}
nft_off() {
	in_ns $G nft delete table ip bench
	in_ns $G conntrack -F > /dev/null 2>&1
}
outer() { # the records with those addresses
	python3 - "$T/records" > "$T/outer" <<-'END'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	for at in range(0, len(data), 12):
	    mac, sid, ip = struct.unpack("=6sH4s", data[at:at + 12])
	    ip = struct.pack("!I", struct.unpack("!I", ip)[0] - 0x64400000 + 0xC6120000)
	    sys.stdout.buffer.write(struct.pack("=6sH4s", mac, sid, ip))
	END
}
down_nat() { RECORDS=$T/outer down_to "$1"; }

hits() { ctl show fastpath --json | jq '."hits-packets"'; }
flows_are() { [ "$(ctl show fastpath --json | jq .flows)" -ge "$1" ]; }
# Packets both ways, and again when conntrack holds them for streams: two seconds.
assure() {
	local i
	for i in 1 2 3 4 5 6; do
		SECONDS_EACH=${ASSURE:-0} up pppoe-up > /dev/null
		SECONDS_EACH=${ASSURE:-0} down_nat tc > /dev/null
		sleep 1
		flows_are "$N" && return
	done
	die "conntrack: $(ctl show fastpath --json)"
}
# Where few packets are sent, each flow is in conntrack before any is measured.
known() { # KIND of what goes up
	[ -n "${ASSURE:-}" ] || return 0
	SECONDS_EACH=$ASSURE up "$1" > /dev/null
	SECONDS_EACH=$ASSURE down_nat tc > /dev/null
}
# What is measured went around the stack. It has checksums: what comes by a veth without one is not for
# XDP (core_xdp.bpf.c), and to keep one right is a part of the work. What goes through the stack has
# none, which conntrack would have to check by itself here, as no card has done so.
fast_only() { # COMMAND...
	local before SUMS=-S
	before=$(hits)
	"$@" || return 1
	[ "$(hits)" -gt $((before + ${LEAST:-100000})) ] || die "$*: not around the stack: $(ctl show fastpath --json)"
}

daemon() { # MODE FASTPATH
	FASTPATH=$2 CORE=core0,$1 FLOWS=$((N > 10000 ? 4 * N : 32768)) config "$1" $((N + 100)) 0
	brasd_start taskset -c 0
	lines_up "$1"
	outer
}

# Net of the baseline, and of plain forwarding.
cell() { # MEASURED BASELINE PLAIN
	awk "BEGIN { n = $1 - $2; printf \"%.0f (%.2f)\", n, n / $3 }"
}

# A figure up and one down for each of $LENGTHS, by these commands, to row() of who sources this.
both() { # NAME UP DOWN
	local u d LENGTH
	for LENGTH in $LENGTHS; do
		u=$($2) || exit 1
		d=$($3) || exit 1
		row "$1" "$u" "$d"
	done
}
bare_up() { BOUNCE=$G/acc0,core0 gen ip-up $H/wan0 $I/inet0 xdp $MAC_ACC $MAC_WAN; }
bare_down() { BOUNCE=$G/core0,acc0 gen ip-down $I/inet0 $H/wan0 xdp $MAC_CORE $MAC_INET; }
# What the kernel's forwarding costs with a translation, and the least there is.
plain_more() {
	ip -n $G addr add 198.51.100.1/24 dev acc0
	ip -n $G neigh replace 198.51.100.2 lladdr $MAC_WAN dev acc0 nud permanent
	ip -n $G route add 100.64.0.0/15 via 198.51.100.2
	nft_on
	outer
	known ip-up
	both "plain forwarding, conntrack and NAT" "up ip-up" "down_nat tc"
	nft_off
	both "bare XDP redirect" bare_up bare_down
	ip -n $G route del 100.64.0.0/15
	ip -n $G addr del 198.51.100.1/24 dev acc0
}
fast_up() { fast_only gen pppoe-up $H/wan0 $I/inet0 "$1" $MAC_ACC $MAC_WAN; }
# One daemon for the way through the stack, one for routed, one for flows. The sink of what goes fast is
# as the datapath is.
stack() { # xdp|tc
	daemon "$1" off
	both "brasd through the stack, $1" "up pppoe-up" "down_to tc"
	nft_on
	known pppoe-up
	both "the same, conntrack and NAT" "up pppoe-up" "down_nat tc"
	nft_off
	brasd_stop
}
ours() { # xdp|tc
	[ -n "${FEW:-}" ] || stack "$1"
	daemon "$1" routed
	both "fast path, routed, $1" "fast_up $1" "fast_only down_to $1"
	brasd_stop
	daemon "$1" flows
	nft_on
	assure
	known pppoe-up # the first packet behind that is the stack's: it accepts the flow
	both "fast path, flows, NAT, $1" "fast_up $1" "fast_only down_nat $1"
	nft_off
	brasd_stop
}
