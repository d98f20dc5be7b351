#!/bin/bash
# Proves: a line gets its plan, no more and no less, up and down, TCP and UDP, one and eight flows,
# IPv4 and IPv6; a ping in a loaded line is quick; who is not shaped passes no class. What counts is
# each IP packet and 22 octets, so TCP of 1440-octet segments carries 1440/1514 of the plan.
# Run: alone, because it measures speeds
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"

# DOWN/UP in Mbit/s, the most that a loaded ping may take. The trees are the same in both modes;
# the rates between are in test/bench/RESULTS.md.
plans() { [ $LAB_MODE = xdp ] && echo 1/1:60 20/20:25 500/500:25 || echo 10/5:60; }

one_plan() { # NETNS DOWN UP MS
	local ns=$1 down=$2 up=$3 ms=$4
	expect "plan $down/$up" shape_plan alice "${down}M/${up}M"
	expect "$down down, TCP" shape_tcp "$ns" "$down" -c $WEB4 -R
	expect "$up up, TCP" shape_tcp "$ns" "$up" -c $WEB4
	expect "$down down, ping under load" shape_loaded "$ns" "$ms" -c $WEB4 -R
	expect "$up up, ping under load" shape_loaded "$ns" "$ms" -c $WEB4
}

more_of_one() { # NETNS MBIT
	local ns=$1 mbit=$2
	expect "$mbit down, TCP, IPv6" shape_tcp "$ns" "$mbit" -c $WEB6 -R
	expect "$mbit up, TCP, IPv6" shape_tcp "$ns" "$mbit" -c $WEB6
	expect "$mbit down, eight flows" shape_tcp "$ns" "$mbit" -c $WEB4 -R -P 8
	expect "$mbit up, eight flows" shape_tcp "$ns" "$mbit" -c $WEB4 -P 8
	expect "$mbit down, UDP" shape_udp "$ns" "$mbit" -c $WEB4 -R
	expect "$mbit up, UDP" shape_udp "$ns" "$mbit" -c $WEB4
}

run() {
	local ns plan
	lab_users 'free * secret * 0/0'
	lab_start_brasd shaper.mode=htb
	lab_ns one; ns=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ns"
	for plan in $(plans); do
		one_plan "$ns" "${plan%%/*}" "$(cut -d/ -f2 <<< "${plan%:*}")" "${plan#*:}"
		[ "$plan" = "20/20:25" ] && more_of_one "$ns" 20
	done
	expect "no rate, no class" shape_plan alice none
	expect "unshaped, down" lab_iperf "$ns" 600 -c $WEB4 -R
	expect "unshaped, up" lab_iperf "$ns" 600 -c $WEB4
	lab_hangup one
}

lab_each_mode run
