#!/bin/bash
# Proves: the accounting spool is compared with the sessions. What a daemon that died left half told
# is told to its end by the next one: a Stop for a line that is gone with a Start waiting, no second
# Start, no second Stop; a line whose Stop was told is over. Files that cannot be read are named.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

CONF_=(radius.timeout=3 radius.max-try=1 radius.fail-timeout=1 ppp.lcp-echo-interval=2)
spool() { lab_json "any(s['spool'] $1 for s in j)" show radius; } # COMPARISON
none_waits() { lab_json 'all(s["spool"] == 0 for s in j)' show radius; }
of() { echo "[r for r in d if r.get('User-Name') == '$1' and r['Acct-Status-Type'] == '$2']"; }
counts() { # USER STARTS STOPS
	radius_detail acct "(len($(of "$1" Start)), len($(of "$1" Stop))) == ($2, $3)"
}
agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
logged() { grep -q "$1" "$LAB_DIR/brasd.log"; }
id_of() { lab_value "[s['acct-session-id'] for s in j if s['username'] == '$1'][0]" show sessions; }

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}

# The record of the sessions is lost, as it would be with the machine: no line goes on.
lost() {
	local id
	radius_stop acct KILL
	lab_dial gone -u carol -p secret --mac-base 02:bb:00:00:20:00
	id=$(id_of carol)
	expect "its Start waits" wait_for 20 spool '> 0'
	lab_stop brasd KILL > /dev/null 2>&1
	rm "/run/brasberry/$INSTANCE/sessions"
	radius_start acct 1912 1913
	again
	expect "the next start sends its Stop" logged "spool: session $id: it has no Stop, and its line is gone: repaired"
	expect "which arrives, as its Start does" wait_for 30 counts carol 1 1
	expect "before the Accounting-On" radius_detail acct \
		"(lambda k: k.index(('Stop', '$id')) < max(i for i, x in enumerate(k) if x[0] == 'Accounting-On'))([(r['Acct-Status-Type'], r.get('Acct-Session-Id')) for r in d])"
	expect "as what it was" radius_detail acct "$(of carol Stop)[0]['Acct-Terminate-Cause'] == 'NAS-Reboot'"
	expect "nothing waits any more" wait_for 20 none_waits
	expect "all agrees" agrees
	lab_stop gone KILL > /dev/null 2>&1
}

# The spool knows of a Stop, the record of the sessions still has the line.
both() {
	local id
	lab_dial two -u bob -p builder --mac-base 02:bb:00:00:30:00
	id=$(id_of bob)
	expect "bob's Start" wait_for 30 counts bob 1 0
	radius_stop acct KILL
	cp "/run/brasberry/$INSTANCE/sessions" "$LAB_DIR/sessions"
	lab_stop two || fail "the dialer ends with $?"
	expect "the line has ended" wait_for 20 lab_has_sessions 0
	expect "its Stop waits" wait_for 20 spool '> 0'
	lab_stop brasd KILL > /dev/null 2>&1
	cat "$LAB_DIR/sessions" > "/run/brasberry/$INSTANCE/sessions" # as if it had died a moment earlier
	again
	expect "the next start sees it" logged "spool: session $id: its Stop is sent, and its line is there: repaired"
	expect "and ends the line" lab_has_sessions 0
	radius_start acct 1912 1913
	expect "one Start, one Stop" wait_for 30 counts bob 1 1
	expect "nothing waits any more" wait_for 20 none_waits
	expect "and no other comes" counts bob 1 1
}

# The same for a Start: the spool has it, the record of the sessions has not.
started() {
	local id
	radius_stop acct KILL
	# Of one family alone: the Start waits a second for the other.
	lab_dial three -u dave -p secret --mac-base 02:bb:00:00:40:00 --no-ipv6
	cp "/run/brasberry/$INSTANCE/sessions" "$LAB_DIR/sessions"
	expect "its Start is still to come" spool '== 0'
	id=$(id_of dave)
	expect "its Start waits" wait_for 20 spool '> 0'
	lab_stop brasd KILL > /dev/null 2>&1
	cat "$LAB_DIR/sessions" > "/run/brasberry/$INSTANCE/sessions"
	again
	expect "the next start sees it" logged "spool: session $id: its Start is sent, and its line knows of none: repaired"
	radius_start acct 1912 1913
	expect "nothing waits any more" wait_for 30 none_waits
	lab_hangup three
	expect "one Start, one Stop" wait_for 30 counts dave 1 1
}

# A record that is closed for the next one, which the record of the sessions does not know of.
rolled() {
	local bytes stops
	lab_ns five; NS=$REPLY
	lab_dial five -u eve -p secret --mac-base 02:bb:00:00:60:00 --plumb "u0@$NS"
	expect "eve's Start" wait_for 30 counts eve 1 0
	expect "traffic" lab_ping "$NS" $WEB4
	bytes=$(lab_value "[s['rx-bytes'] for s in j if s['username'] == 'eve'][0]" show sessions)
	radius_stop acct KILL
	cp "/run/brasberry/$INSTANCE/sessions" "$LAB_DIR/sessions"
	expect "its record is closed" lab_json 'j["cleared"] == 1' clear counters eve
	lab_stop brasd KILL > /dev/null 2>&1
	cat "$LAB_DIR/sessions" > "/run/brasberry/$INSTANCE/sessions"
	again
	expect "the next start sees it" logged "its record is closed, and the next one has not begun: repaired"
	expect "what was told is not told again" lab_json "[s['rx-bytes'] for s in j if s['username'] == 'eve'][0] < $bytes" show sessions
	radius_start acct 1912 1913
	expect "nothing waits any more" wait_for 30 none_waits
	expect "traffic" lab_ping "$NS" $WEB4
	bytes=$((bytes + $(lab_value "[s['rx-bytes'] for s in j if s['username'] == 'eve'][0]" show sessions)))
	lab_hangup five
	expect "as many Stops as Starts" wait_for 30 radius_detail acct "len($(of eve Stop)) == len($(of eve Start)) >= 2"
	stops=$(radius_record acct "sum(r['Acct-Input-Octets'] for r in $(of eve Stop))")
	expect "which add up to the octet ($stops)" test "$stops" = "$bytes"
}

unreadable() {
	local dir=/var/lib/brasberry/$INSTANCE/spool
	echo "this is no segment of a spool at all" > "$dir/00000000000f0000"
	mkdir "$dir/00000000000f0001"
	lab_stop brasd KILL > /dev/null 2>&1
	again
	expect "a file that is none of ours is named" logged 'spool/00000000000f0000 cannot be read: it is no segment'
	expect "and one that cannot be read" logged 'spool/00000000000f0001 cannot be read: Is a directory'
	expect "by the check as well" lab_json 'j["problems"] == 2 and all("spool/00000000000f000" in f for f in j["found"])' check
	expect "and left alone" test -s "$dir/00000000000f0000"
	lab_dial four -u alice -p wonderland --mac-base 02:bb:00:00:50:00
	expect "lines are told of as ever" wait_for 30 counts alice 1 0
	rm -r "$dir/00000000000f0000" "$dir/00000000000f0001"
	lab_hangup four
	expect "to their end" wait_for 30 counts alice 1 1
}

LAB_MODE=${LAB_MODE:-xdp}
lab_up
radius_users auth "$(radius_user carol secret)" "$(radius_user bob builder)" "$(radius_user dave secret)" "$(radius_user alice wonderland)" "$(radius_user eve secret)"
radius_users acct
radius_start auth
radius_start acct 1912 1913
lab_start_brasd "${CONF_[@]}" "radius.server=$RADIUS_AT,$RADIUS_SECRET,auth-port=1812,acct-port=0" \
	"radius.server+=$RADIUS_AT,$RADIUS_SECRET,auth-port=0,acct-port=1913"
expect "all agrees" agrees
lost
both
started
rolled
unreadable
lab_stop brasd || fail "the clean end was none"
