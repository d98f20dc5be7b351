#!/bin/bash
# Proves: brasd may die at any time: kill -9, and `brasctl restart`; the next one goes on with all
# sessions: same ids, addresses, accounting ids, counters, plans; not one packet is lost on the way,
# up or down, shaped or not; a line that ended meanwhile is found dead; new lines come up beside.
. "$(dirname "$0")/../lab.sh"

CONFIG=(shaper.mode=htb ppp.lcp-echo-interval=2 ppp.lcp-echo-failure=2 ppp.lcp-echo-adaptive=no)

again() { # without a word: the configuration is that of before
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
	grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd ended instead of becoming ready"
}

# What must be the same in the next process.
identity() {
	lab_value "sorted([s['sid'], s['username'], s['calling-sid'], s['ip'], s['ip6'], s['acct-session-id'], s['rate-down'], s['mtu'], s['state']] for s in j)" show sessions
}
bytes() { lab_value "sum(s['$1'] for s in j)" show sessions; }

pings() { # NAME NETNS ADDRESS: until it is stopped
	lab_spawn "$1" in_ns "$2" ping -i 0.01 -W 5 "$3"
	wait_for 10 grep -q 'bytes from' "$LAB_DIR/$1.log"
}
no_loss() { # NAME
	tail -n 3 "$LAB_DIR/$1.log" | grep ' 0% packet loss'
}

die() { # HOW
	case $1 in
	kill) lab_stop brasd KILL > /dev/null 2>&1 ;;
	restart)
		lab_ctl restart > /dev/null && wait_for 10 lab_gone "${LAB_PID[brasd]}" && lab_stop brasd ||
			fail "restart ends with $?"
		;;
	USR2) lab_stop brasd USR2 || fail "leaving ends with $?" ;;
	esac
}

same() { # IDENTITY RX-BYTES
	local after
	after=$(identity)
	[ "$1" = "$after" ] || { echo "before: $1"; echo "after:  $after"; return 1; }
	[ "$(bytes rx-bytes)" -ge "$2" ] || { echo "counters went back"; return 1; }
}

one_death() { # HOW
	local before rx
	before=$(identity) rx=$(bytes rx-bytes)
	die "$1"
	again
	expect "all go on after $1" same "$before" "$rx"
	expect "and everything agrees" lab_json 'j["problems"] == 0' check
}

run() {
	local ns ip how
	lab_users 'fast * secret * 50000/20000'
	lab_start_brasd "${CONFIG[@]}"
	lab_ns one; ns=$REPLY
	lab_dial one -u fast -p secret --plumb "u0@$ns"
	ip=$(lab_field one ip)
	lab_dial many -n 50 -u 'u%d' -p secret --mac-base 02:bb:00:01:00:00
	lab_dial dead -u dead -p secret --mac-base 02:bb:00:02:00:00
	expect "a plan" lab_json 'j["changed"] == 1' shaper change fast 40M/10M
	pings up "$ns" $WEB4
	pings down "$INTERNET" "$ip"
	pings up6 "$ns" $WEB6
	for how in kill restart USR2 kill kill; do
		one_death $how
	done
	for how in up down up6; do
		lab_stop $how INT > /dev/null
		expect "nothing was lost: $how" no_loss $how
	done
	expect "the speed goes on" lab_json 'j["rate-down"] == 40000 and j["speed"]["programmed-down"]["rate"] == 40000 and "shaper change" in j["speed"]["down-source"]' show session fast
	expect "TCP through it" lab_iperf "$ns" 20 -c $WEB4 -R
	lab_dial new -u new -p secret --mac-base 02:bb:00:03:00:00
	expect "a new line beside them" lab_has_sessions 53
	lab_stop brasd KILL > /dev/null 2>&1
	lab_stop dead KILL > /dev/null 2>&1
	again
	expect "who hung up meanwhile is found dead" wait_for 20 lab_has_sessions 52
	expect "the others are not" lab_json 'sum(s["state"] == "open" for s in j) == 52' show sessions
	lab_hangup new
	lab_hangup many
	lab_hangup one
	expect "hanging up works as ever" wait_for 10 lab_has_sessions 0
	lab_stop brasd || fail "the clean end was none"
	refuse "leaves no device" g ip link show subs0
	refuse "and no pins" test -e "/sys/fs/bpf/brasberry/$INSTANCE"
	again
	expect "and no session" lab_has_sessions 0
	another_instance
}

# What a brasd of another name left when it was killed is nobody's: this one may have the interface.
another_instance() {
	lab_dial one -u fast -p secret
	lab_stop brasd KILL > /dev/null 2>&1
	rm -rf "/run/brasberry/$INSTANCE"
	INSTANCE=$INSTANCE-b
	again
	lab_dial two -u two -p secret --mac-base 02:bb:00:04:00:00
	expect "another instance begins anew" lab_has_sessions 1
	lab_stop brasd || fail "its end was none"
	rm -rf "/run/brasberry/$INSTANCE" "/var/lib/brasberry/$INSTANCE"
	INSTANCE=${INSTANCE%-b}
}

lab_each_mode run
