# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What .ci/run leaves out, of tests that do the same in several ways. To be sourced.
#
#   sample_of WORD...   all of them; with SAMPLE=SEED one of them, which follows from the seed, the words
#                       and the test's name: another seed, another choice
#
# So each test runs, each time.
sample_of() {
	local n
	[ -n "${SAMPLE:-}" ] || { echo "$*"; return; }
	n=$(md5sum <<< "$SAMPLE $(basename "$0") $*")
	shift $((16#${n:0:6} % $#))
	echo "$1"
}
