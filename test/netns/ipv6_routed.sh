#!/bin/bash
# Proves, with FreeRADIUS: a line whose IPv6 is Framed-IPv6-Route alone, without a /64 and without
# DHCPv6, has IPv6: its routes carry, nothing else does, in both modes, with IPv4 and without; they
# outlive kill -9 and end with the line.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

# Neither a /64 nor anything for DHCPv6 to give: what is routed to the line is all of its IPv6.
routed_alone() {
	local before
	lab_start_brasd "$(radius_conf_of)" ipv6-pool.prefix= "$@"
	lab_dial routed --hold-forever -u routed -p pw --plumb "h0@$HOUSE"
	expect "$*: a line with routes alone has IPv6" lab_json 'j["state"] == "open" and j["ra"]["prefix"] is None' show session routed
	h ip -6 route replace default via fe80::1 dev h0
	h ip -6 addr add 2001:db8:9300::1/128 dev h0 nodad
	h ip -6 addr add 2001:db8:9400::1/128 dev h0 nodad
	expect "$*: both carry" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9300::1
	expect "$*:   indeed" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9400::1
	h ip -6 addr add 2001:db8:9500::1/128 dev h0 nodad
	before=$(lab_value "j['drops']['spoofed-ip6']" show stat)
	refuse "$*: what is not routed there does not" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9500::1
	expect "$*:   and is counted" [ "$(lab_value "j['drops']['spoofed-ip6']" show stat)" -gt "$before" ]
	lab_stop brasd KILL > /dev/null
	lab_start_brasd "$(radius_conf_of)" ipv6-pool.prefix= "$@"
	expect "$*: after kill -9 they do" lab_ping "$HOUSE" $WEB6 -I 2001:db8:9300::1
	expect "$*:   and all agrees" lab_json 'j["problems"] == 0' check
	lab_hangup routed
	expect "$*: with the line they are gone" wait_for 10 eval '! g ip -6 route show 2001:db8:9300::/48 | grep -q .'
	h ip -6 addr flush dev h0 scope global
	lab_stop brasd
}

# Without routes there is no IPv6 to be had, and it is not begun.
without() {
	lab_start_brasd "$(radius_conf_of)" ipv6-pool.prefix=
	lab_dial plain -u plain -p pw
	expect "a line without routes has IPv4 alone" lab_json 'j[0]["ip"] and j[0]["ip6"] is None' show sessions
	expect "  and no advertisements" lab_json 'j["ra"] is None' show session plain
	lab_hangup plain
}

run() {
	n ip -6 route add 2001:db8:8000::/33 via $CORE6
	radius_users radius \
		"$(radius_user routed pw 'Framed-IPv6-Route = "2001:db8:9300::/48 :: 1"' 'Framed-IPv6-Route += "2001:db8:9400::/56"')" \
		"$(radius_user plain pw)"
	radius_start radius
	routed_alone ppp.ipv4=allow
	routed_alone ppp.ipv4=deny
	without
}

lab_each_mode run
