#!/bin/bash
# Run: early
# Proves: prefixes and addresses by DHCPv6, asked for by dhclient, dhcpcd and dhcp6c: routed while they
# are the line's, and for this line alone; given back by Release and by the line's end; the same again
# for the same user; kept through kill -9 and through a reload; withdrawn where their pool is gone;
# refused where the pool is empty; on lines with a small MTU, with a /64, and without one of their own; in
# both modes.
# Sample: mode xdp
. "$(dirname "$0")/../lab.sh"

PD=ipv6-pool.delegate=2001:db8:8000::/40,56 NA=ipv6-pool.address=2001:db8:200::/64
DNS="ipv6-dns.dns=2001:db8::53 ipv6-dns.dnssl=example.net"

leases() { lab_value "' '.join(sorted(l['prefix'] for l in j['leases']))" show session "$1"; }
has_leases() { [ "$(leases "$1")" = "$2" ] || { leases "$1"; return 1; }; }
counted() { lab_json "j['dhcp6']['$1'] >= $2" show stat; }
drops() { lab_value "j['drops']['$1']" show stat; }
dropped_more() { [ "$(drops "$1")" -gt "$2" ]; }
pool_used() { lab_json "{p['kind']: p['used'] for p in j if p['family'] == 6 and p['name'] == 'default'}.get('$1', 0) == $2" show pools; }

house() { # NAME ARGS...: a line through h0, with a network behind it
	lab_dial "$@" --plumb "h0@$HOUSE"
	in_ns "$HOUSE" ip link show lan0 > /dev/null 2>&1 || {
		h ip link add lan0 type veth peer name lan1 || fail "no lan0"
		h sysctl -qw net.ipv6.conf.lan0.accept_dad=0
		h ip link set lan0 up
		h ip link set lan1 up
	}
}

fresh() { # who had what is forgotten
	lab_stop brasd
	rm -f "/run/brasberry/$INSTANCE/pools"
}

use() { h ip -6 addr add "$1" dev lan0 nodad; } # ADDRESS/LENGTH
unuse() { h ip -6 addr del "$1" dev lan0 2> /dev/null; }
from() { lab_ping "$HOUSE" $WEB6 -I "$1"; } # ADDRESS
spoofed() { # WHAT ADDRESS: it does not pass, and is counted
	local before
	before=$(drops spoofed-ip6)
	refuse "$1 does not pass" from "$2"
	expect "  and is counted" wait_for 5 dropped_more spoofed-ip6 "$before"
}

# Clients. Each keeps its state in $LAB_DIR, and calls no script of the machine's.
dhclient_() { h timeout 60 dhclient -6 -P -N -1 -v -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" -sf /bin/true "$@" h0; }
alone() { # COMMAND...: with /run and /var/lib of its own
	h unshare -m sh -c 'mount -t tmpfs t /var/lib; mount --bind "$0" /run; mkdir -p /var/lib/dhcpv6; exec "$@"' "$LAB_DIR/run" "$@"
}
dhcpcd_() { alone timeout 60 dhcpcd -f "$LAB_DIR/dhcpcd.conf" -6 -1 -B h0; }
dhcp6c_() { alone dhcp6c -c "$LAB_DIR/dhcp6c.conf" -f -p "$LAB_DIR/dhcp6c.pid" h0; }

with_dhclient() {
	house cpe -u alice -p wonderland
	: > "$LAB_DIR/lease"
	expect "dhclient gets a prefix and an address" dhclient_
	remember_dhclient
	expect "which brasd shows" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "in the list, too" lab_json 'j[0]["ip6-dp"] == "2001:db8:8000::/56"' show sessions
	expect "with the name server" grep -q 'name-servers 2001:db8::53' "$LAB_DIR/lease"
	expect "and the search domain" grep -q 'domain-search "example.net."' "$LAB_DIR/lease"
	server=$(grep -o 'server-id.*' "$LAB_DIR/lease")
	use 2001:db8:8000:1::1/64
	use 2001:db8:200::1/128
	expect "the prefix carries" from 2001:db8:8000:1::1
	expect "the address carries" from 2001:db8:200::1
	use 2001:db8:8000:100::1/64
	spoofed "the prefix that is nobody's" 2001:db8:8000:100::1
	use 2001:db8:200::2/128
	spoofed "the address that is nobody's" 2001:db8:200::2
	expect "found by an address of its prefix" lab_json 'j["username"] == "alice"' show session ip=2001:db8:8000:77::5
	expect "each agrees with the others" lab_json 'j["problems"] == 0' check
}

died() { # what kill -9 and a new brasd leave
	local pid=${LAB_PID[brasd]}
	lab_spawn pinger h ping -q -i 0.02 -I 2001:db8:8000:1::1 $WEB6
	lab_stop brasd KILL > /dev/null
	lab_start_brasd $PD $NA $DNS
	expect "after kill -9: the leases are the line's" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "  of the pools" pool_used delegate 1
	expect "  and all agrees" lab_json 'j["problems"] == 0' check
	lab_stop pinger INT > /dev/null
	expect "  not one packet was lost" grep -q ' 0% packet loss' "$LAB_DIR/pinger.log"
	lab_dial other --mac-base 02:bb:00:00:01:00 --pd
	expect "  another line gets another prefix" [ "$(lab_field other pd)" = 2001:db8:8000:100::/56 ]
	lab_hangup other
	stop_dhclient
	expect "  the client confirms what it had" dhclient_
	remember_dhclient
	expect "  by Rebind or Confirm" lab_json 'j["dhcp6"]["rebind-rx"] + j["dhcp6"]["confirm-rx"] + j["dhcp6"]["renew-rx"] > 0' show stat
	expect "  and keeps it" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "  from the same server" [ "$(grep -o 'server-id.*' "$LAB_DIR/lease" | tail -n 1)" = "$server" ]
	lab_json "True" show stat && [ "$pid" != "${LAB_PID[brasd]}" ] || fail "the same brasd"
}

# It writes this file when it goes into the background.
remember_dhclient() {
	wait_for 10 test -s "$LAB_DIR/dhclient.pid" || fail "dhclient wrote no pid"
	LAB_PID[dhclient]=$(< "$LAB_DIR/dhclient.pid")
	rm "$LAB_DIR/dhclient.pid"
}

stop_dhclient() {
	local pid=${LAB_PID[dhclient]}
	kill -KILL "$pid"
	wait_for 10 lab_gone "$pid"
	unset "LAB_PID[dhclient]"
}

released() {
	stop_dhclient
	expect "dhclient releases" dhclient_ -r
	expect "nothing is the line's" wait_for 10 has_leases alice ""
	expect "its timeline has what was given" lab_event alice lease '2001:db8:8000::/56 given'
	expect "and how it ended" lab_event alice lease '2001:db8:8000::/56 released'
	expect "the pools have all" pool_used delegate 0
	spoofed "the prefix given back" 2001:db8:8000:1::1
	expect "the line's own goes on" lab_ping "$HOUSE" $WEB6
}

with_others() {
	mkdir -p "$LAB_DIR/run"
	printf '%s\n' duid noipv6rs ipv6only 'option rapid_commit' 'option domain_name_servers' 'script /bin/true' \
		'interface h0' 'ia_na 1' 'ia_pd 2 lan0/3' > "$LAB_DIR/dhcpcd.conf"
	h ip -6 addr flush dev lan0 scope global
	expect "dhcpcd, by Rapid Commit, gets what the user had" dhcpcd_
	expect "  and has it" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "  it numbers its network" wait_for 20 eval 'h ip -6 addr show dev lan0 | grep -q 2001:db8:8000:3:'
	expect "  which carries" wait_for 20 from 2001:db8:8000:3::1
	h ip -6 addr flush dev lan0 scope global
	printf '%s\n' 'interface h0 { send ia-pd 0; send ia-na 0; request domain-name-servers; };' \
		'id-assoc pd 0 { prefix-interface lan0 { sla-id 5; sla-len 8; }; };' 'id-assoc na 0 { };' > "$LAB_DIR/dhcp6c.conf"
	lab_spawn dhcp6c dhcp6c_
	expect "dhcp6c, another client on the line, takes its place" wait_for 30 eval 'h ip -6 addr show dev lan0 | grep -q 2001:db8:8000:5:'
	expect "  with the same" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "  which carries" wait_for 10 from "$(h ip -6 -o addr show dev lan0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')"
	lab_stop dhcp6c KILL
	h ip -6 addr flush dev lan0 scope global
	lab_hangup cpe
	expect "the line's end gives all back" wait_for 10 pool_used delegate 0
	expect "  addresses, too" pool_used address 0
	refuse "  its route is closed" eval 'n ping -c 1 -W 1 2001:db8:8000:5::1'
}

# A pool with two prefixes, and one line more than that.
empty_pool() {
	fresh
	lab_start_brasd ipv6-pool.delegate=2001:db8:8000::/55,56 ipv6-pool.delegate+=2001:db8:9000::/47,48,name=big
	lab_dial two -n 2 --pd
	lab_dial_fails three no-dhcp6 --mac-base 02:bb:00:00:01:00 --pd
	expect "the client is told" counted no-prefix-avail-tx 1
	expect "the operator, too" grep -q 'no lease: \[ipv6-pool\] delegate: the pool is empty' "$LAB_DIR/brasd.log"
	lab_hangup two
	wait_for 10 lab_has_sessions 0
	lab_dial again -n 1 -u user1 --pd
	expect "the same user, the same prefix" [ "$(lab_field again pd)" = "$(lab_field two pd 1)" ]
	lab_hangup again
}

two_prefixes() {
	fresh
	lab_start_brasd $PD $DNS ipv6-dhcp.max-leases=2
	house cpe -u bob
	: > "$LAB_DIR/lease"
	expect "dhclient asks for two prefixes" eval 'h timeout 60 dhclient -6 -P -P -1 -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" -sf /bin/true h0'
	remember_dhclient
	expect "  which the line may have" has_leases bob "2001:db8:8000:100::/56 2001:db8:8000::/56"
	use 2001:db8:8000:1::1/64
	use 2001:db8:8000:101::1/64
	expect "  and both carry" from 2001:db8:8000:1::1
	expect "  indeed" from 2001:db8:8000:101::1
	lab_stop brasd KILL > /dev/null
	lab_start_brasd $PD $DNS ipv6-dhcp.max-leases=2
	expect "  after kill -9, too" from 2001:db8:8000:101::1
	expect "  and agree" lab_json 'j["problems"] == 0' check
	stop_dhclient
	lab_hangup cpe
	expect "  given back with the line" wait_for 10 pool_used delegate 0
	h ip -6 addr flush dev lan0 scope global
}

small_mtu() {
	lab_dial small --mru 1400 --pd --plumb "h0@$HOUSE"
	local pd
	pd=$(lab_field small pd)
	expect "a line with a small MTU: its prefix has a route of its own" eval \
		"g ip -6 route show $pd | grep -q 'mtu 1400'"
	use "${pd%/*}1/64"
	expect "  which carries" wait_for 20 from "${pd%/*}1"
	expect "  and agrees" lab_json 'j["problems"] == 0' check
	lab_hangup small
	expect "  and is gone with it" wait_for 10 eval "! g ip -6 route show $pd | grep -q mtu"
	unuse "${pd%/*}1/64"
}

# RFC 8415 delegates /64s as well; and a line needs no /64 of its own.
without_prefix() {
	fresh
	lab_start_brasd ipv6-pool.prefix= ipv6-pool.delegate=2001:db8:8000::/56,64 $NA ppp.ipv4=deny
	lab_dial bare --pd --na --plumb "h0@$HOUSE"
	expect "a line without a /64: DHCPv6 gives it one, and an address" lab_json \
		'j[0]["ip6"] is None and j[0]["ip6-dp"] == "2001:db8:8000::/64" and j[0]["state"] == "open"' show sessions
	use 2001:db8:8000::1/64
	use 2001:db8:200::1/128
	h ip -6 route replace default via fe80::1 dev h0
	expect "  which carry" from 2001:db8:8000::1
	expect "  both" from 2001:db8:200::1
	use 2001:db8:8000:1::1/64
	spoofed "  another one" 2001:db8:8000:1::1
	expect "  and agree" lab_json 'j["problems"] == 0' check
	lab_hangup bare
	h ip -6 addr flush dev lan0 scope global
}

reloaded() {
	fresh
	lab_start_brasd $PD $NA $DNS
	house cpe -u alice -p wonderland
	: > "$LAB_DIR/lease"
	expect "dhclient again" dhclient_
	remember_dhclient
	lab_conf ipv6-pool.delegate=2001:db8:9000::/40,56 $NA
	refuse "a reload that takes a leased prefix away is refused" lab_ctl reload
	expect "  and changes nothing" has_leases alice "2001:db8:200::1/128 2001:db8:8000::/56"
	expect "  by force it is not" lab_ctl reload force
	expect "  the lease goes on, withdrawn" wait_for 30 lab_json \
		'{l["prefix"]: l["withdrawn"] for l in j["leases"]} == {"2001:db8:8000::/56": True, "2001:db8:200::1/128": False}' show session alice
	use 2001:db8:8000:1::1/64
	expect "  and carries" wait_for 10 from 2001:db8:8000:1::1
	stop_dhclient
	dhclient_ > /dev/null 2>&1
	remember_dhclient
	expect "  until the client asks: then it has one of the new pool" wait_for 30 has_leases alice "2001:db8:200::1/128 2001:db8:9000::/56"
	spoofed "  and the old one" 2001:db8:8000:1::1
	expect "  all agrees" lab_json 'j["problems"] == 0' check
	stop_dhclient
	lab_hangup cpe
}

# More than a client sends, and what is no client's.
hostile() {
	local ll sid ac packet
	house cpe -u alice -p wonderland
	sid=$(lab_field cpe sid) ll=$(lab_field cpe ll)
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	packet=$(net_py udp6 "$ll" ff02::1:2 546 547 01000001000100030001aa)
	h python3 "$LAB_TEST_DIR/netns/net.py" frames 60 s0 "$ac" 02:bb:00:00:00:00 "$sid" "$packet"
	expect "a flood of Solicits is cut" wait_for 5 dropped_more dhcp6-rate 0
	lab_hangup cpe
	house cpe -u alice -p wonderland
	sid=$(lab_field cpe sid) ll=$(lab_field cpe ll)
	bad() { # REASON UDP-DATA
		local before
		before=$(drops "$1")
		h python3 "$LAB_TEST_DIR/netns/net.py" frame s0 "$ac" 02:bb:00:00:00:00 "$sid" "$(net_py udp6 "${3:-$ll}" ff02::1:2 546 547 "$2")"
		expect "counted as $1" wait_for 5 dropped_more "$1" "$before"
	}
	bad rogue-dhcp6 02000001
	bad dhcp6-type 0e000001
	bad dhcp6-relay 0c000001
	bad dhcp6-option 0100000100010099
	bad dhcp6-duid 01000001000100020001
	bad dhcp6-no-client-id 01000001
	expect "the line is as before" lab_ping "$HOUSE" $WEB6
	lab_hangup cpe
}

# What the data plane has to do with in both modes; what is the daemon's alone, once.
run() {
	n ip -6 route add 2001:db8:8000::/33 via $CORE6
	n ip -6 route add 2001:db8:200::/64 via $CORE6
	lab_start_brasd $PD $NA $DNS
	with_dhclient
	died
	released
	with_others
	hostile
	two_prefixes
	small_mtu
	without_prefix
	[ $LAB_MODE = xdp ] || return 0
	empty_pool
	reloaded
}

lab_each_mode run
