#!/bin/bash
# Proves: lines behind no, one and two VLAN tags share an access interface without a VLAN device;
# the same session id in two VLANs is two sessions; traffic stays in its own; one line per VLAN.
. "$(dirname "$0")/../lab.sh"

run() {
	local -A ns
	local name n=0
	local -A tags=([plain]="" [one]="--vlan 100" [other]="--vlan 101" [two]="--vlan 200.10"
		[old]="--vlan 200.10 --tpid 8100" [inner]="--vlan 200.11")

	lab_start_brasd
	for name in plain one other two old inner; do
		lab_ns "$name"; ns[$name]=$REPLY
		# shellcheck disable=SC2086
		lab_dial "$name" ${tags[$name]} --plumb "u$n@${ns[$name]}" -u "$name"
		expect "ping, $name (${tags[$name]})" lab_ping "${ns[$name]}" $WEB4
		expect "ping, IPv6, $name" lab_ping "${ns[$name]}" $WEB6
		expect "TCP up, $name" lab_iperf "${ns[$name]}" 20 -c $WEB4
		expect "TCP down, $name" lab_iperf "${ns[$name]}" 20 -c $WEB4 -R
		n=$((n + 1))
	done
	expect "all at once still" lab_ping "${ns[plain]}" $WEB4
	expect "brasctl shows the tags" lab_json '{s["username"]: (s["svlan"], s["cvlan"]) for s in j} == {"plain": (None, None), "one": (100, None), "other": (101, None), "two": (200, 10), "old": (200, 10), "inner": (200, 11)}' show sessions
	expect "full packets behind two tags" lab_ping "$INTERNET" "$(lab_field two ip)" -M do -s 1464
	for name in plain one other two old inner; do lab_hangup "$name"; done
	lab_dial range -n 1 --qinq-range 300-303.1-25 --quiet
	expect "one line for each of a hundred pairs of tags" lab_json 'len({(s["svlan"], s["cvlan"]) for s in j}) == 100' show sessions
	lab_hangup range
	expect "all gone" wait_for 10 lab_has_sessions 0
}

LAB_ACC_MTU=1508
lab_each_mode run
