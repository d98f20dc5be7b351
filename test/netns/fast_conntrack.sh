#!/bin/bash
# Proves what the fast path owes conntrack: an offloaded TCP flow is liberal there, and one that comes
# back to the stack, a window of conntrack's and more later, is believed; `conntrack -D` of one flow is
# the end of that one alone; an idle flow expires on time beside one that lives, which never does.
# Sample: 2 of fastpath
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"

grown() { # COUNTER FROM BY, in a minute
	wait_for 60 beyond "$1" $(($2 + $3)) && return
	lab_ctl show fastpath
	tail -n 5 "$LAB_DIR/bulk.log"
	return 1
}
beyond() { [ "$(fast_count "$1")" -gt "$2" ]; }

# The filter drops what conntrack calls invalid.
liberal() { # ARGS of iperf3
	local at
	at=$(fast_count hits-packets)
	lab_spawn bulk in_ns "$NS" iperf3 -t 600 -c $WEB4 "$@"
	expect "TCP $*: around the stack, by some windows" grown hits-packets "$at" 10000
	expect "liberal in conntrack, both ways" marked
	lab_ctl fastpath off alice > /dev/null
	at=$(fast_count slow-packets)
	expect "back in the stack, it goes on" grown slow-packets "$at" 3000
	lab_ctl fastpath on alice > /dev/null
	at=$(fast_count hits-packets)
	expect "and around it again" grown hits-packets "$at" 3000
	lab_stop bulk > /dev/null
}
# iperf3's connection with the data, and its control connection once that is assured.
marked() {
	local flags
	flags=$(g python3 "$LAB_TEST_DIR/netns/ct_flags.py" 5201)
	echo "$flags"
	[ -n "$flags" ] && [ -z "$(awk '!int($1 / 8) || !int($2 / 8)' <<< "$flags")" ]
}

second() { # start|stop: another flow
	if [ "$1" = stop ]; then
		lab_stop flow2 > /dev/null
		lab_stop echo2 > /dev/null
		return
	fi
	lab_spawn echo2 n python3 "$LAB_TEST_DIR/netns/flow.py" serve udp $WEB4 7001
	wait_for 30 lab_listens "$INTERNET" u 7001 || fail "the echo does not listen"
	lab_spawn flow2 in_ns "$NS" python3 "$LAB_TEST_DIR/netns/flow.py" run udp $WEB4 7001 "$LAB_DIR/answers2"
}
has_second() { lab_json "any(f['dport'] == 7001 for f in j)" show flows; }
second_packets() { lab_value "sum(f['packets'] for f in j if f['dport'] == 7001)" show flows; }
second_moves() { # around the stack
	local at
	at=$(second_packets)
	wait_for 30 second_has "$at"
}
second_has() { [ "$(second_packets)" -gt $(($1 + 20)) ]; }

one_of_two() {
	fast_flow start udp
	second start
	expect "two flows go around the stack" wait_for 30 has_second
	expect "the first" wait_for 30 fast_is_moving
	g nft insert rule inet filter forward udp dport 7000 ct state new drop
	g conntrack -D -p udp --orig-port-dst 7000 > /dev/null 2>&1 || fail "conntrack -D"
	expect "conntrack -D of one: cut" wait_for 10 fast_is_cut
	expect "its entry is gone" fast_no_flow "'udp'"
	expect "the other one goes on" second_moves
	g nft flush chain inet filter forward
	fast_rules
	fast_flow stop udp
}

# The kernel takes away what has expired when it comes by, as a listing does.
expired() { g conntrack -L > /dev/null 2>&1; fast_no_flow "'udp'"; }
left() { # seconds that conntrack gives the first
	g conntrack -L -p udp --orig-port-dst 7000 2> /dev/null | awk '{ print $3; exit }'
}
expires() {
	local was=99 now start=$SECONDS
	until expired; do
		now=$(left)
		[ "${now:-0}" -le $was ] || { echo "idle, and has $now s after $was s"; return 1; }
		was=${now:-0}
		[ $SECONDS -lt $((start + 20)) ] || { echo "still there"; return 1; }
		sleep 0.3
	done
	has_second
}
idle() {
	g sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=5
	g nft add rule inet filter forward counter # the timeouts are read again
	expect "the lease is a third" wait_for 30 lab_json "j['lease-ms'] == 1666" show fastpath
	g conntrack -D -p udp > /dev/null 2>&1
	fast_flow start udp
	expect "around the stack" wait_for 30 fast_is_moving
	expect "both" second_moves
	fast_flow stop udp
	expect "an idle one is refreshed by nobody, and expires beside one that lives" expires
	expect "which lives on" second_moves
	second stop
}

run() {
	fast_alice
	expect "translation works" lab_ping "$NS" $WEB4
	liberal
	liberal -R
	one_of_two
	idle
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}

# Conntrack is the daemon's: one mode will do.
LAB_MODES=${LAB_MODES:-xdp}
lab_each_mode run
