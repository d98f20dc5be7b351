#!/bin/bash
# Proves: brasd may die before any write that outlives it (a store into the record, an entry of a
# map, a pin, a hook, a netlink request, the spool): the next one starts, `check` finds nothing
# wrong, and every session that its peer was told is open is there and lives. A scenario is run with
# build/brasd-kill, which dies before its n-th write: all of a start, of lines that dial and get leases, of a speed
# that changes by console and CoA, of counters that are cleared, of a line that hangs up, of the end;
# and once more with sessions that are adopted.
# KILLPOINTS=N: a sample of so many points (20), by SEED; all: each one; fresh or adopt:
# those of one half; "fresh 7": that one.
# Sample: 1 of death
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"
. "$(dirname "$0")/../killpoints.sh"

KILLPOINTS=${KILLPOINTS:-20}
RADIUS_ARGS="-f -l stdout"
RADIUS_DAE_TRIES=1

# --- the scenario: each step ends at once when brasd is dead ------------------------------------

dial() { # NAME ARGS...
	lab_dial_start "$1" --retries 3 "${@:2}"
	wait_for 20 dialled "$1"
	alive
}
dialled() { lab_dial_done "$1" || ! alive; }

coa() {
	local id
	id=$(lab_ctl show session u1 --json | jq -r '."acct-session-id"') || return 1
	radius_dae coa "Acct-Session-Id = \"$id\"" 'RP-Downstream-Speed-Limit = 7000' 'RP-Upstream-Speed-Limit = 3000' \
		'Acct-Interim-Interval = 60' > /dev/null && SPEED[u1]=7000
	alive
}

change() { # USER DOWN/UP KBIT [temp]: it holds once it was told that it does
	lab_ctl shaper change "$1" "$2" ${4:-} --json 2> /dev/null | jq -e '.changed == 1' > /dev/null && SPEED[$1]=$3
	alive
}

first_half() {
	dial many -n 6 -u 'u%d' -p secret --pd --na && change u0 20M/5M 20000
}

second_half() {
	dial framed -n 2 -u 'f%d' -p secret --mac-base 02:bb:00:03:00:00 || return
	dial one -u one -p secret --mac-base 02:bb:00:02:00:00 || return
	coa || return
	lab_ctl clear counters u2 > /dev/null 2>&1
	change u3 9M/2M 9000 temp || return
	HUNG_UP=yes
	lab_stop one
	wait_for 5 or_dead ended one
	alive
}
ended() { [ "$(lab_ctl show sessions --json | jq "map(select(.username == \"$1\")) | length")" = 0 ]; }

# --- what must hold afterwards ------------------------------------------------------------------

told() { # of the lines that nobody hung up: "user address sid"
	local names="$LAB_DIR/many.log $LAB_DIR/framed.log"
	[ "$HUNG_UP" = yes ] || names="$names $LAB_DIR/one.log"
	[ "$STOPPED" = yes ] || cat $names 2> /dev/null | sed -n 's/^up [0-9]* \([^ ]*\) \([^ ]*\) .* sid=\([0-9]*\) .*/\1 \2 \3/p' | sort
}
there() { lab_ctl show sessions --json | jq -r '.[] | select(.state == "open") | "\(.username) \(.ip) \(.sid)"' | sort; }
agrees() { lab_ctl check --json | jq -e '.problems == 0' > /dev/null || ! lab_ctl check; }

verify() { # NAME OF THE POINT
	local lines missing user
	lines=$(told)
	missing=$(comm -23 <(echo -n "${lines:+$lines
}") <(there))
	[ -z "$missing" ] || { there; fail "after $1: told open, and lost: $missing"; }
	agrees || fail "after $1: check finds something"
	for user in "${!SPEED[@]}"; do
		[ "$STOPPED" = yes ] || [ "$(lab_ctl show session "$user" --json | jq '."rate-down"')" = "${SPEED[$user]}" ] ||
			fail "after $1: the speed of $user was ${SPEED[$user]}, and is forgotten"
	done
	TOLD=$((TOLD + $(grep -c . <<< "$lines")))
}

# A line of before still carries packets of PPP: its Terminate-Request is answered.
clean_up() { # NAME OF THE POINT
	local name
	for name in many framed one; do
		lab_stop $name || [ "$STOPPED" = yes ] || [ $? = 1 ] || fail "after $1: dialer $name ends with an error"
	done
	lab_ctl terminate all > /dev/null
	wait_for 10 lab_has_sessions 0 || fail "after $1: sessions stay"
	agrees || fail "after $1: check finds something in the end"
	lab_stop brasd || fail "after $1: the clean end was none ($?)"
	! g ip link show subs0 > /dev/null 2>&1 && [ ! -e "/sys/fs/bpf/brasberry/$INSTANCE" ] ||
		fail "after $1: device or pins stay"
}

# --- points -------------------------------------------------------------------------------------

one_point() { # fresh|adopt POINT; 1: there is no such point
	declare -gA SPEED=()
	HUNG_UP=no STOPPED=no POINT="$1 $2"
	rm -f "$LAB_DIR"/{many,framed,one}.log
	if [ "$1" = adopt ]; then
		start_good
		first_half || fail "the first half"
		lab_stop brasd KILL > /dev/null 2>&1
	fi
	kill_start "BRASD_KILLPOINT=$2"
	if alive; then
		{ [ "$1" = adopt ] || first_half; } && second_half
	fi
	kill_end
	start_good
	verify "$NAME"
	clean_up "$NAME"
	[ $DIED = yes ]
}

all_points() { # fresh|adopt
	local n=1
	while one_point "$1" $n; do
		n=$((n + 1))
		POINTS=$((POINTS + 1))
		[ $((n % 50)) != 0 ] || say "$1: $n points"
	done
	echo "ok: $1: each of $((n - 1)) points"
}

some_points() { # fresh|adopt COUNT
	local n most i
	one_point "$1" $KILLPOINTS_NONE && fail "a million points"
	most=$TOTAL
	[ "${#SPEED[@]}" = 3 ] || fail "not all of the scenario happens: ${!SPEED[*]}"
	[ "$most" -gt 100 ] || fail "there are only $most points"
	for ((i = 0; i < $2; i++)); do
		n=$(((RANDOM * 32768 + RANDOM) % most + 1))
		one_point "$1" $n || continue # there are some less or more, by the order of things
		POINTS=$((POINTS + 1))
		echo "ok: $NAME, of $most"
	done
}

run() {
	SEED=${SEED:-$RANDOM} POINTS=0 TOLD=0
	echo "SEED=$SEED"
	RANDOM=$SEED
	radius_users radius "$(radius_user f0 secret 'Framed-Route = "10.9.1.0/24"' 'Framed-IP-Address = 10.8.1.1')" \
		"$(radius_user f1 secret 'Framed-Route = "10.9.2.0/24"' 'Framed-IPv6-Route = "2001:db8:f1::/48"')" \
		"$(radius_user DEFAULT secret 'RP-Downstream-Speed-Limit = 8000' 'RP-Upstream-Speed-Limit = 2000')"
	radius_start radius
	lab_conf "$(radius_conf_of)" ppp.timeout=1 ppp.max-terminate=1 radius.dae-allowed=127.0.0.1 shaper.mode=htb shaper.class-pool=16 radius.nas-identifier=lab \
		radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET pppoe.max-sessions=64 pppoe.padi-limit=0 \
		ipv6-pool.delegate=2001:db8:8000::/40,56 ipv6-pool.address=2001:db8:200::/64
	if [[ $KILLPOINTS == *" "* ]]; then
		one_point $KILLPOINTS && POINTS=1
	elif [ "$KILLPOINTS" = fresh ] || [ "$KILLPOINTS" = adopt ]; then
		all_points "$KILLPOINTS"
	elif [ "$KILLPOINTS" = all ]; then
		all_points fresh
		all_points adopt
	else
		some_points fresh $((KILLPOINTS / 2))
		some_points adopt $(((KILLPOINTS + 1) / 2))
	fi
	say "$POINTS deaths; $TOLD lines had been told that they are open, and are"
	[ "$POINTS" -ge 1000 ] || [ "$KILLPOINTS" != all ] || fail "fewer than 1,000 points"
}

LAB_MODES=${LAB_MODES:-xdp} lab_each_mode run
