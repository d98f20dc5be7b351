#!/bin/bash
# Run: early
# Proves the fast path under many flows: 100,000 short ones without one lost and none left over, a table
# that is full slows and breaks nothing, and events of conntrack that were lost are made up for by
# asking it for all.
# Sample: one mode
# Sample: 2 of fastpath
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"

storm() { in_ns "$NS" timeout 500 python3 "$LAB_TEST_DIR/netns/storm.py" "$@"; }
good() { # NUMBER ARGS...
	local want=$1 got
	shift
	got=$(storm "$@") || return 1
	[ "$got" = "$want" ] && return
	echo "good: $got of $want; resets at the line, in the core's end, beyond it:"
	tail -qn 4 "$LAB_DIR"/resets_{u,c,k}.log
	g conntrack -S
	return 1
}
# Whoever resets a connection is seen: no flow of this test's ends so.
watch_resets() {
	local filter='tcp[tcpflags] & tcp-rst != 0'
	lab_spawn resets_u in_ns "$NS" tcpdump -lnnttU -i u0 "$filter"
	lab_spawn resets_c g tcpdump -lnnttU -i core0 "$filter"
	lab_spawn resets_k n tcpdump -lnnttU -i k0 "$filter"
}
flows() { lab_value "j['flows']" show fastpath; }
# All ends were acknowledged, so no entry may be left, and conntrack holds nothing for established.
none_left() {
	wait_for 30 no_flows && [ "$(established)" = 0 ] && return
	lab_ctl show fastpath
	lab_ctl show flows --json | jq -c '.[]' | head -n 3
	g conntrack -L 2> /dev/null | awk '{ n[$4]++ } END { for (s in n) print s, n[s] }'
	return 1
}
established() { g conntrack -L -p tcp --state ESTABLISHED 2> /dev/null | wc -l; }
no_flows() { [ "$(flows)" = 0 ]; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }

run() {
	local before hits
	fast_lab
	g sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=5
	lab_start_brasd nat44.masquerade=core0 subscriber.flows=4096 subscriber.flows-per-line=0
	fast_filter
	lab_ns one; NS=$REPLY
	in_ns "$NS" sysctl -qw net.ipv4.ip_local_port_range="1024 65000"
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	lab_spawn storm n python3 "$LAB_TEST_DIR/netns/storm.py" serve $WEB4 9000 16
	wait_for 10 lab_listens "$INTERNET" t 9015 || fail "the echo does not listen"
	watch_resets
	full
	overrun
	expect "a few flows first" good 4000 short $WEB4 9000 16 4000
	before=$(memory) hits=$(fast_count hits-packets)
	expect "100,000 short flows, each echo whole" good 100000 short $WEB4 9000 16 100000
	expect "around the stack, in part" [ "$(fast_count hits-packets)" -gt $((hits + 10000)) ]
	expect "none is left" none_left
	expect "the daemon is no larger ($before KB, then $(memory))" [ "$(memory)" -lt $((before + 4096)) ]
	lab_stop storm > /dev/null
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}

full() {
	expect "6,000 flows where 4,096 entries fit" good 24000 hold $WEB4 9000 16 6000 4
	expect "some had to go" lab_json "j['evicted'] > 1000" show fastpath
	expect "none is left" none_left
}

# Stopped, the daemon hears nothing: its socket runs over. What ended meanwhile must not stay.
overrun() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	lab_spawn echo2 n python3 "$LAB_TEST_DIR/netns/flow.py" serve udp $WEB4 7001
	lab_spawn flow2 in_ns "$NS" python3 "$LAB_TEST_DIR/netns/flow.py" run udp $WEB4 7001 "$LAB_DIR/answers2"
	expect "another one" wait_for 10 has_second
	kill -STOP "${LAB_PID[brasd]}"
	lab_stop flow2 > /dev/null
	lab_stop echo2 > /dev/null
	g conntrack -D -p udp --orig-port-dst 7001 > /dev/null 2>&1
	for _ in 1 2 3 4 5 6; do good 6000 short $WEB4 9000 16 6000 > /dev/null || fail "short flows"; done
	kill -CONT "${LAB_PID[brasd]}"
	expect "events were lost" wait_for 10 lab_json "j['events-lost'] > 0" show fastpath
	expect "and all are asked for" wait_for 10 lab_json "j['dumps'] > 1" show fastpath
	expect "what is alive goes around the stack" wait_for 10 fast_is_moving
	expect "and has an entry" fast_has_flow "'udp'"
	expect "what has ended has none" wait_for 10 no_second
	fast_flow stop udp
	g conntrack -F > /dev/null 2>&1
	expect "nothing is left" wait_for 20 no_flows
}
has_second() { lab_json "any(f['dport'] == 7001 for f in j)" show flows; }
no_second() { ! has_second; }

lab_each_mode run
