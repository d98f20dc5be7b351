#!/bin/bash
# Runs fuzz targets, JOBS at once (as many as there are processors): test/run-fuzz.sh BUILD RUNS
# TARGET... Each begins with its seeds, test/fuzz/corpus/<its name without _fuzz>; what it finds on
# the way goes to BUILD/fuzz-corpus, so that the tree stays clean and the next run goes on from
# there. An input that crashes is kept in BUILD/fuzz-crash: shrink it, and put it among the seeds.
# The counts go to BUILD/results/fuzz.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/jobs.sh"
build=$1 runs=$2
shift 2
mkdir -p "$build/results" "$build/log"
pass=0 fail=0

# The largest frame is 1530 octets; a little more finds what does not expect it.
run() { # TARGET NAME
	local part=${2%_fuzz}
	local found=$build/fuzz-corpus/$part crash=$build/fuzz-crash/$part
	mkdir -p "$found" "$crash"
	exec "$1" -runs="$runs" -max_len="${FUZZ_MAX_LEN:-2048}" -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$crash/" "$found" "$here/fuzz/corpus/$part" \
		> "$build/log/$2" 2>&1
}

job_ended() { # EXIT-CODE SECONDS NAME
	local log=$build/log/$3 executed
	executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$1" = 0 ] && [ "${executed:-0}" -ge "$runs" ]; then
		echo "ok   $3 ($executed runs, $(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1) edges, $2 s)"
		pass=$((pass + 1))
	else
		echo "FAIL $3 (exit $1 after ${executed:-no} runs), input in $build/fuzz-crash/${3%_fuzz}:"
		grep -v '^#' "$log" | tail -n 40
		fail=$((fail + 1))
	fi
}

for target in "$@"; do
	name=$(basename "$target")
	if [ -z "$(ls -A "$here/fuzz/corpus/${name%_fuzz}" 2> /dev/null)" ]; then
		echo "FAIL $name: no seeds in fuzz/corpus/${name%_fuzz}"
		fail=$((fail + 1))
		continue
	fi
	jobs_start "$name" run "$target" "$name"
	jobs_below "${JOBS:-$(nproc)}"
done
jobs_below 1
echo "$pass $fail 0" > "$build/results/fuzz"
echo "fuzz: $pass passed, $fail failed"
[ "$fail" = 0 ]
