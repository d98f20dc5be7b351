#!/bin/bash
# Runs unit tests one after another: test/run-unit.sh BUILD TEST... A test ends 0 (pass), 77 (skip,
# said loudly) or else (fail). The counts go to BUILD/results/unit.
set -u
build=$1
shift
mkdir -p "$build/results"
pass=0 fail=0 skip=0
for t in "$@"; do
	out=$("$t" 2>&1)
	rc=$?
	n=$(grep -c '^\[       OK \]' <<< "$out")
	bad=$(grep -c '^\[  FAILED  \] [a-z]' <<< "$out")
	case $rc in
	0) echo "ok   $(basename "$t") ($n)"; pass=$((pass + (n > 0 ? n : 1))) ;;
	77) echo "SKIP $(basename "$t"): $(tail -n 1 <<< "$out")"; skip=$((skip + 1)) ;;
	*) echo "FAIL $(basename "$t") (exit $rc)"; echo "$out" | grep -v 'OK \]\|RUN  ' | tail -n 40
	   fail=$((fail + (bad > 0 ? bad : 1))); pass=$((pass + n)) ;;
	esac
done
echo "$pass $fail $skip" > "$build/results/unit"
echo "unit: $pass passed, $fail failed, $skip skipped"
[ "$fail" = 0 ]
