#!/bin/bash
# Proves: lines end cleanly by PADT, LCP Terminate, lost echo, operator and daemon shutdown;
# everything is given back; a PADT from a station that does not own the session changes nothing.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

unused() { lab_json 'len(j) >= 2 and all(p["used"] == 0 for p in j)' show pools; }
used() { lab_json "all(p['used'] == $1 for p in j)" show pools; }

gone() { # WHAT
	# A mute subscriber costs two echo requests and two Terminate-Requests, 3 s apart.
	expect "$1: no session" wait_for 30 lab_has_sessions 0
	expect "$1: pools are whole again" wait_for 5 unused
	refuse "$1: nothing answers there" n ping -q -c 1 -W 1 "$IP"
}

ended() { # NAME REASONS: as the subscriber saw it
	wait_for 20 grep -Eq "^down 0 ($2)\$" "$LAB_DIR/$1.log"
}

ac_mac() { g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/'; }

raw() { h python3 "$LAB_TEST_DIR/netns/net.py" "$@"; }

line() { # NAME ARGS...
	lab_dial "$@" --plumb u0
	IP=$(lab_field "$1" ip)
	expect "$1: up, and pings" lab_ping "$HOUSE" $WEB4
}

shut_down() {
	line last
	lab_ctl shutdown || fail "shutdown was refused"
	expect "shutdown: brasd ends" wait_for 20 lab_gone "${LAB_PID[brasd]}"
	expect "shutdown: with success" lab_stop brasd
	expect "shutdown: the subscriber was told" ended last 'terminated|padt'
	refuse "shutdown: no subs0" g ip link show subs0
	refuse "shutdown: no route of the pool" grep -q 100.64 <(g ip route)
	refuse "shutdown: no route of the prefixes" grep -q 2001:db8:100 <(g ip -6 route)
	refuse "shutdown: no program on the access interface" grep -Eq 'prog/xdp|xdp' <(g ip link show acc)
	refuse "shutdown: no control socket" [ -e "/run/brasberry/$INSTANCE/control" ]
	refuse "shutdown: no pins" [ -e "/sys/fs/bpf/brasberry/$INSTANCE" ]
	lab_stop last
}

run() {
	lab_start_brasd ppp.lcp-echo-interval=1 ppp.lcp-echo-failure=2
	line terminate
	expect "pools know it" used 1
	lab_hangup terminate
	gone "LCP Terminate"
	line padt
	raw padt s0 "$(ac_mac)" 02:00:00:00:00:99 "$(lab_field padt sid)"
	expect "a foreign PADT changes nothing" lab_ping "$HOUSE" $WEB4
	expect "the session is still there" lab_has_sessions 1
	raw padt s0 "$(ac_mac)" 02:bb:00:00:00:00 "$(lab_field padt sid)"
	gone "PADT"
	lab_stop padt
	line killed
	lab_stop killed KILL
	gone "echo lost after kill -9"
	h ip link del u0
	line mute --no-echo-reply
	expect "echo lost: the subscriber was told" ended mute 'terminated|padt'
	gone "echo lost"
	lab_stop mute
	line operator -u alice -p wonderland
	expect "the operator's word" lab_ctl terminate alice
	expect "operator: the subscriber was told" ended operator 'terminated|padt'
	gone "operator"
	lab_stop operator
	lab_dial three -n 3
	expect "the operator ends all" lab_ctl terminate all
	expect "all: no session" wait_for 10 lab_has_sessions 0
	lab_stop three
	line alive
	expect "a line that answers echo stays" wait_for 10 lab_json 'j[0]["uptime"] >= 5' show sessions
	lab_hangup alive
	shut_down
}

lab_each_mode run
