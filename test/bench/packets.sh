#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per 64-octet packet up and down, both attach modes, against the kernel's plain
# IP forwarding between the same interfaces: test/bench/packets.sh BUILD [SESSIONS...]. One CPU
# carries everything (gen.c); each figure is net of the way to a sink right behind the first link.
. "$(dirname "$0")/lib.sh"
shift
[ $# -gt 0 ] || set -- 1000 60000
CPU=$(($(nproc) - 1))
SECONDS_EACH=${SECONDS_EACH:-3}

# KIND IN OUT SINK DST-MAC SRC-MAC -> ns per packet
gen() {
	"$B/bench-gen" -k "$1" -r "$T/records" -n "$N" -i "$2" -o "$3" -s "$4" -d "$5" -m "$6" \
		-p 192.0.2.2 -c $CPU -t "$SECONDS_EACH" > "$T/gen.json" || die "generator: $1 $3"
	[ "$(jq .received "$T/gen.json")" -gt $(($(jq .sent "$T/gen.json") / 2)) ] ||
		echo "bench: $1 to $3: of $(jq .sent "$T/gen.json") packets $(jq .received "$T/gen.json") arrived" >&2
	jq '."ns-per-packet"' "$T/gen.json"
}
up() { gen "$1" $H/wan0 $I/inet0 tc $MAC_ACC $MAC_WAN; }
down_to() { gen ip-down $I/inet0 $H/wan0 "$1" $MAC_CORE $MAC_INET; }

row() { # NAME MODE UP DOWN DOWN-XDP: as measured; prints net and the ratio to plain
	local u d x
	u=$(awk "BEGIN { print $3 - $base_up }")
	d=$(awk "BEGIN { print $4 - $base_down }")
	x=-
	[ -z "$5" ] || x=$(awk "BEGIN { printf \"%.0f (%.2f)\", $5 - $base_down, ($5 - $base_down) / $plain_down }")
	printf '| %s | %s | %.0f (%.2f) | %.0f (%.2f) | %s |\n' "$1" "$N" \
		"$u" "$(ratio "$u" "$plain_up")" "$d" "$(ratio "$d" "$plain_down")" "$x"
}

# Addresses as brasd will give them are not known yet: any will do for plain forwarding.
plain() {
	python3 - "$N" > "$T/records" <<-'END'
	import struct, sys
	for i in range(int(sys.argv[1])):
	    ip = struct.pack("!I", 0x64400002 + i)
	    sys.stdout.buffer.write(struct.pack("=6sH4s", b"\2\0\0\0\1\1", 1, ip))
	END
	ip -n $G addr add 198.51.100.1/24 dev acc0
	ip -n $G neigh replace 198.51.100.2 lladdr $MAC_WAN dev acc0 nud permanent
	ip -n $G route add 100.64.0.0/15 via 198.51.100.2
	base_up=$(gen ip-up $H/wan0 $G/acc0 xdp $MAC_ACC $MAC_WAN)
	base_down=$(gen ip-down $I/inet0 $G/core0 xdp $MAC_CORE $MAC_INET)
	plain_up=$(up ip-up)
	plain_down=$(down_to tc)
	plain_up=$(awk "BEGIN { print $plain_up - $base_up }")
	plain_down=$(awk "BEGIN { print $plain_down - $base_down }")
	ip -n $G route del 100.64.0.0/15
	ip -n $G addr del 198.51.100.1/24 dev acc0
	printf '| baseline, as measured | %s | %.0f | %.0f | |\n' "$N" "$base_up" "$base_down"
	printf '| plain IP forwarding | %s | %.0f (1.00) | %.0f (1.00) | |\n' "$N" "$plain_up" "$plain_down"
}

# The lines, as brasctl shows them, in the generator's form.
records() {
	ctl show sessions --json > "$T/sessions.json"
	python3 - "$T/sessions.json" > "$T/records" <<-'END'
	import json, socket, struct, sys
	for s in json.load(open(sys.argv[1])):
	    if s["state"] == "open" and s["ip"]:
	        mac = bytes.fromhex(s["calling-sid"].replace(":", ""))
	        sys.stdout.buffer.write(struct.pack("=6sH4s", mac, s["sid"], socket.inet_aton(s["ip"])))
	END
}

mode() { # xdp|tc
	local up_ns down_ns xdp_ns=''
	config "$1" $((N + 100)) 0
	brasd_start taskset -c 0
	dial "$N" --no-ipv6
	wait_for 30 active_is "$N" || die "$1: $(active) of $N lines"
	# Without echo the lines outlive the dialer, and its tap costs nothing in what follows.
	kill -9 $dialer
	wait $dialer 2> /dev/null
	dialer=''
	records
	up_ns=$(up pppoe-up)
	down_ns=$(down_to tc)
	[ "$1" = tc ] || xdp_ns=$(down_to xdp)
	row "brasd, $1" "$1" "$up_ns" "$down_ns" "$xdp_ns"
	brasd_stop
}

lab
echo "| | lines | up, ns (ratio) | down, ns (ratio) | down into an XDP sink |"
echo "| --- | --- | --- | --- | --- |"
for N in "$@"; do
	plain
	for m in xdp tc; do
		mode $m
	done
done
