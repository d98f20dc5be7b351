#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real pppd as an IPv6 house: its kernel takes the advertisement, dhcp6c and dhcpcd get a prefix over
# ppp0 (Debian's dhclient knows no ppp devices), the network behind it reaches the internet; all of it
# outlives the daemon. And pppd on a line where IPv4 is denied.
# Sample: 1 of house
. "$(dirname "$0")/lib.sh"

leases() { # how many leases the only line has
	ctl show session alice --json | /usr/bin/python3 -c 'import json, sys
print(len(json.load(sys.stdin)["leases"]))'
}
leases_are() { [ "$(leases)" = "$1" ]; }
delegated() { sessions 's[0]["ip6-dp"] or ""'; }
network_has() { house ip -6 -o addr show dev lan0 scope global | grep -q "$1"; } # PATTERN
from_network() {
	local from
	from=$(house ip -6 -o addr show dev lan0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	house ping -6 -q -c 3 -i 0.2 -W 2 -I "$from" 2001:db8:ffff::2
}
alone() { # COMMAND...: with a /var/lib of its own; in place of this shell
	exec nsenter --net=/run/netns/house unshare -m sh -c \
		'mount -t tmpfs t /var/lib; mkdir -p /var/lib/dhcpv6; exec "$@"' sh "$@"
}

client() { # NAME: its prefix is in the network, and carries
	check "$1: gets a prefix" wait_for 60 leases_are 1 || give_up
	check "$1: the network behind has it" wait_for 60 network_has 2001:db8:80
	check "$1: which reaches the internet" wait_for 20 from_network
}

lab
ip -n internet route add 2001:db8:8000::/33 via 2001:db8:ffff::1
ip -n house link add lan0 type veth peer name lan1
house sysctl -qw net.ipv6.conf.lan0.accept_dad=0 net.ipv6.conf.all.forwarding=1
ip -n house link set lan0 up
ip -n house link set lan1 up
config "${MODE:-tc}" 1492 "[ipv6-pool]
delegate = 2001:db8:8000::/40,56
[ipv6-dns]
dns = 2001:db8::53"
brasd_start
dial 0 alice "secret one" defaultroute
check "line is up, its kernel took the advertisement" up 0 || give_up
check "default route by advertisement" eval 'house ip -6 route show default dev ppp0 | grep -q fe80::1'

cat > $T/dhcp6c.conf <<-END
	interface ppp0 { send ia-pd 0; send rapid-commit; };
	id-assoc pd 0 { prefix-interface lan0 { sla-id 1; sla-len 8; }; };
END
alone dhcp6c -c $T/dhcp6c.conf -f -p $T/dhcp6c.pid ppp0 > $T/dhcp6c.log 2>&1 &
dhcp6c=$!
client dhcp6c
before=$(delegated)
kill -KILL "$brasd"
wait_for 10 gone "$brasd"
brasd_start
check "after kill -9: the prefix is the line's" [ "$(delegated)" = "$before" ]
check "after kill -9: it reaches the internet" from_network
kill -TERM $dhcp6c
wait_for 30 gone $dhcp6c
check "dhcp6c releases it" wait_for 20 leases_are 0
house ip -6 addr flush dev lan0 scope global

printf '%s\n' 'duid' 'ipv6only' 'noipv6rs' 'script /bin/true' 'interface ppp0' 'ia_pd 1 lan0/2' > $T/dhcpcd.conf
(alone timeout 120 dhcpcd -f $T/dhcpcd.conf -6 -1 -B ppp0) > $T/dhcpcd.log 2>&1
client dhcpcd
house ip -6 addr flush dev lan0 scope global

check "pppd ends" hang_up $pppd
check "session is gone" wait_for 10 no_sessions
check "brasd ends with 0" brasd_stop

sed -i 's/^ipv4 = .*/ipv4 = deny/' $T/brasd.conf
brasd_start
dial 0 alice "secret one"
check "IPv4 denied: IPv6 comes up" wait_for 60 line_up6 0 || give_up
check "IPv4 denied: pppd was told by Protocol-Reject" wait_for 30 grep -q 'rcvd \[LCP ProtRej.*80 21' $T/pppd.0
check "IPv4 denied: it has none" eval '! house ip -4 -o addr show dev ppp0 | grep -q inet'
check "IPv4 denied: brasctl says so" [ "$(sessions '[(x["state"], x["ip"], bool(x["ip6"])) for x in s]')" = "[('open', None, True)]" ]
check "IPv4 denied: it carries" ping6 0 2001:db8:ffff::2
check "IPv4 denied: pppd ends" hang_up $pppd
check "brasd ends with 0, again" brasd_stop
finish
