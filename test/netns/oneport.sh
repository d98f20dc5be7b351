#!/bin/bash
# Sample: one mode
# Proves: a box with one Ethernet port, as a Raspberry Pi 4: subscribers are in a VLAN of a switch that tags,
# the internet is on the same port without a tag. A line dials in, carries IPv4 behind the box's own address and
# IPv6, its flows go around the stack, its plan holds both ways, and the port is as it was when brasd has ended.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"

# The switch: in the house, between the box's port and the internet's.
one_port() {
	local i
	g ip link del core0
	h ip link add swi type veth peer name k0 netns "$INTERNET"
	lab_link_end "$HOUSE" swi 1500
	lab_link_end "$INTERNET" k0 1500 eui64
	h ip link add switch type bridge mcast_snooping 0 stp_state 0
	for i in s0 swi; do h ip link set $i master switch; done
	h ip link set switch addrgenmode none up
	g ip link set acc down
	lab_link_end "$BNG" acc 1500 eui64
	g ip addr add $CORE4/24 dev acc
	g ip addr add $CORE6/64 dev acc nodad
	n ip addr add $WEB4/24 dev k0
	n ip addr add $WEB6/64 dev k0 nodad
	n ip -6 route add 2001:db8:100::/40 via $CORE6
	fast_lab
}

carries() {
	expect "IPv4, and all of a packet" lab_ping "$NS" $WEB4 -M do -s 1464
	expect "IPv6" lab_ping "$NS" $WEB6
	expect "TCP up" lab_iperf "$NS" 5 -c $WEB4
	expect "TCP down" lab_iperf "$NS" 5 -c $WEB4 -R
	expect "TCP of IPv6 down" lab_iperf "$NS" 5 -c $WEB6 -R
}

mbits() { # ARGS...: how many Mbit/s arrive
	in_ns "$NS" timeout 30 iperf3 -J -t 4 "$@" | jq '.end.sum_received.bits_per_second / 1e6'
}
within() { awk "BEGIN { exit !($1 > $2 && $1 < $3) }" || { echo "$1 is not between $2 and $3"; return 1; }; } # X LOW HIGH

run() {
	one_port
	lab_ns one; NS=$REPLY
	lab_start_brasd nat44.masquerade=acc shaper.mode=htb
	fast_filter
	expect "the port is access and core" lab_json "j['core'] == 'acc'" show fastpath

	lab_dial tagged --vlan 100 -u alice -p wonderland --plumb "u0@$NS"
	carries
	expect "flows go around the stack" fast_rate "$NS" 0.9 -t 3 -c $WEB4
	expect "shaped" lab_json 'j["changed"] == 1' shaper change alice 8000/4000
	expect "down" within "$(mbits -c $WEB4 -R)" 4 8.2
	expect "up" within "$(mbits -c $WEB4)" 2 4.2
	lab_hangup tagged
	lab_stop brasd || fail "brasd did not end well"
	expect "the box has its port still" lab_ping "$BNG" $WEB4
}

lab_each_mode run
