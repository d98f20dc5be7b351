#!/bin/bash
# Proves: `show session` has what a server gave for accounting and policy: Class, Filter-Id and the
# multi-session id; CoA changes them; a line of the users file has none. And it says of each value
# where it is from: attribute, pool, users file, configuration, CoA.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

# The values of a session, and their sources, as EXPR of j and of its s.
says() { lab_json "(lambda j, s: $2)(j, j['sources'])" show session "$1"; }

sources() {
	lab_dial rich -u rich -p pw --mac-base 02:bb:00:00:10:00
	expect "values of RADIUS" says rich '(j["session-timeout"], j["idle-timeout"], j["interim"], j["quota"], j["port-limit"], j["dns"], j["routes"], j["termination-action"], j["acct-username"]) == (5000, 600, 700, 5 << 32, 3, ["192.0.2.53", "192.0.2.2"], ["198.51.100.0/28"], "radius-request", "billed")'
	expect "what is left of the time" says rich '4900 < j["session-timeout-left"] <= 5000'
	expect "their sources" says rich '[s[k] for k in ("ip", "ip6", "mtu", "session-timeout", "idle-timeout", "interim", "filter-id", "class", "quota", "port-limit", "routes", "termination-action", "acct-username")] == ["radius " + a for a in ("Framed-IP-Address", "Framed-IPv6-Prefix", "Framed-MTU", "Session-Timeout", "Idle-Timeout", "Acct-Interim-Interval", "Filter-Id", "Class", "Mikrotik-Total-Limit", "RP-Max-Sessions-Per-User", "Framed-Route", "Termination-Action", "User-Name")]'
	expect "two of them for the name servers" says rich 's["dns"] == "radius MS-Primary-DNS-Server, [dns] dns2"'
	expect "the peer's own" says rich 's["username"] == "peer" and s["peer-link-local"] == "peer"'
	expect "CoA" radius_dae coa 'User-Name = rich' 'Session-Timeout = 4000' 'Idle-Timeout = 0' 'Acct-Interim-Interval = 800' 'Class = 0x7a'
	expect "is a source" says rich '(j["session-timeout"], j["idle-timeout"], j["interim"]) == (4000, None, 800) and [s[k] for k in ("session-timeout", "idle-timeout", "interim", "class")] == ["coa " + a for a in ("Session-Timeout", "Idle-Timeout", "Acct-Interim-Interval", "Class")]'
	expect "the rest stays" says rich 's["filter-id"] == "radius Filter-Id" and 3900 < j["session-timeout-left"] <= 4000'
	expect "the table has them" grep -q 'radius Framed-MTU' <(lab_ctl show session rich)
	lab_hangup rich
	lab_dial pools -u pools -p pw --mac-base 02:bb:00:00:20:00
	expect "pools by name" says pools 's["ip"] == "radius Framed-Pool" and s["ip6"] == "radius Framed-IPv6-Pool"'
	lab_hangup pools
	lab_dial none -u none -p pw --mac-base 02:bb:00:00:30:00 --mru 1400
	expect "nothing but defaults" says none '[s[k] for k in ("ip", "ip6", "dns", "mtu", "session-timeout", "idle-timeout", "interim")] == ["pool default", "pool default", "[dns] dns1, [dns] dns2", "peer MRU", "[ppp] session-timeout", "[ppp] idle-timeout", "[radius] acct-interim-interval"]'
	expect "and what there is not" says none '{s[k] for k in ("filter-id", "class", "quota", "port-limit", "routes", "acct-username")} == {None}'
	lab_hangup none
}

agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
routes() { [ "$(g ip route show proto static | grep -c '^10\.7\.[01]\.0/24 .*dev subs0')" = 2 ]; }
entry() { bpftool map "$1" pinned "/sys/fs/bpf/brasberry/$INSTANCE/route4" key 24 0 0 0 10 7 "$2" 0; }

framed() {
	lab_ns framed; NS=$REPLY
	n ip route add 10.7.0.0/16 via $CORE4
	lab_dial framed -u framed -p pw --mac-base 02:bb:00:00:40:00 --plumb "u0@$NS"
	in_ns "$NS" ip addr add 10.7.0.1/32 dev lo
	in_ns "$NS" ip addr add 10.7.1.1/32 dev lo
	expect "framed routes" routes
	expect "carry" lab_ping "$INTERNET" 10.7.0.1
	expect "an entry is deleted" entry delete 1
	refuse "and nothing comes through" lab_ping "$INTERNET" 10.7.1.1 -c 1 -W 1
	expect "found and repaired" lab_json 'j["problems"] == 1 and j["found"][0].endswith("an entry of the data plane is missing: repaired")' check repair
	expect "the entry is back" entry lookup 1
	expect "with both routes" routes
	expect "and carries" lab_ping "$INTERNET" 10.7.1.1
	expect "all agrees" agrees
	expect "a route is deleted" g ip route del 10.7.0.0/24
	refuse "and nothing comes through" lab_ping "$INTERNET" 10.7.0.1 -c 1 -W 1
	expect "found and repaired" lab_json 'j["found"] == ["10.7.0.0/24: its route is missing: repaired"]' check repair
	expect "with both routes" routes
	expect "and carries" lab_ping "$INTERNET" 10.7.0.1
	expect "all agrees" agrees
	lab_hangup framed
}

run() {
	radius_users radius \
		"$(radius_user rich pw 'Framed-IP-Address = 100.64.3.3' 'Framed-IPv6-Prefix = 2001:db8:1ff:7::/64' \
			'Framed-MTU = 1400' 'Session-Timeout = 5000' 'Idle-Timeout = 600' 'Acct-Interim-Interval = 700' \
			'Filter-Id = "gold"' 'Class = "c"' 'Mikrotik-Total-Limit-Gigawords = 5' 'RP-Max-Sessions-Per-User = 3' \
			'Port-Limit = 4' 'Framed-Route = "198.51.100.0/28 0.0.0.0"' 'Termination-Action = RADIUS-Request' \
			'MS-Primary-DNS-Server = 192.0.2.53' 'User-Name = "billed"')" \
		"$(radius_user pools pw 'Framed-Pool = "p4"' 'Framed-IPv6-Pool = "p6"')" \
		"$(radius_user none pw)" \
		"$(radius_user framed pw 'Framed-IP-Address = 100.64.4.4' 'Framed-Route = "10.7.0.0/24"' 'Framed-Route += "10.7.1.0/24"')" \
		"$(radius_user given pw 'Filter-Id = "gold"' 'Class = 0x616263' 'Class += 0x00ff01')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1 \
		ip-pool.pool+=100.64.128.0/24,name=p4 ipv6-pool.prefix+=2001:db8:300::/40,64,name=p6
	lab_dial given -u given -p pw
	expect "Filter-Id, Class" lab_json 'j["filter-id"] == "gold" and j["class"] == ["0x616263", "0x00ff01"]' show session given
	expect "the first record's id is the multi-session id" \
		lab_json 'j["acct-multi-session-id"] == j["acct-session-id"]' show session given
	expect "CoA" radius_dae coa 'User-Name = given' 'Filter-Id = silver' 'Class = 0x7a'
	expect "changes both" lab_json 'j["filter-id"] == "silver" and j["class"] == ["0x7a"]' show session given
	lab_hangup given
	sources
	framed
	lab_stop brasd
	lab_start_brasd
	lab_dial alice -u alice -p wonderland
	expect "the users file gives none" lab_json 'j["filter-id"] is None and j["class"] == []' show session alice
	expect "and is the source" says alice '(s["ip"], s["ip6"], s["interim"]) == ("users file", "pool default", None)'
	lab_hangup alice
}

LAB_MODES=xdp lab_each_mode run
