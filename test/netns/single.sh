#!/bin/bash
# Proves: one login, one line: `single-session` leaves, replaces or refuses a user's other sessions,
# with or without regard to case; Port-Limit of RADIUS bounds them; others are not touched.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

names() { lab_json "sorted(s['username'] for s in j) == $1" show sessions; }

run() {
	lab_start_brasd auth.single-session=deny
	lab_dial first -u alice -p wonderland
	lab_dial other -u user0 -p secret
	expect "deny: a second login of the user is refused" lab_dial_fails second auth-rejected -u alice -p wonderland --mac-base 02:bb:00:00:01:00
	expect "deny: the first line stays, and the other user's" names "['alice', 'user0']"
	lab_hangup first
	lab_dial again -u alice -p wonderland --mac-base 02:bb:00:00:01:00
	expect "deny: after its end the user may log in" names "['alice', 'user0']"
	lab_hangup again
	lab_hangup other
	lab_stop brasd

	lab_start_brasd auth.single-session=replace
	lab_dial first -u alice -p wonderland
	lab_dial second -u alice -p wonderland --mac-base 02:bb:00:00:01:00
	expect "replace: the new line takes the old one's place" wait_for 10 lab_json \
		'[s["calling-sid"] for s in j] == ["02:bb:00:00:01:00"]' show sessions
	expect "replace: it is counted" lab_json 'j["sessions"]["single-session"] == 1' show stat
	lab_hangup second
	lab_stop brasd

	radius_users radius "$(radius_user two pw 'Port-Limit = 2')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.nas-identifier=lab
	lab_dial one -u two -p pw
	lab_dial more -u two -p pw --mac-base 02:bb:00:00:01:00
	expect "Port-Limit: two of two" names "['two', 'two']"
	expect "Port-Limit: the third is refused" lab_dial_fails third auth-rejected -u two -p pw --mac-base 02:bb:00:00:02:00
	lab_hangup one
	lab_dial fourth -u two -p pw --mac-base 02:bb:00:00:02:00
	expect "Port-Limit: after the end of one there is room" names "['two', 'two']"
	lab_hangup more
	lab_hangup fourth
	lab_stop brasd
}

LAB_MODE=tc
lab_up
run
lab_down
