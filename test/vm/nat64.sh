#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NAT64 by the real Jool, for real pppd without IPv4: TCP, UDP, ping, MSS, fragments, path MTU from both
# sides, hairpin, 2,000 flows and whose they are, an exhausted pool that is told, changes in place, brasd's
# death, an instance that somebody removes, the traps of pool4, the log, and a clean end.
. "$(dirname "$0")/lib.sh"

POOL6=64:ff9b::
. "$ROOT/test/jool.sh"

reload_with() { # LINES
	setup "$1"
	ctl reload
}
jool() { bng jool -i default "$@"; }

ends_well() { # NAME TEXT
	local pid=PID_$1
	wait_for 90 gone "${!pid}" && grep -q "$2" $T/"$1".out || { cat $T/"$1".out; return 1; }
}

talk() { # NAME SECONDS
	background "$1" house $PY talk $SERVER 11 "$2"
	said 30 running "$1".out
}

traffic() {
	check "ping" house ping -q -c 3 -i 0.2 -W 3 $SERVER
	check "UDP" house $NET numbered $SERVER 7 20 2
	background syn_server internet tcpdump -lnni inet0 'tcp[tcpflags] & tcp-syn != 0'
	background syn_house house tcpdump -lnni ppp0 'ip6 proto 6 and (ip6[53] & 2 != 0)'
	said 30 listening syn_server.out && said 30 listening syn_house.out || not_ok "tcpdump"
	check "TCP" house $PY talk $SERVER 11 1
	check "the server hears an MSS of 1432, the line's 1492 in IPv6" said 10 'mss 1432' syn_server.out
	check "the house, too" said 10 'mss 1432' syn_house.out
	kill "$PID_syn_server" "$PID_syn_house"
	background iperf internet iperf3 -s
	wait_for 20 listens t 5201
	check "iperf3 up" house timeout 60 iperf3 -t 3 -c $SERVER
	check "iperf3 down" house timeout 60 iperf3 -t 3 -c $SERVER -R
	say_rate
}
say_rate() { house timeout 60 iperf3 -J -t 3 -c $SERVER -R | /usr/bin/python3 -c 'import json, sys
print("   TCP down, Mbit/s:", round(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e6))'; }

sizes() {
	check "as large as the line" house ping -q -c 2 -M do -s 1444 -W 3 $SERVER
	check "fragments, both ways" house $PY big $SERVER 7 3000 20
	check "down: 1472 of IPv4 are 1492 of IPv6" house $PY size $SERVER 9 1444 20
	house timeout 5 $PY size $SERVER 9 1460 2
	check "down: the server learns of 1472" said 10 '^mtu 1472$' sizes.out
	ip -n bng link set core0 mtu 1400
	ip -n internet link set inet0 mtu 1400
	house ping -q -c 3 -M do -s 1444 -W 1 $SERVER > /dev/null
	check "up: the house learns of 1420" wait_for 10 knows 1420
	check "and what fits passes" house ping -q -c 2 -M do -s 1372 -W 3 $SERVER
	ip -n bng link set core0 mtu 1500
	ip -n internet link set inet0 mtu 1500
	ip -n house -6 route flush cache
}
knows() { ip -n house -6 route get $SERVER | grep "mtu $1"; }


many() {
	ulimit -n 8192
	house $PY flows $SERVER 7 2000 90 > $T/flows.out
	check "2,000 flows at once" grep -qx 2000 $T/flows.out
	check "are 2,000 sessions and ports" is "j['sessions'] >= 2000 and j['bib'] >= 2000 and j['pool-used'] == j['bib']"
	check "of the pool's" is "j['pool-size'] == 3 * 4536 and j['error'] is None"
	check "and the log has them" [ "$(grep -c ' begin udp 192.0.2.1 ' $T/nat64.log)" -ge 2000 ]
	check "in words" grep -Eq '^20[0-9-]+T[0-9:]+Z begin udp 192.0.2.1 6[1-5][0-9]{3} 2001:db8:[0-9a-f:]+ [0-9]+$' $T/nat64.log
}

# Of the 2,000: a port each, all of the first line. The second has one more to say.
whose() {
	local rows
	check "show session: they are this line's" wait_for 60 holds alice \
		"n['backend'] == 'jool' and n['sessions'] >= 2000 and n['bib'] >= 2000 and n['error'] is None"
	house $PY flows $SERVER 7 3 5 "$(global6 1)" > /dev/null
	check "the other line has three" wait_for 60 holds user "3 <= n['bib'] <= n['sessions'] < 50"
	rows=$(for p in tcp udp icmp; do jool session display --csv --no-headers --numeric --$p; done |
		awk -F, -v a="$(global6 1)" '$2 == a' | wc -l)
	check "as Jool's table has them" holds user "n['sessions'] == $rows"
}

death() {
	talk t1 10 || not_ok "no TCP"
	kill -9 "$brasd"
	wait_for 10 gone "$brasd"
	check "translates without brasd" house ping -q -c 2 -W 3 $SERVER
	local before
	before=$(grep -c . $T/nat64.log)
	brasd_start
	check "brasd is back" wait_for 30 is_up
	check "TCP goes on" ends_well t1 '^said'
	check "the instance was left alone" bash -c "! grep -E 'instance default is' $T/brasd.log"
	check "the log goes on" [ "$(grep -c . $T/nat64.log)" -ge "$before" ]
}

changes() {
	ip -n bng addr add 192.0.2.9/32 dev core0
	talk t2 15 || not_ok "no TCP"
	check "reload: another address more" reload_with "pool4 = 192.0.2.1,61000-65535
pool4 = 192.0.2.9,30000-31999,tcp
pool4 = 192.0.2.9,30000-30049,udp"
	check "it is in effect" wait_for 30 is "j['state'] == 'up' and len(j['pool4']) == 3"
	check "in place" grep -q "instance default is changed" $T/brasd.log
	check "Jool has it" bash -c "nsenter --net=/run/netns/bng jool -i default pool4 display --csv --tcp | grep -q '192.0.2.9,30000,31999'"
	check "TCP of before goes on" ends_well t2 '^said'
	check "reload: 50 ports of UDP, and no more" reload_with "pool4 = 192.0.2.9,30000-30049,udp
pool4 = 192.0.2.9,30000-31999,tcp"
	check "it is in effect, too" wait_for 30 is "j['state'] == 'up' and len(j['pool4']) == 2 and j['pool-size'] == 2050"
	house $PY flows $SERVER 7 200 6 > $T/flows.out
	echo "   200 flows, 50 ports: $(cat $T/flows.out) got one"
	check "50 ports are for 50" [ "$(cat $T/flows.out)" -le 50 ]
	check "the pool is full, and that is counted" is "j['drops-by-reason'].get('no-free-port-or-mapping', 0) >= 100"
	house $PY flows $SERVER 7 200 40 > /dev/null
	check "and told" said 60 'found no port of pool4' brasd.log
	check "TCP has its own" house $PY talk $SERVER 11 1
}

traps() {
	check "reload: ports of the box's own" reload_with "pool4 = 192.0.2.1,40000-65535"
	check "are told in words" said 30 'ports 40000-60999 are those of its own connections' brasd.log
	check "and what was before goes on" house $PY talk $SERVER 11 1
	check "show nat64 says so" is "j['state'] == 'failed' and 'ip_local_port_range' in j['why']"
	check "kept free by the operator" bng sysctl -w net.ipv4.ip_local_reserved_ports=40000-60999
	check "they may be used" wait_for 40 is "j['state'] == 'up' and j['pool-size'] == 3 * 25536"
	check "reload: an address that nobody has" reload_with "pool4 = 192.0.2.77,61000-65535"
	check "is told in words" said 30 'in the network of core0, but no address of this box' brasd.log
	check "reload: what was" reload_with "pool4 = 192.0.2.1,61000-65535"
	check "is in effect" wait_for 30 is "j['state'] == 'up' and j['pool4'] == ['192.0.2.1,61000-65535']"
}

removed() {
	jool instance remove default
	check "somebody removes the instance: it is made again" said 60 "taken away Jool's instance" brasd.log
	check "and works" wait_for 30 house ping -q -c 1 -W 2 $SERVER
	ip -n internet -6 route replace ${POOL6}/96 via 2001:db8:ffff::1
	check "who is no subscriber is not served" bash -c "! nsenter --net=/run/netns/internet ping -q -c 2 -W 2 ${POOL6}192.0.2.1"
	check "and counted" is "j['drops-by-reason']['stranger'] >= 2"
	check "reload: the other framework, and pool6" reload_with "pool4 = 192.0.2.1,61000-65535
framework = iptables"
	check "is a new instance" wait_for 30 framework iptables
	check "reload: back" reload_with "pool4 = 192.0.2.1,61000-65535"
	check "is another" wait_for 30 framework netfilter
	check "and works" wait_for 30 house ping -q -c 1 -W 2 $SERVER
}
framework() { bng jool instance display --csv | grep -q "default,$1"; }

lab
for n in house internet; do in_ns $n sysctl -qw net.ipv4.ping_group_range="0 2147483647"; done
setup "pool4 = 192.0.2.1,61000-65535"
brasd_start
servers
check "Jool it is" wait_for 60 is_up || give_up
check "its module is loaded" is "j['why'] == 'its module is loaded' and j['framework'] == 'netfilter'"
dial 0 alice "secret one" noip defaultroute6
check "a line without IPv4" wait_for 60 line_up6 0 || give_up
check "it has none" [ -z "$(address4 0)" ]
ip -n house -6 route replace default via fe80::1 dev ppp0
traffic
sizes
dial 1 user pass noip
check "another line" wait_for 60 line_up6 1 || give_up
ip -n house -6 rule add from "$(global6 1)" lookup 101
ip -n house -6 route replace default via fe80::1 dev ppp1 table 101
check "hairpin: from line to line through the pool" house $PY hairpin "$(global6 0)" "$(global6 1)" $SERVER 13 $POOL6
many
whose
death
changes
traps
removed
check "a clean end" brasd_stop
check "takes the instance away" bash -c "! nsenter --net=/run/netns/bng jool -i default stats display"
check "and the rules" [ -z "$(bng nft list tables)" ]
check "and the files" bash -c "! ls /run/brasberry/default/jool.json"
finish
