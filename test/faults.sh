#!/bin/bash
# `make faults` has all of it; the namespace tier a sample (netns/faults.sh).
# Proves: whatever call fails (memory, a netlink request or answer, an entry of a map, a file on a full disk, a process or thread,
# the time of day, a RADIUS datagram), brasd lives or ends with a word of why, and then the next one adopts; the line that is
# up forwards, what was told holds, `check` finds nothing, nothing is left of what failed.
# A step (STEPS) is done with the n-th call of one kind failing (test/fault.c, preloaded), for n from 1 until the step needs
# no more of them.
# FAULTS=N: a sample of so many (12), by SEED; all: each one, but of many of a kind in a step no more than
# FAULTS_EACH (150), spread; "dial a": those of a step and a kind; "dial a 17": that one.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/radius.sh"

FAULTS=${FAULTS:-12} FAULTS_EACH=${FAULTS_EACH:-150}
RADIUS_ARGS="-f -l stdout"
RADIUS_DAE_TRIES=1
STEP=none WHAT='' FIRED=no
STEPS="${FAULTS_STEPS:-dial coa change reload show adopt start}"
KINDS="${FAULTS_KINDS:-a n o b m d D f c r}"
[ -e "$B/fault.so" ] || { echo "FAIL: no build/fault.so: make build/fault.so"; exit 1; }

# --- which call fails ------------------------------------------------------------------------------------

arm() { # KIND N
	local text
	order=$(((order + 1) % 10000000))
	printf '%s' - 1<> "$LAB_DIR/fault"
	printf -v text -- '-%08d%07d%16s.%-95s' "$2" $order '' ''
	printf '%s' "$text" 1<> "$LAB_DIR/fault"
	printf '%s' "$1" 1<> "$LAB_DIR/fault"
}
# FIRED: yes or no; CALLS: how many there were; WHAT: the one that failed
disarm() {
	local text
	printf '%s' - 1<> "$LAB_DIR/fault"
	text=$(tr '\0\n' '  ' < "$LAB_DIR/fault")
	FIRED=no WHAT=''
	[ "${text:32:1}" != F ] || { FIRED=yes WHAT=${text:42:40} WHAT=${WHAT%%  *}; }
	CALLS=${text:33:8} CALLS=${CALLS// /}
	CALLS=$((10#${CALLS:-0})) # blank: there was none
}
where() { # the functions that were underway
	grep -A 24 '^fault ' "$LAB_DIR/brasd.log" | sed -n 's|.*/brasd(+\(0x[0-9a-f]*\)).*|\1|p' |
		xargs -r addr2line -e "$B/brasd" -fs | paste - - | awk '{ print "    " $1, $2 }'
}
oops() { # WHAT
	where
	fail "$POINT, $WHAT: $1"
}

# --- brasd ------------------------------------------------------------------------------------------------

alive() { lab_running brasd && ! lab_gone "${LAB_PID[brasd]}"; }
spawn() { lab_spawn brasd g env LD_PRELOAD="$(realpath "$B/fault.so")" BRASD_FAULT="$LAB_DIR/fault" "$B/brasd" -c "$CONF" -i "$INSTANCE"; }
is_ready() { grep -q '^brasd: ready' "$LAB_DIR/brasd.log"; }
start() { # until it is ready, or has ended
	spawn
	wait_for 240 lab_brasd_ready || oops "brasd neither gets ready nor ends"
}
start_good() {
	start
	is_ready || oops "the next brasd does not start"
}
# It has ended: not by a signal, and it says why.
ended_well() {
	local rc=0 words
	lab_stop brasd || rc=$?
	words=$(sed -n '/^fault /,$p' "$LAB_DIR/brasd.log" | grep -vc '^fault \|(+0x\|(.*+0x\|\[0x')
	[ $rc -lt 128 ] || oops "brasd was ended by signal $((rc - 128))"
	[ $rc != 0 ] || oops "brasd ended, and says that all was well"
	[ "$words" -gt 0 ] || oops "brasd ended without a word"
	ENDS=$((ENDS + 1))
}

# --- steps: each may fail, but not lie -----------------------------------------------------------------------

hung_up() { lab_json 'all(s["username"] == "alice" for s in j)' show sessions; }
step_dial() {
	lab_dial_start one -u u1 -p secret --retries 2 --pd --mac-base 02:bb:00:02:00:00
	wait_for 60 dialled || oops "the dialer does not end"
	! grep -q '^ready: 1 up' "$LAB_DIR/one.log" || ! alive || has_u1 || has_u1 || # the first question may be what fails
		sessions_refused || ! alive || oops "its line was told that it is up, and is not there"
	lab_stop one > /dev/null
	wait_for 5 hung_up
}
dialled() { lab_dial_done one || ! alive; }
has_u1() { lab_json "any(s['username'] == 'u1' for s in j)" show sessions > /dev/null; }
sessions_refused() { ! lab_ctl show sessions > /dev/null 2>&1; } # no memory for the answer
step_coa() {
	local rate=$((7000 + order % 2 * 1000)) id
	id=$(lab_ctl show session alice --json 2> /dev/null | jq -r '."acct-session-id"') || return
	if radius_dae coa "Acct-Session-Id = \"$id\"" "RP-Downstream-Speed-Limit = $rate" 'RP-Upstream-Speed-Limit = 3000' > /dev/null; then
		SPEED=$rate
	else
		SPEED=unsure
	fi
}
step_change() {
	local rate=$((20 + order % 5))
	if lab_ctl shaper change alice "${rate}M/5M" --json 2> /dev/null | jq -e '.changed == 1' > /dev/null; then
		SPEED=${rate}000
	else
		SPEED=unsure
	fi
}
step_reload() {
	local conf=("${CONF_WORDS[@]}")
	[ $((order % 2)) = 0 ] || conf+=(log.limit=5 ip-pool.pool+=100.80.0.0/24 radius.server+=127.0.0.9,other,auth-port=1812,acct-port=0)
	lab_conf "${conf[@]}"
	lab_ctl reload > /dev/null 2>&1
	wait_for 20 reloaded
}
reloaded() { ! alive || lab_ctl show health > /dev/null 2>&1; }
step_show() {
	local what
	for what in "show sessions" "show stat" "show pools" "show session alice" "check" "show history alice" "show radius" "show usage"; do
		# shellcheck disable=SC2086
		lab_ctl $what --json > /dev/null 2>&1
		alive || return
	done
}
step_adopt() {
	disarm
	lab_stop brasd KILL > /dev/null 2>&1
	arm "${AT[@]}"
	start
}
# Nothing was before. What it leaves when it cannot start is nobody's loss.
step_start() {
	disarm
	lab_hangup alice
	lab_stop brasd > /dev/null || oops "the clean end was none"
	arm "${AT[@]}"
	start
	disarm
	if is_ready; then lab_stop brasd > /dev/null || oops "the clean end was none"; else ended_well; fi
	start_good
	lab_dial alice -u alice -p wonderland --plumb u0
	SPEED=50000
}

# --- what must hold ------------------------------------------------------------------------------------------

agrees() { lab_ctl check --json > "$LAB_DIR/check" 2>&1 && net_py json 'j["problems"] == 0' < "$LAB_DIR/check"; }
only_alice() { lab_json '[s["username"] for s in j if s["state"] != "closing"] == ["alice"] and j[0]["state"] == "open"' show sessions; }
has_speed() { [ "$SPEED" = unsure ] || lab_json "j['rate-down'] == $SPEED" show session alice; }
pings() { h ping -q -c 1 -W 5 $WEB4; }
verify() {
	[ "$STEP" = start ] || alive && is_ready || { ended_well; start_good; }
	wait_for 20 only_alice || { lab_ctl show sessions; oops "not the sessions that there should be"; }
	wait_for 20 agrees || { cat "$LAB_DIR/check"; oops "check finds something"; }
	wait_for 20 lab_json "all(p['used'] == (p['kind'] == 'address' and p['name'] == 'default') for p in j if p['family'] == 4)" show pools || { lab_ctl show pools; oops "a pool lacks something"; }
	wait_for 10 has_speed || { lab_ctl show session alice; oops "alice's speed was $SPEED, and is not"; }
	pings > /dev/null || oops "alice's line does not forward"
	! h ip link show u0 > /dev/null 2>&1 && oops "alice's line was lost"
	lab_running alice || oops "alice's line was ended: $(tail -n 1 "$LAB_DIR/alice.log")"
}

# --- points -----------------------------------------------------------------------------------------------------

one_point() { # STEP KIND N: FIRED
	POINT="$1 $2 $3" STEP=$1 AT=("$2" "$3") WHAT='' FIRED=no
	arm "$2" "$3"
	"step_$1"
	[ "$1" = start ] || disarm
	verify
	[ $FIRED = no ] || { POINTS=$((POINTS + 1)); [ -z "${FAULTS_TELL:-}" ] || say "$POINT: $WHAT"; }
}

# Each, or FAULTS_EACH of them.
walk() { # STEP KIND
	local n=1 by
	one_point "$1" "$2" 99999999
	by=$((CALLS / FAULTS_EACH + 1))
	WAS=$CALLS
	for ((n = 1; n <= WAS; n += by)); do one_point "$1" "$2" $n; done
	say "$1 $2: $WAS calls, every ${by}th; $POINTS faults so far, $ENDS ends of brasd"
}

sample() { # COUNT
	local i steps=($STEPS) kinds=($KINDS) step kind n
	for ((i = 0; POINTS < $1 && i < $1 * 4; i++)); do
		step=${steps[RANDOM % (${#steps[@]} - 1)]} kind=${kinds[RANDOM % ${#kinds[@]}]}
		n=$((RANDOM % 12 + 1))
		one_point "$step" "$kind" $n
		[ $FIRED = no ] || echo "ok: $POINT: $WHAT"
	done
	[ $POINTS -gt $(($1 / 2)) ] || fail "of $i points only $POINTS came"
}

run() {
	local step kind
	SEED=${SEED:-$RANDOM} POINTS=0 ENDS=0 order=0 SPEED=50000
	echo "SEED=$SEED"
	RANDOM=$SEED
	printf -- '-%127s' '' > "$LAB_DIR/fault"
	chown "$LAB_USER" "$LAB_DIR/fault"
	radius_users radius "$(radius_user u1 secret 'RP-Downstream-Speed-Limit = 8000' 'RP-Upstream-Speed-Limit = 2000')"
	radius_start radius
	CONF_WORDS=("$(radius_conf_of)" ppp.timeout=1 ppp.max-terminate=1 radius.dae-allowed=127.0.0.1 shaper.mode=htb shaper.class-pool=16
		radius.nas-identifier=lab radius.timeout=1 "radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET" pppoe.max-sessions=64
		ipv6-pool.delegate=2001:db8:8000::/40,56)
	lab_conf "${CONF_WORDS[@]}"
	POINT=none
	start_good
	lab_dial alice -u alice -p wonderland --plumb u0
	verify
	case $FAULTS in
	all) for step in $STEPS; do for kind in $KINDS; do walk $step $kind; done; done ;;
	*" "*" "*) FAULTS_TELL=1 one_point $FAULTS ;;
	*" "*) FAULTS_TELL=1 walk $FAULTS ;;
	*) sample "$FAULTS" ;;
	esac
	say "$POINTS faults, $ENDS ends of brasd"
	lab_hangup alice
	lab_stop brasd || fail "the clean end was none ($?)"
}

LAB_MODES=${LAB_MODES:-xdp} lab_each_mode run
