# What the tests of the fast path share. To be sourced after lab.sh.

# A core with default routes, as an operator's has.
fast_lab() {
	g ip route add default via $WEB4
	g ip -6 route add default via $WEB6
	# As a network card hands packets over: with their checksums, none larger than the MTU.
	n ethtool -K k0 tx off tso off gso off > /dev/null
}

fast_rules() {
	g nft add rule inet filter forward ct state established,related accept
	g nft add rule inet filter forward iifname subs0 accept
	g nft add rule inet filter forward icmp type echo-request accept
}

fast_filter() {
	g nft add table inet filter
	g nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
	fast_rules
}

# With NAT44 and the firewall, a core of XDP, and alice's line as u0 in the namespace $NS.
fast_alice() {
	fast_lab
	lab_start_brasd nat44.masquerade=core0 "subscriber.core=core0,xdp"
	fast_filter
	lab_ns one; NS=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
}

fast_count() { lab_value "j['$1']" show fastpath; }

# An iperf3 of which so many packets go around the stack.
fast_rate() { # NETNS RATE ARGS...
	local ns=$1 rate=$2 h0 s0 h1 s1
	shift 2
	h0=$(fast_count hits-packets) s0=$(fast_count slow-packets)
	in_ns "$ns" timeout 30 iperf3 -J "$@" > "$LAB_DIR/iperf.json" || { tail -n 5 "$LAB_DIR/iperf.json"; return 1; }
	h1=$(fast_count hits-packets) s1=$(fast_count slow-packets)
	echo "hits $((h1 - h0)), slow $((s1 - s0))"
	jq -r '.end | (.sum_received // .sum).bits_per_second / 1e6' "$LAB_DIR/iperf.json"
	awk "BEGIN { exit !($h1 - $h0 > $rate * ($h1 - $h0 + $s1 - $s0)) }"
}

# A flow that never ends: an echo of numbered packets or octets, at some hundred a second.
fast_flow() { # start|stop tcp|udp
	if [ "$1" = stop ]; then
		lab_stop flow > /dev/null
		lab_stop echo > /dev/null
		return 0
	fi
	lab_spawn echo n python3 "$LAB_TEST_DIR/netns/flow.py" serve "$2" "$WEB4" 7000
	wait_for 10 lab_listens "$INTERNET" "${2:0:1}" 7000 || fail "the echo does not listen"
	lab_spawn flow in_ns "$NS" python3 "$LAB_TEST_DIR/netns/flow.py" run "$2" "$WEB4" 7000 "$LAB_DIR/answers"
}

fast_answers() { cat "$LAB_DIR/answers" 2> /dev/null || echo 0; }
fast_moves() { # answers come, over half a second
	local a b
	a=$(fast_answers)
	sleep 0.5
	b=$(fast_answers)
	[ "$b" -gt $((a + 10)) ]
}
# Answers come, and nearly all packets go around the stack.
fast_is_moving() {
	local h0 s0 h1 s1
	h0=$(fast_count hits-packets) s0=$(fast_count slow-packets)
	fast_moves || return 1
	h1=$(fast_count hits-packets) s1=$(fast_count slow-packets)
	[ $((h1 - h0)) -gt 20 ] && [ $((s1 - s0)) -lt $(((h1 - h0) / 5)) ]
}
fast_is_slow() {
	local h0 h1
	h0=$(fast_count hits-packets)
	fast_moves || return 1
	h1=$(fast_count hits-packets)
	[ $((h1 - h0)) = 0 ]
}
fast_is_cut() {
	local a b
	a=$(fast_answers)
	sleep 0.5
	b=$(fast_answers)
	[ "$b" = "$a" ]
}
fast_has_flow() { lab_json "any(f['proto'] == $1 and f['dport'] == 7000 for f in j)" show flows; }
fast_no_flow() { ! fast_has_flow "$1"; }
fast_told() { grep -q "$1" "$LAB_DIR/brasd.log"; }
