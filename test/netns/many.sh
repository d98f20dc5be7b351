#!/bin/bash
# Proves: 2,000 lines that dial at once all come up, with addresses of their own, none lost by a
# slow start; they stay; traffic flows among them; they all end at once and give everything back.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

run() {
	lab_start_brasd ppp.lcp-echo-interval=5 pppoe.max-starting=4096
	lab_dial many -n 2000 --rate 0 --max-outstanding 2000 --quiet
	say "$(grep '^ready:' "$LAB_DIR/many.log")"
	expect "2,000 sessions, all open" lab_json 'len(j) == 2000 and all(s["state"] == "open" for s in j)' show sessions
	expect "2,000 addresses" lab_json 'len({s["ip"] for s in j}) == 2000 and len({s["ip6"] for s in j}) == 2000' show sessions
	expect "2,000 session ids" lab_json 'len({s["sid"] for s in j}) == 2000' show sessions
	lab_dial one --mac-base 02:bb:00:01:00:00 --plumb u0 -u alice -p wonderland
	expect "one more carries traffic" lab_ping "$HOUSE" $WEB4
	expect "TCP" lab_iperf "$HOUSE" 50 -c $WEB4 -R
	expect "they stay through several echo intervals" wait_for 30 lab_json 'min(s["uptime"] for s in j) >= 12' show sessions
	expect "all of them" lab_has_sessions 2001
	lab_hangup one
	lab_hangup many
	expect "all gone" wait_for 20 lab_has_sessions 0
	expect "pools are whole again" lab_json 'all(p["used"] == 0 for p in j)' show pools
}

lab_each_mode run
