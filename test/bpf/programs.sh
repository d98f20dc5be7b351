#!/bin/bash
# The data plane's programs, loader and tap: test/bpf/programs.sh [BUILD]. Each test makes a network
# namespace of its own, which goes with it.
set -u
build=${1:-${B:-build}}
rc=0
for t in "$build"/test/bpf/*_test; do
	name=$(basename "$t" _test)
	timeout 300 "$t" > "$build/test/bpf/$name.out" 2>&1
	case $? in
	0) ;;
	77) echo "SKIP: $name" ;;
	*) rc=1; echo "FAIL: $name" ;;
	esac
	awk -v n="$name" '/Running/ { group++ } /  OK \]/ { print "ok: " n " " group " " $NF }' \
		"$build/test/bpf/$name.out"
	grep -v '  OK \]\|RUN  ' "$build/test/bpf/$name.out"
done
exit $rc
