#!/bin/bash
# The tests of other parts that carry traffic, with the fast path on, in both of its modes:
# test/fast_suite.sh BUILD [TEST...]. What they prove with it off (make check-netns) holds with it on; and
# that it was on is proved here: packets of each really went around the stack, or none did where none may,
# and then the row says why.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift

# TEST, whether packets go around the stack with fastpath = flows, and with routed, and why not.
rows() {
	cat <<-END
	data yes yes
	mtu yes yes
	vlan yes yes
	spoof no yes it only pings
	radius_acct yes yes
	mirror no yes what is mirrored stays with the stack, and it only pings else
	shape yes yes
	shape_change yes yes
	shape_share no yes only the core sends, so that conntrack holds nothing for assured
	shape_radius no yes it only pings
	ipv6_cpe no yes it only pings
	ipv6_ra no yes it only pings
	ipv6_pd no yes it only pings
	ipv6_routed no yes it only pings
	ipv6_life no yes it only pings
	ipv6_radius no yes it only pings
	nat64 no no the translator must see each packet
	dns64 no no the name server is on the box
	END
}

sum() { awk -v m="$2" '$0 ~ "^fast path, " m ": [0-9]+ around" { n += $4 } END { print n + 0 }' "$1"; } # LOG MODE

# It went as its row says.
went() { # TEST MODE YES|NO WHY
	local n why
	n=$(sum "$build/log/netns-$1" "$2")
	case $3,$n in
	yes,0 | no,[1-9]*)
		echo "FAIL $1, fastpath = $2: $n packets around the stack"
		return 1
		;;
	esac
	[ "$3" = yes ] && why='' || why=": $4"
	echo "ok   $1, fastpath = $2: $n packets around the stack$why"
}

rc=0
for mode in flows routed; do
	names=() tests=()
	while read -r name flows routed why; do
		[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
		names+=("$name")
		tests+=("$here/netns/$name.sh")
	done < <(rows)
	BRAS_FASTPATH=$mode "$here/run-netns.sh" "$build" "${tests[@]}" || rc=1
	while read -r name flows routed why; do
		[[ " ${names[*]} " == *" $name "* ]] || continue
		went "$name" $mode "${!mode}" "$why" || rc=1
	done < <(rows)
done
exit $rc
