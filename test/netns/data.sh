#!/bin/bash
# Proves: an IPv4 and IPv6 line carries ping, DNS over UDP and TCP, web pages, TCP and UDP at speed
# both ways, fragments; the box itself is reachable from it; lines reach one another; the counters
# count. Everything through the daemon's data plane: there is no other way from the house.
. "$(dirname "$0")/../lab.sh"

counts() { # at least this many packets, both ways
	lab_json "j[0]['rx-pkts'] >= $1 and j[0]['tx-pkts'] >= $1 and j[0]['rx-bytes'] > 84 * $1 and j[0]['tx-bytes'] > 84 * $1" show sessions
}

one_line() {
	local ns=$1 ip=$2 ip6=$3
	expect "ping the internet, IPv4" lab_ping "$ns" $WEB4
	expect "ping the internet, IPv6" lab_ping "$ns" $WEB6
	expect "ping the gateway" lab_ping "$ns" $GW4
	expect "ping fe80::1, the router" lab_ping "$ns" fe80::1%u0
	expect "ping from the internet, IPv4" lab_ping "$INTERNET" "$ip"
	expect "ping from the internet, IPv6" lab_ping "$INTERNET" "$ip6"
	expect "fragments up, IPv4" lab_ping "$ns" $WEB4 -s 4000
	expect "fragments down, IPv4" lab_ping "$INTERNET" "$ip" -s 4000
	# The first answer of 1500 octets is too big; the host learns it and fragments smaller.
	expect "fragments up, IPv6" wait_for 10 lab_ping "$ns" $WEB6 -s 4000
	expect "fragments down, IPv6" wait_for 10 lab_ping "$INTERNET" "$ip6" -s 4000
	expect "a page, IPv4" in_ns "$ns" curl -sSf -m 5 "http://$WEB4/"
	expect "a page, IPv6" in_ns "$ns" curl -sSf -m 5 "http://[$WEB6]/"
	for proto in udp tcp; do
		expect "DNS over $proto, IPv4" in_ns "$ns" python3 "$LAB_TEST_DIR/netns/net.py" dns-query $proto $WEB4
		expect "DNS over $proto, IPv6" in_ns "$ns" python3 "$LAB_TEST_DIR/netns/net.py" dns-query $proto $WEB6
		expect "DNS over $proto, on the box" in_ns "$ns" python3 "$LAB_TEST_DIR/netns/net.py" dns-query $proto $GW4
	done
}

speed() {
	local ns=$1
	expect "TCP up, IPv4" lab_iperf "$ns" 50 -c $WEB4
	expect "TCP down, IPv4" lab_iperf "$ns" 50 -c $WEB4 -R
	expect "TCP up, IPv6" lab_iperf "$ns" 50 -c $WEB6
	expect "TCP down, IPv6" lab_iperf "$ns" 50 -c $WEB6 -R
	expect "UDP up" lab_iperf "$ns" 15 -c $WEB4 -u -b 20M
	expect "UDP down" lab_iperf "$ns" 15 -c $WEB4 -u -b 20M -R
	expect "TCP to the box" lab_iperf "$ns" 50 -c $GW4
	expect "TCP from the box" lab_iperf "$ns" 50 -c $GW4 -R
}

address6() { in_ns "$1" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }'; }

run() {
	local one two ip6
	lab_start_brasd
	lab_servers_bng
	lab_ns one; one=$REPLY
	lab_ns two; two=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$one"
	ip6=$(address6 "$one")
	one_line "$one" "$(lab_field one ip)" "$ip6"
	expect "counted, both ways" counts 20
	speed "$one"
	lab_dial two --mac-base 02:bb:00:00:10:00 --plumb "u0@$two"
	expect "line to line, IPv4" lab_ping "$two" "$(lab_field one ip)"
	expect "line to line, IPv6" lab_ping "$two" "$ip6"
	lab_spawn iperf-one in_ns "$one" iperf3 -s
	expect "iperf3 on line one" wait_for 10 lab_listens "$one" t 5201
	expect "line to line, TCP" lab_iperf "$two" 50 -c "$(lab_field one ip)"
	expect "line to line, TCP, the other way" lab_iperf "$two" 50 -c "$(lab_field one ip)" -R
	expect "line to line, TCP, IPv6" lab_iperf "$two" 50 -c "$ip6"
	lab_hangup two
	lab_hangup one
}

lab_each_mode run
