#!/bin/bash
# Run: early
# Proves: while a neighbour sends as fast as one CPU can, whatever kind it is, every new line dials in, a
# line that is up loses no packet and no session, and the daemon does not grow; in both modes.
. "$(dirname "$0")/../lab.sh"

memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }
no_smaller() { [ "$(memory)" -lt $(($1 + 2048)) ]; }

flood() { # KIND [SID MAC]
	local kind=$1 before
	before=$(memory)
	lab_spawn flood h python3 "$LAB_TEST_DIR/netns/flood.py" s0 "$ac" "$@"
	wait_for 20 grep -q '^sending' "$LAB_DIR/flood.log" || fail "the flood does not begin"
	lab_dial new -n 20 --rate 20 --mac-base 02:cc:00:00:00:00
	expect "$kind: twenty lines dial in meanwhile" lab_has_sessions 22
	expect "$kind: the console answers" timeout 10 "$B/brasctl" -i "$INSTANCE" show health
	expect "$kind: the line that is up loses nothing" lab_ping "$HOUSE" $WEB4
	expect "$kind: its echo is answered, as a line's is: in three tries" wait_for 9 lab_ctl ping alice
	lab_stop flood > /dev/null
	say "$(tail -n 1 "$LAB_DIR/flood.log")"
	lab_hangup new
	expect "$kind: two lines are left, and no more" wait_for 20 lab_has_sessions 2
	expect "$kind: the daemon has not grown" no_smaller "$before"
}

run() {
	local ac sid
	lab_start_brasd
	lab_dial alice -u alice -p wonderland --plumb u0
	lab_dial rogue -u user1 --mac-base 02:66:00:00:00:02
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	sid=$(lab_field alice sid)
	lab_dial new -n 20 --rate 20 --mac-base 02:cc:00:00:00:00 # so that it has what memory it needs
	lab_hangup new
	for kind in padi-one padi-many padi-own padr-one padr-many padt-guess data-guess; do flood $kind; done
	for kind in padt-victim terminate-victim; do flood $kind "$sid"; done
	sid=$(lab_field rogue sid)
	for kind in echo-own request-own login-own junk-own; do flood $kind "$sid" 02:66:00:00:00:02; done
}

lab_each_mode run
