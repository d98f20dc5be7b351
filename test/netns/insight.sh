#!/bin/bash
# Proves: with real lines, show history tells a user's last events, of an ended line too and why it
# ended; a refused login is told; monitor events streams them; ping has an echo's round trip, and
# none from a line that does not answer; show drops has each reason; top finds who is busy.
. "$(dirname "$0")/../lab.sh"

has() { # WHO EVENT DETAIL: show history has it
	lab_json "[e for e in j if e['event'] == '$2' and '$3' in (e['detail'] or '')]" show history "$1"
}
streamed() { grep -q "\"event\":\"$1\"" "$LAB_DIR/events.log"; }

run() {
	lab_start_brasd ppp.lcp-echo-interval=1 ppp.lcp-echo-failure=3
	lab_spawn events "$B/brasctl" -i "$INSTANCE" monitor events alice --json
	lab_dial alice -u alice -p wonderland
	expect "dial" has alice dial acc
	expect "accept" has alice accept 'users file'
	expect "address" has alice ipv4-up 100.64.10.10
	expect "by MAC" has mac=02:bb:00:00:00:00 lcp MRU
	expect "ping" lab_json "j['username'] == 'alice' and j['rtt-ms'] > 0" ping alice
	expect "the last echo" lab_json "j['lcp']['echo-rtt-us'] > 0" show session alice
	expect "what it carries now, and that nothing is copied" lab_json "set(j['rates']) == {'rx-bps', 'tx-bps', 'rx-pps', 'tx-pps'} and j['flows'] == 0 and j['nat44'] is None and j['mirror'] is None" show session alice
	refuse "show session of nobody" lab_ctl show session nobody
	refuse "ping of nobody" lab_ctl ping nobody
	expect "top" lab_json "[r for r in j if r['username'] == 'alice']" top 5
	refuse "top of nothing" lab_ctl top 0
	expect "show drops" lab_json "len(j) > 20 and all(set(r) == {'reason', 'packets'} for r in j)" show drops
	lab_hangup alice
	expect "it has ended" wait_for 10 has alice end user-request
	expect "events were streamed" wait_for 10 streamed end
	lab_dial_fails eve ".*" -u alice -p wrong --mac-base 02:bb:00:00:40:00
	expect "a refused login" has alice reject 'wrong name or secret'
	lab_dial mute -u mute -p secret --no-echo-reply --mac-base 02:bb:00:00:50:00
	expect "echoes are lost" wait_for 15 has mute echo-lost ''
	expect "why it went down" wait_for 20 has mute end lost-carrier
	refuse "nobody's history" lab_ctl show history nobody
	lab_stop events
	return 0
}

lab_up
run
