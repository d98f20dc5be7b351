#!/bin/bash
# Proves that one line cannot fill conntrack's table ([subscriber] connections): by IPv4, by IPv6 from
# many of its addresses it has so many connections and not one more; they go on, others get theirs; a
# limit of another number is in force after a reload, and nothing is left after the clean end.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
LAB_ACCESS="acc acb"
MAX=40

opens() { # NS ADDRESS [SOURCE...]: connections that 100 attempts bring, held for a second
	local ns=$1
	shift
	in_ns "$ns" timeout 60 python3 "$LAB_TEST_DIR/netns/storm.py" open "$1" 9000 4 100 "${@:2}"
}
are() { # NUMBER NS ADDRESS [SOURCE...]
	local got
	got=$(opens "${@:2}") || return 1
	echo "$got of 100, expected $1"
	[ "$got" = "$1" ]
}
table() { g nft list table inet "brasberry-$INSTANCE-connections"; }
address6() { in_ns "$1" ip -6 -o addr show dev u0 scope global | awk '{ sub("/.*", "", $4); print $4 }'; }

run() {
	local a b six
	lab_start_brasd subscriber.connections=$MAX
	lab_ns one; a=$REPLY
	lab_ns two; b=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$a"
	LAB_IF=s1 lab_dial bob -u bob -p secret --plumb "u0@$b"
	lab_spawn storm4 n python3 "$LAB_TEST_DIR/netns/storm.py" serve $WEB4 9000 4
	lab_spawn storm6 n python3 "$LAB_TEST_DIR/netns/storm.py" serve $WEB6 9000 4
	wait_for 10 lab_listens "$INTERNET" t 9003 || fail "the echo does not listen"
	expect "$MAX by IPv4" are $MAX "$a" $WEB4
	expect "of another line, too" are $MAX "$b" $WEB4
	six=$(address6 "$a")
	in_ns "$a" ip addr add "${six%:*}:b0b/64" dev u0 nodad
	expect "by IPv6 from two addresses of its prefix" are $MAX "$a" $WEB6 "$six" "${six%:*}:b0b"
	expect "what was refused is counted" lab_json "j['max'] == $MAX and j['refused'] >= 180" show connections
	expect "our table is taken away" g nft delete table inet "brasberry-$INSTANCE-connections"
	expect "and is back" wait_for 10 table
	lab_conf subscriber.connections=60
	lab_ctl reload > /dev/null || fail "reload"
	expect "another limit" wait_for 20 lab_json "j['max'] == 60" show connections
	expect "is in force" wait_for 20 are 60 "$b" $WEB4
	lab_stop brasd || fail "the clean end was none"
	refuse "the table is gone with it" table
}

lab_each_mode run
