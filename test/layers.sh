#!/bin/bash
# Which folder may include which: test/layers.sh [FOLDER-OF-THE-TREE]. Prints every #include that
# breaks the rules, and fails when there is one.
#
#   base                       base
#   console                    base, console
#   pppoe ppp ipv6 bpf ...     base, bpf/abi.h, and themselves
#   daemon                     anything but test
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

allowed() { # FOLDER INCLUDED
	case $1:$2 in
	"$1:$1"/*) return 0 ;;
	daemon:test/*) return 1 ;;
	daemon:*) return 0 ;;
	*:base/*) return 0 ;;
	base:* | console:*) return 1 ;;
	*:bpf/abi.h) return 0 ;;
	esac
	return 1
}

bad=0 seen=0
while IFS=: read -r file line text; do
	folder=${file%%/*}
	included=$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' <<< "$text")
	[ -n "$included" ] || continue
	seen=$((seen + 1))
	# A generated skeleton and its like lie in no folder of another part.
	if [ "${included#*/}" = "$included" ] || [ "${included#../}" != "$included" ]; then
		echo "$file:$line: \"$included\" does not name its folder"
		bad=$((bad + 1))
	elif ! allowed "$folder" "$included"; then
		echo "$file:$line: $folder/ must not include \"$included\""
		bad=$((bad + 1))
	fi
done < <(grep -n '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
	{base,pppoe,ppp,ipv6,radius,shaper,nat64,mirror,bpf,daemon,console}/*.[ch] /dev/null 2> /dev/null)

if [ "$seen" = 0 ]; then
	echo "layers: no #include found: wrong folder?"
	exit 2
fi
echo "layers: $seen includes, $bad offences"
[ "$bad" = 0 ]
