#!/bin/bash
# Proves: with [auth] username = circuit-id the servers are asked for the line by PAP, with
# line-password or the id itself, without realm rules, whatever the subscriber says by PAP or CHAP;
# accounting has that name; a line that they refuse, and one without an id, stay out.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

accounted() { # NAME
	radius_detail radius "[r for r in d if r['Acct-Status-Type'] == 'Stop' and r['User-Name'] == '$1']"
}

run() {
	radius_users radius "$(radius_user '"olt-1 1/1/3"' 'olt-1 1/1/3' 'Framed-IP-Address = 100.64.20.1')" \
		"$(radius_user olt-2 hush 'Framed-IP-Address = 100.64.20.2')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" auth.username=circuit-id auth.methods=chap-md5,pap \
		radius.default-realm=example.net
	for m in pap chap; do
		lab_dial "$m" -a $m -u alice -p wrong --circuit-id "olt-1 1/1/3"
		expect "$m: the line's address" [ "$(lab_field $m ip)" = 100.64.20.1 ]
		expect "$m: the line's name" lab_json 'j[0]["username"] == "olt-1 1/1/3"' show sessions
		lab_hangup "$m"
		expect "$m: no session is left" wait_for 10 lab_has_sessions 0
	done
	expect "accounting has the line's name" wait_for 10 accounted 'olt-1 1/1/3'
	lab_dial_fails secret auth-rejected -a pap -u alice -p wonderland --circuit-id olt-2
	lab_dial_fails none auth-rejected -a pap -u alice -p wonderland
	expect "a line without an id is not asked for" lab_json 'j[0]["accepts"] == 2 and j[0]["rejects"] == 1' show radius
	lab_stop brasd
	lab_start_brasd "$(radius_conf_of)" auth.username=circuit-id auth.methods=pap auth.line-password=hush
	lab_dial own -a pap -u alice -p wrong --circuit-id olt-2
	expect "line-password" [ "$(lab_field own ip)" = 100.64.20.2 ]
	lab_hangup own
}

LAB_MODES=xdp lab_each_mode run
