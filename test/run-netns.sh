#!/bin/bash
# Runs tests that need root, JOBS at once: test/run-netns.sh BUILD TEST... A test ends 0 (pass),
# 77 (skip, said loudly) or else (fail; the end of its output is shown, all of it is kept in
# BUILD/log). The counts "pass fail skip" go to BUILD/results/NAME, NAME being a test's folder, its tier.
#
# Most of a test's time is waiting (a third of it is CPU), so twice as many as there are processors run at
# once, six at most. Those that measure run alone, after the others (test/jobs.sh).
set -u
. "$(dirname "$0")/jobs.sh"
. "$(dirname "$0")/sample.sh"
build=$1
shift
[ $# -gt 0 ] || { echo "run-netns: no tests were given"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "run-netns: these tests make network namespaces: run them as root"; exit 1; }
mkdir -p "$build/results" "$build/log"
B=$(cd "$build" && pwd)
export B
processors=$(nproc)
JOBS_SERVED=first # of those who share JOBS_QUIET (test/jobs.sh)
JOBS=${JOBS:-$((processors < 3 ? 2 * processors : 6))}
declare -A pass=() fail=() skip=() # of a tier
declare -A path=() # of a name

tier_of() { basename "$(dirname "$1")"; }

run() { jobs_timed "$1.cpu" timeout -k 60 "${TEST_TIMEOUT:-1200}" bash "$2" > "$1" 2>&1 < /dev/null; } # LOG TEST

start() { # TEST
	local name
	name=$(tier_of "$1")-$(basename "$1" .sh)
	path[$name]=$1
	jobs_start "$name" run "$build/log/$name" "$1"
}

job_ended() { # EXIT-CODE SECONDS NAME
	local name=${3/-//} log=$build/log/$3 took tier=${3%%-*}
	took="$2 s, $(jobs_cpu "$log.cpu") of CPU"
	case $1 in
	0) echo "ok   $name ($(grep -c '^ok: ' "$log") checks, $took)"; pass[$tier]=$((pass[$tier] + 1)) ;;
	77) echo "SKIP $name: $(tail -n 1 "$log")"; skip[$tier]=$((skip[$tier] + 1)) ;;
	*)
		echo "FAIL $name (exit $1, $took; all of it in $log)"
		tail -n 60 "$log"
		if jobs_again "${path[$3]}"; then
			cp "$log" "$log.first"
			echo "AGAIN $name, alone, after the others ($log.first is the first one's)"
		else
			fail[$tier]=$((fail[$tier] + 1))
		fi
		;;
	esac
}

# What all tests share must be there before two of them make it at once.
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
ip netns add "run-$$" && ip netns del "run-$$" # makes /run/netns

for t in "$@"; do
	tier=$(tier_of "$t")
	pass[$tier]=0 fail[$tier]=0 skip[$tier]=0
done
sample_tests "$@"
for tier in "${!pass[@]}"; do sample_told "$tier" "$build/left"; done
jobs_run "$JOBS" start "${SAMPLE_TESTS[@]}"
rc=0
for tier in "${!pass[@]}"; do
	echo "${pass[$tier]} ${fail[$tier]} ${skip[$tier]}" > "$build/results/$tier"
	echo "$tier: ${pass[$tier]} passed, ${fail[$tier]} failed, ${skip[$tier]} skipped"
	[ "${fail[$tier]}" = 0 ] || rc=1
done
[ -z "${JOBS_SECOND[*]}" ] || echo "${#JOBS_SECOND[@]} of them at the second time"
exit $rc
