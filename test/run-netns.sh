#!/bin/bash
# Runs tests that need root, JOBS at once: test/run-netns.sh BUILD TEST... A test ends 0 (pass),
# 77 (skip, said loudly) or else (fail; the end of its output is shown, all of it is kept in
# BUILD/log). The counts "pass fail skip" go to BUILD/results/NAME, NAME being the tests' folder.
#
# Most of a test's time is waiting (a third of it is CPU), so twice as many as there are processors run at
# once, six at most. Those that measure run alone, after the others (test/jobs.sh).
set -u
. "$(dirname "$0")/jobs.sh"
build=$1
shift
[ $# -gt 0 ] || { echo "run-netns: no tests were given"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "run-netns: these tests make network namespaces: run them as root"; exit 1; }
tier=$(basename "$(dirname "$1")")
mkdir -p "$build/results" "$build/log"
B=$(cd "$build" && pwd)
export B
processors=$(nproc)
JOBS=${JOBS:-$((processors < 3 ? 2 * processors : 6))}
pass=0 fail=0 skip=0
declare -A path=() # of a name

run() { jobs_timed "$1.cpu" timeout -k 60 "${TEST_TIMEOUT:-1200}" bash "$2" > "$1" 2>&1 < /dev/null; } # LOG TEST

start() { # TEST
	local name
	name=$tier-$(basename "$1" .sh)
	path[$name]=$1
	jobs_start "$name" run "$build/log/$name" "$1"
}

job_ended() { # EXIT-CODE SECONDS NAME
	local name=${3/-//} log=$build/log/$3 took
	took="$2 s, $(jobs_cpu "$log.cpu") of CPU"
	case $1 in
	0) echo "ok   $name ($(grep -c '^ok: ' "$log") checks, $took)"; pass=$((pass + 1)) ;;
	77) echo "SKIP $name: $(tail -n 1 "$log")"; skip=$((skip + 1)) ;;
	*)
		echo "FAIL $name (exit $1, $took; all of it in $log)"
		tail -n 60 "$log"
		if jobs_again "${path[$3]}"; then
			cp "$log" "$log.first"
			echo "AGAIN $name, alone, after the others ($log.first is the first one's)"
		else
			fail=$((fail + 1))
		fi
		;;
	esac
}

# What all tests share must be there before two of them make it at once.
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
ip netns add "run-$$" && ip netns del "run-$$" # makes /run/netns

jobs_run "$JOBS" start "$@"
echo "$pass $fail $skip" > "$build/results/$tier"
echo "$tier: $pass passed, $fail failed, $skip skipped${JOBS_SECOND[*]:+, ${#JOBS_SECOND[@]} of them at the second time}"
[ "$fail" = 0 ]
