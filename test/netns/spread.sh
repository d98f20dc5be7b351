#!/bin/bash
# Proves `spread`: sessions are carried on both CPUs, each of a session's packets on its own and in
# order, all of them counted, a forged source dropped and counted as ever; brasd that is killed finds
# its CPUs again; another list takes nothing away, and off undoes it.
. "$(dirname "$0")/../lab.sh"
LAB_USER=root # the kernel lets root alone set the masks of receive packet steering

# A veth holds 256 packets: at this pace it is not the one that loses on a busy machine.
LINES_=16 COUNT=150 PPS=1000 SENT=0
listening() { grep -q listening "$LAB_DIR/receive.log"; }

# In the background.
stream_start() {
	lab_spawn receive n python3 "$LAB_TEST_DIR/netns/spread.py" receive 9000 $LINES_ $COUNT
	wait_for 20 listening || fail "the receiver does not listen"
	lab_spawn send h_send "$COUNT"
	SENT=$((SENT + LINES_ * COUNT))
}
h_send() { # COUNT [FORGED]
	${LAB_EXEC:-} nsenter --net="/run/netns/$HOUSE" taskset -c 0 \
		python3 "$LAB_TEST_DIR/netns/spread.py" send s0 "$AC" "$1" $PPS $WEB4 ${2:-} < "$LAB_DIR/sessions.json"
}
stream_arrives() {
	wait_for 60 lab_gone "${LAB_PID[send]}" || return 1
	wait_for 60 lab_gone "${LAB_PID[receive]}" || return 1
	cat "$LAB_DIR/send.log" "$LAB_DIR/receive.log"
	grep -q "missing 0 overtaken ${LOOSE:-0 }.*lines $LINES_" "$LAB_DIR/receive.log"
}
loosely() { local LOOSE='[0-9]'; "$@"; } # some may be overtaken
stream() { # WHAT
	stream_start
	expect "$1" stream_arrives
}

snapshot() { lab_ctl show cpu --json > "$LAB_DIR/cpu.before"; }
# Over j, what `show cpu` says, and b, what it said; d(key): by CPU, how much more.
since() { # PYTHON-EXPRESSION
	lab_ctl show cpu --json | python3 -c '
import json, sys
j, b = json.load(sys.stdin), json.load(open(sys.argv[2]))
d = lambda key: [x[key] - y[key] for x, y in zip(j, b)]
print("up", d("packets-up"), "handed", d("handed"), "drops", d("drops"), [x["sessions"] for x in j])
scope = {"j": j, "b": b, "d": d, "n": int(sys.argv[3])}
sys.exit(not eval(sys.argv[1], scope))' "$1" "$LAB_DIR/cpu.before" $COUNT
}
counted() { lab_json "sum(s['rx-pkts'] for s in j) == $1" show sessions; }
spoofed() { lab_value "j['drops']['spoofed-ip4']" show stat; }
forged_are_counted() {
	local before
	before=$(spoofed)
	h_send 20 203.0.113.1
	wait_for 10 lab_json "j['drops']['spoofed-ip4'] == $((before + 20 * LINES_))" show stat
}
steered() { # MASK: of the access interface's receive queues
	local mask
	mask=$(g unshare -m sh -c 'mount -t sysfs sysfs /sys && cat /sys/class/net/acc/queues/rx-*/rps_cpus' |
		sort -u | sed 's/^0*//')
	echo "mask: $mask"
	[ "$mask" = "$1" ]
}
# From the core to a line, sent on CPU 1: a veth hands them over there.
goes_down() {
	snapshot
	n taskset -c 1 ping -q -c 20 -i 0.02 -W 1 "$(jq -r '.[0].ip' "$LAB_DIR/sessions.json")" > /dev/null
	since 'd("packets-down")[1] == 20 and sum(d("packets-down")) == 20 and not any(d("handed"))'
}
killed() { # and comes back
	lab_stop brasd KILL > /dev/null 2>&1
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	expect "brasd is killed, and comes back" wait_for 30 grep -q '^brasd: ready' "$LAB_DIR/brasd.log"
}
reloads() { # [SECTION.KEY=VALUE]
	local count
	count=$(lab_value "j['count']" show reload)
	lab_conf "$@"
	lab_ctl reload && wait_for 20 lab_json "j['state'] == 'applied' and j['count'] > $count" show reload
}

bad_lists() {
	local value
	for value in 4096 3-1 0,0 one 0- 255; do
		lab_conf "subscriber.spread=$value"
		refuse "spread = $value" "$B/brasd" -t -c "$CONF"
		grep -q 'brasd.conf:[0-9]*: \[subscriber\] spread' <<< "$("$B/brasd" -t -c "$CONF" 2>&1)" ||
			fail "spread = $value: no file and line"
	done
}

run_xdp() {
	snapshot
	stream "every packet of every line arrives, in order"
	expect "both CPUs have sessions" since 'min(x["sessions"] for x in j[:2]) > 0'
	expect "each carried its sessions' packets, none another's" \
		since 'd("packets-up") == [x["sessions"] * n for x in j]'
	expect "and was handed them" since 'd("handed") == d("packets-up") and not any(d("drops"))'
	expect "the sessions' counters say the same" counted $SENT
	expect "forged sources are dropped and counted" forged_are_counted
	expect "what goes down stays on the CPU that it came to, and is counted there" goes_down
	stream_start
	killed
	expect "nothing is lost" loosely stream_arrives
	snapshot
	stream "in order again"
	expect "on both CPUs, still" since 'd("packets-up") == [x["sessions"] * n for x in j]'
	stream_start
	expect "another list in mid-stream" reloads subscriber.spread=1
	expect "nothing is lost by it" loosely stream_arrives
	expect "no queue was full" since 'not any(d("drops"))'
	snapshot
	stream "all on the one CPU that is left"
	expect "shown so" since 'd("packets-up")[1] == 16 * n and j[1]["sessions"] == 16'
	expect "off" reloads
	snapshot
	stream "packets pass"
	expect "nothing is handed over any more" since 'not any(d("handed")) and j[0]["sessions"] is None'
	expect "counted to the last" counted $SENT
}

run_tc() {
	snapshot
	expect "receive packet steering is on" steered 3
	stream "every packet of every line arrives, in order"
	expect "both CPUs carried" since 'min(d("packets-up")[:2]) > n and sum(d("packets-up")) == 16 * n'
	expect "the sessions' counters say the same" counted $SENT
	expect "forged sources are dropped and counted" forged_are_counted
	expect "what goes down stays on the CPU that it came to, and is counted there" goes_down
	killed
	expect "another list" reloads subscriber.spread=1
	expect "is set" steered 2
	snapshot
	stream "packets pass"
	expect "all on the one CPU" since 'd("packets-up")[1] == 16 * n'
	expect "off" reloads
	expect "the mask is as it was" steered 1
	expect "on again" reloads subscriber.spread=auto
	expect "by the number of CPUs" steered 3
}

run() {
	[ "$(nproc)" -ge 2 ] || { echo "needs two CPUs"; exit 77; }
	bad_lists
	[ $LAB_MODE = xdp ] || g unshare -m sh -c 'mount -t sysfs sysfs /sys && echo 1 > /sys/class/net/acc/queues/rx-0/rps_cpus'
	lab_start_brasd subscriber.spread=0-1
	lab_dial many -n $LINES_ -u user%d -p secret --no-ipv6 --hold-forever
	lab_ctl show sessions --json > "$LAB_DIR/sessions.json"
	AC=$(g ip -o link show dev acc | sed 's/.*ether \([^ ]*\).*/\1/')
	run_$LAB_MODE
	lab_stop many || fail "the lines' end"
	lab_stop brasd || fail "the clean end was none"
	[ $LAB_MODE = xdp ] || expect "at the end the mask is as it was" steered 1
}

lab_each_mode run
