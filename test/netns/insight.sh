#!/bin/bash
# Proves: with real lines, show history tells a user's last events, of an ended line too and why it
# ended; a refused login is told; monitor events streams them; ping has an echo's round trip, and
# none from a line that does not answer; show drops has each reason; top finds who is busy and how
# much, in both modes; show session has the whole story; what was told outlives brasd, and a damaged file does no harm.
. "$(dirname "$0")/../lab.sh"

has() { lab_event "$@"; }
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
	outlives
	story
	busy xdp
	busy tc
}

again() { # CONFIGURATION...: kill -9, and the next one
	lab_stop brasd KILL > /dev/null 2>&1
	lab_start_brasd "$@"
}

# One line ended, one lives, one is gone when the next brasd looks.
outlives() {
	local file=/run/brasberry/$INSTANCE/history
	lab_dial alice -u alice -p wonderland
	again
	expect "history outlives brasd" has mute end lost-carrier
	expect "of a login that was refused" has mac=02:bb:00:00:40:00 reject 'wrong name or secret'
	expect "of one that lives: what was" lab_json "[[e['event'] for e in j if e['sid'] == j[-1]['sid']][i] for i in (0, -1)] == ['dial', 'adopted']" show history alice
	expect "and its next process" has alice adopted 'by a new process'
	lab_hangup alice
	expect "and how it ends" wait_for 10 has alice end user-request
	lab_stop brasd || fail "brasd did not end well"
	lab_start_brasd
	expect "and a clean end of brasd" has alice end user-request
	lab_stop brasd KILL > /dev/null 2>&1
	head -c 5000 /dev/urandom > "$file"
	lab_start_brasd
	expect "a damaged file is set aside" grep -q "$file: it is damaged.*now $file.bad" "$LAB_DIR/brasd.log"
	expect "it is there to be looked at" test "$(stat -c %s "$file.bad")" = 5000
	refuse "nothing of it is told" lab_ctl show history alice
	lab_stop brasd || fail "brasd did not end well"
}

# One line, from where each of its values is.
story() {
	lab_start_brasd shaper.mode=htb shaper.default=5000/1000
	lab_dial alice -u alice -p wonderland
	expect "what was negotiated" lab_json "j['phase'] == 'network' and j['auth'] in ('chap-md5', 'mschap-v2', 'pap') and j['mtu'] == 1492 and j['lcp']['peer-magic'] and j['lcp']['echo-lost'] == 0 and j['link-local'] == 'fe80::1' and j['peer-link-local'].startswith('fe80::') and j['dns'] == ['$GW4', '$WEB4'] and j['ra']['prefix'] == j['ip6']" show session alice
	expect "where each value is from" lab_json "[j['sources'][k] for k in ('username', 'ip', 'gateway', 'ip6', 'mtu')] == ['peer', 'users file', '[ip-pool] gw-ip-address', 'pool default', '[ppp] mtu']" show session alice
	expect "its plan, and who says so" lab_json "j['rate-down'] == 5000 and j['rate-up'] == 1000 and j['speed']['down-source'] == '[shaper] default' and j['speed']['programmed-down']['rate'] == 5000 and not j['speed']['pending']" show session alice
	lab_hangup alice
	lab_stop brasd || fail "brasd did not end well"
}

rates_are() { lab_json "j[0]['username'] == 'busy' and j[0]['$1-bps'] > 100000 and j[0]['$1-bps'] > 3 * sum(r['$1-bps'] for r in j[1:])" top 5 "$1"; }

busy() { # MODE: one line downloads, another one is idle
	local ns LAB_MODE=$1
	lab_start_brasd
	lab_ns "busy$1"; ns=$REPLY
	lab_dial busy -u busy -p secret --mac-base 02:bb:00:06:00:00 --plumb "u0@$ns"
	lab_dial idle -u idle -p secret --mac-base 02:bb:00:07:00:00
	lab_spawn down in_ns "$ns" iperf3 -u -c $WEB4 -R -b 2M -t 60
	expect "top has who downloads ($1)" wait_for 20 rates_are tx
	lab_stop down
	lab_spawn up in_ns "$ns" iperf3 -u -c $WEB4 -b 2M -t 60
	expect "and who uploads ($1)" wait_for 20 rates_are rx
	lab_stop up
	lab_hangup busy
	lab_hangup idle
	lab_stop brasd || fail "brasd did not end well"
}

lab_up
run
