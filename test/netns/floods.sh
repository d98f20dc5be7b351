#!/bin/bash
# Run: alone, because it fills the queues that all packets of a CPU share
# Sample: one mode
# Proves: while a neighbour sends as fast as one CPU can, whatever kind it is, every new line dials in, a
# line that is up loses no packet and no session, and the daemon does not grow; in both modes.
# FLOODS_LOGINS (20): new lines during each, dialled FLOODS_RATE (20) a second; FLOODS_PPS: frames a second instead of as
# many as one CPU can; FLOODS_TABLE: a row of figures for each kind into this file; FLOODS_KINDS: these alone. `make floods`
# has 2,000.
# Sample: 1 of storm
. "$(dirname "$0")/../lab.sh"

LOGINS=${FLOODS_LOGINS:-20} RATE=${FLOODS_RATE:-20}

memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }
no_smaller() { [ "$(memory)" -lt $(($1 + 2048)) ]; }

# As a subscriber's router does, each tries again until it is in: the figures say how often that was.
dial_new() { LAB_DIAL_TIMEOUT=$((60 + LOGINS / 10)) lab_dial new -n $LOGINS --rate $RATE --mac-base 02:cc:00:00:00:00 ${FLOODS_LOGINS:+--quiet}; }
row() { # KIND KB
	local sent
	[ -n "${FLOODS_TABLE:-}" ] || return 0
	sent=$(sed -n 's|^[a-z-]*: \([0-9]*\) frames in \([0-9.]*\) s.*|\1 \2|p' "$LAB_DIR/flood.log" | awk '{ printf "%d", $1 / $2 }')
	sed -n 's/^ready: \([0-9]*\) up, \([0-9]*\) failed.* p50 \([0-9]*\) .* p99 \([0-9]*\) max \([0-9]*\), \([0-9]*\) retr.*/\1 \2 \3 \4 \5 \6/p' "$LAB_DIR/new.log" |
		awk -v mode="$LAB_MODE" -v kind="$1" -v sent="$sent" -v kb="$2" '{
			printf "| %s | %s | %d | %d of %d | %.1f | %.0f | %.0f | %d | %d |\n", mode, kind, sent, $1, $1 + $2, $3 / 1e3, $4 / 1e3, $5 / 1e3, $6, kb }' >> "$FLOODS_TABLE"
}

# Who floods its own session may lose it: its answers to echoes are behind what it sends.
ROGUE=02:66:00:00:00:02
others() { lab_json "sum(s['calling-sid'] != '$ROGUE' and s['state'] == 'open' for s in j) == $1" show sessions; }
rogue() { # dials, or does again
	[ -n "${LAB_PID[rogue]:-}" ] && ! lab_gone "${LAB_PID[rogue]}" && return
	lab_stop rogue
	lab_dial rogue -u user1 --mac-base $ROGUE
}

flood() { # KIND [SID MAC]
	local kind=$1 before
	[[ " ${FLOODS_KINDS:-$kind} " == *" $kind "* ]] || return 0
	before=$(memory)
	lab_spawn flood h env ${FLOODS_PPS:+PPS=$FLOODS_PPS} ${FLOODS_TABLE:+taskset -c $(($(nproc) - 1))} python3 "$LAB_TEST_DIR/netns/flood.py" s0 "$ac" "$@"
	wait_for 20 grep -q '^sending' "$LAB_DIR/flood.log" || fail "the flood does not begin"
	dial_new
	expect "$kind: $LOGINS lines dial in meanwhile" others $((LOGINS + 1))
	expect "$kind: the console answers" timeout 10 "$B/brasctl" -i "$INSTANCE" show health
	expect "$kind: the line that is up loses nothing" lab_ping "$HOUSE" $WEB4
	expect "$kind: its echo is answered, as a line's is: in three tries" wait_for 9 lab_ctl ping alice
	lab_stop flood > /dev/null
	say "$(tail -n 1 "$LAB_DIR/flood.log")"
	row "$kind" $(($(memory) - before))
	lab_hangup new
	expect "$kind: no new line is left" wait_for 20 others 1
	expect "$kind: the daemon has not grown" no_smaller "$before"
}

run() {
	local ac sid
	lab_start_brasd
	lab_dial alice -u alice -p wonderland --plumb u0
	rogue
	ac=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	sid=$(lab_field alice sid)
	dial_new # so that it has what memory it needs
	lab_hangup new
	for kind in padi-one padi-many padi-own padr-one padr-many padt-guess data-guess; do flood $kind; done
	for kind in padt-victim terminate-victim; do flood $kind "$sid"; done
	for kind in echo-own request-own login-own junk-own; do
		rogue
		flood $kind "$(lab_field rogue sid)" $ROGUE
	done
}

lab_each_mode run
