#!/bin/bash
# Run: early
# Proves: what DHCPv6 gave and nobody renews ends with its valid lifetime, on a line that goes on: its
# route, its place in the data plane, its pool's entry; a kill -9 in between makes it no longer. And
# what a reload changes or a Disconnect-Request takes is told to lines at once, the old values with
# lifetimes of 0; a line that RADIUS gives name servers of its own keeps them.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"
. "$(dirname "$0")/../advert.sh"

VALID=60
DNS="ipv6-dns.dns=2001:db8::53 ipv6-dns.dns+=2001:db8::54 ipv6-dns.dnssl=example.net,old.example"
NAT="nat64.pool6=2001:db8:64::/96 nat64.pool4=203.0.113.10,61000-65535"

leases() { lab_value "' '.join(sorted(l['prefix'] for l in j['leases']))" show session "$1"; }
has_leases() { [ "$(leases "$1")" = "$2" ] || { leases "$1"; return 1; }; }
drops() { lab_value "j['drops']['$1']" show stat; }
dropped_more() { [ "$(drops "$1")" -gt "$2" ]; }
pool_used() { lab_json "{p['kind']: p['used'] for p in j if p['family'] == 6 and p['name'] == 'default'}.get('$1', 0) == $2" show pools; }
from() { lab_ping "$HOUSE" $WEB6 -I "$1"; } # ADDRESS
spoofed() { # WHAT ADDRESS
	local before
	before=$(drops spoofed-ip6)
	refuse "$1 does not pass" from "$2"
	expect "  and is counted" wait_for 5 dropped_more spoofed-ip6 "$before"
}

conf() { # what differs
	echo "$(radius_conf_of) radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET radius.dae-allowed=127.0.0.1
		ipv6-pool.delegate=2001:db8:8000::/40,56 ipv6-pool.address=2001:db8:200::/64
		ipv6-dhcp.valid-lifetime=$VALID ipv6-dhcp.pref-lifetime=$VALID $*"
}

# The test's own client asks once and never renews.
leased() {
	lab_dial fixed --hold-forever -u fixed -p pw --pd --na --plumb "h0@$HOUSE"
	begun=$SECONDS
	lab_dial pooled --hold-forever -u pooled -p pw --mac-base 02:bb:00:00:01:00 --pd
	pd=$(lab_field pooled pd)
	expect "leases" has_leases fixed "2001:db8:200::1/128 2001:db8:9100::/48"
	expect "a route of its own" eval 'g ip -6 route show 2001:db8:9100::/48 | grep -q subs0'
	h ip -6 addr add 2001:db8:9100:1::1/128 dev h0 nodad
	h ip -6 addr add 2001:db8:200::1/128 dev h0 nodad
	expect "the prefix carries" from 2001:db8:9100:1::1
	expect "the address carries" from 2001:db8:200::1
	expect "the pools know" pool_used delegate 1
}

survives() {
	lab_stop brasd KILL > /dev/null
	# shellcheck disable=SC2046
	lab_start_brasd $(conf $DNS $NAT)
	expect "after kill -9: the leases are the line's" has_leases fixed "2001:db8:200::1/128 2001:db8:9100::/48"
	expect "  for what is left of their time" lab_json \
		"all(0 < l['valid'] <= $((VALID - SECONDS + begun + 1)) for l in j['leases'])" show session fixed
}

over() {
	expect "before their time is over they carry" [ $((SECONDS - begun)) -lt $VALID ]
	expect "  both" from 2001:db8:9100:1::1
	expect "their time is over: nothing is the line's" wait_for $((VALID + 15)) has_leases fixed ""
	expect "  not before" [ $((SECONDS - begun)) -ge $((VALID - 1)) ]
	expect "  nor much later" [ $((SECONDS - begun)) -le $((VALID + 10)) ]
	expect "  the route is gone" [ -z "$(g ip -6 route show 2001:db8:9100::/48)" ]
	spoofed "  the prefix" 2001:db8:9100:1::1
	spoofed "  the address" 2001:db8:200::1
	expect "  the pooled one is of the pool again" wait_for 20 pool_used delegate 0
	refuse "  the internet does not reach it" eval "n ping -c 1 -W 1 ${pd%/*}1"
	expect "  the lines go on" lab_ping "$HOUSE" $WEB6
	expect "  both" lab_json 'len(j) == 2 and all(s["state"] == "open" for s in j)' show sessions
	expect "  accounting has the end of it" wait_for 15 radius_detail radius \
		"[r for r in d if r.get('User-Name') == 'fixed' and r['Acct-Status-Type'] == 'Interim-Update'][-1].get('Delegated-IPv6-Prefix') is None"
	expect "  all agrees" lab_json 'j["problems"] == 0' check
}

said() { shark "$1" -Y "icmpv6.type == 134 && $2" | grep -q .; } # NAME FILTER

# Other name servers, search domains and no NAT64 any more.
reconfigured() {
	local fixed pooled
	fixed="eth.dst == $(lab_field fixed mac)" pooled="eth.dst == $(lab_field pooled mac)"
	capture changed
	# shellcheck disable=SC2046
	lab_conf $(conf ipv6-dns.dns=2001:db8::54 ipv6-dns.dns+=2001:db8::99 ipv6-dns.dnssl=example.net,new.example)
	expect "reload" lab_ctl reload
	expect "the new name server is told at once" wait_for 20 said changed "$pooled && icmpv6.opt.rdnss == 2001:db8::99 && icmpv6.opt.rdnss.lifetime > 0"
	expect "  with the new domain" said changed "$pooled && icmpv6.opt.dnssl contains \"new.example\" && icmpv6.opt.rdnss.lifetime > 0"
	expect "  the old one is taken back" wait_for 10 said changed "$pooled && icmpv6.opt.rdnss == 2001:db8::53 && icmpv6.opt.rdnss.lifetime == 0"
	expect "  with its domain" said changed "$pooled && icmpv6.opt.dnssl contains \"old.example\" && icmpv6.opt.dnssl.lifetime == 0"
	expect "  and NAT64's prefix" said changed "$pooled && icmpv6.opt.pref64.prefix == 2001:db8:64:: && icmpv6.opt.pref64.scaled_lifetime == 0"
	refuse "  the one that stays is not" said changed "icmpv6.opt.rdnss == 2001:db8::54 && icmpv6.opt.rdnss.lifetime == 0"
	refuse "  nor is the router" said changed "icmpv6.nd.ra.router_lifetime == 0"
	expect "the line with name servers of its own hears of the rest" wait_for 10 said changed "$fixed && icmpv6.opt.pref64.scaled_lifetime == 0"
	expect "  and keeps them" said changed "$fixed && icmpv6.opt.rdnss == 2001:db8::77 && icmpv6.opt.rdnss.lifetime > 0"
	refuse "  for good" said changed "$fixed && icmpv6.opt.rdnss == 2001:db8::77 && icmpv6.opt.rdnss.lifetime == 0"
	expect "DHCPv6 says the same" lab_json 'j["ra"]["dns"] == ["2001:db8::54", "2001:db8::99"]' show session pooled
	lab_stop capture
}

disconnected() {
	capture disconnected
	expect "Disconnect-Request" radius_dae disconnect 'User-Name = fixed'
	expect "  ends the line" wait_for 10 lab_json '[s["username"] for s in j] == ["pooled"]' show sessions
	lab_stop capture
	expect "  whose last advertisement withdraws the router" ra_is disconnected icmpv6.nd.ra.router_lifetime 0
	expect "  its prefix" ra_is disconnected icmpv6.opt.prefix.valid_lifetime 0
	expect "  and its name servers" ra_is disconnected icmpv6.opt.rdnss.lifetime 0
	lab_stop fixed
}

LAB_MODE=xdp
lab_up
n ip -6 route add 2001:db8:8000::/33 via $CORE6
n ip -6 route add 2001:db8:200::/64 via $CORE6
radius_users radius \
	"$(radius_user fixed pw 'Delegated-IPv6-Prefix = 2001:db8:9100::/48' 'DNS-Server-IPv6-Address = 2001:db8::77')" \
	"$(radius_user pooled pw)"
radius_start radius
# shellcheck disable=SC2046
lab_start_brasd $(conf $DNS $NAT)
leased
survives
reconfigured
over
disconnected
