# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What .ci/run leaves out, of tests that do the same in several ways. To be sourced.
#
#   sample_of WORD...   all of them; with SAMPLE=SEED one of them, which follows from the seed, the words
#                       and the test's name: another seed, another choice. A seed that is one of the words
#                       is the choice: SAMPLE=tc, in mode tc what has one.
#
# So each test runs, each time.
sample_of() {
	local n word
	[ -n "${SAMPLE:-}" ] || { echo "$*"; return; }
	for word; do [ "$word" != "$SAMPLE" ] || { echo "$word"; return; }; done
	n=$(md5sum <<< "$SAMPLE $(basename "$0") $*")
	shift $((16#${n:0:6} % $#))
	echo "$1"
}
