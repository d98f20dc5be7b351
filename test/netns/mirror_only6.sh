#!/bin/bash
# Proves: [mirror] port copies a line that has no IPv4 (ipv4 = deny) as any other: each packet once, both ways;
# by a rule of its own, too; what is not copied is not. What it
# sends to NAT64 (tayga), as the core has it, too.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../mirror.sh"
MARK_TO=$WEB6
POOL6=2001:db8:64::
INSIDE=$(printf %s "$CORE4" | awk -F. '{ printf "%02x%02x%02x%02x", $1, $2, $3, $4 }'),20010db801

traffic() {
	lab_ping "$ONE" $WEB6 && lab_ping "$ONE" $WEB6 -s 1400 && in_ns "$ONE" curl -sSf -m 10 "http://[$WEB6]/" &&
		lab_iperf "$ONE" 1 -c $WEB6 -R -b 20M && lab_iperf "$ONE" 1 -c $WEB6 -u -b 2M
}
in_mon() { [ "$(tcpdump -r "$LAB_DIR/mon.pcap" -n "$2" 2> /dev/null | wc -l)" = "$1" ]; } # N FILTER
packets_of() { python3 "$PCAP" count "$LAB_DIR/$1.pcap" ${2:-}; }

run() {
	monitor_up
	lab_start_brasd ppp.ipv4=deny ip-pool.pool= ip-pool.gw-ip-address= mirror.port=mon0
	lab_ns one; ONE=$REPLY
	lab_dial one -u alice -p wonderland --no-ipv4 --plumb "u0@$ONE"
	expect "a line without IPv4" lab_json "j['ip'] is None and j['ip6'] and j['state'] == 'open'" show session alice
	capture line "$ONE" u0
	capture mon "$MON" m0
	expect "traffic" traffic
	capture_end "$ONE" line mon
	expect "each packet, once" python3 "$PCAP" same "$LAB_DIR/line.pcap" "$LAB_DIR/mon.pcap"
	expect "all are IPv6" [ -z "$(tcpdump -r "$LAB_DIR/mon.pcap" -n 'not ip6' 2> /dev/null)" ]
	expect "counted, none dropped" lab_json \
		"[(r['packets'], r['drops']) for r in j if r['username'] == 'all'] == [($(packets_of mon), 0)]" show mirror
	expect "all off" lab_ctl mirror all off
	expect "this line's pings, up" lab_ctl mirror alice up proto=icmp6
	capture mon "$MON" m0
	expect "pings" lab_ping "$ONE" $WEB6
	expect "and others" in_ns "$ONE" curl -sSf -m 10 "http://[$WEB6]/"
	expect "its rule has copied the five" wait_for 10 in_mon 5 "icmp6[icmp6type] == icmp6-echo and dst $WEB6"
	expect "and nothing else" in_mon 5 ip6
	lab_stop cap-mon INT
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
	nat64
}

nat64() {
	lab_start_brasd ppp.ipv4=deny ip-pool.pool= ip-pool.gw-ip-address= mirror.port=mon0 \
		nat64.pool6=${POOL6}/96 nat64.tayga-device=nat64 "nat64.pool4=$CORE4,61000-65535"
	expect "NAT64 is up" wait_for 30 lab_json "j['state'] == 'up'" show nat64
	lab_dial one -u alice -p wonderland --no-ipv4 --plumb "u0@$ONE"
	capture line "$ONE" u0
	capture core "$INTERNET" k0
	capture mon "$MON" m0
	expect "pings to IPv4" lab_ping "$ONE" ${POOL6}$WEB4
	expect "large ones" lab_ping "$ONE" ${POOL6}$WEB4 -s 1300
	expect "a page of it" in_ns "$ONE" curl -sSf -m 10 "http://[${POOL6}$WEB4]/"
	expect "as much as TCP can" lab_iperf "$ONE" 1 -c ${POOL6}$WEB4 -b 20M
	expect "and back" lab_iperf "$ONE" 1 -c ${POOL6}$WEB4 -R -b 20M
	expect "UDP" lab_iperf "$ONE" 1 -c ${POOL6}$WEB4 -u -b 2M
	capture_end "$ONE" line core mon
	expect "what the line carries, each once" python3 "$PCAP" same "$LAB_DIR/line.pcap" "$LAB_DIR/mon.pcap"
	expect "what the core carries, but for NAT64, each once" python3 "$PCAP" through "$LAB_DIR/core.pcap" \
		"$LAB_DIR/mon.pcap" "$INSIDE" ${POOL6}/96
	expect "all are IPv6 to the monitor" [ -z "$(tcpdump -r "$LAB_DIR/mon.pcap" -n 'not ip6 and host 192.0.2.2' 2> /dev/null)" ]
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
}

lab_each_mode run
