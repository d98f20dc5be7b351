#!/bin/bash
# Run: alone, because it fills the queues that all packets of a CPU share
# Proves that one line cannot fill the fast path's table ([subscriber] flows-per-line): it has so many flows
# and not one more, those beyond pass by the stack, nobody's is evicted and a neighbour's goes on around the
# stack; and when they have ended it has others. Without a limit the same flows do evict.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"
LAB_ACCESS="acc acb"
MAX=200

hold() { # FLOWS ROUNDS: bob's echoes that came back whole
	in_ns "$BOB" timeout 200 python3 "$LAB_TEST_DIR/netns/storm.py" hold $WEB4 9000 4 "$1" "$2"
}
all_come() { # FLOWS ROUNDS
	local got
	got=$(hold "$1" "$2") || return 1
	echo "$got echoes"
	[ "$got" = $(($1 * $2)) ]
}
keep() { # NAME FLOWS: bob has them until NAME is stopped
	lab_spawn "$1" in_ns "$BOB" python3 "$LAB_TEST_DIR/netns/storm.py" keep $WEB4 9000 4 "$2"
	wait_for 100 grep -q kept "$LAB_DIR/$1.log" || fail "$2 flows do not begin"
}
bobs() { lab_value "sum(f['username'] == 'bob' for f in j)" show flows; }
bob_has() { [ "$(bobs)" = "$1" ]; }
evicted() { fast_count evicted; }
refused() { lab_value "j['with-the-stack']['line-limit']" show fastpath; }
packets() { lab_value "sum(f['packets'] for f in j if f['dport'] == 7000)" show flows; }
moves_on() { [ "$(packets)" -gt $(($1 + 50)) ]; }

limited() {
	local before
	before=$(evicted)
	keep bobs 1500
	expect "of 1,500 flows of one line $MAX go around the stack" wait_for 60 bob_has $MAX
	expect "the others are told" wait_for 60 lab_json "j['with-the-stack']['line-limit'] >= 1300" show fastpath
	expect "and not one more" bob_has $MAX
	expect "nothing is evicted" [ "$(evicted)" = "$before" ]
	before=$(packets)
	expect "the neighbour's flow goes on around the stack" wait_for 20 moves_on "$before"
	expect "and has its answers" wait_for 20 fast_moves
	lab_stop bobs > /dev/null
	expect "they have ended" wait_for 60 bob_has 0
	expect "echoes of 400 flows, whichever way" all_come 400 3
	keep bobs 150
	expect "as many as may go around it do again" wait_for 60 bob_has 150
}

# What a process before us has written is counted as well.
restarted() {
	kill -KILL "${LAB_PID[brasd]}"
	lab_stop brasd
	lab_start_brasd nat44.masquerade=core0 subscriber.flows=1024 subscriber.flows-per-line=$MAX
	keep more 300
	expect "after a restart $MAX with those before it" wait_for 60 bob_has $MAX
	expect "and others that may not" wait_for 60 lab_json "j['with-the-stack']['line-limit'] >= 250" show fastpath
	expect "so they are still" bob_has $MAX
	lab_stop more > /dev/null
	lab_stop bobs > /dev/null
	wait_for 60 bob_has 0 || fail "flows stay"
}

unlimited() {
	lab_conf nat44.masquerade=core0 subscriber.flows=1024 subscriber.flows-per-line=0
	lab_ctl reload > /dev/null || fail "reload"
	expect "without a limit the same flows" all_come 1500 3
	expect "are more than there is room for" [ "$(evicted)" -gt 0 ]
}

run() {
	fast_lab
	lab_start_brasd nat44.masquerade=core0 subscriber.flows=1024 subscriber.flows-per-line=$MAX
	fast_filter
	lab_ns one; NS=$REPLY
	lab_ns two; BOB=$REPLY
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	LAB_IF=s1 lab_dial bob -u bob -p secret --plumb "u0@$BOB"
	lab_spawn storm n python3 "$LAB_TEST_DIR/netns/storm.py" serve $WEB4 9000 4
	wait_for 60 lab_listens "$INTERNET" t 9003 || fail "the echo does not listen"
	fast_flow start udp
	expect "alice's flow goes around the stack" wait_for 10 fast_is_moving
	limited
	restarted
	unlimited
	fast_flow stop udp
	lab_stop brasd || fail "the clean end was none"
}

lab_each_mode run
