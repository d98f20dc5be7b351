#!/bin/bash
# Proves: a house as it is sold, on a line without IPv4: its router takes our advertisement, dhcp6c gets it a
# prefix and our name server, dnsmasq tells both to the network behind; a host there makes itself an address,
# gets one by DHCPv6, asks dnsmasq for a name, which asks our server, and reaches the internet, by both.
# And dhclient, whose script finds an address in use, declines it: it is given another one.
. "$(dirname "$0")/../lab.sh"

command -v dnsmasq > /dev/null || { echo "needs dnsmasq-base"; exit 1; }

cpe() { in_ns "$CPE" "$@"; }
pc() { in_ns "$PC" "$@"; }
pc_address() { pc ip -6 -o addr show dev eth0 scope global | awk '{ sub("/.*", "", $4); print $4 }' | grep -E -m 1 "$1"; } # PATTERN

# The router: wide's dhcp6c asks on the line and numbers lan0; its script writes down the name server.
router() {
	lab_ns cpe; CPE=$REPLY
	lab_ns pc; PC=$REPLY
	pc ip link add eth0 type veth peer name lan0 netns "$CPE"
	cpe ip link set lan0 up
	cpe sysctl -qw net.ipv6.conf.all.forwarding=1
	lab_dial cpe -u cpe -p secret --no-ipv4 --plumb "u0@$CPE"
	cpe sysctl -qw net.ipv6.conf.u0.accept_ra=2
	cpe ip -6 route del default 2> /dev/null
	expect "the router's own way out is what we advertise" eval 'cpe rdisc6 -1 -r 5 u0 > /dev/null
		wait_for 30 eval "cpe ip -6 route show default | grep -q \"via fe80::1.*proto ra\""'
	printf '#!/bin/sh\nfor s in $new_domain_name_servers; do echo "nameserver $s" > %s; done\n' "$LAB_DIR/upstream" \
		> "$LAB_DIR/dhcp6c.sh"
	chmod 755 "$LAB_DIR/dhcp6c.sh"
	cat > "$LAB_DIR/dhcp6c.conf" <<- END
		interface u0 { send ia-pd 0; request domain-name-servers; script "$LAB_DIR/dhcp6c.sh"; };
		id-assoc pd 0 { prefix-interface lan0 { sla-id 7; sla-len 8; }; };
	END
	lab_spawn dhcp6c cpe unshare -m sh -c 'mount -t tmpfs t /var/lib; mkdir -p /var/lib/dhcpv6
		exec dhcp6c -f -D -c "$0" -p "$1" u0' "$LAB_DIR/dhcp6c.conf" "$LAB_DIR/dhcp6c.pid"
	expect "dhcp6c numbers the network behind" wait_for 60 eval 'cpe ip -6 addr show dev lan0 | grep -q 2001:db8:8000:7:'
	expect "and is told our name server" wait_for 20 grep -qx "nameserver $WEB6" "$LAB_DIR/upstream"
	lab_spawn dnsmasq cpe dnsmasq -k -C /dev/null --log-facility=- --log-dhcp --pid-file= --user=root --bind-interfaces \
		--interface=lan0 --except-interface=lo --enable-ra --ra-param=lan0,10 --dhcp-leasefile="$LAB_DIR/dnsmasq.leases" \
		--dhcp-range=::1000,::1fff,constructor:lan0,slaac,64,10m --resolv-file="$LAB_DIR/upstream"
}

host() {
	local eui64 leased dns
	pc sysctl -qw net.ipv6.conf.eth0.accept_ra=2
	pc ip link set eth0 up
	expect "a host makes itself an address of the prefix" wait_for 60 pc_address '^2001:db8:8000:7:'
	eui64=$(pc_address '^2001:db8:8000:7:')
	expect "dnsmasq is its router" wait_for 30 eval 'pc ip -6 route show default | grep -q "proto ra"'
	expect "which reaches the internet" wait_for 30 lab_ping "$PC" $WEB6 -I "$eui64"
	expect "and tells a name server: itself" eval 'pc rdisc6 -1 -r 5 eth0 | grep -q "Recursive DNS server.*: 2001:db8:8000:7:\|Recursive DNS server.*: fe80:"'
	: > "$LAB_DIR/pc.leases"
	lab_spawn dhclient pc dhclient -6 -d -v -cf /dev/null -lf "$LAB_DIR/pc.leases" -pf "$LAB_DIR/pc.pid" -sf /bin/true eth0
	expect "by DHCPv6 dnsmasq gives it another" wait_for 60 grep -q 'iaaddr 2001:db8:8000:7::1' "$LAB_DIR/pc.leases"
	leased=$(sed -n 's/.*iaaddr \([^ ]*\).*/\1/p' "$LAB_DIR/pc.leases" | head -n 1)
	pc ip -6 addr add "$leased/128" dev eth0 nodad
	expect "which reaches it, too" wait_for 20 lab_ping "$PC" $WEB6 -I "$leased"
	dns=$(sed -n 's/.*name-servers \([^;]*\);.*/\1/p' "$LAB_DIR/pc.leases" | head -n 1)
	expect "a name: dnsmasq asks our server" grep -q . <(pc dig +short +time=5 +tries=3 "@${dns%% *}" www.example.net AAAA)
	expect "our line's prefix is all that passed" lab_json "j['drops']['spoofed-ip6'] == 0" show stat
	lab_stop dhclient
	lab_stop dnsmasq > /dev/null
	lab_stop dhcp6c > /dev/null
	lab_hangup cpe
}

# RFC 8415, section 18.2.8: dhclient declines what its script, with exit status 3, finds in use.
declined() {
	local first second
	printf '#!/bin/sh\n[ "$reason" = BOUND6 ] || exit 0\necho "$new_ip6_address" >> %s\n[ -e %s ] || { : > %s; exit 3; }\n' \
		"$LAB_DIR/given" "$LAB_DIR/found" "$LAB_DIR/found" > "$LAB_DIR/dhclient.sh"
	chmod 755 "$LAB_DIR/dhclient.sh"
	lab_dial alice -u alice -p wonderland --no-ipv4 --plumb "h0@$HOUSE"
	: > "$LAB_DIR/lease"
	lab_spawn dhclient h dhclient -6 -N -d -v -cf /dev/null -lf "$LAB_DIR/lease" -pf "$LAB_DIR/dhclient.pid" \
		-sf "$LAB_DIR/dhclient.sh" h0
	expect "dhclient declines its first address" wait_for 60 lab_json "j['dhcp6']['decline-rx'] == 1" show stat
	expect "and is given another" wait_for 60 eval '[ "$(wc -l < "$LAB_DIR/given")" = 2 ]'
	first=$(sed -n 1p "$LAB_DIR/given") second=$(sed -n 2p "$LAB_DIR/given")
	say "first $first, then $second"
	expect "another one, indeed" [ "$first" != "$second" ]
	expect "which is the line's; the first is not" wait_for 10 lab_json \
		"[l['prefix'] for l in j['leases']] == ['$second/128']" show session alice
	h ip -6 addr add "$second/128" dev h0 nodad
	h ip -6 addr add "$first/128" dev h0 nodad
	h ip -6 route replace default via fe80::1 dev h0
	expect "it carries" wait_for 10 lab_ping "$HOUSE" $WEB6 -I "$second"
	refuse "the first does not" lab_ping "$HOUSE" $WEB6 -I "$first"
	expect "and all agrees" lab_json 'j["problems"] == 0' check
	lab_stop dhclient
	lab_hangup alice
}

run() {
	n ip -6 route add 2001:db8:8000::/33 via $CORE6
	n ip -6 route add 2001:db8:200::/64 via $CORE6
	lab_start_brasd ppp.ipv4=deny ipv6-pool.delegate=2001:db8:8000::/40,56 ipv6-pool.address=2001:db8:200::/64 \
		ipv6-dns.dns=$WEB6 ipv6-nd.MaxRtrAdvInterval=10
	router
	host
	declined
	lab_stop brasd || fail "brasd ended with $?"
}

LAB_MODES=${LAB_MODES:-xdp}
lab_each_mode run
