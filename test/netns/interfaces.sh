#!/bin/bash
# Proves: several access interfaces serve at once and the same session id on two of them is two
# lines; one that goes down and comes back, or is deleted and made again, is picked up without a
# restart, and the others do not notice.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

dial_again() { # IF: one whole dial, up and down
	h "$B/dialer" -i "$1" --hold 0 --retries 1 --mac-base 02:bb:00:00:30:00
}

run() {
	local ns0 ns1
	LAB_ACCESS="acc acc1 acc2"
	lab_start_brasd
	lab_ns zero; ns0=$REPLY
	lab_ns one; ns1=$REPLY
	lab_dial zero -u zero --plumb "u0@$ns0"
	LAB_IF=s1 lab_dial one -u one --plumb "u1@$ns1"
	LAB_IF=s2 lab_dial two -u two
	expect "three interfaces" lab_json '{s["username"]: s["ifname"] for s in j} == {"zero": "acc", "one": "acc1", "two": "acc2"}' show sessions
	expect "ping behind the first" lab_ping "$ns0" $WEB4
	expect "ping behind the second, same MAC" lab_ping "$ns1" $WEB4
	g ip link set acc down
	expect "the second does not notice that the first is down" lab_ping "$ns1" $WEB4
	g ip link set acc up
	expect "the first serves again" wait_for 30 dial_again s0
	g ip link del acc
	expect "the second does not notice that the first is gone" lab_ping "$ns1" $WEB4
	lab_stop zero
	lab_access_link acc s0
	expect "made again, it serves again" wait_for 30 dial_again s0
	lab_dial back -u back --plumb "u5@$ns0"
	expect "and carries traffic" lab_ping "$ns0" $WEB4
	expect "TCP, too" lab_iperf "$ns0" 20 -c $WEB4 -R
	lab_hangup back
	lab_hangup one
	lab_hangup two
}

LAB_ACCESS="acc acc1 acc2"
lab_each_mode run
