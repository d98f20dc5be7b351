# Speeds, for tests of the shaper. To be sourced after lab.sh.
#
#   shape_plan USER DOWN/UP           sets it by the console and sees that the kernel has it
#   shape_tcp NETNS MBIT ARGS...      iperf3: within 3 % of what the plan carries as TCP's payload
#   shape_udp NETNS MBIT ARGS...      twice the plan is offered; the plan arrives
#   shape_loaded NETNS MS ARGS...     pings while iperf3 runs: the average is below MS

SHAPE_SECONDS=${SHAPE_SECONDS:-4}

shape_plan() {
	lab_json 'j["changed"] == 1 and j["failed"] == 0' shaper change "$1" "$2"
}

# The server has one client at a time.
shape_iperf() { # NETNS ARGS...: its JSON
	local ns=$1 out try
	shift
	for try in 1 2 3 4 5 6 7 8 9 10; do
		out=$(in_ns "$ns" timeout 40 iperf3 -J -t "$SHAPE_SECONDS" -O 1 "$@") && break
		grep -q 'busy' <<< "$out" || { tail -n 5 <<< "$out"; return 1; }
		sleep 0.2
	done
	echo "$out"
}

# A machine that is busy elsewhere makes less of it: measured again, three times at most.
shape_again() { # FUNCTION ARGS...
	local try
	for try in 1 2 3; do
		"$@" && return
	done
	return 1
}

shape_tcp() { shape_again shape_tcp_once "$@"; }
shape_tcp_once() { # NETNS MBIT ARGS...
	local ns=$1 mbit=$2
	shift 2
	shape_iperf "$ns" "$@" | net_py shaped tcp "$mbit"
}

shape_udp() { shape_again shape_udp_once "$@"; }
shape_udp_once() { # NETNS MBIT ARGS...
	local ns=$1 mbit=$2
	shift 2
	shape_iperf "$ns" -u -l 1400 -b "$((2 * mbit))M" "$@" | net_py shaped udp "$mbit"
}

shape_loaded() { shape_again shape_loaded_once "$@"; }
shape_loaded_once() { # NETNS MS ARGS...
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
