#!/bin/bash
# Proves: PAP, CHAP and MS-CHAPv2 against FreeRADIUS, accepted and refused, the server's proof of
# MS-CHAPv2 checked by the subscriber; what the server gives is what the line has: addresses, pools,
# DNS, MTU, interface identifier, routes, rates, timeouts, messages. A malformed attribute refuses
# the line and is named; so is a name or password that RADIUS cannot carry.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"

logged() { grep -Eq "$1" "$LAB_DIR/brasd.log"; }

like() { [[ $1 == $2 ]]; } # TEXT PATTERN

# What brasd said to the subscriber in PPP, as text.
heard() { grep -aq "$1" "$LAB_DIR/sniff.pcap"; }

methods() {
	local m
	for m in pap chap mschapv2; do
		lab_dial "$m" -a $m -u alice -p wonderland
		expect "$m: in, by that method" [ "$(lab_field $m auth)" = $m ]
		lab_hangup "$m"
		expect "$m: no session is left" wait_for 10 lab_has_sessions 0
		lab_dial_fails "$m-wrong" auth-rejected -a $m -u alice -p wrong
		lab_dial_fails "$m-nobody" auth-rejected -a $m -u nobody -p wonderland
	done
	expect "who refused them is told, and how long it took" lab_event alice reject 'server 127.0.0.1 after'
	expect "no session is left of them" wait_for 10 lab_has_sessions 0
	expect "accepts and rejects are counted" lab_json 'j[0]["accepts"] == 3 and j[0]["rejects"] == 6' show radius
	expect "nothing is in flight, and nothing timed out" lab_json 'j[0]["inflight"] == 0 and j[0]["timeouts"] == 0' show radius
}

messages() {
	lab_spawn sniff h tcpdump -U -i s0 -w "$LAB_DIR/sniff.pcap" pppoes
	wait_for 10 grep -q 'listening on' "$LAB_DIR/sniff.log" || fail "tcpdump does not listen"
	lab_dial greeted -a pap -u alice -p wonderland
	expect "Reply-Message of an accept reaches the subscriber" wait_for 10 heard 'Welcome, Alice'
	lab_hangup greeted
	lab_dial_fails refused auth-rejected -a chap -u nobody -p x
	expect "and of a reject" wait_for 10 heard 'No such subscriber'
	lab_stop sniff
}

# Each attribute of alice, on the line and in the tables.
attributes() {
	lab_dial alice -u alice -p wonderland --plumb u0
	expect "who let it in, and how long it took" lab_event alice accept 'server 127.0.0.1 after'
	expect "Framed-IP-Address" [ "$(lab_field alice ip)" = 100.64.10.10 ]
	expect "Framed-IPv6-Prefix" [ "$(lab_field alice ip6)" = 2001:db8:1ff:1::/64 ]
	expect "MS-Primary-DNS-Server" [ "$(lab_field alice dns1)" = 192.0.2.53 ]
	expect "MS-Secondary-DNS-Server" [ "$(lab_field alice dns2)" = 192.0.2.54 ]
	expect "RP speed limits are the rates" \
		lab_json 'j[0]["rate-down"] == 50000 and j[0]["rate-up"] == 10000' show sessions
	expect "the table has the addresses" \
		lab_json 'j[0]["ip"] == "100.64.10.10" and j[0]["ip6"] == "2001:db8:1ff:1::/64"' show sessions
	expect "the line works, IPv4" lab_ping "$HOUSE" $WEB4
	expect "the line works, IPv6" lab_ping "$HOUSE" $WEB6
	lab_hangup alice
}

pools() {
	lab_dial bob -u bob -p builder
	expect "Framed-IP-Address 255.255.255.254: of the pool" like "$(lab_field bob ip)" '100.64.*'
	lab_hangup bob
	lab_dial carol -u carol -p secret
	expect "no address said: of the pool" like "$(lab_field carol ip)" '100.64.*'
	expect "and a prefix" like "$(lab_field carol ip6)" '2001:db8:1*::/64'
	expect "without speed limits the default plan" lab_json 'j[0]["rate-down"] is None' show sessions
	lab_hangup carol
	lab_dial pooled -u pooled -p pw
	expect "Framed-Pool" like "$(lab_field pooled ip)" '100.65.7.*'
	expect "Framed-IPv6-Pool" like "$(lab_field pooled ip6)" '2001:db8:277:*/64'
	lab_hangup pooled
	lab_dial outside -u outside -p pw --plumb u0
	expect "an address outside the pools" [ "$(lab_field outside ip)" = 203.0.113.5 ]
	n ip route replace 203.0.113.5 via $CORE4
	expect "is routed" lab_ping "$HOUSE" $WEB4
	lab_hangup outside
	refuse "and no more after the end" grep -q 203.0.113.5 <(g ip route)
}

rest() {
	lab_dial odd -u odd -p pw
	expect "Framed-MTU" lab_json 'j[0]["mtu"] == 1400' show sessions
	expect "is announced" [ "$(lab_field odd ra-mtu)" = 1400 ]
	expect "Framed-Interface-Id" [ "$(lab_field odd ll)" = fe80::1:2:3:4 ]
	expect "Framed-Route" wait_for 5 routed 203.0.113.128/29
	expect "Framed-IPv6-Route" wait_for 5 routed6 2001:db8:7::/48
	lab_hangup odd
	refuse "the routes go with the line" routed 203.0.113.128/29
	lab_dial brief -u brief -p pw
	expect "Session-Timeout ends the line" wait_for 10 lab_has_sessions 0
	lab_stop brief
	lab_dial idle -u idle -p pw
	expect "Idle-Timeout ends the line" wait_for 20 lab_has_sessions 0
	lab_stop idle
}
routed() { g ip route | grep -q "$1"; }
routed6() { g ip -6 route | grep -q "$1"; }

# PAP can carry 255 octets of each, RADIUS less: nobody is asked, and no server is to blame.
too_long() {
	local asked
	asked=$(lab_value 'j[0]["auth-requests"]' show radius)
	lab_dial_fails long-password auth-rejected -a pap -u alice -p "$(printf 'x%.0s' {1..129})"
	lab_dial_fails long-name auth-rejected -a pap -u "$(printf 'x%.0s' {1..254})" -p wonderland
	expect "told, both" [ "$(grep -c 'a name or password that is longer than RADIUS can carry' "$LAB_DIR/brasd.log")" = 2 ]
	expect "no server was asked" lab_json "j[0]['auth-requests'] == $asked" show radius
	expect "and none is to blame" lab_json 'j["sessions"]["auth-unreachable"] == 0' show stat
}

malformed() {
	local mode
	for mode in bad-address bad-vendor; do
		lab_dial_fails "$mode" auth-rejected -a pap -u "mode=$mode" -p x
	done
	expect "a malformed attribute is named" logged 'Framed-IP-Address'
	lab_dial unknown -u mode=accept -p x
	expect "an unknown one is ignored" lab_has_sessions 1
	lab_hangup unknown
}

run() {
	radius_users radius \
		"$(radius_user pooled pw 'Framed-Pool = special' 'Framed-IPv6-Pool = special6')" \
		"$(radius_user outside pw 'Framed-IP-Address = 203.0.113.5')" \
		"$(radius_user odd pw 'Framed-MTU = 1400' 'Framed-Interface-Id = 0001:0002:0003:0004' \
			'Framed-Route = "203.0.113.128/29 0.0.0.0 1"' 'Framed-IPv6-Route = "2001:db8:7::/48 :: 1"')" \
		"$(radius_user brief pw 'Session-Timeout = 2')" "$(radius_user idle pw 'Idle-Timeout = 2')"
	radius_start radius
	lab_start_brasd "$(radius_conf_of)" "ip-pool.pool+=100.65.7.0/24,name=special" \
		"ipv6-pool.prefix+=2001:db8:277::/48,64,name=special6"
	methods
	too_long
	messages
	attributes
	pools
	rest
	lab_stop brasd
	radius_fake fake 1912 accept attr=241:0102
	lab_start_brasd "$(radius_conf_of fake 1912 0)"
	malformed
}

LAB_MODES=xdp lab_each_mode run
