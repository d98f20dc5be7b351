#!/bin/bash
# Proves: RADIUS says what of a user is copied: BRAS-Mirror of Access-Accept and of CoA; it ends with
# the user's last session, outlives kill -9, each change has a line of the log, and gives way to the operator's word; what is no rule
# is refused by NAK and told.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

rules() { lab_json "[(r['username'], r['rule'], r['by']) for r in j] == [$1]" show mirror; }
ALL="('all', 'off', None)"

run() {
	g ip link add mon0 type veth peer name m0
	g ip link set mon0 up
	g ip link set m0 up
	radius_users radius "$(radius_user tapped pw 'BRAS-Mirror = "up proto=icmp"')" \
		"$(radius_user wrong pw 'BRAS-Mirror = "sideways"')" "$(radius_user plain pw)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" \
		radius.dae-allowed=127.0.0.1 mirror.port=mon0 mirror.everybody=off
	lab_ns one; ONE=$REPLY
	lab_dial tapped -u tapped -p pw --plumb "u0@$ONE"
	expect "a rule of RADIUS's" rules "$ALL, ('tapped', 'up proto=1', 'RADIUS')"
	expect "told" grep -q 'mirror: tapped: up proto=1, by RADIUS' "$LAB_DIR/brasd.log"
	expect "traffic" lab_ping "$ONE" $WEB4
	expect "is copied" lab_json "j[1]['packets'] == 5" show mirror
	expect "CoA" radius_dae coa 'User-Name = tapped' 'BRAS-Mirror = "both port=80"'
	expect "changes it" rules "$ALL, ('tapped', 'both port=80', 'RADIUS')"
	expect "that is told" grep -q 'mirror: tapped: both port=80, by CoA' "$LAB_DIR/brasd.log"
	refuse "CoA with what is no rule" radius_dae coa 'User-Name = tapped' 'BRAS-Mirror = "port=x"' 'Session-Timeout = 77'
	expect "is told" grep -q "CoA: BRAS-Mirror: 'port=x' is not a number" "$LAB_DIR/brasd.log"
	expect "and changes nothing" rules "$ALL, ('tapped', 'both port=80', 'RADIUS')"
	expect "not half of it" lab_json "j['session-timeout'] is None" show session tapped
	lab_stop brasd KILL 2> /dev/null
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	expect "it outlives kill -9" rules "$ALL, ('tapped', 'both port=80', 'RADIUS')"
	expect "the operator's word" lab_ctl mirror tapped off
	expect "stands" radius_dae coa 'User-Name = tapped' 'BRAS-Mirror = "both"'
	expect "against CoA" rules "$ALL, ('tapped', 'off', None)"
	expect "and is taken back" lab_ctl mirror tapped reset
	expect "CoA again" radius_dae coa 'User-Name = tapped' 'BRAS-Mirror = "both"'
	lab_hangup tapped
	expect "it ends with the session" wait_for 15 rules "$ALL"
	expect "told as well" grep -q 'mirror: tapped: as everybody: the last session' "$LAB_DIR/brasd.log"
	lab_dial wrong -u wrong -p pw
	expect "what is no rule is told, and the line lives" grep -q "BRAS-Mirror: 'sideways' is not off" "$LAB_DIR/brasd.log"
	lab_dial plain -u plain -p pw --mac-base 02:bb:00:00:30:00
	expect "no attribute, no rule" rules "$ALL"
	lab_hangup wrong
	lab_hangup plain
}

lab_each_mode run
