#!/bin/bash
# The tap (pppoe/sys.c) on a real veth pair: filter, VLAN tags, overrun, an interface that goes.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
: "${B:?the build directory}"
make --no-print-directory -s B="$B" "$B/libpppoe.a" "$B/libbase.a" || exit 1
mkdir -p "$B/netns"
${CC:-gcc} -std=gnu11 -Wall -Wextra -O1 -g -D_GNU_SOURCE -I. test/netns/pppoe_tap.c \
	"$B/libpppoe.a" "$B/libbase.a" -lpcap -lnettle -o "$B/netns/pppoe_tap" || exit 1
exec "$B/netns/pppoe_tap"
