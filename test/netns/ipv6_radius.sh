#!/bin/bash
# Proves, with FreeRADIUS: prefixes, addresses, pools, name servers and routes of IPv6 as a server
# gives them reach the line by router advertisement and DHCPv6; what cannot be is refused with the
# attribute's name; accounting has them all, and an Interim-Update tells a lease as soon as it is
# bound; a lease is a key of CoA and Disconnect; and a line without IPv4 is accounted for like any.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

leases() { lab_value "' '.join(sorted(l['prefix'] for l in j['leases']))" show session "$1"; }
has_leases() { [ "$(leases "$1")" = "$2" ] || { leases "$1"; return 1; }; }
told() { grep -qE "$1" "$LAB_DIR/brasd.log"; }

users() {
	radius_users radius \
		"$(radius_user fixed pw 'Framed-IPv6-Prefix = 2001:db8:1ff:7::/64' 'Delegated-IPv6-Prefix = 2001:db8:9100::/48' \
			'Framed-IPv6-Address = 2001:db8:9200::42' 'DNS-Server-IPv6-Address = 2001:db8::77' \
			'DNS-Server-IPv6-Address += 2001:db8::78' 'Framed-IPv6-Route = "2001:db8:9300::/48 :: 1"' \
			'Acct-Interim-Interval = 600')" \
		"$(radius_user pools pw 'Framed-IPv6-Pool = "p6"' 'Delegated-IPv6-Prefix-Pool = "d6"' 'Stateful-IPv6-Address-Pool = "a6"')" \
		"$(radius_user inpool pw 'Delegated-IPv6-Prefix = 2001:db8:8000:4200::/56')" \
		"$(radius_user thief pw 'Delegated-IPv6-Prefix = 2001:db8:8000:4200::/56')" \
		"$(radius_user long pw 'Delegated-IPv6-Prefix = 2001:db8:9100::/72')" \
		"$(radius_user across pw 'Delegated-IPv6-Prefix = 2001:db8:8000::/48')" \
		"$(radius_user nopool pw 'Delegated-IPv6-Prefix-Pool = "nowhere"')" \
		"$(radius_user within pw 'Delegated-IPv6-Prefix = 2001:db8:9100::/56' 'Framed-IPv6-Prefix = 2001:db8:9100:1::/64')" \
		"$(radius_user plain pw)"
}

start() {
	lab_start_brasd "$(radius_conf_of)" radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1 \
		ipv6-pool.prefix+=2001:db8:300::/40,64,name=p6 ipv6-pool.delegate=2001:db8:8000::/40,56 \
		ipv6-pool.delegate+=2001:db8:a000::/40,60,name=d6 ipv6-pool.address=2001:db8:200::/64 \
		ipv6-pool.address+=2001:db8:201::/64,name=a6 ipv6-dns.dns=2001:db8::53 "$@"
}

record() { radius_detail radius "$1"; }

given() {
	lab_dial fixed -u fixed -p pw --pd --na --plumb "h0@$HOUSE"
	expect "the prefix by router advertisement" [ "$(lab_field fixed ip6)" = 2001:db8:1ff:7::/64 ]
	expect "the delegated one by DHCPv6" [ "$(lab_field fixed pd)" = 2001:db8:9100::/48 ]
	expect "the address, too" [ "$(lab_field fixed na)" = 2001:db8:9200::42 ]
	expect "name servers are the line's" lab_json 'j["ra"]["dns"] == ["2001:db8::77", "2001:db8::78"]' show session fixed
	expect "sources" lab_json '(lambda s: (s["ip6"], s["ip6-dp"], s["ip6-na"], s["dns6"], s["routes6"]) == tuple("radius " + a for a in ("Framed-IPv6-Prefix", "Delegated-IPv6-Prefix", "Framed-IPv6-Address", "DNS-Server-IPv6-Address", "Framed-IPv6-Route")))(j["sources"])' show session fixed
	for p in 2001:db8:9100::/48 2001:db8:9200::42 2001:db8:9300::/48; do
		expect "$p has a route of its own" eval "g ip -6 route show $p | grep -q subs0"
	done
	h ip -6 addr add 2001:db8:9100:1::1/128 dev h0 nodad
	h ip -6 addr add 2001:db8:9200::42/128 dev h0 nodad
	h ip -6 addr add 2001:db8:9300::1/128 dev h0 nodad
	for a in 2001:db8:9100:1::1 2001:db8:9200::42 2001:db8:9300::1; do
		expect "$a carries" lab_ping "$HOUSE" $WEB6 -I $a
	done
	expect "all agrees" lab_json 'j["problems"] == 0' check
}

accounted() {
	local id
	id=$(lab_value 'j["acct-session-id"]' show session fixed)
	expect "accounting: prefix, delegated prefix, address, interface" wait_for 15 record \
		"any(r.get('Acct-Session-Id') == '$id' and r.get('Framed-IPv6-Prefix') == '2001:db8:1ff:7::/64' and r.get('Delegated-IPv6-Prefix') == '2001:db8:9100::/48' and r.get('Framed-IPv6-Address') == '2001:db8:9200::42' and 'Framed-Interface-Id' in r for r in d)"
	lab_dial late -u plain -p pw --mac-base 02:bb:00:00:40:00 --plumb "h1@$CPE"
	id=$(lab_value 'j["acct-session-id"]' show session plain)
	expect "a Start without a lease" wait_for 15 record \
		"any(r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Start' and 'Delegated-IPv6-Prefix' not in r for r in d)"
	expect "then dhclient asks" in_ns "$CPE" timeout 60 dhclient -6 -P -1 -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" -sf /bin/true h1
	expect "an Interim-Update tells it at once" wait_for 10 record \
		"any(r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Interim-Update' and r.get('Delegated-IPv6-Prefix') == '$(leases plain)' for r in d)"
	for _ in 1 2 3; do # back and forth: not one record each
		in_ns "$CPE" timeout 60 dhclient -6 -P -r -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" -sf /bin/true h1 > /dev/null 2>&1
		in_ns "$CPE" timeout 60 dhclient -6 -P -1 -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" -sf /bin/true h1 > /dev/null 2>&1
	done
	expect "six changes are not six records" record \
		"len([r for r in d if r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Interim-Update']) <= 4"
	LAB_PID[dhclient]=$(< "$LAB_DIR/dhclient.pid")
	lab_stop dhclient KILL > /dev/null
	lab_hangup late
	expect "the Stop has it as well" wait_for 10 record \
		"any(r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Stop' and r.get('Delegated-IPv6-Prefix') for r in d)"
}

outlives() {
	lab_stop brasd KILL > /dev/null
	start
	expect "after kill -9: leases" has_leases fixed "2001:db8:9100::/48 2001:db8:9200::42/128"
	expect "  what RADIUS said" lab_json 'j["ra"]["dns"] == ["2001:db8::77", "2001:db8::78"]' show session fixed
	expect "  routes" lab_json 'j["problems"] == 0' check
	expect "  and it carries" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9100:1::1
}

keys() {
	local key
	lab_dial plain -u plain -p pw --mac-base 02:bb:00:00:50:00 --pd
	for key in 'Delegated-IPv6-Prefix = 2001:db8:9100::/48' 'Framed-IPv6-Address = 2001:db8:9200::42' \
		'Framed-IPv6-Address = 2001:db8:9100:5::9' 'Framed-IPv6-Prefix = 2001:db8:1ff:7::/64'; do
		expect "CoA by $key" radius_dae coa "$key" 'Session-Timeout = 5000'
		expect "  is that line's" lab_json 'j["session-timeout"] == 5000' show session fixed
	done
	refuse "by a part of it: none" eval "radius_dae coa 'Delegated-IPv6-Prefix = 2001:db8:9100::/56' 'Session-Timeout = 77' | grep -q CoA-ACK"
	expect "Disconnect by its prefix" radius_dae disconnect 'Delegated-IPv6-Prefix = 2001:db8:9100::/48'
	expect "  ends that line alone" wait_for 10 lab_json '[s["username"] for s in j] == ["plain"]' show sessions
	lab_stop fixed
	expect "  and its routes are gone" eval '! g ip -6 route show 2001:db8:9100::/48 | grep -q . && ! g ip -6 route show 2001:db8:9300::/48 | grep -q .'
	lab_hangup plain
	wait_for 10 lab_has_sessions 0
}

named_pools() {
	lab_dial pools -u pools -p pw --pd --na
	expect "a prefix of the named pool" [ "$(lab_field pools ip6)" = 2001:db8:300::/64 ]
	expect "one to delegate" [ "$(lab_field pools pd)" = 2001:db8:a000::/60 ]
	expect "and an address" [ "$(lab_field pools na)" = 2001:db8:201::1 ]
	expect "sources" lab_json '(j["sources"]["ip6-dp"], j["sources"]["ip6-na"]) == ("radius Delegated-IPv6-Prefix-Pool", "radius Stateful-IPv6-Address-Pool")' show session pools
	expect "show pools has them by name" lab_json \
		'{(p["name"], p["kind"]): p["used"] for p in j if p["name"] in ("d6", "a6")} == {("d6", "delegate"): 1, ("a6", "address"): 1}' show pools
	lab_hangup pools
}

refused() {
	lab_dial inpool -u inpool -p pw --pd
	expect "one of the pool, taken there" [ "$(lab_field inpool pd)" = 2001:db8:8000:4200::/56 ]
	lab_dial_fails thief no-dhcp6 -u thief -p pw --mac-base 02:bb:00:00:60:00 --pd
	expect "taken: told by its attribute" told 'no lease: Delegated-IPv6-Prefix: it is in use'
	lab_hangup inpool
	lab_dial_fails across no-dhcp6 -u across -p pw --pd
	expect "across a pool: told" told 'no lease: Delegated-IPv6-Prefix: it lies across a pool'
	lab_dial_fails nopool no-dhcp6 -u nopool -p pw --pd
	expect "no such pool: told" told 'no lease: Delegated-IPv6-Prefix-Pool: there is no such pool'
	lab_dial long -u long -p pw --pd
	expect "too long: told" told 'Delegated-IPv6-Prefix 2001:db8:9100::/72: not a /16 to a /64: it is not used'
	expect "  and it gets one of the pool" lab_json 'j[0]["ip6-dp"].startswith("2001:db8:8000")' show sessions
	lab_hangup long
}

# dhcpcd, with files of its own, gives its network the subnet of this number, and the line's own link
# what is excluded: only then it asks for that.
dhcpcd_within() { # SUBNET
	mkdir -p "$LAB_DIR/run"
	printf '%s\n' duid noipv6rs ipv6only 'script /bin/true' debug 'interface h0' \
		"ia_pd 2 h0/0 lan0/$1" > "$LAB_DIR/dhcpcd.conf"
	h unshare -m sh -c 'mount -t tmpfs t /var/lib; mount --bind "$0" /run; exec "$@"' "$LAB_DIR/run" \
		timeout 60 dhcpcd -f "$LAB_DIR/dhcpcd.conf" -6 -1 -B h0 > "$LAB_DIR/dhcpcd.log" 2>&1
}

# A real client that knows RFC 6603 keeps off the /64 that is the line's own.
excluded() {
	lab_dial excluded --hold-forever -u within -p pw --plumb "h0@$HOUSE"
	h ip link add lan0 type veth peer name lan1
	h sysctl -qw net.ipv6.conf.lan0.accept_dad=0
	h ip link set lan0 up
	h ip link set lan1 up
	lab_spawn pd g tcpdump --immediate-mode -i acc -U -w "$LAB_DIR/pd.pcap" 'pppoes and udp port 547'
	wait_for 10 grep -q 'listening on' "$LAB_DIR/pd.log" || fail "tcpdump does not listen"
	dhcpcd_within 1
	expect "dhcpcd is told of the excluded prefix, and keeps off it" grep -q 'cannot delegate excluded prefix 2001:db8:9100:1::/64' "$LAB_DIR/dhcpcd.log"
	refuse "  nor does it miss the option" grep -q 'does not support' "$LAB_DIR/dhcpcd.log"
	refuse "  its network has none of it" eval 'h ip -6 addr show dev lan0 | grep -q 2001:db8:9100:1:'
	dhcpcd_within 3
	expect "  another subnet it takes" wait_for 20 eval 'h ip -6 addr show dev lan0 | grep -q 2001:db8:9100:3:'
	lab_stop pd
	expect "  it asked for option 67, and was answered with it" [ "$(tshark -r "$LAB_DIR/pd.pcap" -Y 'dhcpv6.msgtype == 7 && dhcpv6.option.type == 67' 2> /dev/null | grep -c .)" -ge 1 ]
	h ip link del lan0
	lab_hangup excluded
	wait_for 10 lab_has_sessions 0
}

# The line's own /64 out of what is delegated: RFC 6603, as dhcp6c asks for it in option 67's ORO.
within() {
	lab_dial within -u within -p pw --pd --plumb "h0@$HOUSE"
	expect "a /64 within the delegated prefix" lab_json \
		'j[0]["ip6"] == "2001:db8:9100:1::/64" and j[0]["ip6-dp"] == "2001:db8:9100::/56"' show sessions
	expect "carries" lab_ping "$HOUSE" $WEB6
	h ip -6 addr add 2001:db8:9100:2::1/128 dev h0 nodad
	expect "as does the rest of it" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9100:2::1
	expect "all agrees" lab_json 'j["problems"] == 0' check
	lab_hangup within
	wait_for 10 lab_has_sessions 0
}

ipv6_alone() {
	lab_stop brasd
	start ppp.ipv4=deny
	lab_dial alone -u plain -p pw --pd
	local id
	id=$(lab_value 'j["acct-session-id"]' show session plain)
	expect "a line without IPv4: its Start has IPv6 alone" wait_for 15 record \
		"any(r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Start' and 'Framed-IPv6-Prefix' in r and 'Framed-IP-Address' not in r for r in d)"
	expect "CoA finds it by its prefix" radius_dae coa "Delegated-IPv6-Prefix = $(lab_field alone pd)" 'Session-Timeout = 5000'
	refuse "and not by an address" eval "radius_dae coa 'Framed-IP-Address = 0.0.0.0' 'Session-Timeout = 77' | grep -q CoA-ACK"
	lab_hangup alone
	expect "its Stop, too" wait_for 10 record \
		"any(r.get('Acct-Session-Id') == '$id' and r['Acct-Status-Type'] == 'Stop' and 'Framed-IPv6-Prefix' in r and 'Framed-IP-Address' not in r for r in d)"
}

LAB_MODE=xdp
lab_up
lab_ns cpe; CPE=$REPLY
n ip -6 route add 2001:db8:8000::/33 via $CORE6
users
radius_start radius
start
given
accounted
outlives
keys
named_pools
refused
within
excluded
ipv6_alone
