#!/bin/bash
# Runs tests that need root, one after another: test/run-netns.sh BUILD TEST... A test ends 0 (pass),
# 77 (skip, said loudly) or else (fail; the end of its output is shown, all of it is kept in
# BUILD/log). The counts "pass fail skip" go to BUILD/results/NAME, NAME being the tests' folder.
set -u
build=$1
shift
[ $# -gt 0 ] || { echo "run-netns: no tests were given"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "run-netns: these tests make network namespaces: run them as root"; exit 1; }
tier=$(basename "$(dirname "$1")")
mkdir -p "$build/results" "$build/log"
B=$(cd "$build" && pwd)
export B
pass=0 fail=0 skip=0
for t in "$@"; do
	name=$(basename "$t" .sh)
	log=$build/log/$tier-$name
	began=$SECONDS
	timeout -k 20 "${TEST_TIMEOUT:-300}" bash "$t" > "$log" 2>&1 < /dev/null
	rc=$?
	took="$((SECONDS - began)) s"
	case $rc in
	0) echo "ok   $tier/$name ($(grep -c '^ok: ' "$log") checks, $took)"; pass=$((pass + 1)) ;;
	77) echo "SKIP $tier/$name: $(tail -n 1 "$log")"; skip=$((skip + 1)) ;;
	*) echo "FAIL $tier/$name (exit $rc, $took; all of it in $log)"; tail -n 60 "$log"; fail=$((fail + 1)) ;;
	esac
done
echo "$pass $fail $skip" > "$build/results/$tier"
echo "$tier: $pass passed, $fail failed, $skip skipped"
[ "$fail" = 0 ]
