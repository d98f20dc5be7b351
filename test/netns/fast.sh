#!/bin/bash
# Proves the fast path with a real firewall, real NAT and real conntrack, in both modes: an accepted
# flow goes around the stack (hit rate over 99 %), and leaves it for a new rule, a route that moves, a
# session that ends, `conntrack -D`, and when its conntrack entry times out.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"

run() {
	fast_alice
	IP6=$(in_ns "$NS" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }')
	expect "core0 is found by the default routes" lab_json "'core0' in j['core'] and j['mode'] == 'flows'" show fastpath
	expect "translation works" lab_ping "$NS" $WEB4
	for args in "-c $WEB4" "-c $WEB4 -R" "-c $WEB6" "-c $WEB6 -R"; do
		expect "TCP $args" fast_rate "$NS" 0.99 -t 3 $args
		expect "UDP $args, once it is assured (2 s)" fast_rate "$NS" 0.4 -t 5 $args -u -b 30M
	done
	counters
	rule
	route
	killed_flow
	lease
	per_user
	damage
	session
	lab_stop brasd || fail "the clean end was none"
	refuse "the table is gone with it" g nft list table ip "brasberry-$INSTANCE-nat44"
	refuse "and the programs" sh -c "nsenter --net=/run/netns/$BNG tc filter show dev core0 ingress | grep -q bpf"
}

counters() {
	fast_flow start udp
	expect "show flows has it" wait_for 10 fast_has_flow "'udp'"
	expect "with its translation" lab_json "any(f['nat'] == '$CORE4' for f in j)" show flows alice
	expect "show session counts it" lab_json "j['flows'] >= 1 and j['rates']['rx-pps'] > 0" show session alice
	refuse "of others there are none" lab_json "len(j)" show flows bob
	fast_flow stop udp
}

rule() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	g nft insert rule inet filter forward udp dport 7000 drop
	expect "a rule in mid-flow cuts it" wait_for 5 fast_is_cut
	g nft flush chain inet filter forward
	fast_rules
	expect "and goes on without it" wait_for 10 fast_is_moving
	fast_flow stop udp
}

route() {
	fast_flow start tcp
	expect "goes around the stack" wait_for 10 fast_is_moving
	g ip route replace blackhole $WEB4/32
	expect "a route in mid-flow takes it away" wait_for 5 fast_is_cut
	g ip route del blackhole $WEB4/32
	expect "and gives it back" wait_for 30 fast_is_moving
	fast_flow stop tcp
}

killed_flow() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	g nft insert rule inet filter forward udp dport 7000 ct state new drop
	expect "rules do not end what they accept" wait_for 10 fast_is_moving
	g conntrack -D -p udp --orig-port-dst 7000 > /dev/null 2>&1 || fail "conntrack -D"
	expect "conntrack -D ends it at once" wait_for 5 fast_is_cut
	expect "and its entry" fast_no_flow "'udp'"
	g nft flush chain inet filter forward
	fast_rules
	fast_flow stop udp
}

lease() {
	g conntrack -F > /dev/null 2>&1
	g sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=6
	g nft add rule inet filter forward counter # the timeouts are read again
	expect "the lease is a third of it" wait_for 5 lab_json "j['lease-ms'] == 2000" show fastpath
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	local end=$((SECONDS + 14)) # more than two timeouts
	while [ $SECONDS -lt $end ]; do
		fast_has_flow "'udp'" || fail "a living flow lost its conntrack entry"
		sleep 1
	done
	expect "a living flow lives on" wait_for 10 fast_is_moving
	fast_flow stop udp
	expect "an idle one expires" wait_for 15 expired
}
# The kernel takes away what has expired when it comes by, as a listing does.
expired() { g conntrack -L > /dev/null 2>&1; fast_no_flow "'udp'"; }

per_user() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	lab_ctl fastpath off alice > /dev/null
	expect "fastpath off: not any more, but on" wait_for 10 fast_is_slow
	lab_ctl fastpath on alice > /dev/null
	expect "and again" wait_for 10 fast_is_moving
	expect "clear flows" lab_ctl clear flows
	expect "starts anew" wait_for 10 fast_is_moving
	fast_flow stop udp
}

# What somebody takes from the core is put back; kill -9 stops nothing, and the next brasd goes on.
damage() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	g tc qdisc del dev core0 clsact || fail "no clsact on core0"
	expect "clsact of core0 is deleted: the programs are back" wait_for 5 fast_told 'core0: somebody has taken our program away: it is back'
	expect "and carry" wait_for 10 fast_is_moving
	lab_stop brasd KILL > /dev/null 2>&1
	expect "brasd is dead: the flow goes on" fast_moves
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	expect "the next one has it" wait_for 10 fast_has_flow "'udp'"
	expect "around the stack" wait_for 10 fast_is_moving
	fast_flow stop udp
}

session() {
	fast_flow start udp
	expect "goes around the stack" wait_for 10 fast_is_moving
	lab_ctl terminate alice > /dev/null
	expect "a session's end is its flows' end" wait_for 5 fast_is_cut
	fast_flow stop udp
	lab_stop alice > /dev/null
}

lab_each_mode run
