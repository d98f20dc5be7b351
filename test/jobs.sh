# shellcheck shell=bash
# Several commands at once, for the scripts that run tests. To be sourced.
#
#   jobs_start LABEL COMMAND...   begins one; a label has no blanks
#   jobs_below N                  returns when fewer than N run; of each that has ended it calls
#                                 job_ended EXIT-CODE SECONDS LABEL, which the script has
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

jobs_stop() {
	[ ${#JOBS_RUNNING[@]} = 0 ] || { kill "${!JOBS_RUNNING[@]}"; wait; } 2> /dev/null
	exit 130
}
trap jobs_stop INT TERM
