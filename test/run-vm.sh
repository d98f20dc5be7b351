#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the guest tests: test/run-vm.sh BUILD TEST.sh... Each boots a guest of its own (test/vm/vmrun)
# and prints one line per check: "ok NAME" or "FAIL NAME"; it ends 0 (pass), 77 (skip, said loudly)
# or else (fail). The counts go to BUILD/results/vm.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
mkdir -p "$build/results" "$build/log"
if [ ! -s "${VMRUN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vmrun}/initrd" ]; then
	"$here/vm/vmrun" --setup || { echo "vm: no guest kernel"; echo "0 1 0" > "$build/results/vm"; exit 1; }
fi
pass=0 fail=0 skip=0
for t in "$@"; do
	[ "$(basename "$t")" != lib.sh ] || continue
	log=$build/log/vm-$(basename "$t" .sh)
	start=$SECONDS
	"$t" "$build" 2>&1 | tee "$log" | grep --line-buffered '^ok \|^FAIL '
	rc=${PIPESTATUS[0]}
	n=$(grep -c '^ok ' "$log")
	bad=$(grep -c '^FAIL ' "$log")
	pass=$((pass + n))
	if [ "$rc" = 77 ]; then
		echo "SKIP $(basename "$t"): $(tail -n 1 "$log")"
		skip=$((skip + 1))
	elif [ "$rc" != 0 ] || [ "$bad" != 0 ] || [ "$n" = 0 ]; then
		echo "FAIL $(basename "$t") (exit $rc, $((SECONDS - start)) s); $log ends:"
		tail -n 40 "$log"
		fail=$((fail + (bad > 0 ? bad : 1)))
	else
		echo "     $(basename "$t"): $n checks, $((SECONDS - start)) s"
	fi
done
echo "$pass $fail $skip" > "$build/results/vm"
[ "$skip" = 0 ] || echo "vm: $skip skipped"
echo "$pass passed, $fail failed"
[ "$fail" = 0 ]
