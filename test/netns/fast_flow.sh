#!/bin/bash
# Run: early
# Proves of a flow that goes around the stack: its packets that the stack must see reach it (a TTL that
# ends, options, fragments), and those after them go around it again; a plan that changes holds for it at
# once, and it stays; and when the core's address is another, old translations end and new ones have it.
# And that `show fastpath` says when no rule needs conntrack.
# Sample: 2 of fastpath
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"
. "$(dirname "$0")/../shape.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

no_rule() {
	lab_start_brasd subscriber.core=core0,xdp
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	expect "without a rule: TCP passes" lab_iperf "$NS" 1 -c $WEB4
	expect "and it is said that conntrack sees no flows" lab_json \
		"'sees no flows' in j['reason'] and not j['flows'] and not j['hits-packets'] and j['slow-packets'] > 100" show fastpath
	fast_filter
	expect "with one: around the stack" fast_rate "$NS" 0.99 -t 2 -c $WEB4
	expect "and no reason is given" lab_json "j['reason'] is None" show fastpath
	g nft delete table inet filter
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}

# COUNT packets of one flow: so many answers, so many that went up around the stack.
packets() { # COUNT ANSWERS HITS [as flow.py send]
	local count=$1 answers=$2 hits=$3 got h s
	shift 3
	h=$(fast_count hits-up) s=$(fast_count slow-packets)
	got=$(in_ns "$NS" python3 "$LAB_TEST_DIR/netns/flow.py" send $WEB4 7000 7777 "$count" "$@") || return 1
	h=$(($(fast_count hits-up) - h)) s=$(($(fast_count slow-packets) - s))
	echo "$got answers, $h went up around the stack, through it $s both ways"
	[ "$got" = "$answers" ] && [ $h = "$hits" ] && [ $s -ge $((count - hits)) ]
}
# Nothing is lost in the lab, so all answers come.
one_flow() {
	lab_spawn echo n python3 "$LAB_TEST_DIR/netns/flow.py" serve udp "$WEB4" 7000
	wait_for 10 lab_listens "$INTERNET" u 7000 || fail "the echo does not listen"
	expect "a flow, until it is around the stack" wait_for 30 packets 20 20 20
	expect "a TTL that ends is the stack's" packets 5 0 0 ttl=1
	expect "so are options" packets 5 5 0 options
	expect "and fragments" packets 5 5 0 size=3000
	expect "what follows goes around it again" wait_for 30 packets 20 20 20 # one in a lease does not
	lab_stop echo > /dev/null
}

plan() {
	fast_flow start udp
	expect "around the stack" wait_for 10 fast_is_moving
	expect "a plan in mid-flow" shape_plan alice 8M/4M
	expect "it stays around the stack" wait_for 10 fast_is_moving
	fast_flow stop udp
	expect "a flow has the plan, down" shape_tcp "$NS" 8 -c $WEB4 -R
	expect "and up" shape_tcp "$NS" 4 -c $WEB4
	expect "around the stack" fast_rate "$NS" 0.9 -t 3 -c $WEB4 -R
	expect "none any more" shape_plan alice none
	expect "it has more" lab_iperf "$NS" 40 -c $WEB4
}

has_nat() { lab_json "any(f['dport'] == 7000 and f['nat'] == '$1' for f in j)" show flows; }
has_no_nat() { ! has_nat "$1"; }
address() {
	fast_flow start udp
	expect "around the stack" wait_for 10 fast_is_moving
	expect "translated to the core's address" has_nat $CORE4
	g ip addr add 192.0.2.9/24 dev core0
	g ip addr del $CORE4/24 dev core0 # the second becomes the first, by a sysctl
	g ip route replace default via $WEB4
	expect "the old translation ends" wait_for 10 has_no_nat $CORE4
	fast_flow stop udp
	fast_flow start udp
	expect "a new flow goes around the stack" wait_for 20 fast_is_moving
	expect "with the new address" has_nat 192.0.2.9
	fast_flow stop udp
}

run() {
	fast_lab
	g sysctl -qw net.ipv4.conf.core0.promote_secondaries=1
	lab_ns one; NS=$REPLY
	no_rule
	lab_start_brasd nat44.masquerade=core0 "subscriber.core=core0,xdp" shaper.mode=htb shaper.queues=2
	fast_filter
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	one_flow
	plan
	address
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
