#!/bin/bash
# Proves: whichever way a line's packets take, the port has each of them once, packet for packet what the
# line carries, and its access link inside PPPoE, and what the core carries (but for what a translator
# changes): through a tree, through NAT44, with
# the fast path by flows and routed, through NAT64. A line that is copied leaves the fast path in mid-flow,
# and no other does; when it is copied no more, it is fast again.
# Run: early
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"
. "$(dirname "$0")/../fast.sh"

POOL6=2001:db8:64::

INSIDE=64,$(printf %s "$CORE4" | awk -F. '{ printf "%02x%02x%02x%02x", $1, $2, $3, $4 }'),20010db801 # 100.64/10's first octet

watch() {
	[ $LAB_MODE != tc ] || capture access "$BNG" acc # native XDP goes past captures
	capture line "$ONE" u0
	capture core "$INTERNET" k0
	capture mon "$MON" m0
}
same_as() { python3 "$PCAP" same "$LAB_DIR/$1.pcap" "$LAB_DIR/mon.pcap" "${2:-0}"; }
same_access() { [ $LAB_MODE != tc ] || python3 "$PCAP" edge "$LAB_DIR/access.pcap" "$LAB_DIR/mon.pcap"; }
same_through() { python3 "$PCAP" through "$LAB_DIR/core.pcap" "$LAB_DIR/mon.pcap" "$INSIDE" "$@"; }
access_end() { # behind the others: whatever they have, it has
	[ $LAB_MODE != tc ] || lab_stop cap-access INT
}

begin() { # WHAT [SECTION.KEY=VALUE]...
	say "$1"
	lab_start_brasd mirror.port=mon0 mirror.everybody=off "${@:2}"
	lab_dial one -u alice -p wonderland --plumb "u0@$ONE"
	lab_ctl mirror alice both > /dev/null || fail "mirror alice"
}
finish() {
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
}

compare() { # NAT: 1 where the core has other addresses
	watch
	expect "traffic of all kinds" mirror_traffic "$ONE"
	capture_end "$ONE" line core mon
	access_end
	expect "what the line carries, each once" same_as line
	expect "what its access link carries inside PPPoE, each once" same_access
	if [ "$1" = 0 ]; then
		expect "what the core carries, each once" same_as core -1
	else
		expect "what the core carries, but for NAT44, each once" same_through
	fi
	expect "none dropped" counted alice drops "== 0"
}

shaped() {
	begin "through a tree" shaper.mode=htb shaper.queues=2
	expect "a plan" lab_ctl shaper change alice 60M/60M temp
	compare 0
	finish
}

fast_back() { fast_rate "$ONE" 0.9 -t 2 -c $WEB4 -R; }

flows() {
	begin "NAT44 and the fast path by flows" nat44.masquerade=core0 subscriber.core=core0,tc subscriber.fastpath=flows
	fast_filter
	compare 1
	lab_ctl mirror alice reset > /dev/null
	expect "not copied: fast" wait_for 40 fast_back
	NS=$ONE
	fast_flow start tcp
	expect "a flow goes around the stack" wait_for 10 fast_is_moving
	lab_ctl mirror alice both > /dev/null
	expect "copied in mid-flow: by the stack" wait_for 10 fast_is_slow
	fast_flow stop tcp
	g nft delete table inet filter
	finish
}

routed() {
	begin "the fast path, routed" subscriber.core=core0 subscriber.fastpath=routed
	compare 0
	lab_ctl mirror alice reset > /dev/null
	expect "not copied: fast" wait_for 20 fast_back
	finish
}

nat64() {
	begin "NAT64 by tayga" nat64.pool6=${POOL6}/96 nat64.tayga-device=nat64 nat64.pool4=$CORE4,61000-65535
	expect "it is up" wait_for 30 lab_json "j['state'] == 'up'" show nat64
	watch
	expect "traffic" lab_ping "$ONE" ${POOL6}192.0.2.2
	expect "a page" in_ns "$ONE" curl -sSf -m 10 "http://[${POOL6}192.0.2.2]/"
	capture_end "$ONE" line core mon
	access_end
	expect "what the line carries, in IPv6, each once" same_as line
	expect "what its access link carries inside PPPoE, each once" same_access
	expect "what the core carries, but for NAT64, each once" same_through ${POOL6}/96
	finish
}

run() {
	lab_ns one; ONE=$REPLY
	monitor_up
	fast_lab
	shaped
	flows
	routed
	nat64
}

lab_each_mode run
