#!/bin/bash
# Proves: where an Accept has Termination-Action = RADIUS-Request, a line whose Session-Timeout is
# over is authenticated anew, by CHAP and MS-CHAPv2, with the State of the Accept; it goes on, the
# same session, by what the new Accept says; a Reject ends it. A PAP line ends.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

ASK='Termination-Action = RADIUS-Request'
# What FreeRADIUS grants depends on the State it is shown: first, second, then no more.
users() {
	local name
	for name in chap ms; do
		radius_user $name pw 'Session-Timeout = 86000' 'Idle-Timeout = 7000' 'Acct-Interim-Interval = 700' \
			'Class = "second"' 'Filter-Id = "silver"' 'Framed-MTU = 1400' \
			| sed "s/^$name /&State == 0x6f6e65, /"
		radius_user $name pw 'Session-Timeout = 3' "$ASK" 'State = 0x6f6e65' 'Class = "first"' \
			'Filter-Id = "gold"' 'Framed-IP-Address = 255.255.255.254'
	done
	printf 'brief State == 0x00, Auth-Type := Reject\n\tReply-Message = "No more"\n\n'
	radius_user brief pw 'Session-Timeout = 3' "$ASK" 'State = 0x00'
	radius_user pap pw 'Session-Timeout = 3' "$ASK" 'State = 0x01'
}

id_of() { lab_value 'j["acct-session-id"], j["ip"], j["sid"]' show session "$1"; }
renewed() { lab_json 'j["filter-id"] == "silver" and j["class"] == ["0x7365636f6e64"] and j["mtu"] == 1400' show session "$1"; }
of() { echo "[r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']"; }

lives_on() { # NAME METHOD MAC
	local id
	lab_dial "$1" -u "$1" -p pw -a "$2" --mac-base "$3"
	id=$(id_of "$1")
	expect "$1: as first granted" lab_json 'j["filter-id"] == "gold" and j["class"] == ["0x6669727374"]' show session "$1"
	expect "$1: renewed" wait_for 20 renewed "$1"
	expect "$1: the same session" [ "$(id_of "$1")" = "$id" ]
	expect "$1: told in the log" grep -q " $1: session-timeout is over, authenticated anew, for 86000 s" "$LAB_DIR/brasd.log"
	expect "$1: open" lab_json 'j["state"] == "open" and j["uptime"] >= 3' show session "$1"
}

ends() { # NAME
	expect "$1: Stop, and why" wait_for 20 radius_detail radius \
		"$(of "$1" Stop)[0]['Acct-Terminate-Cause'] == 'Session-Timeout'"
	expect "$1: its session is gone" wait_for 10 gone "$1"
}
gone() { lab_json "not [s for s in j if s['username'] == '$1']" show sessions; }

run() {
	radius_users radius "$(users)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" log.level=4
	lives_on chap chap 02:bb:00:00:00:00
	lives_on ms mschapv2 02:bb:00:00:10:00
	lab_hangup chap
	expect "chap: the Stop has the new Class" wait_for 10 radius_detail radius "'second' in bytes.fromhex($(of chap Stop)[0]['Class'][2:]).decode()"
	lab_dial_start brief -u brief -p pw -a chap --mac-base 02:bb:00:00:20:00
	ends brief
	lab_dial_start pap -u pap -p pw -a pap --mac-base 02:bb:00:00:30:00
	ends pap
	lab_hangup ms
	lab_stop brasd
}

LAB_MODES=xdp lab_each_mode run
