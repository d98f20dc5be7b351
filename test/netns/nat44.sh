#!/bin/bash
# Proves NAT44: lines share the address of an interface, or those of a pool; the table is ours alone,
# outlives kill -9, is left alone by the next brasd when it is the same, changes with a reload in
# place, comes back when somebody takes it away, and goes with a clean stop.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

table() { g nft -a list table ip "brasberry-$INSTANCE-nat44"; }
handle() { table | sed -n 's/.*# handle //p' | head -n 1; }
seen_as() { # ADDRESS: what the internet sees of the line
	in_ns "$NS" curl -sf -m 5 "http://$WEB4/" > /dev/null || return 1
	grep -q "$1.* \"GET / HTTP" "$LAB_DIR/web.log"
}
again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
}
applied() { lab_json "j['state'] == 'applied' and j['count'] == $1" show reload; }

run() {
	local before ruleset
	n ip route del 100.64.0.0/10 # nobody out there knows the way to private addresses
	g nft add table ip another
	g nft add chain ip another c '{ type nat hook postrouting priority 110; }'
	ruleset=$(g nft list table ip another)
	lab_start_brasd nat44.masquerade=core0
	lab_ns one; NS=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	expect "a line is seen as the interface" seen_as $CORE4
	before=$(handle)
	lab_stop brasd KILL > /dev/null 2>&1
	expect "and when brasd is dead" lab_ping "$NS" $WEB4
	again
	expect "the next one leaves an equal table alone" [ "$(handle)" = "$before" ]
	expect "and it works" seen_as $CORE4

	g nft delete table ip "brasberry-$INSTANCE-nat44"
	expect "taken away: it is back" wait_for 5 table
	expect "and told" grep -q 'taken our table away: it is back' "$LAB_DIR/brasd.log"
	g nft flush table ip "brasberry-$INSTANCE-nat44"
	expect "flushed: its rule is back" wait_for 5 sh -c "nsenter --net=/run/netns/$BNG nft list table ip brasberry-$INSTANCE-nat44 | grep -q masquerade"

	g ip addr add 198.51.100.7/32 dev lo
	n ip route add 198.51.100.0/24 via $CORE4
	lab_conf "nat44.pool=198.51.100.7/32"
	lab_ctl reload > /dev/null || fail "reload"
	expect "a reload makes it a pool" wait_for 10 applied 1
	expect "as which the line is seen" seen_as 198.51.100.7
	lab_conf "nat44.pool=198.51.100.8-198.51.100.9"
	g ip addr add 198.51.100.8/32 dev lo
	g ip addr add 198.51.100.9/32 dev lo
	lab_ctl reload > /dev/null || fail "reload"
	expect "of two" wait_for 10 applied 2
	expect "as one of which it is seen" seen_as '198.51.100.[89]'
	lab_conf
	lab_ctl reload > /dev/null || fail "reload"
	expect "and none" wait_for 10 applied 3
	refuse "the table is gone" table
	lab_conf nat44.masquerade=core0
	lab_ctl reload > /dev/null || fail "reload"
	expect "and back" wait_for 10 applied 4
	expect "as before" seen_as $CORE4
	lab_conf nat44.masquerade=core0 nat44.pool=198.51.100.7/32
	lab_ctl reload > /dev/null || fail "reload"
	expect "both: the pool by this interface" wait_for 10 applied 5
	expect "alone" sh -c "nsenter --net=/run/netns/$BNG nft list table ip brasberry-$INSTANCE-nat44 | grep -q 'oifname \"core0\".*snat to 198.51.100.7'"
	lab_conf nat44.pool=198.51.100.8-198.51.100.9,name=x
	refuse "a pool with a name is refused" g "$B/brasd" -c "$CONF" -t
	lab_hangup alice
	lab_stop brasd || fail "the clean end was none"
	refuse "a clean end takes it away" table
	expect "and nobody else's" [ "$(g nft list table ip another)" = "$ruleset" ]
}

lab_each_mode run
