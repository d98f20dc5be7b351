#!/bin/bash
# Proves NAT44's blocks of ports: each line has its own, in the map before it knows its address, and
# sends from its ports alone; none left means no IPv4 address; the map outlives kill -9 and is what the
# next brasd goes by; what somebody takes from it comes back; who had what is written down; a login
# makes no flow leave the fast path.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

map() { g nft list map ip "brasberry-$INSTANCE-nat44" blocks | grep -o '100[.0-9]* : [.0-9]* \. [-0-9]*' | sort; }
has() { map | grep -q "^$1 : "; }
field() { lab_value "[str(l['$2']) for l in j['lines'] if l['username'] == '$1'][0]" show nat44; }
# The line's connections and pings are seen from its block: conntrack's reply is to these ports.
in_block() { # USER NETNS
	local first last turn
	first=$(field "$1" first) last=$(field "$1" last)
	g conntrack -F > /dev/null 2>&1
	echo >> "$LAB_DIR/turns" # a port that was just used rests
	turn=$(wc -l < "$LAB_DIR/turns")
	for port in 1030 5000 33000 40001 64000; do
		in_ns "$2" curl -sf -m 5 --local-port $((port + turn)) "http://$WEB4/" > /dev/null || { echo "curl from $port: $?"; return 1; }
	done
	lab_ping "$2" $WEB4 || { echo "no ping"; return 1; }
	in_ns "$2" dig +short +tries=1 +time=2 -b 0.0.0.0#$((5353 + turn)) @$WEB4 www.example > /dev/null 2>&1
	g conntrack -L -s "$(field "$1" ip)" 2> /dev/null > "$LAB_DIR/ct"
	awk -v a="$first" -v b="$last" '{ n = 0
		for (i = 1; i <= NF; i++)
			if ($i ~ /^(dport|id)=/ && ++n == 2) {
				split($i, p, "="); seen++; if (p[2] < a || p[2] > b) bad++
			}
		} END { print seen + 0, bad + 0; exit !(seen >= 5 && !bad) }' "$LAB_DIR/ct"
}
again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
}
logged() { grep -c "$1" "$LAB_DIR/nat44.log"; }
rules() { lab_value "j['rules-generation']" show fastpath; }

untranslated() { lab_value "j['untranslated-packets']" show nat44; }
# A protocol without ports that we know of: it must not be seen with the line's own address.
unknown_is_dropped() { # NETNS
	local before
	before=$(untranslated)
	in_ns "$1" python3 - $WEB4 <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
	for _ in range(3):
	    s.sendto(b"from a protocol for experiments", (sys.argv[1], 0))
	END
	[ "$(untranslated)" -ge $((before + 3)) ]
}
# So many flows at once to one place; how many of them conntrack has.
udp_flows() { # NETNS NUMBER
	g conntrack -F > /dev/null 2>&1
	in_ns "$1" python3 - $WEB4 "$2" <<-'END'
	import socket, sys, time
	for i in range(int(sys.argv[2])):
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    s.bind(("", 10000 + i))
	    s.sendto(b"x", (sys.argv[1], 4242))
	    s.close()
	    if i % 16 == 0:
	        time.sleep(0.005)
	END
	g conntrack -L -p udp --orig-port-dst 4242 2> /dev/null | wc -l
}
all_in_block() { # USER
	g conntrack -L -p udp --orig-port-dst 4242 2> /dev/null |
		awk -v a="$(field "$1" first)" -v b="$(field "$1" last)" '{ n = 0
			for (i = 1; i <= NF; i++)
				if ($i ~ /^dport=/ && ++n == 2) { split($i, p, "="); seen++; if (p[2] < a || p[2] > b) bad++ }
			} END { print seen + 0, bad + 0; exit !(seen > 500 && !bad) }'
}
# The interface's address changes: blocks are of the new one, the map with them, and each line keeps its ports.
other_address() { # NETNS
	local ports
	ports="$(field alice first)-$(field alice last)"
	g sysctl -qw net.ipv4.conf.all.promote_secondaries=1 # it stays when the first one goes
	g ip addr add 192.0.2.77/24 dev core0
	g ip addr del $CORE4/24 dev core0
	expect "another address: blocks are of it" wait_for 10 lab_json "j['first-address'] == '192.0.2.77'" show nat44
	expect "with the same ports" [ "$(field alice first)-$(field alice last)" = "$ports" ]
	expect "in the map" wait_for 5 map_is_of 192.0.2.77
	expect "alice sends from hers" in_block alice "$1"
	expect "as that address" grep -q 'dst=192.0.2.77' "$LAB_DIR/ct"
}
map_is_of() { [ "$(map | grep -c " : $1 ")" = 2 ]; }

run() {
	local before one two
	rm -f "$LAB_DIR/nat44.log"
	g ip addr add 198.51.100.7/32 dev lo 2> /dev/null
	n ip route replace 198.51.100.0/24 via $CORE4
	lab_start_brasd nat44.masquerade=core0 nat44.pool=198.51.100.7/32 nat44.block=32256 "nat44.log=$LAB_DIR/nat44.log"
	lab_ns one; one=$REPLY
	lab_ns two; two=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$one"
	before=$(rules)
	lab_dial bob -u bob -p secret --mac-base 02:bb:00:00:01:00 --plumb "u0@$two"
	expect "two blocks are used" lab_json "j['used'] == 2 and j['total'] == 2 and j['mode'] == 'blocks'" show nat44
	expect "they do not overlap" lab_json "sorted((l['first'], l['last']) for l in j['lines']) == [(1024, 33279), (33280, 65535)]" show nat44
	expect "show session has the block" lab_json "j['nat44']['last'] - j['nat44']['first'] == 32255 and j['nat44']['address'] == '198.51.100.7'" show session alice
	expect "a login is no change of rules" [ "$(rules)" = "$before" ]
	expect "alice sends from her block" in_block alice "$one"
	expect "bob from his" in_block bob "$two"
	refuse "a third line gets no IPv4 address" lab_dial_ip4
	expect "which is counted" lab_json "j['exhausted'] >= 1" show nat44
	expect "and told" grep -q 'NAT44 has no block of ports left' "$LAB_DIR/brasd.log"
	expect "two have begun" [ "$(logged ' begin 198.51.100.7 ')" = 2 ]

	before=$(map)
	lab_stop brasd KILL > /dev/null 2>&1
	expect "kill -9: the map stays" [ "$(map)" = "$before" ]
	expect "and the line goes on" lab_ping "$one" $WEB4
	again
	expect "the next one has the same blocks" [ "$(map)" = "$before" ]
	expect "and knows them" lab_json "j['used'] == 2" show nat44
	expect "nothing is told twice" [ "$(logged ' begin ')" = 2 ]
	expect "alice sends from her block" in_block alice "$one"

	g nft flush map ip "brasberry-$INSTANCE-nat44" blocks || fail "nft flush map"
	expect "taken away: they are back" wait_for 5 has "$(field alice ip)"
	expect "all" [ "$(map)" = "$before" ]

	lab_conf nat44.masquerade=core0 nat44.block=1024 "nat44.log=$LAB_DIR/nat44.log"
	lab_ctl reload > /dev/null || fail "reload"
	expect "a reload: other blocks, of the interface's address" wait_for 10 lab_json "j['total'] == 63 and j['used'] == 2 and j['first-address'] == '$CORE4'" show nat44
	expect "which are told" wait_for 5 [ "$(logged " begin $CORE4 ")" = 2 ]
	expect "alice sends from hers" in_block alice "$one"
	expect "what cannot be translated is dropped" unknown_is_dropped "$one"
	expect "a block of 1,024 serves 1,500 flows in part" [ "$(udp_flows "$one" 1500)" -le 1024 ]
	expect "and more of them are not let through with others' ports" all_in_block alice
	expect "those that found no port are counted" wait_for 5 lab_json "j['no-port-flows'] >= 300" show nat44
	g conntrack -F > /dev/null 2>&1
	other_address "$one"
	address=$(field alice ip)
	lab_hangup alice
	expect "hung up: her block is free" wait_for 10 lab_json "j['used'] == 1" show nat44
	refuse "and not in the map" has "$address"
	expect "which is told" wait_for 5 grep -q " end 192.0.2.77 [-0-9]* $address .*alice" "$LAB_DIR/nat44.log"
	lab_hangup bob
	lab_stop brasd || fail "the clean end was none"
}
lab_dial_ip4() {
	lab_dial third -u third -p secret --mac-base 02:bb:00:00:02:00 || return 1
	lab_field third ip | grep -q '^100'
}

lab_each_mode run
