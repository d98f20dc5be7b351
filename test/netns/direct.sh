#!/bin/bash
# Proves: what has no use for the hop between subs0 and subs0p does without it (bpf/direct.h), and is
# counted all the same; what has one takes it: TCP, a packet whose checksum is still to be made, a
# shaped line's, and all of a line that is told to (fastpath off USER). Every query is answered.
. "$(dirname "$0")/../lab.sh"

QUERIES=5

# Packets that a device of the pair has sent: those that took the hop, subs0 down, subs0p up.
sent() { g ip -j -s link show "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["stats64"]["tx"]["packets"])'; }
counted() { lab_value "j[0]['$1-pkts']" show sessions; }

queries() { # udp|tcp
	local i
	for i in $(seq $QUERIES); do
		in_ns "$NS" python3 "$LAB_TEST_DIR/netns/net.py" dns-query "$1" $WEB4 || return 1
	done
}

# WHAT DOWN UP udp|tcp: each of them "hop" or "direct". In mode xdp a redirect is not of subs0p's sending.
takes() {
	local what=$1 down up tx rx
	down=$(sent subs0) up=$(sent subs0p) tx=$(counted tx) rx=$(counted rx)
	expect "$what: $4 is answered" queries "$4"
	down=$(($(sent subs0) - down)) up=$(($(sent subs0p) - up))
	expect "$what: $down by subs0 ($2)" went "$2" $down
	[ "$LAB_MODE" = xdp ] || expect "$what: $up by subs0p ($3)" went "$3" $up
	[ "$4" = tcp ] || expect "$what: counted once each" test \
		"$(($(counted tx) - tx)) $(($(counted rx) - rx))" = "$QUERIES $QUERIES"
}
went() { if [ "$1" = hop ]; then [ "$2" -ge $QUERIES ]; else [ "$2" -lt $QUERIES ]; fi; }

run() {
	lab_start_brasd ppp.ipv6=deny subscriber.fastpath=off
	lab_ns one; NS=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$NS"
	takes "sums to be made" hop direct udp
	n ethtool -K k0 tx off > /dev/null # as from a wire
	takes "from a wire" direct direct udp
	takes "TCP" hop hop tcp
	lab_ctl fastpath off alice > /dev/null
	takes "told to" hop hop udp
	lab_ctl fastpath on alice > /dev/null
	takes "told not to" direct direct udp
	lab_hangup one
	lab_stop brasd || fail "the clean end was none"
	lab_start_brasd ppp.ipv6=deny subscriber.fastpath=off shaper.mode=htb shaper.default=10000/5000
	lab_dial one -u alice -p wonderland --plumb "u0@$NS"
	takes "shaped" hop hop udp
	lab_hangup one
}

lab_each_mode run
