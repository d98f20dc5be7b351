#!/bin/bash
# Run: early
# Proves that the fast path follows what changes under a flow: a route that moves to a second path, a
# neighbour's new address, a link that goes and comes; and that every checksum is right on both sides,
# by capture: translated or not, IPv4 and IPv6, TCP and UDP, of even and odd length.
# Sample: one mode
# Sample: 2 of fastpath
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"

second_path() {
	g ip link add core1 type veth peer name k1 netns "$INTERNET" || fail "no second path"
	lab_link_end "$BNG" core1 1500 eui64
	lab_link_end "$INTERNET" k1 1500 eui64
	g ip addr add 198.51.100.1/24 dev core1
	n ip addr add 198.51.100.2/24 dev k1
	n ethtool -K k1 tx off tso off gso off > /dev/null
	n sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.k1.rp_filter=0 net.ipv4.conf.k0.rp_filter=0
	g sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.core1.rp_filter=0
}
received() { n ip -s -j link show dev "$1" | jq ".[0].stats64.rx.packets"; }
comes_by() { # DEV: most of half a second's packets
	local a b
	a=$(received "$1")
	fast_is_moving || return 1
	b=$(received "$1")
	[ $((b - a)) -gt 20 ]
}

start() {
	fast_lab
	second_path
	lab_start_brasd "$@" subscriber.core=core0,xdp subscriber.core+=core1,xdp
	fast_filter
	lab_ns one; NS=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
}
end() {
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}

changes() { # KIND MAC
	fast_flow start "$1"
	expect "$1: by the first path" wait_for 10 comes_by k0
	g ip route add $WEB4/32 via 198.51.100.2 dev core1
	expect "a route in mid-flow moves it to the second" wait_for 10 comes_by k1
	g ip route del $WEB4/32
	expect "and back" wait_for 10 comes_by k0
	n ip link set k0 address "$2"
	n ip -6 addr add $WEB6/64 dev k0 nodad 2> /dev/null
	g ip neigh flush dev core0
	expect "a neighbour's new address is learnt" wait_for 15 comes_by k0
	[ "$1" = tcp ] || link_goes
	fast_flow stop "$1"
}

link_goes() {
	g ip link set core0 down
	expect "a link that goes stops it" wait_for 5 fast_is_cut
	g ip link set core0 up
	g ip addr add $CORE6/64 dev core0 nodad 2> /dev/null # it takes these with it
	g ip route replace default via $WEB4
	g ip -6 route replace default via $WEB6
	expect "one that comes back carries on" wait_for 20 comes_by k0
}

capture() { # NAME NETNS DEV
	lab_spawn "$1" in_ns "$2" tcpdump -Z root -U -s 0 -i "$3" -w "$LAB_DIR/$1.pcap" "${@:4}"
	wait_for 10 grep -q 'listening on' "$LAB_DIR/$1.log" || fail "no capture on $3"
}

# Flows that are long enough to leave the stack, with lengths from 1 octet on, both ways.
sums() {
	local before
	before=$(fast_count hits-packets)
	lab_spawn odd n python3 "$LAB_TEST_DIR/netns/odd.py" serve 7100
	wait_for 10 lab_listens "$INTERNET" t 7100 || fail "the echo does not listen"
	# What comes in: on the line's side from the core, on the core's from the line.
	capture line "$NS" u0 -Q in
	capture core "$INTERNET" k0 -Q in
	expect "echoes of all lengths" in_ns "$NS" timeout 60 python3 "$LAB_TEST_DIR/netns/odd.py" run 7100 $WEB4 $WEB6
	expect "around the stack" [ "$(fast_count hits-packets)" -gt $((before + 1000)) ]
	lab_stop line INT > /dev/null
	lab_stop core INT > /dev/null
	lab_stop odd > /dev/null
	expect "checksums to the line" python3 "$LAB_TEST_DIR/netns/sums.py" "$LAB_DIR/line.pcap" 100
	expect "checksums to the core" python3 "$LAB_TEST_DIR/netns/sums.py" "$LAB_DIR/core.pcap" 100
}

translated() {
	start nat44.pool=$CORE4/32
	changes udp 02:00:00:00:aa:01
	changes tcp 02:00:00:00:aa:02
	sums
	end
}
untranslated() {
	start
	sums
	end
}

lab_each_mode translated
lab_each_mode untranslated
