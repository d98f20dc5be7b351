# Sourced by tests in which brasd-kill dies at a point that they choose (test/killpoint.c): starting it, and how it ended.
# shellcheck shell=bash

KILLPOINTS_NONE=1000000 # beyond the last point of any scenario
[ -x "$B/brasd-kill" ] || { echo "FAIL: no build/brasd-kill: make build/brasd-kill"; exit 1; }

alive() { lab_running brasd && ! lab_gone "${LAB_PID[brasd]}"; }
or_dead() { "$@" || ! alive; } # a step of the scenario ends at once when brasd is dead

kill_start() { # VAR=VALUE...: brasd-kill, until it is ready or dead
	lab_spawn brasd g env "$@" "$B/brasd-kill" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready || fail "$POINT: brasd did not become ready"
}
start_good() { # one that does not die
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready && grep -q '^brasd: ready' "$LAB_DIR/brasd.log" ||
		fail "brasd does not start again after point $POINT"
}

# The scenario is over: brasd is dead or is ended now, which has points, too. Sets DIED; STOPPED: it got so far;
# NAME: of the point; TOTAL: points there are, where it did not die.
kill_end() {
	DIED=no
	if alive; then
		STOPPED=yes
		lab_stop brasd
		[ $? = 137 ] && DIED=yes
	else
		lab_stop brasd > /dev/null 2>&1
		DIED=yes
	fi
	NAME="${POINT% *} $(grep '^killpoint ' "$LAB_DIR/brasd.log")"
	TOTAL=$(sed -n 's/^killpoints: //p' "$LAB_DIR/brasd.log")
	[ $DIED = yes ] && [[ $NAME == *killpoint* ]] || [ -n "$TOTAL" ] || fail "$POINT: brasd died of something else"
}
