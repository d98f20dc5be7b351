#!/bin/bash
# Proves: a wrong password, an unknown user, and a method that is not offered are refused; the users
# file is read again when it changes; an error in it is reported by line and changes nothing.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

all_refused() {
	local method
	for method in pap chap mschapv2; do
		lab_dial_fails "wrong-$method" auth-rejected -a $method -u bob -p wrong
		lab_dial_fails "nobody-$method" auth-rejected -a $method -u nobody -p secret
	done
	expect "no session is left of them" wait_for 5 lab_has_sessions 0
}

logged() { wait_for 10 grep -q "$1" "$LAB_DIR/brasd.log"; }

run() {
	printf '%s\n' 'bob * builder * -' '"two words" * "a #secret, here" * -' 'fixed * pw 203.0.113.5 -' \
		'none * pw - -' > "$LAB_DIR/users"
	chmod 600 "$LAB_DIR/users"
	lab_start_brasd
	all_refused
	lab_dial bob -u bob -p builder
	lab_hangup bob
	lab_dial quoted -u "two words" -p "a #secret, here"
	lab_hangup quoted
	lab_dial fixed -u fixed -p pw --plumb u0
	expect "an address outside the pools" [ "$(lab_field fixed ip)" = 203.0.113.5 ]
	n ip route add 203.0.113.5 via $CORE4
	expect "is routed" lab_ping "$HOUSE" $WEB4
	lab_hangup fixed
	refuse "and no more after the end" grep -q 203.0.113.5 <(g ip route)
	lab_dial none -u none -p pw
	expect "no IPv4 for an address of -" lab_json 'j[0]["ip"] is None and j[0]["ip6"]' show sessions
	lab_hangup none

	printf '%s\n' 'bob * changed * -' > "$LAB_DIR/users.new"
	mv "$LAB_DIR/users.new" "$LAB_DIR/users"
	expect "a new secret counts after the file has changed" wait_for 10 dials bob changed
	lab_dial_fails old auth-rejected -u bob -p builder
	printf '%s\n' 'bob * broken * -' 'this line' > "$LAB_DIR/users"
	lab_dial same -u bob -p changed
	expect "an error in the file is told by line" logged 'users:2'
	lab_hangup same
	lab_stop brasd
	lab_users 'bob * broken * -'
	lab_start_brasd auth.methods=chap-md5
	lab_dial_fails refused 'lcp-no-convergence|terminated|lcp-timeout|padt' -a pap -u bob -p broken
}

dials() { # USER PASSWORD
	h "$B/dialer" -i s0 -u "$1" -p "$2" --hold 0 --retries 1 --mac-base 02:bb:00:00:20:00
}

lab_each_mode run
