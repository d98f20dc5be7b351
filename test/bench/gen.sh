# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The packet generator (gen.c) between the ends of the lab, for benches that source lib.sh first. N is
# the number of sessions. Figures are ns of CPU per packet, the whole way on one CPU.
CPU=$(($(nproc) - 1))
SECONDS_EACH=${SECONDS_EACH:-3}

# KIND IN OUT SINK DST-MAC SRC-MAC -> ns per packet
gen() {
	"$B/bench-gen" -k "$1" -r "${RECORDS:-$T/records}" -n "$N" -i "$2" -o "$3" -s "$4" -d "$5" -m "$6" \
		-p 192.0.2.2 -c $CPU -t "$SECONDS_EACH" -L "${LENGTH:-64}" ${BOUNCE:+-R "$BOUNCE"} ${PACE:-} ${SUMS:-} > "$T/gen.json" || die "generator: $1 $3"
	[ "$(jq .received "$T/gen.json")" -gt $(($(jq .sent "$T/gen.json") / 2)) ] ||
		echo "bench: $1 to $3: of $(jq .sent "$T/gen.json") packets $(jq .received "$T/gen.json") arrived" >&2
	jq '."ns-per-packet"' "$T/gen.json"
}
up() { gen "$1" $H/wan0 $I/inet0 tc $MAC_ACC $MAC_WAN; }
down_to() { gen ip-down $I/inet0 $H/wan0 "$1" $MAC_CORE $MAC_INET; }
minus() { awk "BEGIN { print $1 - $2 }"; }

# The way to a sink right behind the first link (base_up, base_down: what is to be subtracted), and
# the kernel's plain IP forwarding, net of it (plain_up, plain_down). Addresses as brasd will give
# them are not known yet: any will do.
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
	plain_up=$(minus "$(up ip-up)" "$base_up")
	plain_down=$(minus "$(down_to tc)" "$base_down")
	ip -n $G route del 100.64.0.0/15
	ip -n $G addr del 198.51.100.1/24 dev acc0
}

# N lines that outlive the dialer, without echo: its tap costs nothing in what follows. They are in
# $T/records, as brasctl shows them, in the generator's form.
lines_up() { # WHAT: for messages
	dial "$N" --no-ipv6
	wait_for 30 active_is "$N" || die "$1: $(active) of $N lines"
	kill -9 $dialer
	wait $dialer 2> /dev/null
	dialer=''
	ctl show sessions --json > "$T/sessions.json"
	python3 - "$T/sessions.json" > "$T/records" <<-'END'
	import json, socket, struct, sys
	for s in json.load(open(sys.argv[1])):
	    if s["state"] == "open" and s["ip"]:
	        mac = bytes.fromhex(s["calling-sid"].replace(":", ""))
	        sys.stdout.buffer.write(struct.pack("=6sH4s", mac, s["sid"], socket.inet_aton(s["ip"])))
	END
}
