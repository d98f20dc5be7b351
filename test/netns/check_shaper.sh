#!/bin/bash
# Proves: `check` compares each session's classes, both ways, with its plan: a rate, a priority or a
# leaf that somebody changes by tc is named, and `check repair` mends it; what was changed or deleted
# while no daemon was there is told by the next start, and is as it should be again.
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../shape.sh"
SHAPE_PERCENT=15 # accuracy is shape.sh's

CONFIG=(shaper.mode=htb shaper.queues=2 ppp.lcp-echo-interval=30)

agrees() { lab_json 'j["problems"] == 0' check || ! lab_ctl check; }
# Found once, of this user, and nothing else.
finds() { lab_json "len(j['found']) == j['problems'] == $1 and all(re.search(r'$2', f) for f in j['found'])" check || ! lab_ctl check; }
repairs() { lab_json "len(j['found']) == j['problems'] == $1 and all(re.search(r'$2.*: repaired', f) for f in j['found'])" check repair || ! lab_ctl check; }
class_of() { g tc class show dev "$1" | awk -v rate="$2" '{ for (i = 1; i < NF; i++) if ($i == "ceil" && $(i + 1) == rate) print $3 }'; } # DEVICE RATE
class_parts() { g tc -d class show dev "$1" classid "$2"; }
leaf_of() { g tc qdisc show dev "$1" | awk -v parent="$2" '$4 == "parent" && $5 == parent { print $3 }'; }
leaf_kind() { g tc qdisc show dev "$1" | awk -v parent="$2" '$4 == "parent" && $5 == parent { print $2 }'; }
leaf_back() { [ "$(leaf_kind subs0p "$1")" != pfifo ]; } # PARENT
planned() { [ "$(class_of subs0 "$1")" ] && [ "$(class_of subs0p "$2")" ]; }

again() {
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "brasd did not become ready again"
}

changed() { # WHAT RE COMMAND...
	local what=$1 re=$2
	shift 2
	"$@" || fail "$*"
	expect "$what: found" finds 1 "$re"
	expect "and repaired" repairs 1 "$re"
	expect "so that all agrees" agrees
}

running() {
	local down up
	down=$(class_of subs0 20Mbit) up=$(class_of subs0p 10Mbit)
	changed "a rate, down" " one: down: its class has 1000 of 1000 kbit/s, and not 20000 of 20000" \
		g tc class change dev subs0 parent "${down%%:*}:" classid "$down" htb rate 1mbit
	expect "the plan is back" planned 20Mbit 10Mbit
	expect "and holds" shape_tcp "$NS" 20 -c $WEB4 -R
	changed "a rate, up" " one: up: its class has 3000 of 9000 kbit/s" \
		g tc class change dev subs0p parent "${up%%:*}:" classid "$up" htb rate 3mbit ceil 9mbit
	changed "a priority" " one: down: its class has" \
		g tc class change dev subs0 parent "${down%%:*}:" classid "$down" htb rate 20mbit burst 30k cburst 30k prio 3
	changed "a leaf's limit" " one: down: its class has another leaf" \
		g tc qdisc change dev subs0 parent "$down" handle "$(leaf_of subs0 "$down")" "$(leaf_kind subs0 "$down")" limit 3000
	# The kernel tells of a qdisc that goes: that one is put back without being asked for.
	g tc qdisc replace dev subs0p parent "$up" handle fff0: pfifo || fail "the leaf is not replaced"
	expect "a leaf of another kind: put back" wait_for 10 leaf_back "$up"
	expect "so that all agrees" agrees
	expect "and all goes on" lab_ping "$NS" $WEB4
	refuse "no other word" lab_ctl check mend
}

dead() {
	local down up
	lab_stop brasd KILL > /dev/null 2>&1
	down=$(class_of subs0 20Mbit) up=$(class_of subs0p 10Mbit)
	g tc class del dev subs0 classid "$down" || fail "the class is not deleted"
	g tc class change dev subs0p parent "${up%%:*}:" classid "$up" htb rate 1mbit || fail "the class is not changed"
	again
	# Classes ahead of need are made meanwhile, and the place was free.
	expect "the next start names what was deleted" wait_for 10 grep -Eq " one: down: its class (is missing|has 1000 of 1000)" "$LAB_DIR/brasd.log"
	expect "how many there were" wait_for 10 grep -q 'the classes of 1 sessions were not as they should be' "$LAB_DIR/brasd.log"
	expect "and makes it again" wait_for 10 planned 20Mbit 10Mbit
	expect "so that all agrees" agrees
	lab_stop brasd KILL > /dev/null 2>&1
	again
	expect "one that finds all well says nothing" agrees
	refuse "of classes" grep -q 'its class' "$LAB_DIR/brasd.log"
}

LAB_MODE=${LAB_MODE:-xdp}
lab_up
lab_users 'one * secret * 20000/10000' 'two * secret * 5000/5000'
lab_start_brasd "${CONFIG[@]}"
lab_ns one; NS=$REPLY
lab_dial one -u one -p secret --plumb "u0@$NS"
lab_dial two -u two -p secret --mac-base 02:bb:00:01:00:00
expect "plans" wait_for 10 planned 20Mbit 10Mbit
expect "all agrees" agrees
running
dead
lab_hangup one
lab_hangup two
expect "all agrees in the end" agrees
lab_stop brasd || fail "the clean end was none"
