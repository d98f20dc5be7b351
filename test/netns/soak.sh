#!/bin/bash
# Run: early
# Proves, by a life at random: lines that dial, hang up and are switched off, speeds and sessions changed
# by console and RADIUS, reloads, restarts and kill -9, the mirror on and off, a RADIUS server that hangs:
# whatever comes in whatever order, after each round every line is up that should be, and none that should not;
# everything agrees (`check`); no packet went to another's line; two lines that stay lost none; neither
# memory nor descriptors have grown.
# SOAK_T: seconds (a round is at most 60); SOAK_LINES; SOAK_SEED: printed, and the same acts again;
# SOAK_MODE: xdp or tc, of which otherwise each has its turn. `make soak` is the long one.
# Sample: one mode
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../radius.sh"
. "$(dirname "$0")/../mirror.sh"

LAB_ACCESS="acc acb"
SOAK_T=${SOAK_T:-16} SOAK_LINES=${SOAK_LINES:-160} SOAK_SEED=${SOAK_SEED:-$RANDOM} GROUPS_N=8
RADIUS_ARGS="-f -l stdout"
RANDOM=$SOAK_SEED
declare -A UP=() # group -> its lines should be up
each=$((SOAK_LINES / GROUPS_N))
dialled=0

# --- acts ------------------------------------------------------------------------------------------

# A name and a log for each time, by lines, should it be killed: what its lines had is needed at the end.
act_dial() { # GROUP
	[ -z "${UP[$1]:-}" ] || return 0
	dialled=$((dialled + 1))
	UP[$1]=g$1.$dialled
	lab_spawn "${UP[$1]}" h stdbuf -oL "$B/dialer" -i s0 -n $each -u "g$1-%d" --mac-base "02:bb:1$1:00:00:00" --rate 500 \
		--hold-forever --flap 1000000
}
act_hangup() { # GROUP [SIGNAL]
	[ -n "${UP[$1]:-}" ] || return 0
	lab_stop "${UP[$1]}" ${2:+"$2"} > /dev/null 2>&1
	unset "UP[$1]"
}
act_off() { act_hangup "$1" KILL; } # the sessions find out by their echoes
act_reload() { lab_ctl reload > /dev/null || fail "a reload was refused"; }
again() {
	cat "$LAB_DIR/brasd.log" >> "$LAB_DIR/brasd.all"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready && grep -q '^brasd: ready' "$LAB_DIR/brasd.log" || fail "brasd did not start again"
}
act_restart() { lab_stop brasd USR2 || fail "leaving ends with $?"; again; }
act_kill() { lab_stop brasd KILL > /dev/null 2>&1; again; }
act_speed() { lab_ctl shaper change "g$1-$((RANDOM % each))" $((RANDOM % 90 + 1))M/5M > /dev/null 2>&1 || :; }
act_coa() { radius_dae coa "User-Name = \"g$1-$((RANDOM % each))\"" 'Session-Timeout = 86000' > /dev/null || :; }
act_disconnect() { radius_dae disconnect "User-Name = \"g$1-$((RANDOM % each))\"" > /dev/null || :; } # it dials again
act_terminate() { lab_ctl terminate "g$1-$((RANDOM % each))" > /dev/null 2>&1 || :; }
act_mirror() { lab_ctl mirror all on to=port > /dev/null 2>&1 || lab_ctl mirror all on > /dev/null; }
act_unmirror() { lab_ctl mirror all off > /dev/null 2>&1 || :; }
act_outage() {
	kill -STOP "${LAB_PID[radius]}"
	sleep 1.5 # as long as an outage is, here
	kill -CONT "${LAB_PID[radius]}"
}

ACTS=(dial dial dial dial hangup hangup off reload restart kill speed speed coa coa disconnect terminate mirror
	unmirror outage)

# --- what must be true ------------------------------------------------------------------------------

memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }
descriptors() { ls "/proc/${LAB_PID[brasd]}/fd" | wc -l; }
all_open() { lab_json "len(j) == $1 and all(s['state'] == 'open' for s in j)" show sessions; }
agrees() { lab_ctl check --json > "$LAB_DIR/check" && net_py json 'j["problems"] == 0' < "$LAB_DIR/check" || { cat "$LAB_DIR/check"; return 1; }; }
pools_agree() { lab_json "all(p['used'] == $1 for p in j if p['family'] == 4)" show pools; }
spool_empty() { lab_json "all(s.get('spool', 0) == 0 for s in j)" show radius; }
judged() { python3 "$LAB_TEST_DIR/netns/soak.py" judge "$LAB_DIR/met" "$LAB_DIR"/brasd.* "$LAB_DIR"/{alice,bob,g*}.log; }
no_loss() { tail -n 3 "$LAB_DIR/$1.log" | grep ' 0% packet loss'; }

# After a restart memory begins anew: what counts is that it ends where lines of that number put it.
settled() { # ROUND
	local want=$((${#UP[@]} * each + 2))
	expect "round $1: $want lines are up" wait_for 60 all_open $want
	expect "round $1: everything agrees" wait_for 10 agrees
	expect "round $1: so do the pools" wait_for 10 pools_agree $want
	expect "round $1: accounting has been delivered" wait_for 30 spool_empty
	expect "round $1: no packet to another's line" judged
	expect "round $1: memory ($(memory) KB) and descriptors ($(descriptors))" \
		[ "$(memory)" -lt $((base_memory + 8192 + SOAK_LINES * 8)) -a "$(descriptors)" -le $((base_fds + 12)) ]
}

life() {
	local end=$((SECONDS + SOAK_T)) round=0 until act group
	while [ $SECONDS -lt $end ]; do
		round=$((round + 1)) until=$((SECONDS + 60))
		[ $until -le $end ] || until=$end
		while [ $SECONDS -lt $until ]; do
			act=${ACTS[RANDOM % ${#ACTS[@]}]} group=$((RANDOM % GROUPS_N))
			echo "$SECONDS $act $group" >> "$LAB_DIR/acts"
			"act_$act" $group
			sleep "0.$((RANDOM % 3))" # how long it is at peace
		done
		settled $round
	done
}

run() {
	local two group
	[ "${SOAK_MODE:-$LAB_MODE}" = "$LAB_MODE" ] || return 0
	say "seed $SOAK_SEED, $SOAK_LINES lines, $SOAK_T s"
	radius_users radius 'DEFAULT Cleartext-Password := "secret", User-Name =~ "^g[0-9]-"'
	radius_start radius
	monitor_up
	lab_start_brasd "$(radius_conf_of)" "radius.dae-server=127.0.0.1:3799,$RADIUS_DAE_SECRET" mirror.port=mon0 \
		shaper.mode=htb log.level=4 log.limit=100000 ppp.lcp-echo-interval=2 ppp.lcp-echo-failure=3 ppp.lcp-echo-adaptive=no pppoe.max-sessions-per-mac=1
	lab_ns two; two=$REPLY
	lab_dial alice -u alice -p wonderland --plumb u0
	LAB_IF=s1 lab_dial bob -u carol -p secret --mac-base 02:bb:00:00:f0:00 --plumb "u1@$two"
	lab_spawn ping4 h ping -i 0.02 -W 5 $WEB4
	lab_spawn ping6 in_ns "$two" ping -i 0.02 -W 5 $WEB6
	lab_spawn watch h python3 "$LAB_TEST_DIR/netns/soak.py" watch s0 "$LAB_DIR/met"
	lab_spawn send n python3 "$LAB_TEST_DIR/netns/soak.py" send 100.64.0.0/18 $((SOAK_T * 3 + 600))
	base_memory=$(memory) base_fds=$(descriptors)
	for group in 0 1 2 3; do act_dial $group; done
	life
	lab_stop ping4 INT
	lab_stop ping6 INT
	expect "a line that stayed lost nothing, IPv4" no_loss ping4
	expect "nor did another, IPv6" no_loss ping6
	for group in "${!UP[@]}"; do act_hangup "$group"; done
	lab_stop send > /dev/null
	lab_stop watch > /dev/null
	expect "two lines are left" wait_for 30 lab_has_sessions 2
	say "$(wc -l < "$LAB_DIR/acts") acts, $dialled groups dialled"
}

lab_each_mode run
