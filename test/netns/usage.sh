#!/bin/bash
# Proves: `show usage` is the sum of a user's closed and living sessions, whether counters are cleared
# or not, and outlives brasd; at local midnight a line stays up, its counters begin at 0, and what it
# carried is the last period's; a damaged line of the file costs that user only.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

# A zone of its own, in which midnight is so many seconds away.
midnight_in() { # SECONDS
	local left=$((86400 - ($(date -u +%s) + $1) % 86400)) # until midnight, less what is wanted
	TZ=$(printf '<LAB>-%02d:%02d:%02d' $((left / 3600)) $((left / 60 % 60)) $((left % 60)))
	export TZ
}

line() { # NAME USER
	lab_dial "$1" -u "$2" -p "${3:-secret}" --plumb u0
	expect "$1: it pings" lab_ping "$HOUSE" $WEB4
}

off() { # NAME
	lab_hangup "$1"
	expect "$1: it is over" wait_for 10 lab_has_sessions 0
	h ip link del u0 2> /dev/null || true
}

of() { # USER EXPRESSION: over its row r
	lab_json "(lambda r: $2)([r for r in j if r['username'] == '$1'][0])" show usage
}

value_of() { # USER KEY
	lab_value "[r for r in j if r['username'] == '$1'][0]['$2']" show usage
}

# Nothing else sends, but a router advertisement may come in between the two questions.
same_as_session() {
	local rx tx
	rx=$(lab_value 'j["rx-bytes"]' show session bob) tx=$(lab_value 'j["tx-bytes"]' show session bob)
	of bob "r['rx-bytes'] == $rx and r['tx-bytes'] == $tx"
}

sums() {
	expect "nobody yet" [ "$(lab_ctl show usage --json)" = "[]" ]
	line one bob
	expect "a row has these keys" of bob "list(r) == ['username', 'period-start', 'rx-bytes', 'tx-bytes', 'last-rx-bytes', 'last-tx-bytes']"
	expect "ten packets of 84 octets" of bob "r['rx-bytes'] >= 420 and r['tx-bytes'] >= 420 and r['last-rx-bytes'] == 0"
	expect "as much as the session" wait_for 10 same_as_session
	BEFORE=$(value_of bob rx-bytes)
	expect "counters are cleared" lab_ctl clear counters bob
	expect "the session begins at 0" lab_json 'j["rx-bytes"] < 420' show session bob
	expect "the user does not" of bob "r['rx-bytes'] >= $BEFORE"
	expect "more traffic" lab_ping "$HOUSE" $WEB4
	expect "is added" of bob "r['rx-bytes'] >= $BEFORE + 420"
	off one
	expect "kept after the end" of bob "r['rx-bytes'] >= $BEFORE + 420"
	BEFORE=$(value_of bob rx-bytes)
	line two bob
	expect "the next session adds" of bob "r['rx-bytes'] >= $BEFORE + 420"
	off two
	line other alice wonderland
	expect "each user has a row" lab_json 'sorted(r["username"] for r in j) == ["alice", "bob"]' show usage
	lab_hangup other
	expect "other: it is over" wait_for 10 lab_has_sessions 0
	expect "the table has them" grep -q alice <(lab_ctl show usage)
}

restart() { # CONFIGURATION...
	lab_stop brasd || fail "brasd ended with $?"
	lab_start_brasd "$@"
}

survives() {
	local file=/var/lib/brasberry/$INSTANCE/usage rows
	rows=$(lab_ctl show usage --json)
	lab_stop brasd || fail "brasd ended with $?"
	expect "a line each in the file" [ "$(wc -l < "$file")" = 2 ]
	expect "which is nobody else's" [ "$(stat -c %a "$file")" = 600 ]
	lab_start_brasd
	expect "the same after a restart" [ "$(lab_value 'sorted(map(str, j))' show usage)" = \
		"$(net_py value 'sorted(map(str, j))' <<< "$rows")" ]
	lab_stop brasd || fail "brasd ended with $?"
	sed -i '/ alice$/s/ [0-9]* alice$/ 9 alice/' "$file"
	lab_start_brasd
	expect "the damaged line is told" grep -q 'damaged lines are skipped' "$LAB_DIR/brasd.log"
	expect "and skipped, alone" lab_json '[r["username"] for r in j] == ["bob"]' show usage
	h ip link del u0 2> /dev/null || true
}

boundary() {
	local start total sid
	midnight_in 25
	restart radius.accounting-period=daily
	line night bob
	sid=$(lab_field night sid)
	start=$(value_of bob period-start) total=$(value_of bob rx-bytes)
	expect "midnight" wait_for 40 of bob "r['period-start'] > $start"
	expect "the line stays up, its counters begin anew" wait_for 5 lab_json "j['sid'] == $sid and j['state'] == 'open' and j['rx-bytes'] < 420 and j['uptime'] >= 1" show session bob
	expect "what was carried is the last period's" of bob "r['last-rx-bytes'] >= $total and r['rx-bytes'] < 420"
	expect "midnight is local" of bob "r['period-start'] <= $(date +%s) < r['period-start'] + 60"
	expect "it still pings" lab_ping "$HOUSE" $WEB4
	expect "and is counted in the new period" of bob "420 <= r['rx-bytes'] < r['last-rx-bytes'] + 1000"
	total=$(value_of bob last-rx-bytes)
	off night
	restart radius.accounting-period=daily
	expect "both periods outlive a restart" of bob "r['last-rx-bytes'] == $total and r['rx-bytes'] >= 420"
}

run() {
	lab_start_brasd
	sums
	survives
	boundary
}

lab_each_mode run
