#!/bin/bash
# Adds up BUILD/results/*: test/summary.sh BUILD. The last line is the sum. Fails when a test failed,
# when a whole tier was skipped, and when there is no result at all.
set -u
build=$1
pass=0 fail=0 rc=0
for f in "$build"/results/*; do
	[ -f "$f" ] || { echo "summary: there are no results in $build/results"; exit 1; }
	[[ $(< "$f") =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]] ||
		{ echo "summary: $f is not a result"; rc=1 fail=$((fail + 1)); continue; }
	p=${BASH_REMATCH[1]} b=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
	echo "$(basename "$f"): $p passed, $b failed, $s skipped"
	if [ "$p" = 0 ] && [ "$b" = 0 ]; then
		echo "summary: nothing of the tier \"$(basename "$f")\" was run"
		rc=1
	fi
	pass=$((pass + p)) fail=$((fail + b))
done
left=$(cat "$build"/left/* 2> /dev/null | tr '\n' ' ')
[ -z "${left// /}" ] || echo "left out of this sample, and in no count: $left"
[ "$fail" = 0 ] || rc=1
echo "$pass passed, $fail failed"
exit $rc
