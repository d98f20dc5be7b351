#!/bin/bash
# Proves: what a line may not say on its own link ends in the data plane, each frame counted once and by
# its reason, in both modes; the daemon never sees it, and another line goes on during a flood.
. "$(dirname "$0")/../lab.sh"

drops() { lab_value "j['drops']['$1']" show stat; }
dropped() { [ "$(drops "$1")" = "$2" ]; }
dropped_more() { [ "$(drops "$1")" -gt "$2" ]; }

# The daemon's own guard behind the tap.
GUARD="nd-hop-limit nd-router-advert nd-redirect nd-our-address nd-dhcp-server nd-source"
guard() { for r in $GUARD; do drops "$r"; done | paste -sd' '; }

send() { # COUNT PACKET
	h python3 "$LAB_TEST_DIR/netns/net.py" frames "$1" s0 "$ac" 02:bb:00:00:00:00 "$sid" "$2"
}

ends_as() { # REASON WHAT PACKET
	local before
	before=$(drops "$1")
	send 5 "$3"
	expect "$2: five of them are $1" wait_for 5 dropped "$1" $((before + 5))
}

hostile() {
	local ours target other theirs neighbor
	theirs=$(lab_field bob ip6)
	theirs=${theirs%/*}5
	neighbor=$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_address(sys.argv[1]).packed.hex())' "$theirs")
	ours=fe80$(printf '%.28d' 1) other=20010db8010000ff$(printf '%.16d' 1)
	target=$(net_py icmp6 "$ll" ff02::1 "8800000020000000$ours")
	ends_as rogue-ra "a router" "$(net_py icmp6 "$ll" ff02::1 86000000400007080000000000000000)"
	ends_as rogue-redirect "a redirect" "$(net_py icmp6 "$ll" fe80::1 "8900000000000000${other}$other")"
	ends_as spoofed-target "an advertisement of our address" "$target"
	ends_as spoofed-target "one of another's address" "$(net_py icmp6 "$ll" ff02::1 "8800000020000000$other")"
	ends_as spoofed-target "a solicitation for the other line's address" "$(net_py icmp6 "$ll" ff02::1:ff00:1 "8700000000000000$neighbor")"
	ends_as spoofed-target "one from ::, as if to have it" "$(net_py icmp6 :: ff02::1:ff00:1 "8700000000000000$neighbor")"
	ends_as spoofed-nd "a solicitation from the other line's address" "$(net_py icmp6 "$theirs" ff02::1:ff00:1 "8700000000000000$ours")"
	ends_as spoofed-nd "one from a global address" "$(net_py icmp6 2001:db8:ffff::2 fe80::1 "8700000000000000$ours")"
	ends_as spoofed-nd "a search for routers from there" "$(net_py icmp6 2001:db8:ffff::2 ff02::2 8500000000000000)"
	ends_as spoofed-ip6 "an echo from ::" "$(net_py icmp6 :: ff02::1 8000000000000000)"
	ends_as spoofed-ip6 "a query for groups from ::" "$(net_py icmp6 :: ff02::1 82000000000000000000000000000000 1)"
	ends_as spoofed-ip6 "UDP from ::" "$(net_py udp6 :: ff02::fb 5353 5353)"
	ends_as spoofed-nd "a solicitation from our address" "$(net_py icmp6 fe80::1 ff02::2 8500000000000000)"
	ends_as routed-nd "a hop limit of 64" "$(net_py icmp6 "$ll" ff02::2 8500000000000000 64)"
	ends_as ip6-fragment "a fragment" "$(net_py icmp6 "$ll" ff02::2 8500000000000000 255 44 3a00000000000001)"
	ends_as ip6-extension "headers that do not end" "$(net_py icmp6 "$ll" ff02::2 8500000000000000 255 60 \
		"$(printf '3c00010400000000%.0s' 1 2 3 4 5)3a00010400000000")"
	ends_as rogue-dhcp6 "a server's Advertise" "$(net_py udp6 "$ll" ff02::1 547 546 02000001)"
	ends_as rogue-dhcp6 "a server's Reconfigure" "$(net_py udp6 "$ll" fe80::1 546 547 0a000001)"
	ends_as spoofed-ip6 "another's prefix, as data" "$(net_py udp6 2001:db8:1ff:ffff::1 $WEB6)"
}

floods() {
	local solicit flood i start=$SECONDS
	solicit=$(net_py udp6 "$ll" ff02::1:2 546 547 01000001000100030001aa)
	send 200000 "$solicit" &
	flood=$!
	for i in 1 2 3; do
		expect "while Solicits come in a flood, the other line answers an echo" lab_ctl ping user1
	done
	wait $flood
	# Forty at once and ten a second.
	expect "the flood is cut to the line's budget" dropped_more dhcp6-rate \
		$((200000 - 40 - 10 * (SECONDS - start + 1) - 1))
	expect "the hostile line itself is up, and answers" lab_ctl ping alice
}

run() {
	local sid ll ac before
	lab_start_brasd ipv6-pool.delegate=2001:db8:8000::/40,56
	lab_dial bob -u user1 -p secret --mac-base 02:bb:00:00:01:00
	lab_dial alice -u alice -p wonderland
	sid=$(lab_field alice sid) ll=$(lab_field alice ll)
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	before=$(guard)
	hostile
	expect "the daemon has seen none of it" [ "$(guard)" = "$before" ]
	floods
	expect "both lines are open" lab_json 'len(j) == 2 and all(s["state"] == "open" for s in j)' show sessions
}

lab_each_mode run
