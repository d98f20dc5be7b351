#!/bin/bash
# Proves: what a subscriber may not send is dropped and counted by reason: others' addresses, from
# others' MACs, for sessions that do not exist (answered with a PADT), malformed, multicast. And
# that none of it reaches the internet. Who guesses session ids, or ends another's session by PADT or by LCP's
# or IPCP's Terminate-Request, from another station, VLAN, interface or the core's side, does nothing.
. "$(dirname "$0")/../lab.sh"
LAB_ACCESS="acc acb"

drops() { lab_value "j['drops'].get('$1', 0)" show stat; }

dropped_more() { [ "$(drops "$1")" -gt "$2" ]; } # REASON BEFORE

counted() { # REASON WHAT COMMAND...: that counter rises
	local before
	before=$(drops "$1")
	"${@:3}" > /dev/null 2>&1
	expect "$2: counted as $1" wait_for 5 dropped_more "$1" "$before"
}

raw() { h python3 "$LAB_TEST_DIR/netns/net.py" "$@"; }

run() {
	local sid mac=02:bb:00:00:00:00 ac ip ip6 good
	lab_start_brasd
	lab_dial line -u alice -p wonderland --plumb u0
	sid=$(lab_field line sid) ip=$(lab_field line ip)
	ip6=$(h ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }')
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	good=$(net_py udp4 "$ip" $WEB4)
	lab_spawn sniff n tcpdump -lnn -i k0 udp dst port 9
	wait_for 10 grep -q 'listening on' "$LAB_DIR/sniff.log" || fail "tcpdump does not listen"

	h ip addr add 203.0.113.77/32 dev u0
	h ip -6 addr add 2001:db8:ffff::77/128 dev u0 nodad
	counted spoofed-ip4 "IPv4 source of another" h ping -c 2 -i 0.05 -W 1 -I 203.0.113.77 $WEB4
	counted spoofed-ip6 "IPv6 source of another" h ping -c 2 -i 0.05 -W 1 -I 2001:db8:ffff::77 $WEB6
	counted spoofed-ip4 "raw IPv4" raw frame s0 "$ac" $mac "$sid" "$(net_py udp4 203.0.113.1 $WEB4)"
	counted spoofed-ip6 "raw IPv6" raw frame s0 "$ac" $mac "$sid" "$(net_py udp6 2001:db8:ffff::1 $WEB6)"
	counted wrong-mac "the session of another station" raw frame s0 "$ac" 02:00:00:00:00:99 "$sid" "$good"
	counted ip4-multicast "IPv4 multicast" raw frame s0 "$ac" $mac "$sid" "$(net_py udp4 "$ip" 224.0.0.251)"
	counted ip-malformed "IPv4 longer than its frame" raw frame s0 "$ac" $mac "$sid" "${good:0:8}0800${good:12}"
	counted unknown-session "no such session" raw frame s0 "$ac" $mac 54321 "$good"
	# At a limited rate: it may take a second packet.
	expect "data for no session is answered with a PADT" wait_for 10 raw frame s0 "$ac" $mac 54322 "$good" 1
	expect "the same from a good source arrives" raw frame s0 "$ac" $mac "$sid" "$good"
	expect "seen in the internet" wait_for 5 grep -q "IP $ip.4000 > $WEB4.9" "$LAB_DIR/sniff.log"
	refuse "nothing else was" grep -E '203.0.113|ffff::' "$LAB_DIR/sniff.log"
	expect "the line works as before" lab_ping "$HOUSE" $WEB4 -I "$ip"
	expect "and with IPv6" lab_ping "$HOUSE" $WEB6 -I "$ip6"
	injected
	one_family_less
	lab_hangup line
}

in_vlan() { VLAN=$1 raw "${@:2}"; } # S[.C] COMMAND...
counters() { lab_value "(j['pppoe']['padt-rx'], [(r, n) for r, n in sorted(j['drops'].items()) if r in ('wrong-mac', 'unknown-session', 'session-unknown')])" show stat; }
of_line() { lab_value "[(s['sid'], s['state'], s['acct-session-id'], s['ip']) for s in j]" show sessions; }

injected() {
	local other=02:00:00:00:00:99 lcp=c02105090004 ipcp=8021050a0004 acb core before was end
	was=$(of_line)
	acb=$(g ip -o link show acb | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	core=$(g ip -o link show core0 | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	counted discovery-padt-wrong-mac "a PADT from another station" raw padt s0 "$ac" $other "$sid"
	counted discovery-padt-no-session "from its own MAC, in a VLAN" in_vlan 100 padt s0 "$ac" $mac "$sid"
	counted discovery-padt-no-session "in two" in_vlan 100.7 padt s0 "$ac" $mac "$sid"
	counted discovery-padt-no-session "by another interface" raw padt s1 "$acb" $mac "$sid"
	for end in $lcp $ipcp; do
		counted wrong-mac "a Terminate-Request ($end) from another station" raw frame s0 "$ac" $other "$sid" $end
		counted unknown-session "from its own MAC, in a VLAN" in_vlan 100 frame s0 "$ac" $mac "$sid" $end
		counted unknown-session "by another interface" raw frame s1 "$acb" $mac "$sid" $end
	done
	counted unknown-session "its data in a VLAN" in_vlan 100 frame s0 "$ac" $mac "$sid" "$good"
	counted unknown-session "or by another interface" raw frame s1 "$acb" $mac "$sid" "$good"
	before=$(drops wrong-mac)
	raw guess s0 "$ac" $other $((sid > 32000 ? sid - 200 : sid)) 300 "$good" || fail "nothing is sent"
	expect "of 300 session ids one is right, and another's" wait_for 10 dropped_is wrong-mac $((before + 1))
	before=$(counters)
	n python3 "$LAB_TEST_DIR/netns/net.py" padt k0 "$core" $mac "$sid" && n python3 "$LAB_TEST_DIR/netns/net.py" frame k0 "$core" $mac "$sid" $lcp ||
		fail "nothing is sent in the core"
	expect "the core's side has no PPPoE" [ "$(counters)" = "$before" ]
	expect "the session is what it was" [ "$(of_line)" = "$was" ]
	expect "it works" lab_ping "$HOUSE" $WEB4 -I "$ip"
	refuse "and was never asked to end" logged_event 'close\|end '
}
dropped_is() { [ "$(drops "$1")" = "$2" ]; }

# A peer that says no more of its own, but closes IPV6CP, IPCP, and sends on.
one_family_less() {
	kill -STOP "${LAB_PID[line]}"
	raw frame s0 "$ac" $mac "$sid" 8057050700040000
	expect "IPV6CP is closed" wait_for 5 logged_event ipv6-down
	counted not-open "IPv6 of a line that has closed IPV6CP" raw frame s0 "$ac" $mac "$sid" "$(net_py udp6 "$ip6" $WEB6)"
	raw frame s0 "$ac" $mac "$sid" 8021050800040000
	expect "IPCP is closed" wait_for 5 logged_event ipv4-down
	counted not-open "IPv4 of a line that has closed IPCP" raw frame s0 "$ac" $mac "$sid" "$good"
	kill -CONT "${LAB_PID[line]}"
}
logged_event() { lab_ctl show history alice | grep -q "$1"; }

lab_each_mode run
