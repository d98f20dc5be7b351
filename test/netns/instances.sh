#!/bin/bash
# Proves: two instances, each in a network namespace of its own and with the same interface names
# and addresses, live side by side: each sees only its own lines, and one's end is not the other's.
. "$(dirname "$0")/../lab.sh"

meet() { # NAME: waits until the other lab is as far
	touch "$MEET/$1.$WHO"
	wait_for 90 [ -e "$MEET/$1.$OTHER" ] || fail "the other instance did not get to \"$1\""
}

instance() { # WHO OTHER MODE
	WHO=$1 OTHER=$2 LAB_MODE=$3
	lab_up
	lab_start_brasd
	lab_dial line -u "$WHO" --plumb u0
	meet up
	expect "$WHO: its own line and no other" lab_json "[s['username'] for s in j] == ['$WHO']" show sessions
	expect "$WHO: pings while both are up" lab_ping "$HOUSE" $WEB4
	meet pinged
	if [ "$WHO" = first ]; then
		lab_ctl shutdown
		expect "first: ends" wait_for 20 lab_gone "${LAB_PID[brasd]}"
		meet ended
	else
		meet ended
		expect "second: lives on" lab_ping "$HOUSE" $WEB4
		expect "second: its session, too" lab_has_sessions 1
		lab_hangup line
	fi
}

MEET=$(mktemp -d)
trap 'rm -rf "$MEET"' EXIT
( instance first second xdp ) &
one=$!
( instance second first tc ) &
two=$!
trap 'kill -TERM $one $two; wait; exit 130' INT TERM
rc=0
wait $one || rc=1
wait $two || rc=1
exit $rc
