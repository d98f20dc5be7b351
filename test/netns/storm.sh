#!/bin/bash
# Run: alone, because it fills the queues that all packets of a CPU share
# Sample: one mode
# Proves, for a reconnect storm (all lines dial at once: four interfaces, without tags, with one, with two, and one pair
# of tags for each line): discovery lets in as many as may be starting, none is refused, every line comes up;
# meanwhile the console answers, lines that were up stay, and one of them loses no packet. Then all
# vanish without a word and dial again at once, while brasd has their sessions yet; then all leave by PADT, and
# dial again, and once more. Memory does not grow from that round to the next: before, it was of use twice.
# STORM_LINES (2000, a multiple of 100), STORM_BOUND (60): seconds within which all are up; STORM_ANSWER (3000): ms within which
# the console has answered; STORM_TABLE: a row of figures for each round into this file. `make storm` has 60,000.
# Sample: 1 of storm
. "$(dirname "$0")/../lab.sh"

LAB_ACCESS="acc acb acd ace"
STORM_LINES=${STORM_LINES:-2000} STORM_BOUND=${STORM_BOUND:-60} STORM_ANSWER=${STORM_ANSWER:-3000}
STAY=20 # lines that are up before, and look at their echoes
quarter=$((STORM_LINES / 4))

memory() { awk '/^VmRSS/ { print $2 }' "/proc/${LAB_PID[brasd]}/status"; }


# --- all at once -------------------------------------------------------------------------------------

crowd() { # N, ITS OPTIONS...: dials now
	local n=$1
	shift
	lab_spawn "crowd$n" h "$B/dialer" -i "s$n" -n $quarter -u "c$n-%d" --mac-base "02:bb:1$n:00:00:00" \
		--rate 0 --max-outstanding $quarter --retries 30 --hold-forever --quiet "$@"
}
crowds() {
	crowd 0
	crowd 1 --vlan 100
	crowd 2 --vlan 7.8
	crowd 3 --qinq-range 200-$((199 + quarter / 25)).1-25
}
all_ready() { for n in 0 1 2 3; do lab_dial_done "crowd$n" || return 1; done; }
all_dial() { # ROUND
	begin=$(date +%s%N)
	crowds
	wait_for $((STORM_BOUND * 3)) all_ready || fail "$1: not all lines have come up or failed"
	for n in 0 1 2 3; do
		grep -q "^ready: $quarter up, 0 failed" "$LAB_DIR/crowd$n.log" || fail "$1: not all lines of s$n came up"
	done
	took=$((($(date +%s%N) - begin) / 1000000))
	echo "ok: $1: each of $STORM_LINES lines is up"
	expect "$1: within $STORM_BOUND s ($took ms)" [ $took -le $((STORM_BOUND * 1000)) ]
}
all_end() { # SIGNAL
	local n
	# A second SIGTERM is the impolite one.
	[ "$1" = TERM ] || for n in 0 1 2 3; do kill "-$1" "${LAB_PID[crowd$n]}"; done
	for n in 0 1 2 3; do lab_stop "crowd$n" "$1" > /dev/null 2>&1; done
}

sessions_are() { lab_json "sum(j['sessions'][k] for k in ('starting', 'active', 'closing')) == $1" show stat; } # no list of all
# With PADTs, of which none may be lost: echoes would take 90 s and more to find out. (STORM_GONE: seconds)
all_hang_up() { # WHAT
	local begin
	all_end USR1
	begin=$(date +%s%N)
	expect "$1" wait_for "${STORM_GONE:-20}" sessions_are 1
	gone=$((($(date +%s%N) - begin) / 1000000))
}

# --- what must be true ---------------------------------------------------------------------------------

asks() { lab_spawn asks g python3 "$LAB_TEST_DIR/netns/asks.py" "/run/brasberry/$INSTANCE/control" show stat; }
setup_ms() { # p50|p99|max: the worst of the four
	sed -n "s/^ready:.* $1 \([0-9]*\).*/\1/p" "$LAB_DIR"/crowd?.log | sort -n | tail -n 1 | awk '{ printf "%.0f", $1 / 1000 }'
}
# Of the lines that stay: none was ended for want of an answer to its echoes, by either end.
stayed() { # NAME: it has ended, and printed JSON
	tail -n 1 "$LAB_DIR/$1.log" | net_py json 'j["ends"] == {"hung-up": j["lines"]} and j["echo-tx"] > j["lines"]'
}
two_echoes_time() { [ $(($(date +%s%N) - begin)) -gt 2500000000 ]; } # of the lines that stay
no_loss() { tail -n 3 "$LAB_DIR/$1.log" | grep ' 0% packet loss'; }

round() { # NAME
	local echoes turn
	asks
	lab_spawn stay h "$B/dialer" -i s0 -n $STAY -u 's%d' --mac-base 02:bb:00:05:00:00 --echo-interval 1 --json --quiet
	wait_for 30 lab_dial_done stay || fail "$1: lines that stay did not come up"
	all_dial "$1"
	wait_for 5 two_echoes_time
	expect "$1: never more were starting than may" lab_json "0 < j['sessions']['starting-most'] <= 1024" show stat
	lab_stop asks || fail "$1: the console does not answer"
	answer=$(sed -n 's/^asked.*longest //p' "$LAB_DIR/asks.log")
	expect "$1: the console's longest answer ($(cat "$LAB_DIR/asks.log"))" [ "${answer%.*}" -le $STORM_ANSWER ]
	lab_stop stay || fail "$1: lines that stay: $?"
	echoes=$(tail -n 1 "$LAB_DIR/stay.log" | net_py value '"%d of %d, longest %.0f ms" % (j["echo-lost"], j["echo-tx"], j["echo-longest-us"] / 1000)')
	expect "$1: lines that were there still are (lost echoes: $echoes)" stayed stay
	rss=$(memory)
	turn=$(lab_value "j['loop']['max-us'] // 1000" show health) # so far
	say "$1: longest turn of the loop so far $turn ms, gone in ${gone:--} ms"
	say "$1: $took ms, set-up p50 $(setup_ms p50) p99 $(setup_ms p99) ms, $(cat "$LAB_DIR/asks.log"), lost echoes $echoes, $rss KB"
	[ -z "${STORM_TABLE:-}" ] || echo "| $LAB_MODE | $1 | $((took / 1000)).$((took % 1000 / 100)) | $(setup_ms p50) | $(setup_ms p99) | $answer | $turn | $echoes | ${gone:--} | $((rss / 1024)) |" >> "$STORM_TABLE"
	gone=""
}

run() {
	local peak gone=""
	LAB_READY_TIMEOUT=180 lab_start_brasd pppoe.max-sessions=$((STORM_LINES * 2 + STAY + 1)) ip-pool.pool=100.64.0.0/14 auth.single-session=replace log.level=2
	lab_dial alice -u alice -p wonderland --plumb u0
	lab_spawn ping h ping -i 0.02 -W 5 $WEB4
	round "from nothing"
	all_end KILL
	round "after silence"
	expect "those of before were replaced" wait_for 60 sessions_are $((STORM_LINES + 1))
	all_hang_up "all have gone at once, with a PADT"
	round "after PADTs"
	peak=$rss
	all_hang_up "all have gone at once again"
	round "after PADTs again"
	expect "it has not grown since ($peak KB, $rss KB)" [ "$rss" -le $((peak + 2048)) ]
	all_end TERM
	expect "all have gone, politely" wait_for 120 sessions_are 1
	lab_stop ping INT
	expect "a line that was up lost no packet" no_loss ping
	expect "everything agrees" lab_json 'j["problems"] == 0' check
	expect "pools are as they should be" lab_json "all(p['used'] == 1 for p in j if p['family'] == 4)" show pools
	lab_hangup alice
}

lab_each_mode run
