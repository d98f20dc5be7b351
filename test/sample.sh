# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What .ci/run leaves out. To be sourced. Without SAMPLE nothing is; with SAMPLE=SEED what is follows from the
# seed and from names alone: the same seed, the same choice; another seed, another one.
#
#   sample_of WORD...     one of the ways in which a test does the same; a seed that is one of the words is the
#                         choice: SAMPLE=tc, in mode tc what has one
#   sample_modes TEST     which of xdp and tc it is run in
#   sample_tests TEST...  which of them run: in SAMPLE_TESTS; the others, as TIER/NAME: in SAMPLE_LEFT
#   sample_told TIER DIR  says which of a tier were left out, and keeps it in DIR/TIER, for test/summary.sh
#
# A test's head says what of it a sample may leave out:
#   # Sample: one mode     it runs in one of the modes (not what is about the data plane alone)
#   # Sample: mode xdp     it runs in this mode: what it does once, it does there
#   # Sample: N of GROUP   of the tests that say so N run: each of them costs much, and all are of one area
# What says nothing runs, whole.
sample_of() {
	local n word
	[ -n "${SAMPLE:-}" ] || { echo "$*"; return; }
	for word; do [ "$word" != "$SAMPLE" ] || { echo "$word"; return; }; done
	n=$(md5sum <<< "$SAMPLE $(basename "$0") $*")
	shift $((16#${n:0:6} % $#))
	echo "$1"
}

sample_says() { head -n 20 "$2" | sed -n "s/^# Sample: $1\$/\1 \2/p" | head -n 1; } # PATTERN with \(\) TEST

sample_modes() { # TEST: our own
	local mode
	[ -n "${SAMPLE:-}" ] || { echo xdp tc; return; }
	mode=$(sample_says '\(one mode\|mode [a-z]*\)\(\)' "$1")
	case $mode in
	"") echo xdp tc ;;
	one*) sample_of xdp tc ;;
	*) mode=${mode#mode } && echo "${mode% }" ;;
	esac
}

SAMPLE_TESTS=() SAMPLE_LEFT=()
sample_tests() {
	local t tier left
	SAMPLE_TESTS=() SAMPLE_LEFT=()
	left=" $(sample_left "$@" | tr '\n' ' ')"
	for t in "$@"; do
		tier=${t%/*}
		case $left in
		*" $t "*) t=${t##*/} && SAMPLE_LEFT+=("${tier##*/}/${t%.sh}") ;;
		*) SAMPLE_TESTS+=("$t") ;;
		esac
	done
}
# Each test has a place of its own in its group, so that one that is new moves none but the last one out.
sample_left() { # TEST...
	local group n t
	[ -n "${SAMPLE:-}" ] || return 0
	awk 'FNR <= 20 && /^# Sample: [0-9]+ of [a-z0-9]+$/ { print $5, $3, FILENAME }' "$@" < /dev/null |
		while read -r group n t; do
			echo "$group $(md5sum <<< "$SAMPLE $group ${t##*/}" | cut -c1-32) $n $t"
		done | sort | awk '++runs[$1] > $3 { print $4 }'
}

sample_told() {
	mkdir -p "$2"
	printf '%s\n' ${SAMPLE_LEFT[@]+"${SAMPLE_LEFT[@]}"} | grep "^$1/" > "$2/$1" || return 0
	echo "LEFT OUT by SAMPLE=$SAMPLE, neither run nor counted: $(tr '\n' ' ' < "$2/$1")"
}
