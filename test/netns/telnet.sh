#!/bin/bash
# Proves: the telnet console answers Debian's telnet (keys, Tab, ?, history, prefixes, filters,
# paging), netcat and scripts; users have their levels, wrong passwords cost time and are logged;
# junk, a stalled reader and 200 connections do no harm.
. "$(dirname "$0")/../lab.sh"

console() { g "$(dirname "$0")/telnet.py" 127.0.0.1 2000 "$@"; }
alive() { lab_ctl show stat > /dev/null; }
logged() { grep -q "$1" "$LAB_DIR/brasd.log"; }

refused() { # WHAT CONFIGURATION-LINE
	lab_conf cli.telnet="$2"
	expect "$1: refused" lab_config_names telnet
}

lab_config_names() {
	local out
	out=$("$B/brasd" -t -c "$CONF" 2>&1) && return 1
	grep -q "$CONF:[0-9]*: \[cli\] $1" <<< "$out"
}

run() {
	local hash
	refused "no user, and not on the loopback" 192.0.2.1:2000
	refused "no user, anywhere" '[::]:2000'
	lab_start_brasd cli.telnet=127.0.0.1:2000
	expect "keys, Tab, ?, history, prefixes, filters" console keys
	expect "paging" console paging
	expect "a script" console script
	expect "netcat" grep -q '^uptime: ' <(printf 'show stat\n' | g nc -N 127.0.0.1 2000 | tr -d '\r')
	expect "junk" console junk
	expect "it lives" alive
	lab_ctl drain off > /dev/null # junk may well have said "dr"
	expect "200 connections" console many 16
	expect "it lives on" alive
	expect "and is told" logged 'too many clients'
	expect "a stalled reader" console stall
	expect "is told" logged 'does not read'
	lab_stop brasd
	hash=$(openssl passwd -6 -salt lab 'pass word')
	lab_start_brasd "cli.telnet=127.0.0.1:2000" "cli.user=anna,\"$hash\",admin" "cli.user+=rolf,\"$hash\",read"
	expect "an admin" console login anna 'pass word' admin
	expect "a reader" console login rolf 'pass word' read
	expect "three wrong passwords" console wrong
	expect "are told" logged 'login as mallory'
	expect "no hash is told" refuse_log
	lab_spawn held g nc 127.0.0.1 2000
	expect "a reload with a client connected" lab_ctl reload
	expect "the console is back" console login anna 'pass word' admin
	lab_stop held
	lab_stop brasd
	lab_start_brasd 'cli.telnet=[::1]:2000'
	expect "IPv6" grep -q '^uptime: ' <(printf 'show stat\n' | g nc -N ::1 2000 | tr -d '\r')
}

refuse_log() { ! logged '\$6\$'; }

lab_up
run
