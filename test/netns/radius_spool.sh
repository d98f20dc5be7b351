#!/bin/bash
# Proves: an accounting server that does not answer ends no line and refuses none; its records wait,
# on disk as well, and arrive once the server is back, in order, with the times at which they were
# made, after `kill -9` of the daemon too.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

CONF_=(radius.timeout=1 radius.max-try=1 radius.fail-timeout=1)
spool() { lab_json "any(s['spool'] $1 for s in j)" show radius; } # COMPARISON
none_waits() { lab_json 'all(s["spool"] == 0 for s in j)' show radius; }
of() { echo "[r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']"; }
has() { radius_detail acct "len($(of "$1" "$2")) >= 1"; }

outage() {
	local from
	from=$(date +%s)
	radius_stop acct KILL
	lab_dial during -u carol -p secret --mac-base 02:bb:00:00:20:00
	expect "a line comes up without accounting" lab_has_sessions 2
	expect "its Start waits" wait_for 20 spool '> 0'
	expect "interims are made" wait_for 30 spool '> 4'
	expect "no line has ended" lab_has_sessions 2
	lab_hangup during
	expect "the other line lives" lab_has_sessions 1
	OUTAGE=$(($(date +%s) - from))
	radius_start acct 1912 1913
	expect "what waited arrives" wait_for 30 none_waits
	expect "the Stop of the line that ended" wait_for 10 has carol Stop
}

replayed() {
	local all="[r for r in d if r.get('User-Name') == 'carol']"
	expect "in order: Start first, Stop last" radius_detail acct \
		"(lambda v: v[0] == 'Start' and v[-1] == 'Stop' and v.count('Start') == v.count('Stop') == 1)([r['Acct-Status-Type'] for r in $all])"
	expect "with the times of then" radius_detail acct \
		"$(of carol Start)[0]['Timestamp'] - epoch($(of carol Start)[0]['Event-Timestamp']) >= $OUTAGE - 3"
	expect "as Acct-Delay-Time says" radius_detail acct "all(abs(epoch(r['Event-Timestamp']) + r['Acct-Delay-Time'] - r['Timestamp']) <= 2 for r in $all)"
	expect "their times rise" radius_detail acct "(lambda v: v == sorted(v))([epoch(r['Event-Timestamp']) for r in $all])"
	expect "each came once" radius_detail acct "(lambda v: len(v) == len(set(v)))([(r['Acct-Status-Type'], r['Acct-Session-Time']) for r in $all if 'Acct-Session-Time' in r])"
}

# The spool of a daemon that dies is there for the next one.
killed() {
	local id
	radius_stop acct KILL
	lab_dial left -u bob -p builder --mac-base 02:bb:00:00:30:00
	id=$(lab_value '[s["acct-session-id"] for s in j if s["username"] == "bob"][0]' show sessions)
	expect "records wait" wait_for 20 spool '> 0'
	lab_hangup left
	expect "the Stop as well" wait_for 20 spooled "$id"
	lab_stop brasd KILL
	radius_start acct 1912 1913
	lab_start_brasd "${SERVERS[@]}" "${CONF_[@]}"
	expect "Start of the daemon before" wait_for 30 radius_detail acct "[r for r in $(of bob Start) if r['Acct-Session-Id'] == '$id']"
	expect "and Stop" wait_for 30 radius_detail acct "[r for r in $(of bob Stop) if r['Acct-Session-Id'] == '$id']"
	expect "each once" radius_detail acct "len($(of bob Start)) == 1 and len($(of bob Stop)) == 1"
	expect "nothing waits any more" wait_for 20 none_waits
}
# Killed as soon as the line is gone, long before the first wait for an answer is over: the Stop was
# on disk before it was sent, and the Start, which was answered, does not come again.
killed_at_once() {
	local id
	lab_stop brasd
	lab_start_brasd "${SERVERS[@]}" "${CONF_[@]}" radius.timeout=30
	lab_dial soon -u dora -p secret --mac-base 02:bb:00:00:40:00
	expect "Start of the line" wait_for 10 has dora Start
	expect "answered" wait_for 10 none_waits
	id=$(lab_value '[s["acct-session-id"] for s in j if s["username"] == "dora"][0]' show sessions)
	radius_stop acct KILL
	lab_hangup soon
	expect "the line is gone" wait_for 10 gone dora
	lab_stop brasd KILL
	radius_start acct 1912 1913
	lab_start_brasd "${SERVERS[@]}" "${CONF_[@]}"
	expect "its Stop arrives" wait_for 30 radius_detail acct "[r for r in $(of dora Stop) if r['Acct-Session-Id'] == '$id']"
	expect "nothing waits" wait_for 20 none_waits
	expect "each once" radius_detail acct "len($(of dora Start)) == 1 and len($(of dora Stop)) == 1"
}
gone() { lab_json "not [s for s in j if s['username'] == '$1']" show sessions; }

# Start, Stop, and no session: both are in the spool, on disk, whatever the names of its files.
spooled() { wait_for 1 lab_has_sessions 1 && spool '>= 2' && grep -qar "$1" "/var/lib/brasberry/$INSTANCE/"; }

run() {
	SERVERS=("radius.server=$RADIUS_AT,$RADIUS_SECRET,auth-port=1812,acct-port=0"
		"radius.server+=$RADIUS_AT,$RADIUS_SECRET,auth-port=0,acct-port=1913")
	radius_users auth "$(radius_user dora secret)"
	radius_start auth 1812 1813
	radius_start acct 1912 1913
	lab_start_brasd "${SERVERS[@]}" "${CONF_[@]}" radius.acct-interim-interval=2
	lab_dial steady -u alice -p wonderland
	expect "Start of the first line" wait_for 10 has alice Start
	outage
	replayed
	killed
	killed_at_once
	lab_stop steady
	lab_stop brasd
}

LAB_MODES=xdp lab_each_mode run
