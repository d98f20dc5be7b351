#!/bin/bash
# Proves: the commands of somebody who comes from accel-ppp do what they did there, over brasctl and
# over the console in one script.
. "$(dirname "$0")/../lab.sh"

says() { # WORDS PATTERN: brasctl's answer has it
	local out
	# shellcheck disable=SC2086
	out=$(lab_ctl $1 2>&1) || { echo "$out"; return 1; }
	grep -Eq "$2" <<< "$out" || { echo "$out"; return 1; }
}

dial() {
	lab_dial "$1" --mac-base "02:bb:00:00:0$2:00" -u "$3" -p "$4"
}

filtered() { lab_json "any('filter' in r['reason'] and r['packets'] for r in j)" show drops; }

id_of() { lab_value 'j[0]["acct-session-id"]' show sessions; }

# What somebody's cron job says, and what it looks for in the answer.
script() {
	local out words
	out=$(printf '%s\n' 'show sessions username,ip,state order username' 'show stat' 'pppoe interface show' 'pppoe mac-filter add 02:00:00:00:00:77' 'terminate username alice hard' 'frobnicate' exit | g nc 127.0.0.1 2000 | tr -d '\r')
	for words in '^ *alice +\| 100\.64\.10\.10 +\| open' '^uptime: [0-9]+\.[0-9]{2}:[0-9]{2}:[0-9]{2}$' '^cpu: [0-9]+%$' '^mem\(rss/virt\): [1-9][0-9]*/[1-9][0-9]* kB$' '^sessions:' '^  finishing: 0' '^  recv PADI: [1-9]' '^  sent PADS: [1-9]' '^ *acc +\| +1 +\| active' '^entries: 3' '^terminated: 1'; do
		grep -Eq "$words" <<< "$out" || { echo "no $words in: $out"; return 1; }
	done
	wait_for 20 lab_has_sessions 0
}

# An interface more, and less again; the line on the first one stays up.
interfaces() {
	local id
	id=$(id_of)
	g ip link add more type veth peer name more1
	refuse "an interface that is not there" lab_ctl pppoe interface add nowhere
	refuse "the subscribers'" lab_ctl pppoe interface add subs0
	refuse "one that is one" lab_ctl pppoe interface add acc
	refuse "the only one" lab_ctl pppoe interface del acc
	expect "pppoe interface add" lab_ctl pppoe interface add more
	expect "it takes lines" wait_for 30 says 'pppoe interface show' 'more +\| +0 +\| active'
	expect "alice's line is what it was" [ "$(id_of)" = "$id" ]
	refuse "one that is used" lab_ctl pppoe interface del acc
	expect "pppoe interface del" lab_ctl pppoe interface del more
	expect "it has gone" wait_for 30 lab_json "[i['interface'] for i in j] == ['acc']" pppoe interface show
	expect "alice's line is still that" [ "$(id_of)" = "$id" ]
}

run() {
	local how round=0
	printf '02:00:00:00:99:99\n' > "$LAB_DIR/macs"
	lab_start_brasd cli.telnet=127.0.0.1:2000 "pppoe.mac-filter=$LAB_DIR/macs,deny"
	dial one 1 alice wonderland
	expect "columns" says 'show sessions ifname,username,calling-sid,ip,rate-limit,type,comp,state,uptime-raw' 'acc +\| alice +\| 02:bb:.*pppoe.*open'
	expect "match" lab_json 'len(j) == 1' show sessions match username '^ali'
	expect "match, others" lab_json 'j == []' show sessions match username '^bob'
	expect "order" says 'show sessions username,ip order ip' alice
	refuse "no such column" lab_ctl show sessions username,flavour
	refuse "no expression" lab_ctl show sessions match username '('
	expect "show stat" says 'show stat' '^sessions:'
	expect "its names" says 'show stat' '^  active: 1$'
	expect "and of PPPoE" says 'show stat' '^  recv PADR\(dup\): [1-9][0-9]*\([0-9]+\)$'
	expect "JSON keeps ours" lab_json "'closing' in j['sessions'] and j['pppoe']['padr-rx'] > 0" show stat
	expect "pppoe interface show" says 'pppoe interface show' 'acc +\| +1 +\| active'
	expect "pppoe mac-filter show" says 'pppoe mac-filter show' '^filter-type: deny'
	printf '02:00:00:00:99:98\n' >> "$LAB_DIR/macs"
	expect "pppoe mac-filter reload" says 'pppoe mac-filter reload' '^entries: 2'
	expect "pppoe mac-filter add" says 'pppoe mac-filter add 02:bb:00:00:02:00' '^entries: 3'
	refuse "twice" lab_ctl pppoe mac-filter add 02:bb:00:00:02:00
	refuse "what is no MAC" lab_ctl pppoe mac-filter add here
	lab_dial_start two -u bob -p secret --mac-base 02:bb:00:00:02:00
	expect "he is not heard" wait_for 20 filtered
	expect "and alice alone is there" lab_has_sessions 1
	expect "pppoe mac-filter del" says 'pppoe mac-filter del 02:bb:00:00:02:00' '^entries: 2'
	refuse "what is not in it" lab_ctl pppoe mac-filter del 02:bb:00:00:02:00
	expect "he is heard now" wait_for 60 lab_has_sessions 2
	lab_hangup two
	expect "and has gone" wait_for 20 lab_has_sessions 1
	interfaces
	expect "pppoe set AC-Name" says 'pppoe set AC-Name other' '^AC-Name: other'
	expect "pppoe show AC-Name" says 'pppoe show AC-Name' '^AC-Name: other'
	refuse "pppoe set PADO-delay" lab_ctl pppoe set PADO-delay never
	expect "pppoe set PADO-delay" says 'pppoe set PADO-delay 5' '5:0'
	expect "shutdown soft" lab_ctl shutdown soft
	expect "shutdown cancel" lab_ctl shutdown cancel
	refuse "terminate another" lab_ctl terminate username bob
	for how in 'if acc' 'username alice soft' "sid $(id_of)" 'csid 02:bb:00:00:01:00' 'match username ^al.*e$ hard' 'all hard'; do
		round=$((round + 1))
		lab_has_sessions 1 || dial "again$round" 1 alice wonderland
		[ "${how%% *}" != sid ] || how="sid $(id_of)"
		# shellcheck disable=SC2086
		expect "terminate $how" lab_ctl terminate $how
		wait_for 20 lab_has_sessions 0 || fail "terminate $how: it is still there"
	done
	dial last 1 alice wonderland
	expect "a script over the console" script
}

lab_up
run
