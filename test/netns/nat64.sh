#!/bin/bash
# Proves, on a kernel without Jool: `backend = auto` takes tayga and says why; a line with IPv6 only
# reaches an IPv4-only server by ping, TCP, UDP, large packets and path MTU both ways; MSS fits; `show
# nat64` counts; brasd's death, a reload that changes pool4, and a death of tayga are survived; nobody
# but subscribers is served; a clean end takes away what was made, and nothing else; what one line holds of
# it. And 464XLAT: an IPv4-only program behind a CLAT (tayga, too) in the house, which knows the prefix from
# our advertisement alone (RFC 8781). And that [subscriber] connections holds for it.
. "$(dirname "$0")/../lab.sh"

POOL6=2001:db8:64::
SERVER=${POOL6}192.0.2.2
NAT64_PY=$LAB_TEST_DIR/netns/nat64.py

conf() {
	lab_conf ppp.ipv4=deny nat64.pool6=${POOL6}/96 nat64.tayga-device=nat64 "nat64.log=$LAB_DIR/ports" "$@"
}

line() { in_ns "$NS" "$@"; }
nat64_is() { lab_json "$1" show nat64; }
nat64_value() { lab_value "$1" show nat64; }
up() { nat64_is "j['state'] == 'up' and j['backend'] == 'tayga'"; }

servers() {
	lab_spawn echo n python3 "$LAB_TEST_DIR/netns/net.py" echo $WEB4 7
	lab_spawn sizes n python3 "$NAT64_PY" sizes-serve $WEB4 9
	lab_spawn talks n python3 "$NAT64_PY" talk-serve $WEB4 11
	wait_for 40 lab_listens "$INTERNET" u 7 && wait_for 40 lab_listens "$INTERNET" u 9 &&
		wait_for 40 lab_listens "$INTERNET" t 11 || fail "no servers"
	# Nothing of the IPv4 internet knows the lines' addresses.
	n ip -6 route del 2001:db8:100::/40
}

# --- what goes through --------------------------------------------------------------------------

mss_in() { # FILE.pcap-text: the MSS of the SYNs in it
	grep -o 'mss [0-9]*' "$LAB_DIR/$1.log" | sort -u | tr '\n' ' '
}

tcp() {
	lab_spawn syn-server n tcpdump -lnni k0 'tcp[tcpflags] & tcp-syn != 0 and port 80'
	lab_spawn syn-house in_ns "$NS" tcpdump -lnni u0 'ip6 proto 6 and port 80 and (ip6[53] & 2 != 0)'
	wait_for 40 grep -q listening "$LAB_DIR/syn-server.log" && wait_for 40 grep -q listening "$LAB_DIR/syn-house.log" ||
		fail "tcpdump"
	expect "curl" grep hello <(line curl -s -m 10 "http://[$SERVER]/")
	expect "the server hears an MSS of the line: 1432" wait_for 40 grep -q 'mss 1432' "$LAB_DIR/syn-server.log"
	expect "and so does the house" wait_for 40 grep -q 'mss 1432' "$LAB_DIR/syn-house.log"
	lab_stop syn-server > /dev/null
	lab_stop syn-house > /dev/null
	say "MSS at the server: $(mss_in syn-server)in the house: $(mss_in syn-house)"
	expect "iperf3 up" lab_iperf "$NS" 5 -c "$SERVER"
	expect "iperf3 down" lab_iperf "$NS" 5 -c "$SERVER" -R
}

knows_mtu() { # MTU COMMAND...: ip route get
	"${@:2}" | grep "mtu $1"
}

large() {
	expect "as large as the line" line ping -q -c 2 -M do -s 1444 -W 3 "$SERVER"
	expect "larger, in fragments, and back" line python3 "$NAT64_PY" big "$SERVER" 7 3000 10
	expect "down: 1472 of IPv4 are 1492 of IPv6" line python3 "$NAT64_PY" size "$SERVER" 9 1444 10
	# The first answer is too big: the server's kernel must be told, by ICMP through the translator.
	line python3 "$NAT64_PY" size "$SERVER" 9 1460 1
	expect "down: the server learns of 1472" wait_for 40 grep -q '^mtu 1472$' "$LAB_DIR/sizes.log"
	n ip route flush cache
	g ip link set core0 mtu 1400
	n ip link set k0 mtu 1400
	line ping -q -c 2 -M do -s 1444 -W 1 "$SERVER" > /dev/null
	expect "up: the house learns of 1420" wait_for 40 knows_mtu 1420 line ip -6 route get "$SERVER"
	expect "and what fits passes" line ping -q -c 2 -M do -s 1372 -W 3 "$SERVER"
	g ip link set core0 mtu 1500
	n ip link set k0 mtu 1500
	line ip -6 route flush cache
}

traffic() {
	expect "ping" lab_ping "$NS" "$SERVER"
	tcp
	expect "UDP" line python3 "$LAB_TEST_DIR/netns/net.py" numbered "$SERVER" 7 50 1
	large
}

# --- what stays ---------------------------------------------------------------------------------

start_talk() { # NAME SECONDS
	lab_spawn "$1" in_ns "$NS" python3 "$NAT64_PY" talk "$SERVER" 11 "$2"
	wait_for 40 grep -q running "$LAB_DIR/$1.log" || fail "no TCP: $1"
}
talked() { # NAME [LINE that it ends with]
	wait_for 60 lab_gone "${LAB_PID[$1]}" && grep -Eq "${2:-^said}" "$LAB_DIR/$1.log" || ! cat "$LAB_DIR/$1.log"
}

death() {
	local pid
	pid=$(nat64_value "j['pid']")
	start_talk t1 6
	lab_spawn numbered in_ns "$NS" python3 "$LAB_TEST_DIR/netns/net.py" numbered "$SERVER" 7 200 6
	wait_for 40 grep -q running "$LAB_DIR/numbered.log" || fail "no UDP"
	lab_stop brasd KILL > /dev/null 2>&1
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 90 lab_brasd_ready || fail "brasd did not become ready again"
	expect "brasd is killed, and up again" wait_for 60 up
	expect "TCP goes on" talked t1
	expect "UDP loses nothing" talked numbered 'lost 0, twice 0$'
	expect "it is the same tayga" [ "$pid" = "$(nat64_value "j['pid']")" ]
	refuse "and nothing was made again" grep -E 'nat64: (Jool|tayga)' <(grep -v translates "$LAB_DIR/brasd.log")
}

pool4_changes() {
	local ports
	start_talk t2 8
	g ip addr add 192.0.2.9/32 dev core0
	conf nat64.pool4=192.0.2.9,50000-50099
	expect "pool4 is another" lab_json "j['state'] == 'applied' or j['state'] == 'underway'" reload
	expect "it is in effect" wait_for 60 nat64_is "j['state'] == 'up' and j['pool4'] == ['192.0.2.9,50000-50099']"
	start_talk t3 1
	expect "new connections leave from it" grep -E '^192\.0\.2\.9 500[0-9][0-9]$' "$LAB_DIR/talks.log"
	expect "old ones go on" talked t2
	expect "and end well" talked t3
	expect "pool-size is 100 ports of 3 protocols" nat64_is "j['pool-size'] == 300"
}

tayga_dies() {
	local pid
	pid=$(nat64_value "j['pid']")
	kill -KILL "$pid" || fail "no such process: $pid"
	expect "tayga is killed: it is started again" wait_for 60 nat64_is "j['pid'] not in (0, $pid)"
	expect "this is told" wait_for 40 grep -q 'tayga: died (signal 9)' "$LAB_DIR/brasd.log"
	expect "and counted" nat64_is "j['restarts'] == 1"
	expect "and it works" wait_for 40 line ping -q -c 1 -W 1 "$SERVER"
}

damage() {
	g ip link del nat64
	expect "somebody deletes its device: it is made again" wait_for 60 nat64_again
}
nat64_again() { up && line ping -q -c 1 -W 1 "$SERVER"; }

strangers() {
	n ip -6 route replace ${POOL6}/96 via $CORE6
	refuse "who is no subscriber is not served" n ping -q -c 2 -W 1 "${POOL6}192.0.2.1"
	expect "and counted" nat64_is "j['drops-by-reason']['stranger'] >= 2 and j['drops'] >= 2"
	n ip -6 route del ${POOL6}/96
}

numbers() {
	line python3 "$NAT64_PY" flows "$SERVER" 7 40 10 > "$LAB_DIR/flows"
	expect "40 flows" grep -x 40 "$LAB_DIR/flows"
	expect "are sessions and ports" nat64_is "j['sessions'] >= 40 and j['bib'] >= 40 and j['pool-used'] == j['bib']"
	expect "as nft counts, without trouble" nat64_is "j['flows'] >= 40 and j['error'] is None"
}

# What this line holds, and another does not. tayga tells of a host within 45 seconds.
of_line() {
	local address
	g sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 # not gone before we look
	lab_dial two -u two -p secret --no-ipv4 --mac-base 02:bb:00:00:10:00
	expect "show session: the line's host" wait_for 90 lab_json "len(j['nat64']['hosts']) > 0" show session one
	line python3 "$NAT64_PY" flows "$SERVER" 7 30 20 > "$LAB_DIR/flows"
	address=$(line ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	expect "  has one of tayga's addresses" lab_json \
		"[h['ip4'].startswith('198.18.') for h in j['nat64']['hosts'] if h['ip6'] == '$address'] == [True]" show session one
	expect "  its sessions and ports" lab_json \
		"j['nat64']['backend'] == 'tayga' and j['nat64']['sessions'] >= 30 and j['nat64']['bib'] >= 30 and not j['nat64']['error']" show session one
	expect "  as text, too" grep -Eq '^  sessions: [0-9]+$' <(lab_ctl show session one)
	expect "another line has none" lab_json \
		"j['nat64'] == {'backend': 'tayga', 'bib': 0, 'sessions': 0, 'hosts': [], 'error': None}" show session two
	lab_hangup two
}

# [subscriber] connections: what tayga translates conntrack knows by the line's address.
limited() {
	local three
	conf nat64.pool4=192.0.2.9,50000-50099 subscriber.connections=20
	lab_ctl reload > /dev/null || fail "reload"
	expect "a limit of connections" wait_for 60 lab_json "j['max'] == 20" show connections
	refuse "  has no rules for Jool" g nft list chain inet "brasberry-$INSTANCE-connections" translated
	lab_ns three; three=$REPLY
	lab_dial three -u three -p secret --no-ipv4 --plumb "u0@$three" --mac-base 02:bb:00:00:20:00
	in_ns "$three" python3 "$NAT64_PY" flows "$SERVER" 7 60 4 > "$LAB_DIR/flows"
	expect "  of 60 flows of a line there are 20" grep -x 20 "$LAB_DIR/flows"
	lab_hangup three
	conf nat64.pool4=192.0.2.9,50000-50099
	lab_ctl reload > /dev/null || fail "reload"
	expect "  and no limit" wait_for 60 lab_json "j['max'] == 0" show connections
}

# Ports for 100 connections, and 150 to one server: the rest is refused, nothing breaks.
exhausted() {
	expect "before the pool is full no packet lacks a port" nat64_is "j['drops-by-reason']['no-free-port'] == 0"
	line python3 "$NAT64_PY" flows "$SERVER" 7 150 4 > "$LAB_DIR/flows"
	say "150 flows, 100 ports: $(cat "$LAB_DIR/flows") got one"
	expect "a pool of 100 ports serves at most 100" [ "$(cat "$LAB_DIR/flows")" -le 100 ]
	expect "and is full" nat64_is "j['pool-used'] >= 100"
	expect "what found no port is counted by that reason" nat64_is "j['drops-by-reason']['no-free-port'] >= 50"
	expect "and told" wait_for 60 grep -q 'packets of new connections found no port of pool4: more ports' "$LAB_DIR/brasd.log"
	expect "ping has its own" line ping -q -c 1 -W 2 "$SERVER"
}

# --- 464XLAT ------------------------------------------------------------------------------------

# RFC 6877: IPv4 of the house's programs becomes IPv6 with an address of the house's prefix; the
# CLAT's address is of its own /128, routed to it.
clat() {
	local ip6 clat pref64
	ip6=$(lab_field one ip6)
	clat=$(line ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	say "line $ip6, its address $clat"
	clat=${clat%:*}:4646
	pref64=$(line python3 "$NAT64_PY" pref64 u0 20)
	expect "CLAT: the house is told the prefix" [ "$pref64" = ${POOL6}/96 ]
	cat > "$LAB_DIR/clat.conf" <<- END
		tun-device clat
		prefix $pref64
		ipv4-addr 192.0.0.2
		ipv6-addr ${clat%:*}:4647
		map 192.0.0.1 $clat
	END
	line sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.u0.accept_ra=2
	line tayga -c "$LAB_DIR/clat.conf" --mktun > /dev/null || fail "no clat device"
	line ip link set clat mtu 1472 up
	line ip addr add 192.0.0.1/32 dev clat
	line ip -6 route add "$clat/128" dev clat
	line ip route add default dev clat
	lab_spawn clat in_ns "$NS" tayga -n -c "$LAB_DIR/clat.conf"
	expect "CLAT: ping of an IPv4 address" wait_for 40 line ping -4 -q -c 1 -W 1 $WEB4
	expect "CLAT: an IPv4-only program (curl -4)" grep hello <(line curl -4 -s -m 10 "http://$WEB4/")
	expect "CLAT: iperf3 down" lab_iperf "$NS" 2 -4 -c $WEB4 -R
	expect "CLAT: UDP" line python3 "$LAB_TEST_DIR/netns/net.py" numbered $WEB4 7 50 1
	lab_stop clat
}

# ------------------------------------------------------------------------------------------------

ended() {
	lab_hangup one
	g nft add table inet somebody
	lab_stop brasd || fail "the clean end was none"
	refuse "a clean end: no device" g ip link show nat64
	refuse "no tayga" kill -0 "$1"
	expect "no rules but somebody's (and the lab's)" [ "$(g nft list tables | grep -vx "table inet conntrack")" = "table inet somebody" ]
	refuse "no files" ls "/run/brasberry/$INSTANCE/tayga.conf"
	refuse "no routes" grep -q 198.18 <(g ip route)
}

run() {
	conf nat64.pool4=$CORE4,61000-65535
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 90 lab_brasd_ready || fail "brasd did not become ready"
	servers
	lab_ns house1; NS=$REPLY
	lab_dial one -u one -p secret --no-ipv4 --plumb "u0@$NS"
	expect "tayga it is" wait_for 60 up
	expect "because there is no Jool" nat64_is "'module cannot be loaded' in j['why']"
	say "$(nat64_value "j['why']")"
	expect "a log of ports, which tayga has not, is told in words" grep -q "nothing is written to $LAB_DIR/ports" "$LAB_DIR/brasd.log"
	expect "the line has no IPv4" lab_json "j['ip'] is None and j['ip6']" show session one
	traffic
	numbers
	strangers
	death
	pool4_changes
	tayga_dies
	damage
	of_line
	clat
	limited
	exhausted
	ended "$(nat64_value "j['pid']")"
}

LAB_MODES=${LAB_MODES:-xdp}
lab_each_mode run
