#!/bin/bash
# Proves: the limits of sessions per MAC and in all hold exactly, and are free again afterwards;
# service names are served as configured; half-open sessions do not stay.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

some_up() { # NAME UP FAILED
	wait_for 60 grep -q '^ready:' "$LAB_DIR/$1.log" || return 1
	grep -q "^ready: $2 up, $3 failed" "$LAB_DIR/$1.log"
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
}

lab_each_mode run
