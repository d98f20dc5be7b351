# Speeds, for tests of the shaper. To be sourced after lab.sh.
#
#   shape_plan USER DOWN/UP           sets it by the console and sees that the kernel has it
#   shape_tcp NETNS MBIT ARGS...      iperf3: within SHAPE_PERCENT (3) of what the plan carries as TCP's payload
#   shape_udp NETNS MBIT ARGS...      twice the plan is offered; the plan arrives
#   shape_loaded NETNS MS ARGS...     pings while iperf3 runs: the average is below MS

SHAPE_SECONDS=${SHAPE_SECONDS:-4}
SHAPE_PERCENT=${SHAPE_PERCENT:-3}

shape_plan() {
	lab_json 'j["changed"] == 1 and j["failed"] == 0' shaper change "$1" "$2"
}

# The server has one client at a time, and may still be ending the last one's test.
shape_iperf() { # NETNS ARGS...: its JSON
	local ns=$1 out try
	shift
	for try in 1 2 3 4 5 6 7 8 9 10; do
		out=$(in_ns "$ns" timeout 40 iperf3 -J -t "$SHAPE_SECONDS" -O 1 "$@") && echo "$out" && return
		sleep 0.2
	done
	echo "iperf3: $(tail -n 5 <<< "$out")" >&2
	return 1
}

# On a machine that others use, a transfer may be short of CPU; what exceeds a plan once is wrong for good.
shape_tries() { # MBIT KIND NETNS ARGS...
	local mbit=$1 kind=$2 try
	shift 2
	for try in 1 2 3 4 5 6; do
		shape_iperf "$@" > "$LAB_DIR/shaped.json" || continue
		net_py shaped "$kind" "$mbit" "$SHAPE_PERCENT" < "$LAB_DIR/shaped.json" > "$LAB_DIR/shaped" && break
		grep -q -e ': -' "$LAB_DIR/shaped" || break
	done
	cat "$LAB_DIR/shaped"
	net_py shaped "$kind" "$mbit" "$SHAPE_PERCENT" < "$LAB_DIR/shaped.json" > /dev/null
}

shape_tcp() { # NETNS MBIT ARGS...
	shape_tries "$2" tcp "$1" "${@:3}"
}

shape_udp() { # NETNS MBIT ARGS...
	shape_tries "$2" udp "$1" -u -l 1400 -b "$((2 * $2))M" "${@:3}"
}

shape_loaded() { # NETNS MS ARGS...: the same of a ping, which is only ever too slow
	local try
	for try in 1 2 3; do
		shape_loaded_once "$@" && return
	done
	return 1
}

shape_loaded_once() {
	local ns=$1 ms=$2 out pid
	shift 2
	lab_spawn load in_ns "$ns" timeout 20 iperf3 --forceflush -t 6 "$@"
	wait_for 10 grep -q 'sec' "$LAB_DIR/load.log" || return 1
	out=$(in_ns "$ns" ping -q -c 30 -i 0.1 -W 2 "$(shape_target "$@")")
	lab_stop load > /dev/null
	echo "$out"
	net_py ping-below "$ms" <<< "$out"
}

shape_target() {
	while [ $# -gt 1 ]; do
		[ "$1" = -c ] && { echo "$2"; return; }
		shift
	done
}
