#!/bin/bash
# The data plane's programs, loader and tap: test/bpf/programs.sh [BUILD]. Each test makes a network
# namespace of its own, which goes with it.
set -u
build=${1:-${B:-build}}
rc=0
for t in "$build"/test/bpf/*_test; do
	out=$("$t" 2>&1) || { rc=1; echo "FAIL $(basename "$t")"; grep -v 'OK \]\|RUN  ' <<< "$out"; }
	grep -A1 '^\[==========\].*run' <<< "$out" | grep PASSED | sed "s/^/$(basename "$t") /"
done
exit $rc
