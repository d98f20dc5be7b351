#!/bin/bash
# Proves: an upgrade to a binary with another layout of maps and record (build/brasd-next) keeps all
# sessions: ids, addresses, counters, plans; of numbered packets, both ways, shaped or not, IPv4 and
# IPv6, none is lost. The old binary is then refused in words, and everything goes on forwarding.
# Sample: 2 of restart
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

[ -x "$B/brasd-next" ] || { echo "no $B/brasd-next: make $B/brasd-next"; exit 1; }
SECONDS_=${SECONDS_:-9}
LINES_=100
CONFIG=(shaper.mode=htb shaper.queues=2 radius.nas-identifier=lab)
WITH_TRAFFIC="plain fast six"

again() { # BINARY
	lab_spawn brasd g "$B/$1" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "$1 did not become ready"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "$1 ended instead of becoming ready"
}
refused() { # BINARY WORDS
	lab_spawn brasd g "$B/$1" -c "$CONF" -i "$INSTANCE"
	wait_for 20 lab_gone "${LAB_PID[brasd]}" || fail "$1 goes on"
	lab_stop brasd && fail "$1 ends well"
	expect "$1 is refused: $2" grep -Eq "$2" "$LAB_DIR/brasd.log"
	[ "$(grep -c . "$LAB_DIR/brasd.log")" -le 3 ] || fail "with many words"
}
identity() {
	lab_value "sorted([s['sid'], s['username'], s['calling-sid'], s['ip'], s['ip6'], s['acct-session-id'], s['rate-down'], s['mtu'], s['state']] for s in j)" show sessions
}
same() { [ "$BEFORE" = "$(identity)" ] || ! diff <(tr ']' '\n' <<< "$BEFORE") <(identity | tr ']' '\n'); }
agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
says() { grep -Eq "$1" "$LAB_DIR/brasd.log"; }
# In abi.h the next build's comes first.
layout_of() { sed -n 's/^#define ABI_VERSION //p' "$LAB_TEST_DIR/../bpf/abi.h" | "$1" -n 1; }
layouts() { # MAPS RECORD
	[ "$(bpftool map dump pinned "/sys/fs/bpf/brasberry/$INSTANCE/layout" -j | jq -r '.[0].value[0]')" = "0x0$1" ] &&
		[ "$(od -An -tu1 -j8 -N2 "/run/brasberry/$INSTANCE/sessions" | tr -s ' ')" = " 0 $2" ]
}
value_size() { bpftool map show pinned "/sys/fs/bpf/brasberry/$INSTANCE/sessions" -j | jq .bytes_value; }

upgraded() { # HOW
	expect "tables are built anew" says 'the data plane.s tables have been built anew'
	expect "all sessions go on" says "$((LINES_ + 3)) sessions go on"
	expect "as they were" same
	expect "everything agrees" agrees
}

streams() {
	local name ip
	lab_spawn echo n python3 "$LAB_TEST_DIR/netns/net.py" echo :: 7
	wait_for 10 lab_listens "$INTERNET" u 7 || fail "no server"
	for name in $WITH_TRAFFIC; do
		ip=$WEB4
		[ "$name" != six ] || ip=$WEB6
		lab_spawn "s-$name" in_ns "${NS[$name]}" python3 "$LAB_TEST_DIR/netns/net.py" numbered "$ip" 7 400 "$SECONDS_"
		wait_for 10 grep -q running "$LAB_DIR/s-$name.log" || fail "no traffic: $name"
	done
}
streams_end() {
	local name
	for name in $WITH_TRAFFIC; do
		wait_for 60 lab_gone "${LAB_PID[s-$name]}" || fail "s-$name does not end"
		lab_stop "s-$name"
		say "$name: $(grep -h '^sent' "$LAB_DIR/s-$name.log")"
		expect "nothing is lost: $name" grep -q 'lost 0, twice 0$' "$LAB_DIR/s-$name.log"
		expect "all of it is counted, once" counted "$name"
	done
}
# All packets of its stream, and no other, up and down.
counted() { # NAME
	local sent
	sent=$(sed -n 's/^sent \([0-9]*\),.*/\1/p' "$LAB_DIR/s-$1.log")
	lab_json "[(s['rx-pkts'], s['tx-pkts']) for s in j if s['username'] == '$1'] == [($sent, $sent)]" show sessions ||
		{ echo "sent $sent, counted: $(lab_value "[(s['rx-pkts'], s['tx-pkts']) for s in j if s['username'] == '$1']" show sessions)"; return 1; }
}
still() { lab_running "s-plain" || fail "the traffic is over before the test is: SECONDS_=$SECONDS_"; }

dial() {
	local name i=1
	for name in $WITH_TRAFFIC; do
		lab_ns "$name"
		NS[$name]=$REPLY
		lab_dial "$name" -u "$name" -p secret --mac-base "02:bb:00:0$i:00:00" --plumb "u0@$REPLY"
		i=$((i + 1))
	done
	lab_dial many -n $LINES_ -u 'u%d' -p secret --mac-base 02:bb:01:00:00:00
}

run() {
	declare -A NS=()
	local old=$B/brasd
	radius_users radius "$(radius_user fast secret 'RP-Downstream-Speed-Limit = 20000' 'RP-Upstream-Speed-Limit = 10000')" \
		"$(radius_user DEFAULT secret)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" "${CONFIG[@]}"
	dial
	expect "$((LINES_ + 3)) sessions" lab_has_sessions $((LINES_ + 3))
	expect "layouts of now" layouts "$(layout_of tail)" 1
	SIZE=$(value_size)
	BEFORE=$(identity)
	streams
	lab_ctl restart > /dev/null && wait_for 10 lab_gone "${LAB_PID[brasd]}" && lab_stop brasd || fail "restart ends with $?"
	again brasd-next
	upgraded
	expect "layouts of the next" layouts "$(layout_of head)" 2
	expect "entries have grown" test "$(value_size)" -gt "$SIZE"
	lab_stop brasd KILL > /dev/null 2>&1
	refused brasd 'newer brasd; nothing was changed'
	still
	again brasd-next
	expect "the next one goes on after that" same
	refuse "without a word of tables" says 'built anew'
	lab_stop brasd KILL > /dev/null 2>&1
	again brasd-next
	expect "and after a death of its own" same
	expect "everything agrees" agrees
	streams_end
	lab_dial late -u late -p secret --mac-base 02:bb:02:00:00:00
	expect "new lines come up" lab_has_sessions $((LINES_ + 4))
	lab_hangup late
	for name in $WITH_TRAFFIC many; do lab_hangup "$name"; done
	expect "one Start and one Stop of each" wait_for 60 radius_detail radius \
		"(lambda m: len(m) == $((LINES_ + 4)) and all(len(v) == 2 and v[0] == v[1] for v in m.values()))({u: [r['Acct-Session-Id'] for r in d if r.get('User-Name') == u and r['Acct-Status-Type'] in ('Start', 'Stop')] for u in {r['User-Name'] for r in d if 'User-Name' in r}})"
	lab_stop brasd || fail "the clean end was none"
	lab_start_brasd "$(radius_conf_of)" "${CONFIG[@]}"
	expect "after a clean end the old one starts" lab_has_sessions 0
	lab_stop brasd || fail "the clean end was none"
}

# Killed while it takes over, again and again: the next one goes on, none is lost, all are counted.
killed() {
	declare -A NS=()
	local point n=0
	radius_users radius "$(radius_user fast secret 'RP-Downstream-Speed-Limit = 20000')" "$(radius_user DEFAULT secret)"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" "${CONFIG[@]}"
	dial
	BEFORE=$(identity)
	streams
	for ms in 010 025 040 060 090 130 200; do
		lab_stop brasd KILL > /dev/null 2>&1
		lab_spawn brasd g "$B/brasd-next" -c "$CONF" -i "$INSTANCE"
		sleep 0.$ms
		grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || n=$((n + 1))
	done
	lab_stop brasd KILL > /dev/null 2>&1
	say "$n of 7 died before they were ready"
	again brasd-next
	expect "all sessions are what they were" same
	expect "everything agrees" agrees
	streams_end
	for name in $WITH_TRAFFIC many; do lab_hangup "$name"; done
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
LAB_MODES=${LAB_MODES:-xdp} lab_each_mode killed
