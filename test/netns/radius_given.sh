#!/bin/bash
# Proves: `show session` has what a server gave for accounting and policy: Class, Filter-Id and the
# multi-session id; CoA changes them; a line of the users file has none.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

run() {
	radius_users radius "$(radius_user given pw 'Filter-Id = "gold"' 'Class = 0x616263' 'Class += 0x00ff01')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1
	lab_dial given -u given -p pw
	expect "Filter-Id, Class" lab_json 'j["filter-id"] == "gold" and j["class"] == ["0x616263", "0x00ff01"]' show session given
	expect "the first record's id is the multi-session id" \
		lab_json 'j["acct-multi-session-id"] == j["acct-session-id"]' show session given
	expect "CoA" radius_dae coa 'User-Name = given' 'Filter-Id = silver' 'Class = 0x7a'
	expect "changes both" lab_json 'j["filter-id"] == "silver" and j["class"] == ["0x7a"]' show session given
	lab_hangup given
	lab_stop brasd
	lab_start_brasd
	lab_dial alice -u alice -p wonderland
	expect "the users file gives none" lab_json 'j["filter-id"] is None and j["class"] == []' show session alice
	lab_hangup alice
}

LAB_MODES=xdp lab_each_mode run
