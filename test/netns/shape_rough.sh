#!/bin/bash
# Proves: what should not be does no harm. Nonsense on the console is refused and changes nothing; a
# storm of CoA is answered, each of it; a class that somebody deletes is made again; all lines are
# changed while many dial in and hang up; speeds hold behind VLAN tags, with a TBF and a policer at
# once, and with as many sessions as there can be classes.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"
. "$(dirname "$0")/../radius.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

session_is() { # USER DOWN UP
	lab_json "(j['rate-down'] == $2 and j['rate-up'] == $3 and not j['speed']['pending'] and
		j['speed']['programmed-down']['rate'] == $2 and j['speed']['programmed-up']['rate'] == $3)" show session "$1"
}
lives() { lab_running brasd && lab_json 'j["sessions"]["active"] >= 0' show stat; }

console() {
	local bad
	expect "a speed" shape_plan alice 8M/2M
	for bad in 0 0/0 8M/0 -1/5 5/-1 7999B 1001G 1000000001 18446744073709551617 99999999999999999999999999 \
		'' / 8M/ /2M 8M/2M/1M ' 8M' '8M ' 8Mbit 1e9 fast 0x10 "$(printf 'x%.0s' {1..900})"; do
		lab_ctl shaper change alice "$bad" > "$LAB_DIR/out" 2>&1 && fail "'$bad' is a speed"
	done
	refuse "temp misspelt" lab_ctl shaper change alice 5M/5M tmp
	refuse "too many words" lab_ctl shaper change alice 5M/5M temp temp
	refuse "too few" lab_ctl shaper change alice
	refuse "nobody" lab_ctl shaper change '' 5M/5M
	refuse "no such session" lab_ctl shaper change sid=0 5M/5M
	expect "nothing of it changed the speed" session_is alice 8000 2000
	lab_dial space -u 'john q. doe' --mac-base 02:bb:00:00:20:00
	expect "a name with blanks" shape_plan 'john q. doe' 5M/1M
	expect "has its speed" session_is 'john q. doe' 5000 1000
	expect "temporary twice" shape_plan alice 3M/3M
	lab_ctl shaper change alice 4M/4M temp > /dev/null
	lab_ctl shaper change alice 5M/5M temp > /dev/null
	expect "is restored once" lab_json 'j["restored"] == 1' shaper restore alice
	expect "to what it was" session_is alice 3000 3000
	expect "and again, to the same" lab_ctl shaper restore alice
	expect "still" session_is alice 3000 3000
	expect "no limits" shape_plan alice none
	expect "are told" lab_json "j['rate-down'] is None and j['rate-up'] is None" show session alice
	expect "and one again" shape_plan alice 8M/2M
	lab_hangup space
}

# Different requests, so that none is a repetition of another.
storm() { # HOW-MANY IN-PARALLEL
	local i
	for ((i = 1; i <= $1; i++)); do
		printf 'User-Name = "alice"\nMikrotik-Rate-Limit = "%dk/%dk"\n\n' $((1000 + i)) $((2000 + i))
	done > "$LAB_DIR/storm"
	g radclient -r 4 -t 2 -p "$2" -f "$LAB_DIR/storm" -s 127.0.0.1:3799 coa "$RADIUS_DAE_SECRET" > "$LAB_DIR/storm.out" 2>&1
	grep -E 'Accepted|Rejected|Lost|accepted|rejected|lost' "$LAB_DIR/storm.out" | tr -s '\n\t ' ' '
	[ "$(sed -n 's/.*Accepted *: *//p' "$LAB_DIR/storm.out")" = "$1" ]
}

coa() {
	expect "a hundred CoA one by one" storm 100 1
	expect "the last one holds" wait_for 5 session_is alice 2100 1100
	expect "a hundred at once" storm 100 50
	expect "the line has one of them" wait_for 5 lab_json "(not j['speed']['pending'] and 2000 < j['rate-down'] <= 2100 and
		j['speed']['programmed-down']['rate'] == j['rate-down'])" show session alice
}

class_of_alice() { g tc class show dev subs0 | sed -n 's/^class htb \([0-9a-f]*:10\) .*/\1/p'; }
deleted() {
	expect "somebody deletes the class" g tc class del dev subs0 classid "$(class_of_alice)"
	lab_ctl shaper change alice 9M/9M > /dev/null 2>&1 # it may fail, once
	expect "the next change makes it again" wait_for 3 shape_plan alice 6M/6M
	expect "in the kernel" test -n "$(class_of_alice)"
	expect "and it shapes" shape_tcp "$1" 6 -c $WEB4 -R
}

change_all() { # until the file is there
	local i=0
	until [ -e "$LAB_DIR/enough" ]; do
		i=$((i + 1))
		lab_ctl shaper change all $((10 + i % 7))M/5M || return 1
		lab_ctl shaper change all 4M/4M temp && lab_ctl shaper restore all || return 1
		lab_ctl show shaper > /dev/null || return 1
	done
	echo "$i rounds"
}
while_dialling() {
	rm -f "$LAB_DIR/enough"
	lab_spawn all change_all
	LAB_DIAL_TIMEOUT=120 lab_dial many -n 2000 -u many%d --mac-base 02:bb:00:01:00:00 --rate 0 --quiet
	say "$(grep '^ready:' "$LAB_DIR/many.log")"
	expect "all of them are shaped" lab_json 'j["changed"] == 2001 and j["failed"] == 0' shaper change all 10M/5M
	expect "2,001 have one of the speeds" lab_json 'sum(s["rate-down"] in [4000, *range(10000, 17000, 1000)] for s in j) == 2001' show sessions
	lab_hangup many # with changes under way
	expect "they are gone" wait_for 30 lab_has_sessions 1
	touch "$LAB_DIR/enough"
	expect "every command was answered" wait_for 30 lab_gone "${LAB_PID[all]}"
	lab_stop all || fail "a command was refused"
	expect "brasd lives" lives
	expect "the one that stays has its speed" wait_for 5 lab_json "not j['speed']['pending']" show session alice
}

start() { # SECTION.KEY=VALUE...
	lab_start_brasd shaper.mode=htb "$(radius_conf_of)" radius.acct-interim-interval=0 pppoe.max-starting=4096 \
		radius.dae-server="127.0.0.1:3799,$RADIUS_DAE_SECRET" radius.dae-allowed=127.0.0.1 "$@"
}
restart() { lab_stop brasd || fail "brasd ended with $?"; start "$@"; }

behind_tags() { # NETNS
	local tags
	for tags in 100 200.10; do
		lab_dial one -u alice --vlan $tags --plumb "u0@$1"
		expect "tags $tags: a speed" shape_plan alice 10M/5M
		expect "tags $tags: down" shape_tcp "$1" 10 -c $WEB4 -R
		expect "tags $tags: up" shape_tcp "$1" 5 -c $WEB4
		lab_hangup one
	done
}

run() {
	local ns
	lab_ns one; ns=$REPLY
	radius_users radius "$(radius_user DEFAULT secret)"
	radius_start radius
	start
	lab_dial one -u alice --plumb "u0@$ns"
	console
	coa
	deleted "$ns"
	while_dialling
	lab_hangup one
	behind_tags "$ns"
	restart shaper.mode=tbf shaper.up=police
	behind_tags_police "$ns"
	restart pppoe.max-sessions=61000 shaper.queues=16 ip-pool.pool=100.64.0.0/15
	lab_dial one -u alice --plumb "u0@$ns"
	expect "61,000 sessions in 16 queues: a speed" shape_plan alice 10M/5M
	expect "down" shape_tcp "$ns" 10 -c $WEB4 -R
	lab_hangup one
	lab_stop brasd || fail "brasd ended with $?"
}

behind_tags_police() {
	lab_dial one -u alice --vlan 200.10 --plumb "u0@$1"
	expect "tbf and police, two tags: a speed" shape_plan alice 10M/5M
	expect "down" shape_tcp "$1" 10 -c $WEB4 -R
	expect "up" shape_udp "$1" 5 -c $WEB4
	lab_hangup one
}

LAB_ACC_MTU=1508
lab_each_mode run
