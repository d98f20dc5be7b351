#!/bin/bash
# Run: alone, because it fills the queues that all packets of a CPU share
# Proves: forged CoA-Requests and forged answers of the RADIUS server, and connections to the console, as
# many as one CPU sends, change nothing, keep no line from its login by RADIUS, and end no line.
# Sample: one mode
# Sample: 1 of storm
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }
no_smaller() { [ "$(memory)" -lt $(($1 + 2048)) ]; }
stat_of() { lab_value "$1" show stat; }
console_answers() { lab_ctl show health > /dev/null; }

flood() { # NAME COMMAND...
	local name=$1 before
	before=$(memory)
	shift
	lab_spawn flood "$@"
	wait_for 20 grep -q '^sending' "$LAB_DIR/flood.log" || fail "the flood does not begin"
	lab_dial new -n 20 --rate 20 -u bob -p builder --mac-base 02:cc:00:00:00:00
	expect "$name: twenty lines log in by RADIUS meanwhile" lab_has_sessions 21
	expect "$name: the console's socket answers" console_answers
	expect "$name: the line that is up loses nothing" lab_ping "$HOUSE" $WEB4
	lab_stop flood > /dev/null
	say "$(tail -n 1 "$LAB_DIR/flood.log")"
	lab_hangup new
	expect "$name: one line is left" wait_for 20 lab_has_sessions 1
	expect "$name: the daemon has not grown" no_smaller "$before"
}

# The socket that brasd asks the server from.
client_port() {
	g ss -Huanp | awk -v me="pid=${LAB_PID[brasd]}," 'index($0, me) && $5 ~ /:1812$/ { sub(/.*:/, "", $4); print $4; exit }'
}

run() {
	radius_ns
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" "radius.dae-server=0.0.0.0:3799,$RADIUS_DAE_SECRET" \
		radius.dae-allowed=$RADIUS_AT cli.telnet=127.0.0.1:2000
	lab_dial alice -u alice -p wonderland --plumb u0
	local ip=$LAB_TEST_DIR/netns/flood_ip.py
	lab_dial new -n 20 --rate 20 -u bob -p builder --mac-base 02:cc:00:00:00:00
	lab_hangup new
	flood "CoA from the server's address" r python3 "$ip" coa 198.51.100.1 3799 0
	flood "CoA from elsewhere" g python3 "$ip" coa 127.0.0.1 3799 0
	flood "answers of the server" r python3 "$ip" reply 198.51.100.1 "$(client_port)" 1812
	flood "connections to telnet" g python3 "$ip" connect 127.0.0.1 2000
	expect "alice's address is hers" lab_json 'j[0]["ip"] == "100.64.10.10"' show sessions
}

lab_each_mode run
