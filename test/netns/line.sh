#!/bin/bash
# Proves: a line comes up with PAP, CHAP and MS-CHAPv2, gets IPv4 with DNS and a /64 by router
# advertisement; brasctl shows it with the keys and values of the contract; exit codes are right.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

keys='{"sid","ifname","svlan","cvlan","username","calling-sid","circuit-id","state","ip","ip6","ip6-dp","uptime","rate-down","rate-up","rx-bytes","tx-bytes","rx-pkts","tx-pkts","acct-session-id","service-name","mtu"}'

field_is() { [ "$(lab_field "$1" "$2")" = "$3" ]; }
field_like() { [[ $(lab_field "$1" "$2") == $3 ]]; }

one_method() { # NAME AS-OFFERED
	lab_dial "$1" -a "$1" -u alice -p wonderland --circuit-id "olt-1 1/1/3"
	expect "$1: authenticated by it" field_is "$1" auth "$1"
	expect "$1: the users file's address" field_is "$1" ip 100.64.10.10
	expect "$1: gateway" field_is "$1" gw $GW4
	expect "$1: first name server" field_is "$1" dns1 $GW4
	expect "$1: second name server" field_is "$1" dns2 $WEB4
	expect "$1: a /64 of the pool" field_like "$1" ip6 '2001:db8:1*::/64'
	expect "$1: the router is fe80::1" field_is "$1" router fe80::1
	expect "$1: prefix on link and for addresses" field_is "$1" ra-flags LA
	expect "$1: MTU of the advertisement" field_is "$1" ra-mtu 1492
	expect "$1: MTU" field_is "$1" mtu 1492
	expect "$1: one session, every key" lab_json "len(j) == 1 and $keys <= set(j[0])" show sessions
	expect "$1: who, where, open" lab_json 'j[0]["username"] == "alice" and j[0]["ifname"] == "acc" and j[0]["state"] == "open"' show sessions
	expect "$1: MAC, circuit, no VLAN" lab_json 'j[0]["calling-sid"] == "02:bb:00:00:00:00" and j[0]["circuit-id"] == "olt-1 1/1/3" and j[0]["svlan"] is None and j[0]["cvlan"] is None' show sessions
	expect "$1: addresses" lab_json "j[0]['ip'] == '100.64.10.10' and j[0]['ip6'] == '$(lab_field "$1" ip6)' and j[0]['ip6-dp'] is None" show sessions
	expect "$1: numbers" lab_json "j[0]['sid'] == $(lab_field "$1" sid) and j[0]['mtu'] == 1492 and all(type(j[0][k]) is int for k in ('uptime', 'rx-bytes', 'tx-bytes', 'rx-pkts', 'tx-pkts'))" show sessions
	expect "$1: show session by name, sid, ip, mac is that one" one_session "$(lab_field "$1" sid)"
	lab_hangup "$1"
	expect "$1: an empty list after the end" wait_for 5 lab_has_sessions 0
}

one_session() { # SID
	local by
	for by in alice "sid=$1" ip=100.64.10.10 mac=02:bb:00:00:00:00; do
		lab_json 'j["username"] == "alice"' show session "$by" || return 1
	done
}

exits_with() { # CODE COMMAND...
	local rc=0
	"${@:2}" || rc=$?
	[ $rc = "$1" ]
}

run() {
	lab_start_brasd
	expect "an empty list is [] and ok" [ "$(lab_ctl show sessions --json)" = "[]" ]
	one_method pap
	one_method chap
	one_method mschapv2
	lab_dial pool -n 3
	expect "three lines, three addresses of the pool" lab_json 'len({s["ip"] for s in j}) == 3 and all(s["ip"].startswith("100.64.") for s in j)' show sessions
	expect "three lines, three prefixes" lab_json 'len({s["ip6"] for s in j}) == 3' show sessions
	expect "counted" lab_json 'j["sessions"]["active"] == 3 and j["pppoe"]["padi-rx"] >= 6 and j["pppoe"]["pads-tx"] >= 6 and j["pppoe"]["padt-rx"] >= 3' show stat
	expect "the text table has them, too" grep -q user2 <(lab_ctl show sessions)
	lab_hangup pool
	expect "exit 1: nobody of this name" exits_with 1 lab_ctl show session nobody
	expect "exit 1: nobody to terminate" exits_with 1 lab_ctl terminate nobody
	expect "exit 2: no such command" exits_with 2 lab_ctl make coffee
	expect "exit 3: no such daemon" exits_with 3 "$B/brasctl" -i "no-$INSTANCE" show stat
	lab_dial v4 --no-ipv6
	expect "a line without IPv6" lab_json 'j[0]["ip"] and j[0]["ip6"] is None and j[0]["state"] == "open"' show sessions
	lab_hangup v4
	lab_dial v6 --no-ipv4
	expect "a line without IPv4" lab_json 'j[0]["ip6"] and j[0]["ip"] is None and j[0]["state"] == "open"' show sessions
	lab_hangup v6
}

lab_each_mode run
