#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the guest tests, JOBS at once: test/run-vm.sh BUILD TEST.sh... Each boots a guest of its own
# (test/vm/vmrun) and prints one line per check: "ok NAME" or "FAIL NAME"; it ends 0 (pass), 77
# (skip, said loudly) or else (fail). The counts go to BUILD/results/vm.
#
# A guest is emulated and has 2 GB: as many run at once as there are processors and memory for, three at
# most, and one as long as namespace tests run beside it (.ci/run). One that measures runs alone, after the
# others (test/jobs.sh).
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/jobs.sh"
. "$here/sample.sh"
build=$1
shift
mkdir -p "$build/results" "$build/log"
if [ ! -s "${VMRUN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vmrun}/initrd" ]; then
	"$here/vm/vmrun" --setup || { echo "vm: no guest kernel"; echo "0 1 0" > "$build/results/vm"; exit 1; }
fi
guests=$(nproc)
[ "$guests" -le 3 ] || guests=3
room=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 2500000))
[ $guests -le $room ] || guests=$room
[ $guests -ge 1 ] || guests=1
pass=0 fail=0 skip=0

declare -A path=() # of a name

run() { jobs_timed "$2.cpu" "$1" "$build" > "$2" 2>&1 < /dev/null; } # TEST LOG

start() { # TEST
	local name
	name=$(basename "$1" .sh)
	path[$name]=$1
	jobs_start "$name" run "$1" "$build/log/vm-$name"
}

job_ended() { # EXIT-CODE SECONDS NAME
	local rc=$1 log=$build/log/vm-$3 n bad took
	n=$(grep -c '^ok ' "$log")
	bad=$(grep -c '^FAIL ' "$log")
	took="$2 s, $(jobs_cpu "$log.cpu") of CPU"
	if [ "$rc" = 77 ]; then
		echo "SKIP vm/$3: $(tail -n 1 "$log")"
		skip=$((skip + 1))
	elif [ "$rc" != 0 ] || [ "$bad" != 0 ] || [ "$n" = 0 ]; then
		echo "FAIL vm/$3 (exit $rc, $took); $log has:"
		grep '^FAIL ' "$log"
		tail -n 40 "$log"
		if jobs_again "${path[$3]}"; then
			cp "$log" "$log.first"
			echo "AGAIN vm/$3, alone, after the others ($log.first is the first one's)"
			return
		fi
		pass=$((pass + n)) fail=$((fail + (bad > 0 ? bad : 1)))
	else
		pass=$((pass + n))
		echo "ok   vm/$3 ($n checks, $took)"
	fi
}

tests=()
for t in "$@"; do
	[ "$(basename "$t")" = lib.sh ] || tests+=("$t")
done
at_once() { if jobs_back; then echo 1; else echo $guests; fi; }
sample_tests "${tests[@]}"
sample_told vm "$build/left"
jobs_run "${JOBS:-at_once}" start "${SAMPLE_TESTS[@]}"
echo "$pass $fail $skip" > "$build/results/vm"
[ "$skip" = 0 ] || echo "vm: $skip skipped"
[ -z "${JOBS_SECOND[*]}" ] || echo "vm: ${#JOBS_SECOND[@]} tests at the second time"
echo "$pass passed, $fail failed"
[ "$fail" = 0 ]
