#!/bin/bash
# Proves: where an Accept has Termination-Action = RADIUS-Request, a line whose Session-Timeout is
# over is authenticated anew, by CHAP, MS-CHAPv2 and PAP, with the State of the Accept; it goes on, the
# same session, by what the new Accept says; a Reject ends it. By PAP the peer hears nothing of it, its
# password is in no file, and so a restart ends the line, and says why.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

ASK='Termination-Action = RADIUS-Request'
SECRET=correct-horse-battery
# What FreeRADIUS grants depends on the State it is shown: first, second, then no more.
users() {
	local name
	for name in chap ms pap; do
		radius_user $name pw 'Session-Timeout = 86000' 'Idle-Timeout = 7000' 'Acct-Interim-Interval = 700' \
			'Class = "second"' 'Filter-Id = "silver"' 'Framed-MTU = 1400' \
			| sed "s/^$name /&State == 0x6f6e65, /"
		radius_user $name pw 'Session-Timeout = 3' "$ASK" 'State = 0x6f6e65' 'Class = "first"' \
			'Filter-Id = "gold"' 'Framed-IP-Address = 255.255.255.254'
	done
	printf 'brief State == 0x00, Auth-Type := Reject\n\tReply-Message = "No more"\n\n'
	radius_user brief pw 'Session-Timeout = 3' "$ASK" 'State = 0x00'
	radius_user gone "$SECRET" 'Session-Timeout = 12' "$ASK"
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

by_pap() {
	lab_spawn sniff h tcpdump -U -i s0 -w "$LAB_DIR/sniff.pcap" 'ether host 02:bb:00:00:30:00'
	wait_for 10 grep -q 'listening on' "$LAB_DIR/sniff.log" || fail "tcpdump does not listen"
	lives_on pap pap 02:bb:00:00:30:00
	lab_stop sniff
	expect "pap: one request, one Ack on the line" [ "$(tcpdump -r "$LAB_DIR/sniff.pcap" 2> /dev/null | grep -c 'PAP, ')" = 2 ]
	lab_hangup pap
	lab_dial_start gone -u gone -p $SECRET -a pap --mac-base 02:bb:00:00:40:00
	wait_for 20 lab_dial_done gone
	expect "its session is in the record" grep -qF gone "/run/brasberry/$INSTANCE/sessions"
	refuse "its password is in no file" grep -rqF $SECRET "/run/brasberry/$INSTANCE" "/var/lib/brasberry/$INSTANCE"
	lab_stop brasd KILL > /dev/null
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	expect "the line lives on" lab_json 'j["state"] == "open"' show session gone
	ends gone
	expect "and the log says why" grep -q "'gone': the password is no longer known" "$LAB_DIR/brasd.log"
}

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
	by_pap
	lab_hangup ms
	lab_stop brasd
}

LAB_MODES=xdp lab_each_mode run
