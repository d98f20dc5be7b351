#!/bin/bash
# Proves: a line's router advertisements as tshark, rdisc6 and a Linux host read them: prefix,
# lifetimes, M and O by what there is, MTU, RDNSS, DNSSL, PREF64; the first ones close together,
# solicitations answered to the solicitor, and a last one, with everything withdrawn, when we end the
# line or brasd stops. What a subscriber may not say as a router or a server is counted by name.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../advert.sh"

NAT="nat64.pool6=2001:db8:64::/96 nat64.pool4=203.0.113.10,61000-65535"
DNS="ipv6-dns.dns=2001:db8::53 ipv6-dns.dns+=2001:db8::54 ipv6-dns.dnssl=example.net,lab.example.org"

options() {
	local ll line
	capture all
	lab_dial all -u alice -p wonderland --plumb "h0@$HOUSE"
	expect "the first three within 16 s each" wait_for 40 advertisements all 3
	expect "rdisc6 asks, and is answered" eval 'h rdisc6 -1 -r 3 h0 > "$LAB_DIR/rdisc6.out"'
	for line in 'Prefix  *: 2001:db8:1[0-9a-f]*:[^ ]*/64' 'On-link *: *Yes' 'Autonomous address conf.: *Yes' \
		'Valid time *: *86400' 'Pref. time *: *14400' 'Recursive DNS server *: 2001:db8::53' \
		'Recursive DNS server *: 2001:db8::54' 'DNS search list *: example.net' 'MTU *: *1492' \
		'Router lifetime *: *1800' 'Hop limit *: *64' 'from fe80::1'; do
		expect "rdisc6 reads: $line" grep -q "$line" "$LAB_DIR/rdisc6.out"
	done
	lab_stop capture
	ll=$(lab_field all ll)
	expect "an answer goes to who asked" ra_is all ipv6.dst "$ll" "ipv6.dst == $ll"
	expect "the others to all nodes" ra_is all ipv6.dst ff02::1 'ipv6.dst == ff02::1'
	expect "PREF64: the prefix" ra_is all icmpv6.opt.pref64.prefix 2001:db8:64::
	expect "PREF64: three intervals, in eights" ra_is all icmpv6.opt.pref64.scaled_lifetime 2
	expect "RDNSS: three intervals" ra_is all icmpv6.opt.rdnss.lifetime 12
	expect "search domains" ra_is all icmpv6.opt.dnssl example.net,lab.example.org
	expect "M: there are addresses" ra_is all icmpv6.nd.ra.flag.m 1
	expect "O: and more to ask for" ra_is all icmpv6.nd.ra.flag.o 1
	refuse "tshark has nothing to say against them" grep . \
		<(shark all -Y 'icmpv6.type == 134 && (_ws.malformed || _ws.expert.severity >= 0x600000 || icmpv6.checksum.status == "Bad")')
	expect "show session has them" lab_json \
		'j["ra"]["managed"] and j["ra"]["other"] and j["ra"]["dns"] == ["2001:db8::53", "2001:db8::54"] and j["ra"]["dnssl"] == ["example.net", "lab.example.org"] and j["ra"]["pref64"] == "2001:db8:64::/96"' show session alice
}

# A Linux host as subscriber: it makes itself an address and a route.
linux_host() {
	h sysctl -qw net.ipv6.conf.h0.accept_ra=2
	h ip -6 route flush dev h0 proto static
	h ip link set h0 down
	h ip link set h0 addrgenmode eui64 up
	expect "Linux makes an address of the prefix" wait_for 30 eval \
		'h ip -6 addr show dev h0 scope global dynamic | grep -q 2001:db8:1'
	expect "and a default route" eval 'h ip -6 route show default | grep -q "via fe80::1.*proto ra"'
	expect "which carries" wait_for 10 lab_ping "$HOUSE" $WEB6
}

drops() { lab_value "j['drops']['$1']" show stat; }
dropped_more() { [ "$(drops "$1")" -gt "$2" ]; }

counted() { # REASON WHAT PACKET
	local before
	before=$(drops "$1")
	h python3 "$LAB_TEST_DIR/netns/net.py" frame s0 "$ac" 02:bb:00:00:00:00 "$sid" "$3"
	expect "$2: counted as $1" wait_for 5 dropped_more "$1" "$before"
}

hostile() {
	local ll sid ac me
	sid=$(lab_field all sid) ll=$(lab_field all ll)
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	counted rogue-ra "a rogue router" "$(net_py icmp6 "$ll" ff02::1 86000000400007080000000000000000)"
	counted rogue-redirect "a redirect" "$(net_py icmp6 "$ll" fe80::1 "8900000000000000$(printf '20010db8%.24d' 1)$(printf '20010db8%.24d' 2)")"
	counted spoofed-target "a neighbour with our address" "$(net_py icmp6 "$ll" ff02::1 "8800000020000000fe80$(printf '%.28d' 1)")"
	counted rogue-dhcp6 "a DHCPv6 server" "$(net_py udp6 "$ll" ff02::1 547 546 07000001)"
	counted spoofed-nd "a source that is ours" "$(net_py icmp6 fe80::1 ff02::2 8500000000000000)"
	counted spoofed-ip6 "another's prefix, as data" "$(net_py udp6 2001:db8:1ff:ffff::1 $WEB6)"
	expect "the line is as before" lab_ping "$HOUSE" $WEB6
}

ends() {
	capture terminated
	expect "ended from here" lab_ctl terminate alice
	expect "gone" wait_for 10 lab_has_sessions 0
	lab_stop all
	final terminated
	capture stopped
	lab_dial stopped -u alice -p wonderland
	lab_stop brasd
	lab_stop stopped
	final stopped
	lab_start_brasd $DNS $NAT
	capture hungup
	lab_dial hungup -u alice -p wonderland
	lab_hangup hungup
	wait_for 10 lab_has_sessions 0
	lab_stop capture
	expect "a subscriber who hangs up is told nothing" ra_is hungup icmpv6.nd.ra.router_lifetime 1800
}

# M and O by themselves, and by hand; no PREF64 without NAT64, or where it is not wanted.
flags() { # M O PREF64 [KEY=VALUE]...
	lab_stop brasd
	lab_start_brasd "${@:4}"
	capture flags
	lab_dial flags -u alice -p wonderland
	lab_hangup flags
	lab_stop capture
	expect "M is $1 with ${*:4}" ra_is flags icmpv6.nd.ra.flag.m "$1"
	expect "  O is $2" ra_is flags icmpv6.nd.ra.flag.o "$2"
	expect "  PREF64 is '$3'" ra_is flags icmpv6.opt.pref64.prefix "$3"
}

LAB_MODE=xdp
lab_up
lab_start_brasd ipv6-nd.MaxRtrAdvInterval=4 $DNS $NAT ipv6-pool.address=2001:db8:200::/64
options
linux_host
hostile
ends
flags 0 0 ''
flags 0 1 '' ipv6-dns.dns=2001:db8::53
flags 0 1 '' ipv6-pool.delegate=2001:db8:8000::/40,56
flags 1 0 '' ipv6-pool.address=2001:db8:200::/64
flags 0 0 '' ipv6-pool.address=2001:db8:200::/64 ipv6-nd.AdvManagedFlag=no
flags 1 1 64:ff9b:: ipv6-nd.AdvManagedFlag=yes ipv6-nd.AdvOtherConfigFlag=yes nat64.pool4=203.0.113.10,61000-65535
flags 0 0 '' nat64.pool4=203.0.113.10,61000-65535 ipv6-nd.pref64=no
flags 0 0 '' nat64.pool4=203.0.113.10,61000-65535 nat64.backend=off
