#!/bin/bash
# Proves: the limits of sessions per MAC, per VLAN, per circuit id and in all hold exactly, and are free
# again afterwards; who comes with many MACs takes no pool from a neighbour, nor after a restart;
# service names are served as configured; half-open sessions do not stay.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

some_up() { # NAME UP FAILED
	wait_for 60 grep -q '^ready:' "$LAB_DIR/$1.log" || return 1
	grep -q "^ready: $2 up, $3 failed" "$LAB_DIR/$1.log"
}

refused() { lab_value "j['drops']['discovery-line-limit']" show stat; }
addresses() { lab_json "[p['used'] for p in j if p['family'] == 4] == [$1]" show pools; }

# 14 addresses, and one customer with 30 MACs: by VLAN, and by what the access node says.
one_customer() {
	local name
	lab_stop brasd
	lab_start_brasd pppoe.max-sessions-per-vlan=3 pppoe.max-sessions-per-circuit-id=2 ip-pool.pool=100.64.0.0/28
	lab_dial_start vlan -n 30 --vlan 100 --retries 0 --max-outstanding 1
	expect "three of thirty MACs in a VLAN" some_up vlan 3 27
	expect "the others are counted as of a full line" [ "$(refused)" -ge 27 ]
	lab_dial neighbour -n 2 --vlan 101 --mac-base 02:bb:00:01:00:00
	expect "a neighbour has its addresses" addresses 5
	lab_dial_start inner -n 30 --vlan 100.7 --circuit-id "dslam1 eth 0/1" --mac-base 02:bb:00:02:00:00 --retries 0 --max-outstanding 1
	expect "two of thirty MACs of a circuit id" some_up inner 2 28
	lab_dial_start outer -n 3 --vlan 100.8 --circuit-id "dslam1 eth 0/1" --mac-base 02:bb:00:03:00:00 --retries 0 --max-outstanding 1
	expect "none of it in another VLAN" some_up outer 0 3
	lab_dial beside -n 2 --vlan 100.8 --circuit-id "dslam1 eth 0/2" --mac-base 02:bb:00:04:00:00
	kill -KILL "${LAB_PID[brasd]}"
	lab_stop brasd
	lab_start_brasd pppoe.max-sessions-per-vlan=3 pppoe.max-sessions-per-circuit-id=2 ip-pool.pool=100.64.0.0/28
	expect "after a restart there are nine" lab_has_sessions 9
	lab_dial_start more -n 3 --vlan 100 --mac-base 02:bb:00:05:00:00 --retries 0 --max-outstanding 1
	expect "and the VLAN is full" some_up more 0 3
	lab_stop outer
	lab_stop more
	lab_conf ip-pool.pool=100.64.0.0/28
	lab_ctl reload > /dev/null || fail "reload"
	lab_dial free -n 5 --vlan 100 --mac-base 02:bb:00:05:00:00
	lab_hangup free
	for name in vlan neighbour inner beside; do lab_stop "$name"; done
	expect "all are gone, and their addresses free" wait_for 10 addresses 0
}

run() {
	lab_start_brasd pppoe.max-sessions-per-mac=2 pppoe.max-sessions=5 \
		pppoe.service-name=internet pppoe.accept-any-service=no
	lab_dial_start permac -n 3 --same-mac --retries 1 --max-outstanding 1
	expect "two of three of one MAC" some_up permac 2 1
	expect "brasd has two" lab_has_sessions 2
	lab_stop permac
	wait_for 10 lab_has_sessions 0 || fail "sessions stay"
	lab_dial again -n 2 --same-mac
	lab_hangup again
	wait_for 10 lab_has_sessions 0 || fail "sessions stay"
	lab_dial_start total -n 8 --retries 1 --max-outstanding 1
	expect "five of eight in all" some_up total 5 3
	lab_stop total
	wait_for 10 lab_has_sessions 0 || fail "sessions stay"
	lab_dial five -n 5
	lab_hangup five
	lab_dial named --service internet
	lab_hangup named
	lab_dial_fails other 'no-pado|pads-error' --service other --retries 1
	wait_for 10 lab_has_sessions 0 || fail "sessions stay"
	one_customer
}

lab_each_mode run
