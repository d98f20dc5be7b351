#!/bin/bash
# Proves: one name for a line, whatever it calls itself: accounting and CoA have the one that the
# server was asked for, by the realm rules; a name that is nothing but a realm is refused and asked for
# nowhere; and a request says who we are, configured or not.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

of() { echo "[r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']"; }

line() { # NAME-OF-THE-LINE NAME-AT-THE-SERVER PASSWORD
	lab_dial line -u "$1" -p "$3"
	expect "$1 is $2 in the Start" wait_for 10 radius_detail radius "$(of "$2" Start)"
	expect "CoA by the server's name" radius_dae coa "User-Name = \"$2\"" 'Session-Timeout = 5000'
	expect "CoA by the line's own" radius_dae coa "User-Name = \"$1\"" 'Session-Timeout = 5000'
	lab_hangup line
	expect "and in the Stop" wait_for 10 radius_detail radius "$(of "$2" Stop)"
}

start() { # KEYS...
	lab_start_brasd "$(radius_conf_of)" "radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1 "$@"
}

run() {
	radius_users radius "$(radius_user dora@example.net pw)"
	radius_start radius
	start radius.strip-realm=yes
	line alice@example.net alice wonderland
	expect "nothing of the realm went out" radius_detail radius "not [r for r in d if '@' in r.get('User-Name', '')]"
	lab_dial_fails nobody auth-rejected -u @example.net -p wonderland
	expect "a realm alone: told" grep -q "'@example.net': nothing is left of the name without its realm" "$LAB_DIR/brasd.log"
	expect "and no server was asked" lab_json 'j[0]["auth-requests"] == 1' show radius
	expect "NAS-Identifier is the ac-name" radius_detail radius "all(r['NAS-Identifier'] == 'lab' for r in d)"
	lab_stop brasd
	start radius.default-realm=example.net radius.nas-ip-address=192.0.2.7
	line dora dora@example.net pw
	expect "an address is enough" radius_detail radius \
		"d[-1]['NAS-IP-Address'] == '192.0.2.7' and 'NAS-Identifier' not in d[-1]"
	lab_stop brasd
}

LAB_MODES=xdp lab_each_mode run
