#!/bin/bash
# Proves: where the server is slow, discovery answers slow down with it. Of 240 lines that dial in
# a second, never more wait for the server than it answers in two seconds; the others' PADIs are not
# answered yet, and come again; no login is refused or given up, and all lines come up in the end.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

LINES=240
# The server takes 200 ms, and has 8 requests at a time: 40 answers a second, so 80 may wait.
# A few more are on their way from PADO to their login when the door closes.
MAY=80 ON_THEIR_WAY=40

stat() { lab_value "$1" show stat; }

run() {
	radius_fake fake 1812 slow delay=0.2
	lab_start_brasd "radius.server=$RADIUS_AT,$RADIUS_SECRET,acct-port=0" radius.req-limit=8 \
		pppoe.max-starting=4096
	lab_dial first -n 8 --mac-base 02:bb:00:01:00:00 # from these its pace is known
	LAB_DIAL_TIMEOUT=100 lab_dial many -n $LINES --rate 200 --max-outstanding $LINES --retries 8 --quiet
	say "$(grep '^ready:' "$LAB_DIR/many.log")"
	say "at most $(stat 'j["sessions"]["auth-waiting-most"]') logins waited at once"
	expect "all lines are up" lab_json "len(j) == $LINES + 8 and all(s['state'] == 'open' for s in j)" show sessions
	expect "never more waited than the server can answer" \
		lab_json "8 <= j['sessions']['auth-waiting-most'] <= $MAY + $ON_THEIR_WAY" show stat
	expect "PADIs were not answered, and came again" lab_json \
		"j['drops']['discovery-limit'] > 80 and j['pppoe']['padi-rx'] > $LINES + 80" show stat
	expect "nobody was refused, or given up" lab_json \
		"j['sessions']['auth-failed'] == j['sessions']['auth-unreachable'] == 0" show stat
	expect "one request each" lab_json "[s['requests'] for s in j] == [$LINES + 8] and j[0]['timeouts'] == 0" show radius
	expect "nobody waits any more" lab_json "j['sessions']['auth-waiting'] == 0" show stat
	lab_hangup many
	lab_hangup first
	lab_stop brasd
}

LAB_MODES=xdp lab_each_mode run
