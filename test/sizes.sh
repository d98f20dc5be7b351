#!/bin/bash
# How long and how deep: test/sizes.sh [FOLDER-OF-THE-TREE]. Prints every file of more than 600
# lines, every function of more than 60, and every statement that opens a fifth level within one;
# then how files and functions spread, part by part. Fails when there is an offence.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2
FILE_MAX=600 FUNCTION_MAX=60 LEVELS_MAX=4

if ! ctags --version 2> /dev/null | grep -q '^Universal Ctags'; then
	echo "sizes: universal-ctags is missing (test/deps.sh installs it)" >&2
	exit 2
fi
mapfile -t files < <(ls {base,pppoe,ppp,ipv6,radius,shaper,nat64,mirror,bpf,daemon,console}/*.[ch] \
	test/{unit,fuzz,dialer,bench,bpf}/*.[ch] 2> /dev/null)
if [ ${#files[@]} = 0 ]; then
	echo "sizes: no file found: wrong folder?" >&2
	exit 2
fi
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

wc -l "${files[@]}" | grep -v ' total$' > "$tmp/lines"
awk -v max=$FILE_MAX '$1 > max { printf "%s: %d lines (at most %d)\n", $2, $1, max }' "$tmp/lines" > "$tmp/bad"

ctags --languages=C --langmap=C:.c.h --kinds-C=f --fields=ne --output-format=u-ctags -f - "${files[@]}" |
	awk -F'\t' '{ line = end = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) line = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		if (end) print end - line + 1, $2 ":" line, $1 }' > "$tmp/functions"
awk -v max=$FUNCTION_MAX '$1 > max {
	printf "%s: %s() has %d lines (at most %d)\n", $2, $3, $1, max }' "$tmp/functions" >> "$tmp/bad"

# The code is formatted: a control statement stands at as many tabs as it is deep.
awk -v max=$LEVELS_MAX '/^\t+(if|for|while|do|switch)[ ({]/ {
	match($0, /^\t+/)
	if (RLENGTH > max) printf "%s:%d: opens level %d (at most %d)\n", FILENAME, FNR, RLENGTH, max
}' "${files[@]}" >> "$tmp/bad"

# A row for each folder: its files, their lines, the longest; its functions, the median, nine of ten, the longest.
parts() {
	printf '%-12s %5s %6s %-36s %9s %6s %4s  %s\n' part files lines 'longest file' functions median 9/10 'longest function'
	sort -n "$tmp/functions" | awk '
		function part(path) { sub(/\/[^\/]*$/, "", path); return path }
		FILENAME != "-" { p = part($2); if (!files[p]++) order[++n] = p
			lines[p] += $1; if ($1 > most[p]) { most[p] = $1; file[p] = $2 } next }
		{ p = part($2); len[p, ++count[p]] = $1; name[p] = $3 }
		END { for (i = 1; i <= n; i++) { p = order[i]; c = count[p]; sub(/.*\//, "", file[p])
			printf "%-12s %5d %6d %-36s %9d %6d %4d  %s\n", p, files[p], lines[p], file[p] " " most[p], c,
				len[p, int((c + 1) / 2)], len[p, int(c * .9 + .5)], c ? name[p] "() " len[p, c] : "-" } }' "$tmp/lines" -
}

cat "$tmp/bad"
parts
sort -n "$tmp/functions" | awk '{ n[NR] = $1 } END {
	if (NR) printf "sizes: %d functions, median %d lines, nine of ten up to %d, longest %d\n",
		NR, n[int((NR + 1) / 2)], n[int(NR * .9 + .5)], n[NR] }'
echo "sizes: ${#files[@]} files, $(wc -l < "$tmp/bad") offences"
[ ! -s "$tmp/bad" ]
