#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 464XLAT (RFC 6877) by the real Jool: a host that has IPv4 alone, behind a house whose CLAT (tayga) was told
# the prefix by our advertisement (RFC 8781), reaches a server that has IPv4 alone: ping, UDP, TCP, large
# packets, path MTU. What passes Jool is the line's, and is copied by [mirror], where = forwarded, packet for
# packet: each once, as the line carries it, and but for the translation as the core does.
# Sample: 1 of translator
. "$(dirname "$0")/lib.sh"

# Not 64:ff9b::/96: behind that tayga drops an IPv4 address that is not global, as our server's (RFC 6052,
# section 3.1).
POOL6=2001:db8:64::
. "$ROOT/test/jool.sh"
PCAP="/usr/bin/python3 $ROOT/test/netns/pcap.py"

pc() { in_ns pc "$@"; }

# What the kernel leaves for a device to sum or to cut would be captured as no wire carries it.
as_a_wire() { # NAMESPACE DEV
	in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off > $T/ethtool.out 2>&1 || not_ok "ethtool: $1 $2"
}

monitor() {
	ip netns add monitor
	ip -n bng link add mon0 type veth peer name m0 netns monitor
	ip -n bng link set mon0 up
	ip -n monitor link set m0 up
	as_a_wire bng mon0
	as_a_wire bng core0
	as_a_wire internet inet0
}

# A host behind the house, with an address of RFC 1918 and no IPv6; the house gives it its own 192.0.0.1.
host() {
	ip netns add pc
	ip -n pc link set lo up
	ip -n pc link add eth0 type veth peer name lan0 netns house
	pc sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1 net.ipv4.ping_group_range="0 2147483647"
	house sysctl -qw net.ipv6.conf.lan0.disable_ipv6=1 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	as_a_wire pc eth0
	ip -n pc link set eth0 up
	ip -n house link set lan0 up
	ip -n house addr add 192.168.1.1/24 dev lan0
	ip -n pc addr add 192.168.1.2/24 dev eth0
	ip -n pc route add default via 192.168.1.1
	house nft 'add table ip lan; add chain ip lan out { type nat hook postrouting priority srcnat; }
		add rule ip lan out oifname clat masquerade'
}

clat() { # PREFIX
	local mine
	mine=$(global6 0)
	mine=${mine%:*}
	printf '%s\n' 'tun-device clat' "prefix $1" 'ipv4-addr 192.0.0.2' "ipv6-addr $mine:4647" "map 192.0.0.1 $mine:4646" > $T/clat.conf
	house tayga -c $T/clat.conf --mktun > /dev/null
	ip -n house link set clat mtu 1492 up # as the line; tayga itself takes off what IPv6 has more
	ip -n house addr add 192.0.0.1/32 dev clat
	ip -n house -6 route add "$mine:4646/128" dev clat
	ip -n house -6 route add "$mine:4647/128" dev clat # tayga's own errors come from there
	ip -n house route add default dev clat
	background clat house tayga -n -c $T/clat.conf
}

reaches() {
	check "$1: ping" wait_for 30 pc ping -4 -q -c 1 -W 2 192.0.2.2
	check "$1: UDP" pc $NET numbered 192.0.2.2 7 20 2
	check "$1: TCP" pc $PY talk 192.0.2.2 11 1
}
# No large ping: its answer, without DF, comes from Jool in fragments, and fragments of ICMP a CLAT cannot
# translate (RFC 7915, section 1.2).
learns() { # MTU
	pc ping -4 -q -c 1 -M do -s 1464 -W 1 192.0.2.2
	ip -n pc route get 192.0.2.2 | grep "mtu $1 "
}
more() {
	check "CLAT: down, a packet as large as the line" pc $PY size 192.0.2.2 9 1444 20
	check "CLAT: up, the host learns that 1472 is the most" wait_for 20 learns 1472
	check "CLAT: fragments, both ways" pc $PY big 192.0.2.2 7 3000 20
	check "CLAT: the server sees the pool's address" grep -q '^192\.0\.2\.1 6[1-5][0-9]*$' $T/talks.out
	check "CLAT: its sessions are the line's" wait_for 60 holds alice "n['sessions'] > 2 and n['error'] is None"
	check "a session is of the CLAT's address" eval "bng jool -i default session display --csv --no-headers --numeric --tcp |
		grep -q ',$(global6 0 | sed 's/:[^:]*$//'):4646,'"
}

capture() { # NAME NAMESPACE DEV
	background "$1" "$2" tcpdump -i "$3" -n -s 0 -U -B 16384 -w $T/"$1".pcap
	said 30 'listening on' "$1".out || not_ok "tcpdump on $3"
}
last_of() { [ "$(LC_ALL=C grep -ao $'\xfe\xed\xbe\xef' "$1" | wc -l)" -ge 4 ]; } # two in each direction's
copied() { # N
	[ "$1" -gt 50 ] && ctl show mirror --json | /usr/bin/python3 -c "import json, sys
r = json.load(sys.stdin)[0]
print(r, $1)
sys.exit(r['packets'] != $1 or r['drops'] != 0)"
}

# What Jool takes and gives no other hook of brasd sees again.
mirrored() {
	local name
	check "the mirror is on" ctl mirror all both
	capture line house wan0
	capture core internet inet0
	capture mon monitor m0
	reaches "copied"
	check "copied: TCP, of a program with IPv6" house $PY talk $SERVER 11 1
	house ping -q -c 1 -W 3 -s 24 -p feedbeef $SERVER > /dev/null
	for name in line core mon; do
		wait_for 30 last_of $T/$name.pcap || not_ok "the last ping is in $name"
		name=PID_$name
		kill -INT "${!name}"
		wait "${!name}" 2> /dev/null
	done
	check "copied and not dropped" copied "$($PCAP count $T/mon.pcap)"
	check "octet for octet what the line carries, each once" $PCAP edge $T/line.pcap $T/mon.pcap
	check "what the core carries, but for Jool, each once" $PCAP through $T/core.pcap $T/mon.pcap c0000201,20010db801 ${POOL6}/96
	check "the mirror is off" ctl mirror all off
}

lab
for n in house internet; do in_ns $n sysctl -qw net.ipv4.ping_group_range="0 2147483647"; done
monitor
setup "pool4 = 192.0.2.1,61000-65535" "[mirror]
port = mon0
where = forwarded
everybody = off"
brasd_start
servers
check "Jool it is" wait_for 60 is_up || give_up
dial 0 alice "secret one" noip
check "a line without IPv4" wait_for 60 line_up6 0 || give_up
check "it has none" [ -z "$(address4 0)" ]
host
ip -n house -6 route replace default via fe80::1 dev ppp0
pref64=$(house $PY pref64 ppp0 60)
check "the house is told the prefix: $pref64" [ "$pref64" = ${POOL6}/96 ]
clat "$pref64"
reaches CLAT
more
mirrored
check "a clean end" brasd_stop
finish
