#!/bin/bash
# Proves fastpath = routed, without a firewall: what is only routed goes around the stack, counted to
# the octet, by its tree where the line is shaped; what the stack must see still reaches it; and a
# route that moves is followed.
# Sample: 2 of fastpath
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"
. "$(dirname "$0")/../shape.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

octets() { lab_value "j['counters']['$1']" show session alice; }
# Twenty echoes of 1000 octets: as many octets up, and down, around the stack or not.
exact() { # FAMILY ADDRESS HEADER
	local rx tx want=$((20 * (1000 + 8 + $3)))
	rx=$(octets "rx$1-bytes") tx=$(octets "tx$1-bytes")
	in_ns "$NS" ping -q -c 20 -i 0.02 -s 1000 "$2" | grep -q ' 0% packet loss' || return 1
	rx=$(($(octets "rx$1-bytes") - rx)) tx=$(($(octets "tx$1-bytes") - tx))
	echo "up $rx, down $tx, wanted $want"
	[ $rx = $want ] && [ $tx = $want ]
}
hits_grow() { # COMMAND...
	local before
	before=$(fast_count hits-packets)
	"$@" || return 1
	[ "$(fast_count hits-packets)" -gt $((before + 10)) ]
}
says() { # PATTERN COMMAND...: its output matters, not its status
	local pattern=$1 out
	shift
	out=$("$@" 2>&1)
	echo "$out"
	grep -Eq "$pattern" <<< "$out"
}
ttl_ends() { says "From $GW4.*Time to live exceeded" in_ns "$NS" ping -c 1 -W 2 -t 1 $WEB4; }
too_big_down() { says 'Frag needed|message too long' n ping -c 1 -W 2 -M "do" -s 1472 "$IP"; }

run() {
	fast_lab
	lab_users 'slow * secret 100.64.10.11 8000/4000'
	lab_start_brasd subscriber.fastpath=routed "subscriber.core=core0,xdp" shaper.mode=htb shaper.queues=2
	lab_ns one; NS=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	IP=$(lab_field alice ip)
	IP6=$(in_ns "$NS" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }')
	expect "neighbours" lab_ping "$NS" $WEB4
	expect "neighbours, IPv6" lab_ping "$NS" $WEB6
	expect "ping goes around the stack" hits_grow lab_ping "$NS" $WEB4 -c 20
	expect "IPv6, too" hits_grow lab_ping "$NS" $WEB6 -c 20
	expect "and is counted to the octet" exact 4 $WEB4 20
	expect "IPv6, too" exact 6 $WEB6 40
	for args in "-c $WEB4" "-c $WEB4 -R" "-c $WEB6" "-c $WEB6 -R"; do
		expect "TCP $args" fast_rate "$NS" 0.99 -t 2 $args
	done
	expect "a TTL that ends is the stack's" ttl_ends
	expect "as is what is too big" too_big_down
	expect "fragments" lab_ping "$NS" $WEB4 -s 4000
	expect "the box itself" lab_ping "$NS" $GW4
	lab_ns two; TWO=$REPLY
	lab_dial slow -u slow -p secret --mac-base 02:bb:00:00:10:00 --plumb "u1@$TWO"
	expect "a shaped line has its plan, down" shape_tcp "$TWO" 8 -c $WEB4 -R
	expect "and up" shape_tcp "$TWO" 4 -c $WEB4
	expect "around the stack" hits_grow lab_ping "$TWO" $WEB4 -c 20
	expect "line to line" lab_ping "$TWO" "$IP"
	n ip addr add 192.0.2.3/24 dev k0
	g ip route add blackhole $WEB4/32
	refuse "a route that is moved away" lab_ping "$NS" $WEB4
	g ip route del blackhole $WEB4/32
	expect "and back" wait_for 5 lab_ping "$NS" $WEB4
	lab_conf subscriber.fastpath=off shaper.mode=htb shaper.queues=2
	lab_ctl reload > /dev/null
	expect "off by a reload" wait_for 10 lab_json "j['mode'] == 'off'" show fastpath
	expect "the same traffic" lab_ping "$NS" $WEB4
	refuse "our programs are gone from the core" sh -c "nsenter --net=/run/netns/$BNG tc filter show dev core0 ingress | grep -q bpf"
	lab_hangup alice
	lab_hangup slow
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
