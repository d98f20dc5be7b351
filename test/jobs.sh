# shellcheck shell=bash
# Several commands at once, for the scripts that run tests. To be sourced.
#
#   jobs_run N COMMAND TEST...    COMMAND TEST of each; N at once, in the order that their heads ask for. N is
#                                 a number, or a command that says it, asked before each
#   jobs_start LABEL COMMAND...   begins one; a label has no blanks
#   jobs_below N                  returns when fewer than N run; of each that has ended it calls
#                                 job_ended EXIT-CODE SECONDS LABEL, which the script has
#   jobs_timed FILE COMMAND...    runs it; the seconds of CPU that it and its children had go to FILE. Not
#                                 those of children that nobody waited for, nor the kernel's own.
#   jobs_cpu FILE                 them, or "?"
#
# What fails may have failed for what else the machine did. With JOBS_AGAIN=1 (.ci/run) jobs_again TEST
# has one run once more, alone, after all others, and that counts: three at most, for more are no accident.
# Both are told, and the first one's output is kept: it is a defect, of the test or of the program.
# JOBS_QUIET names a file for those who run beside each other: tests that run among others share a lock on
# it, and those that measure have it alone. So does whatever else takes part (.ci/run). As long as the file
# JOBS_QUIET.first is there, those who are more patient keep back; who is served first (JOBS_SERVED=first) takes
# it away when its last test among others has ended.
#
# A line in a test's head says when it does not take its turn among the others:
#   # Run: alone, because ...    after all others, one by one: it measures, and needs the machine
#   # Run: early                 before others: it takes long, and must not be the last one to end
#
# An interrupt ends those that run, waits for them, and ends the script.
declare -A JOBS_RUNNING=() # process -> "when it began, label"
JOBS_SECOND=()             # tests
JOBS_FIRST=1               # no test has run twice yet

jobs_start() { # LABEL COMMAND...
	local label=$1
	shift
	"$@" 8>&- & # nobody but us holds the lock
	JOBS_RUNNING[$!]="$SECONDS $label"
}

jobs_below() { # N
	local pid rc of
	while [ ${#JOBS_RUNNING[@]} -ge "$1" ]; do
		wait -n -p pid "${!JOBS_RUNNING[@]}"
		rc=$?
		of=${JOBS_RUNNING[$pid]}
		unset "JOBS_RUNNING[$pid]"
		job_ended $rc $((SECONDS - ${of%% *})) "${of#* }"
	done
}

jobs_timed() { # FILE COMMAND...: its exit code
	local file=$1 pid rc
	shift
	"$@" &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid" INT TERM
	wait $pid
	rc=$?
	while kill -0 $pid 2> /dev/null; do # a signal ended the waiting
		wait $pid
		rc=$?
	done
	times > "$file"
	return $rc
}
jobs_cpu() { # FILE
	awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += 60 * t[1] + t[2] }; printf "%.0f", sum; n = 1 }
		END { if (!n) printf "?" }' "$1" 2> /dev/null || echo "?"
}

jobs_again() { # TEST: whether it will run again
	[ "${JOBS_AGAIN:-}" = 1 ] && [ $JOBS_FIRST = 1 ] && [ ${#JOBS_SECOND[@]} -lt 3 ] && JOBS_SECOND+=("$1")
}

jobs_quiet() { # -s: with others, -x: alone
	[ -z "${JOBS_QUIET:-}" ] || { exec 8>> "$JOBS_QUIET" && flock "$1" 8; }
}
jobs_loud() { exec 8>&-; } # before it waits to be alone: two that wait for each other would wait forever
jobs_back() { [ -n "${JOBS_QUIET:-}" ] && [ -e "$JOBS_QUIET.first" ]; }
jobs_served() { [ "${JOBS_SERVED:-}" != first ] || [ -z "${JOBS_QUIET:-}" ] || rm -f "$JOBS_QUIET.first"; }

jobs_is() { head -n 20 "$2" | grep -q "^# Run: $1"; } # WHEN TEST

jobs_run() { # N COMMAND TEST...: COMMAND calls jobs_start
	local n=$1 command=$2 t
	local -a early=() middle=() alone=()
	shift 2
	for t in "$@"; do
		if jobs_is alone "$t"; then
			alone+=("$t")
		elif jobs_is early "$t"; then
			early+=("$t")
		else
			middle+=("$t")
		fi
	done
	jobs_quiet -s
	for t in ${early[@]+"${early[@]}"} ${middle[@]+"${middle[@]}"}; do
		"$command" "$t"
		[[ $n == [0-9]* ]] && jobs_below "$n" || jobs_below "$("$n")"
	done
	jobs_below 1
	jobs_served
	jobs_loud
	jobs_quiet -x
	for t in ${alone[@]+"${alone[@]}"}; do
		"$command" "$t"
		jobs_below 1
	done
	JOBS_FIRST=0
	for t in ${JOBS_SECOND[@]+"${JOBS_SECOND[@]}"}; do
		"$command" "$t"
		jobs_below 1
	done
	jobs_loud
}

jobs_stop() {
	[ ${#JOBS_RUNNING[@]} = 0 ] || { kill "${!JOBS_RUNNING[@]}"; wait; } 2> /dev/null
	exit 130
}
trap jobs_stop INT TERM
