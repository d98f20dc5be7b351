# shellcheck shell=bash
# Several commands at once, for the scripts that run tests. To be sourced.
#
#   jobs_run N COMMAND TEST...    COMMAND TEST of each; N at once, in the order that their heads ask for
#   jobs_start LABEL COMMAND...   begins one; a label has no blanks
#   jobs_below N                  returns when fewer than N run; of each that has ended it calls
#                                 job_ended EXIT-CODE SECONDS LABEL, which the script has
#
# A line in a test's head says when it does not take its turn among the others:
#   # Run: alone, because ...    after all others, one by one: it measures, and needs the machine
#   # Run: early                 before others: it takes long, and must not be the last one to end
#
# An interrupt ends those that run, waits for them, and ends the script.
declare -A JOBS_RUNNING=() # process -> "when it began, label"

jobs_start() { # LABEL COMMAND...
	local label=$1
	shift
	"$@" &
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
	for t in ${early[@]+"${early[@]}"} ${middle[@]+"${middle[@]}"}; do
		"$command" "$t"
		jobs_below "$n"
	done
	jobs_below 1
	for t in ${alone[@]+"${alone[@]}"}; do
		"$command" "$t"
		jobs_below 1
	done
}

jobs_stop() {
	[ ${#JOBS_RUNNING[@]} = 0 ] || { kill "${!JOBS_RUNNING[@]}"; wait; } 2> /dev/null
	exit 130
}
trap jobs_stop INT TERM
