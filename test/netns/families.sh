#!/bin/bash
# Proves: [ppp] ipv4 and ipv6 as deny, prefer and require, each pair of them against houses with both
# families, with IPv4 alone and with IPv6 alone: what comes up, what is refused by Protocol-Reject
# (RFC 1661, section 5.7), which line ends, and that a family that is refused takes no address. A line
# on IPV6CP alone carries, is found by its prefix, and is never found by an address that it has not.
. "$(dirname "$0")/../lab.sh"

LAB_RESTART="ppp.ncp-timeout=3 ppp.timeout=1 ppp.max-configure=3"

wanted() { # MODE HAS: up | none | ends
	case $1$2 in
	denyyes | denyno | preferno) echo none ;;
	requireno) echo ends ;;
	*) echo up ;;
	esac
}

ended_so() { lab_json 'j["sessions"]["active"] == 0 and j["sessions"]["closed"] >= 1' show stat; }
stat_of() { lab_value "$1" show stat; }

# One house against the brasd that runs: NAME V4 V6 HAS4 HAS6 DIALER-ARGS...
house() {
	local name=$1 four six
	four=$(wanted "$2" "$4") six=$(wanted "$3" "$5")
	if [ "$four" = ends ] || [ "$six" = ends ] || [ "$four$six" = nonenone ]; then
		lab_dial_start "$name" --hold-forever "${@:6}"
		expect "ipv4 = $2, ipv6 = $3, house with $name: the line ends" wait_for 30 ended_so
		lab_stop "$name" > /dev/null
		expect "  and is gone" wait_for 10 lab_has_sessions 0
		return
	fi
	lab_dial "$name" --hold-forever "${@:6}"
	expect "ipv4 = $2, ipv6 = $3, house with $name: IPv4 $four, IPv6 $six" wait_for 10 lab_json \
		"len(j) == 1 and j[0]['state'] == 'open' and bool(j[0]['ip']) == ('$four' == 'up') and bool(j[0]['ip6']) == ('$six' == 'up')" show sessions
	expect "  addresses are taken for what is offered" lab_json \
		"{p['family']: p['used'] for p in j} == {4: int('$2' != 'deny'), 6: int('$3' != 'deny')}" show pools
	if [ "$2$4" = denyyes ] || [ "$3$5" = denyyes ]; then
		expect "  refused by Protocol-Reject" [ "$(stat_of 'j["ppp"]["unknown-protocol"]')" -gt 0 ]
	fi
	lab_hangup "$name"
	wait_for 10 lab_has_sessions 0
}

pair() { # V4 V6
	lab_start_brasd "ppp.ipv4=$1" "ppp.ipv6=$2" $LAB_RESTART
	house both "$1" "$2" yes yes
	house IPv4 "$1" "$2" yes no --no-ipv6
	house IPv6 "$1" "$2" no yes --no-ipv4
	lab_stop brasd
}

# No IPv4 anywhere: not in the pools, not on the line.
ipv6_alone() {
	lab_start_brasd ppp.ipv4=deny ip-pool.gw-ip-address= ip-pool.pool= dns.dns1= dns.dns2=
	lab_dial alone --hold-forever --plumb "h0@$HOUSE"
	expect "a line on IPV6CP alone: ip is null" lab_json \
		'j[0]["ip"] is None and j[0]["ip6"] and j[0]["state"] == "open"' show sessions
	expect "it carries" lab_ping "$HOUSE" $WEB6
	expect "and is counted" lab_json 'j["counters"]["rx6-pkts"] > 0 and j["counters"]["rx4-pkts"] == 0 and j["gateway"] is None and j["dns"] == []' show session user0
	expect "found by an address of its prefix" lab_json 'j["username"] == "user0"' show session "ip=$(lab_field alone ip6 | sed 's,/64,99,')"
	refuse "not by the unset IPv4 address" lab_ctl show session ip=0.0.0.0
	refuse "nor by one that it has not" lab_ctl terminate ip=100.64.0.2
	expect "ended by its prefix" lab_ctl terminate "ip=$(lab_field alone ip6 | sed 's,/64,99,')"
	expect "gone" wait_for 10 lab_has_sessions 0
	lab_stop alone
	lab_stop brasd
}

run() {
	lab_conf ppp.ipv4=deny ppp.ipv6=deny
	refuse "both denied is an error" "$B/brasd" -t -c "$CONF"
	for four in deny prefer require; do
		for six in deny prefer require; do
			[ "$four$six" = denydeny ] || pair "$four" "$six"
		done
	done
	ipv6_alone
}

LAB_MODE=xdp
lab_up
run
