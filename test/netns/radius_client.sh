#!/bin/bash
# The RADIUS client's door (radius/sys.c) against FreeRADIUS on a loopback of its own, IPv4 and
# IPv6: every login accepted, every record answered, and what an exchange costs. COUNT=20000
# measures; the default only proves.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
: "${B:?the build directory}"
[ -n "${RADIUS_CLIENT_INSIDE:-}" ] || exec unshare --net env RADIUS_CLIENT_INSIDE=1 bash "$0"
command -v freeradius > /dev/null || { echo "freeradius is not installed"; exit 1; }
make --no-print-directory -s B="$B" "$B/libradius.a" "$B/libbase.a" || exit 1
mkdir -p "$B/netns"
# shellcheck disable=SC2086
${CC:-gcc} -std=gnu11 -Wall -Wextra -O1 -g -D_GNU_SOURCE ${SANFLAGS:-} -I. test/netns/radius_client.c \
	"$B/libradius.a" "$B/libbase.a" -lnettle -lradcli -lev -o "$B/netns/radius_client" || exit 1

RADIUS_SECRET=testing123 RADIUS_AT=127.0.0.1 RADIUS_AT6=::1 COUNT=${COUNT:-2000}
. test/radius.sh
dir=$(mktemp -d) || exit 1
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2> /dev/null; rm -rf "$dir"' EXIT
chmod 755 "$dir"
ip link set lo up
radius_user carol secret > "$dir/users"
: > "$dir/dictionary"
touch "$dir/detail"
radius_config "$dir" 1812 1813 > "$dir/radiusd.conf"
LC_ALL=C freeradius -f -l "$dir/log" -d "$dir" -n radiusd > "$dir/out" 2>&1 &
server=$!
for ((i = 0; i < 100; i++)); do
	radclient -q -r 1 -t 1 127.0.0.1:1813 status $RADIUS_SECRET <<< 'Message-Authenticator = 0x00' \
		> /dev/null 2>&1 && break
	kill -0 "$server" || break
	sleep 0.1
done

rc=0
for at in 127.0.0.1 ::1; do
	for window in 1 16 64; do
		rm -rf "$dir/state"
		echo "$at, window $window:"
		"$B/netns/radius_client" $at 1812 1813 $RADIUS_SECRET carol secret "$COUNT" $window "$dir/state" ||
			{ echo "not ok: $at, window $window"; rc=1; }
		left=$(find "$dir/state/spool" -type f | wc -l)
		[ "$left" = 0 ] || { echo "not ok: $left files left in the spool"; rc=1; }
	done
done
records=$(grep -c 'Acct-Status-Type = Start' "$dir/detail")
[ "$records" = $((6 * COUNT)) ] || { echo "not ok: $records records for $((6 * COUNT))"; rc=1; }
[ $rc = 0 ] || tail -n 20 "$dir/log" "$dir/out"
exit $rc
