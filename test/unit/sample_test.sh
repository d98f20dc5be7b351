#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a sample of .ci/run leaves out (test/sample.sh), of tests made up here and of those that are there. It
# prints as cmocka does, for test/run-unit.sh.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/sample.sh"
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
rc=0
real=("$here"/netns/*.sh "$here"/bpf/*.sh "$here"/vm/*.sh)

run() { # NAME
	if (SAMPLE=''; "$1"); then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1"
		rc=1
	fi
}
is() { [ "$2" = "$3" ] || { echo "$1: \"$2\", not \"$3\""; return 1; }; } # WHAT GOT WANTED
pick() { # SEED TEST...: those that run, as TIER/NAME
	SAMPLE=$1
	shift
	sample_tests "$@"
	printf '%s\n' ${SAMPLE_TESTS[@]+"${SAMPLE_TESTS[@]}"} | sed 's|.*/\([^/]*/[^/]*\)\.sh$|\1|'
}

mkdir -p "$T/netns" "$T/vm"
for n in a b c d e; do printf '#!/bin/bash\n# Proves: %s.\n# Sample: 2 of letters\n' $n > "$T/netns/$n.sh"; done
printf '#!/bin/bash\n# Sample: one mode\n# Sample: 1 of greek\n' > "$T/netns/alpha.sh"
printf '#!/bin/bash\n# Sample: 1 of greek\n' > "$T/netns/beta.sh"
printf '#!/bin/bash\n# Sample: mode tc\n' > "$T/netns/always.sh"
printf '#!/bin/bash\n' > "$T/netns/both.sh"
made=("$T"/netns/*.sh)

without_a_seed_all_run() {
	is made "$(pick '' "${made[@]}" | wc -l)" ${#made[@]} &&
		is real "$(pick '' "${real[@]}" | wc -l)" ${#real[@]} &&
		is modes "$(for t in "${made[@]}"; do sample_modes "$t"; done | sort -u)" "xdp tc"
}

so_many_of_a_group_run() {
	local seed got
	for seed in 1 2 3 4 5 6 7 8; do
		got=$(pick $seed "${made[@]}")
		is "letters of $seed" "$(grep -cx 'netns/[a-e]' <<< "$got")" 2 || return 1
		is "greek of $seed" "$(grep -cx 'netns/\(alpha\|beta\)' <<< "$got")" 1 || return 1
		is "others of $seed" "$(grep -cx 'netns/\(always\|both\)' <<< "$got")" 2 || return 1
	done
}

a_seed_is_a_choice() {
	local seed all='' n
	for seed in 1 2 3 4 5 6 7 8; do
		is "again, $seed" "$(pick $seed "${made[@]}")" "$(pick $seed "${made[@]}")" || return 1
		all+="$(pick $seed "${made[@]}" | tr '\n' ' ')"$'\n'
	done
	[ "$(sort -u <<< "$all" | wc -l)" -gt 3 ] || { echo "eight seeds choose $all"; return 1; }
	for n in a b c d e alpha beta; do grep -q "netns/$n " <<< "$all" || { echo "none chooses $n"; return 1; }; done
}

order_does_not_count() {
	local turned=() t
	for t in "${made[@]}"; do turned=("$t" "${turned[@]}"); done
	is turned "$(pick 3 "${turned[@]}" | sort)" "$(pick 3 "${made[@]}" | sort)"
}

one_that_is_new_moves_one_at_most() {
	local before after
	before=$(pick 5 "$T"/netns/[a-d].sh)
	after=$(pick 5 "$T"/netns/[a-e].sh)
	[ "$(comm -12 <(sort <<< "$before") <(sort <<< "$after") | wc -l)" -ge 1 ]
}

one_alone_runs() { is d "$(pick 7 "$T/netns/d.sh")" netns/d; }

what_is_left_out_is_told() {
	local said left
	SAMPLE=4
	sample_tests "${made[@]}"
	left=$(printf '%s\n' "${SAMPLE_LEFT[@]}" | sort)
	said=$(sample_told netns "$T/left"; sample_told vm "$T/left")
	is "run and left" $((${#SAMPLE_TESTS[@]} + ${#SAMPLE_LEFT[@]})) ${#made[@]} &&
		is "its tier" "$(grep -vc '^netns/' <<< "$left")" 0 &&
		is kept "$(sort "$T/left/netns")" "$left" &&
		is "nothing of vm" "$(cat "$T/left/vm")" "" &&
		is said "$said" "LEFT OUT by SAMPLE=4, neither run nor counted: $(tr '\n' ' ' < "$T/left/netns")" || return 1
	SAMPLE=''
	sample_tests "${made[@]}"
	is "and forgotten" "$(sample_told netns "$T/left"; cat "$T/left/netns")" ""
}

summary_tells_and_does_not_count() {
	local out
	mkdir -p "$T/build/results" "$T/build/left"
	echo "3 0 1" > "$T/build/results/netns"
	printf 'netns/x\nnetns/y\n' > "$T/build/left/netns"
	out=$("$here/summary.sh" "$T/build") || return 1
	is told "$(grep -c 'left out of this sample, and in no count: netns/x netns/y' <<< "$out")" 1 &&
		is counted "$(tail -n 1 <<< "$out")" "3 passed, 0 failed"
}

modes() {
	SAMPLE=9
	is always "$(sample_modes "$T/netns/always.sh")" tc && is both "$(sample_modes "$T/netns/both.sh")" "xdp tc" &&
		is "one of two" "$(sample_modes "$T/netns/alpha.sh" | grep -cx 'xdp\|tc')" 1
}

# Of the tests that are there: each line of the kind is understood, and a group has more than it runs.
heads_are_understood() {
	local line n group
	! grep -h '^# Sample:' "${real[@]}" | grep -vx '# Sample: \(one mode\|mode xdp\|mode tc\|[0-9][0-9]* of [a-z0-9]*\)' || return 1
	while read -r line; do
		read -r _ _ n _ group <<< "$line"
		[ "$(grep -lx "# Sample: [0-9]* of $group" "${real[@]}" | wc -l)" -gt "$n" ] || { echo "$line: no choice"; return 1; }
		is "$group: how many" "$(grep -hx "# Sample: [0-9]* of $group" "${real[@]}" | sort -u)" "$line" || return 1
	done < <(grep -hx '# Sample: [0-9]* of .*' "${real[@]}" | sort -u)
}

# What every change must pass.
the_core_always_runs() {
	local seed got t
	for seed in 1 2 3; do
		got=$(pick $seed "${real[@]}")
		for t in netns/{data,line,mtu,vlan,spoof,fast,restart,shape,nat64,radius_auth,radius_acct,mirror,monitor} \
			bpf/{programs,traffic,shape} vm/{dial,traffic,nat64,restart,package,shape}; do
			grep -qx $t <<< "$got" || { echo "$t does not run with $seed"; return 1; }
		done
	done
}

for t in without_a_seed_all_run so_many_of_a_group_run a_seed_is_a_choice order_does_not_count \
	one_that_is_new_moves_one_at_most one_alone_runs what_is_left_out_is_told summary_tells_and_does_not_count \
	modes heads_are_understood the_core_always_runs; do
	run $t
done
exit $rc
