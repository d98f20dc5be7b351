#!/bin/bash
# Proves: `brasctl reload` and SIGHUP apply a configuration or nothing: an interface, a pool, a
# profile, a shaped default and more places are added, limits changed, with every session kept and
# not a packet lost; errors are told with file and line and change nothing; what sessions use is not
# taken away unless forced; one that cannot be had after all brings the one before back.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

LAB_ACCESS="acc acb"

conf() { lab_conf pppoe.interface= shaper.mode=htb pppoe.interface+=acc "$@"; }

identity() {
	lab_value "sorted([s['sid'], s['username'], s['ip'], s['ip6'], s['acct-session-id'], s['state']] for s in j)" show sessions
}
same() { [ "$1" = "$(identity)" ]; }
reloaded() { lab_json "j['state'] == 'applied' and any($1 in c for c in j['changes'])" reload; }
refused() { # TEXT
	local out
	out=$(lab_ctl reload 2>&1) && return 1
	grep -q "$1" <<< "$out" || { echo "$out"; return 1; }
}

grow() {
	local before
	before=$(identity)
	conf pppoe.interface+=acb
	expect "an interface more" reloaded '"interface = acb"'
	expect "all sessions go on" same "$before"
	LAB_IF=s1 lab_dial two -u two -p secret --mac-base 02:bb:00:00:10:00
	expect "a line on it" lab_has_sessions 12
	before=$(identity)
	conf pppoe.interface+=acb pppoe.max-sessions=8192 ip-pool.pool+=100.65.0.0/24,name=other shaper.default=20000/10000
	printf '[profile gold]\nrate = 30000/30000\n' >> "$CONF"
	expect "more places, a pool, a profile, a default" reloaded '"max-sessions = 8192"'
	expect "all sessions go on" same "$before"
	expect "everything agrees" lab_json 'j["problems"] == 0' check
	expect "the pool is there" lab_json "any(p['name'] == 'other' for p in j)" show pools
	expect "the profile works" lab_json 'j["changed"] == 1' shaper change alice gold
	LAB_IF=s1 lab_dial three -u three -p secret --mac-base 02:bb:00:00:20:00
	expect "the default counts for a new line" lab_json "j['rate-down'] == 20000" show session three
	expect "and not for an old one" lab_json "j['rate-down'] is None" show session two
}

refusals() {
	local before
	before=$(identity)
	conf pppoe.interface+=acb ppp.mtu=9000
	expect "an error is told with its line" refused "brasd.conf:[0-9]*: \[ppp\] mtu"
	conf
	expect "an interface with lines on it stays" refused "2 an interface"
	conf pppoe.interface+=acb pppoe.interface+=nowhere
	expect "what cannot be had" refused "refused\|cannot start"
	expect "the daemon is back with the one before" lab_json "j['state'] == 'refused' and 'cannot start' in j['why']" show reload
	expect "all sessions go on" same "$before"
	conf
	expect "forced, it goes" lab_json "j['state'] == 'applied'" reload force
	expect "its lines stay" same "$before"
	LAB_IF=s1 lab_dial_fails four 'no-pado|timeout|.*' -u four --retries 1 --mac-base 02:bb:00:00:40:00
}

run() {
	local ns
	conf
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready"
	lab_ns one; ns=$REPLY
	lab_dial one -u alice -p wonderland --plumb "u0@$ns"
	lab_dial many -n 10 -u 'u%d' -p secret --mac-base 02:bb:00:01:00:00
	lab_spawn up in_ns "$ns" ping -i 0.01 -W 5 $WEB4
	wait_for 10 grep -q 'bytes from' "$LAB_DIR/up.log"
	grow
	refusals
	lab_stop up INT > /dev/null
	expect "not a packet was lost" grep ' 0% packet loss' "$LAB_DIR/up.log"
	conf pppoe.interface+=acb log.level=4
	kill -HUP "${LAB_PID[brasd]}"
	expect "SIGHUP reloads, too" wait_for 10 lab_json "j['count'] == 4 and j['state'] == 'applied'" show reload
	expect "drain" lab_json 'j["sessions"] == 13' drain
	lab_dial_fails five '.*' -u five --retries 1 --mac-base 02:bb:00:00:50:00
	expect "drain off" lab_ctl drain off
	lab_dial six -u six -p secret --mac-base 02:bb:00:00:60:00
	expect "soft shutdown waits" lab_json 'j["waiting"] == 14' shutdown soft
	for name in six three two many one; do lab_hangup $name; done
	expect "for the last line" wait_for 10 lab_gone "${LAB_PID[brasd]}"
	lab_stop brasd || fail "the soft shutdown was no clean end"
}

lab_each_mode run
