#!/bin/bash
# Proves that no line makes brasd log without end ([log] limit-per-line): who logs in and hangs up as fast as
# it can, fails to log in again and again, or sends malformed discovery, from one MAC address or from many, or
# from those of a VLAN or circuit id that is one customer's, has so many lines told, with a word of those left
# out; and what is told of others is told meanwhile.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
MAX=20 # a minute
ROGUE=02:66:00:00:00:02

lines() { grep -c "$1" "$LAB_DIR/brasd.log"; }
# A minute's share at once, and then one by one; the test's own clock is read before and after.
bounded() { # PATTERN BEGUN
	local n most
	n=$(lines "$1")
	most=$((MAX + (SECONDS - $2 + 2) * MAX / 60 + 1))
	echo "$n lines, $most at most"
	[ "$n" -ge 1 ] && [ "$n" -le "$most" ]
}
left_out() { grep "$1" "$LAB_DIR/brasd.log" | grep -Eq '[0-9]+ (such lines left out|more not shown)'; }
victim_fails() { # N
	lab_dial_fails "victim$1" '.*' -u "victim$1" -p wrong --mac-base "02:cc:00:00:00:0$1"
	expect "and of another the failed login is told" wait_for 10 grep -q "02:cc:00:00:00:0$1.*authentication failed for 'victim$1'" "$LAB_DIR/brasd.log"
}

flapping() {
	local begun=$SECONDS
	lab_dial_start flap -u mallory -p secret --hold 0 --flap 150 --mac-base 02:dd:00:00:00:00
	expect "a line logs in and hangs up 100 times" wait_for 60 lab_json "j['sessions']['closed'] >= 100" show stat
	victim_fails 1
	wait_for 60 lab_gone "${LAB_PID[flap]}" || fail "it does not end"
	expect "of which no more is told than of any" bounded 02:dd:00:00:00:00 $begun
	lab_stop flap
	lab_dial one -u alice -p wonderland --mac-base 02:dd:00:00:01:00
	expect "another's login is told" wait_for 10 grep -q '02:dd:00:00:01:00 alice: logged in' "$LAB_DIR/brasd.log"
	lab_hangup one
}

failing() {
	local begun=$SECONDS i
	for i in $(seq 40); do
		lab_dial_start wrong -u mallory -p wrong --retries 0 --mac-base 02:dd:00:00:02:00
		wait_for 30 lab_gone "${LAB_PID[wrong]}" || fail "dialer $i does not end"
		lab_stop wrong
	done
	victim_fails 2
	expect "of 40 logins in vain as much is told" bounded 02:dd:00:00:02:00 $begun
	expect "and they are counted" lab_json "j['sessions']['auth-failed'] >= 42" show stat
}

send() { # KIND
	lab_spawn flood h env PPS=300 python3 "$LAB_TEST_DIR/netns/flood.py" s0 "$ac" "$1" 1 $ROGUE
	wait_for 20 grep -q '^sending' "$LAB_DIR/flood.log" || fail "nothing is sent"
}
malformed() {
	local begun=$SECONDS before ac
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	before=$(dropped)
	send bad-own
	wait_for 30 dropped_more $((before + 300)) || fail "they do not come"
	victim_fails 3
	lab_stop flood > /dev/null
	expect "of one MAC's malformed discovery, too" bounded "from $ROGUE" $begun
	begun=$SECONDS
	before=$(dropped)
	send bad-many
	wait_for 30 dropped_more $((before + 1000)) || fail "they do not come"
	victim_fails 4
	lab_stop flood > /dev/null
	expect "and of many MACs' no more than five lines a second" [ "$(lines 'from 02:66')" -le $((MAX + 5 * (SECONDS - begun + 4))) ]
}
dropped() { lab_value "sum(n for r, n in j['drops'].items() if r.startswith('discovery-'))" show stat; }
dropped_more() { [ "$(dropped)" -gt "$1" ]; }

# Where a VLAN or a circuit id is one customer's, it has one share, whatever its MAC addresses.
customers() {
	local begun=$SECONDS
	lab_stop brasd
	lab_start_brasd log.limit-per-line=$MAX log.limit=0 pppoe.max-sessions-per-vlan=100 pppoe.max-sessions-per-circuit-id=100
	lab_dial_start vlan -n 40 --vlan 100 -p secret --hold 0 --max-outstanding 1 --mac-base 02:de:00:00:00:00
	lab_dial_start circuit -n 40 --circuit-id "dslam1 eth 1/1" -p secret --hold 0 --max-outstanding 1 --mac-base 02:df:00:00:00:00
	expect "forty MACs of a VLAN and of a circuit id log in and hang up" wait_for 60 lab_json "j['sessions']['closed'] >= 80" show stat
	expect "of the VLAN no more is told than of one" bounded 02:de: $begun
	expect "nor of the circuit id" bounded 02:df: $begun
	lab_dial beside -u alice -p wonderland --circuit-id "dslam1 eth 1/2" --mac-base 02:df:00:00:01:00
	expect "another circuit's login is told" wait_for 10 grep -q '02:df:00:00:01:00 alice: logged in' "$LAB_DIR/brasd.log"
	for name in vlan circuit beside; do lab_stop "$name" > /dev/null; done
}

run() {
	local name
	lab_start_brasd log.limit-per-line=$MAX log.limit=0
	flapping
	failing
	malformed
	lab_dial later -u mallory -p secret --mac-base 02:dd:00:00:00:00
	expect "what was left out is told with the next line" wait_for 10 left_out 02:dd:00:00:00:00
	customers
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
