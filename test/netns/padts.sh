#!/bin/bash
# Run: alone, because it fills the queues that all packets of a CPU share
# Sample: one mode
# Proves that all lines may hang up in one instant: 3,000 PADTs come while brasd reads nothing, which is more than
# may wait for it, and each of them ends its session. No echo would find the others for a quarter of an hour. What
# is not a session's own PADT ends nobody.
. "$(dirname "$0")/../lab.sh"

LINES=3000

run() {
	local held_back
	lab_start_brasd pppoe.max-sessions=$((LINES + 100)) ip-pool.pool=100.64.0.0/16 ppp.lcp-echo-interval=300 log.level=2
	lab_dial alice -u alice -p wonderland
	lab_dial crowd -n $LINES -u 'c%d' --mac-base 02:bb:10:00:00:00 --rate 0 --max-outstanding 500 --retries 30 --hold-forever --quiet
	expect "all are up" lab_has_sessions $((LINES + 1))
	held_back=$(lab_value "j['drops']['discovery-rate']" show stat)
	kill -STOP "${LAB_PID[brasd]}"
	lab_stop crowd USR1 > /dev/null 2>&1
	kill -CONT "${LAB_PID[brasd]}"
	expect "all have gone, but one" wait_for 30 lab_has_sessions 1
	# The one whose frame tells of the others may count twice.
	expect "each PADT counts" lab_json "0 <= j['pppoe']['padt-rx'] - $LINES <= 1" show stat
	expect "none is dropped" lab_json "j['drops']['discovery-rate'] == $held_back" show stat
	expect "their addresses are free" lab_json "all(p['used'] == 1 for p in j if p['family'] == 4)" show pools
	expect "everything agrees" lab_json 'j["problems"] == 0' check
	lab_dial again -n 20 -u 'a%d' --mac-base 02:bb:10:00:00:00
	lab_hangup again
	lab_hangup alice
}

lab_each_mode run
