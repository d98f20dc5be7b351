#!/bin/bash
# Runs fuzz targets one after another: test/run-fuzz.sh BUILD RUNS TARGET... Each begins with its
# seeds, test/fuzz/corpus/<its name without _fuzz>; what it finds on the way goes to
# BUILD/fuzz-corpus, so that the tree stays clean and the next run goes on from there. An input that
# crashes is kept in BUILD/fuzz-crash: shrink it, and put it among the seeds. The counts go to
# BUILD/results/fuzz.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1 runs=$2
shift 2
mkdir -p "$build/results" "$build/log"
pass=0 fail=0

for target in "$@"; do
	name=$(basename "$target")
	part=${name%_fuzz}
	seeds=$here/fuzz/corpus/$part found=$build/fuzz-corpus/$part crash=$build/fuzz-crash/$part
	mkdir -p "$found" "$crash"
	log=$build/log/$name
	if [ -z "$(ls -A "$seeds" 2> /dev/null)" ]; then
		echo "FAIL $name: no seeds in ${seeds#"$here"/}"
		fail=$((fail + 1))
		continue
	fi
	# The largest frame is 1530 octets; a little more finds what does not expect it.
	"$target" -runs="$runs" -max_len="${FUZZ_MAX_LEN:-2048}" -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$crash/" "$found" "$seeds" > "$log" 2>&1
	rc=$?
	done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ $rc = 0 ] && [ "${done:-0}" -ge "$runs" ]; then
		echo "ok   $name ($done runs," \
			"$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1) edges)"
		pass=$((pass + 1))
	else
		echo "FAIL $name (exit $rc after ${done:-no} runs), input in $crash:"
		grep -v '^#' "$log" | tail -n 40
		fail=$((fail + 1))
	fi
done
echo "$pass $fail 0" > "$build/results/fuzz"
echo "fuzz: $pass passed, $fail failed"
[ "$fail" = 0 ]
