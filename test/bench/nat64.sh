#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NAT64 by Jool in the emulated guest: CPU per packet of UDP with 22 octets, one flow for each line, for
# IPv6 that comes from a plain interface and for IPv6 that comes from lines of brasd:
# test/bench/nat64.sh BUILD [LINES]. One CPU carries everything (gen.c). The same Jool, the same pool4.
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../deps.sh" vm >&2 || exit 1
	build=$(realpath "${1:-build}")
	shift
	exec "$here/../vm/vmrun" -d -c 1 -t 1500 env TRIES="${TRIES:-3}" SECONDS_EACH="${SECONDS_EACH:-3}" \
		MODES="${MODES:-xdp tc}" "$(realpath "$0")" "$build" "$@"
fi
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
shift
N=${1:-100}
PACE="-b 128 -w 2000" # an emulated CPU is slow: ksoftirqd gets its time, and no queue runs over
TRIES=${TRIES:-3}

# Frames of up to 128 octets: frames PLAIN|PPPOE|DOWN LIST > FILE; its length is what it prints on stderr.
# LIST: ADDRESS6 MAC SID; of DOWN the ports.
frames() {
	python3 - "$1" "$2" <<-'END'
	import socket, struct, sys
	kind, path = sys.argv[1:]
	def mac(s): return bytes.fromhex(s.replace(":", ""))
	ACC, WAN, CORE, INET = map(mac, ("02:00:00:00:00:01", "02:00:00:00:01:01", "02:00:00:00:00:02", "02:00:00:00:01:02"))
	data = bytes(22)
	def csum(b):
	    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
	    while s >> 16: s = (s & 0xffff) + (s >> 16)
	    return ~s & 0xffff
	for line in open(path):
	    f = line.split()
	    if kind == "DOWN":
	        udp = struct.pack("!HHHH", 9, int(f[0]), 8 + len(data), 0) + data
	        a, b = socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.1")
	        udp = udp[:6] + struct.pack("!H", csum(a + b + struct.pack("!HH", 17, len(udp)) + udp)) + udp[8:]
	        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0) + a + b
	        ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
	        frame = CORE + INET + b"\x08\x00" + ip + udp
	    else:
	        a, b = (socket.inet_pton(socket.AF_INET6, x) for x in (f[0], "64:ff9b::192.0.2.2"))
	        udp = struct.pack("!HHHH", 5000, 9, 8 + len(data), 0) + data
	        udp = udp[:6] + struct.pack("!H", csum(a + b + struct.pack("!LL", len(udp), 17) + udp)) + udp[8:]
	        ip = struct.pack("!LHBB", 0x60000000, len(udp), 17, 64) + a + b + udp
	        if kind == "PLAIN":
	            frame = ACC + WAN + b"\x86\xdd" + ip
	        else:
	            frame = ACC + mac(f[1]) + b"\x88\x64\x11\x00" + struct.pack("!HH", int(f[2]), len(ip) + 2) + b"\0\x57" + ip
	    sys.stdout.buffer.write(frame.ljust(128, b"\0"))
	END
}
length() { case $1 in PLAIN) echo 84 ;; PPPOE) echo 92 ;; DOWN) echo 64 ;; esac; }

# KIND IN OUT SINK -> ns per packet, the best of some tries: others use this machine
send() {
	local try best=''
	for try in $(seq "$TRIES"); do
		"$B/bench-gen" -k frames -l "$(length "$1")" -r "$T/frames" -n "$N" -i "$2" -o "$3" -s "$4" \
			-d $MAC_ACC -p 192.0.2.2 -c $CPU -t "$SECONDS_EACH" $PACE > "$T/gen.json" || die "generator: $1"
		[ "$(jq .received "$T/gen.json")" -gt $(($(jq .sent "$T/gen.json") * 9 / 10)) ] ||
			die "$1: of $(jq .sent "$T/gen.json") packets $(jq .received "$T/gen.json") arrived"
		best=$(jq --argjson best "${best:-1e9}" '[."ns-per-packet", $best] | min' "$T/gen.json")
	done
	echo "$best"
}
# WHAT KIND: both ways through the translator, into a tc sink. Down, each sink behind the house's end of
# the veth is the cheapest for one kind of packet: tc for an skb (in front of XDP, a veth copies it into
# a page), XDP for a frame that XDP has redirected (in front of tc, a veth makes an skb of it). A NIC
# does neither, so mode xdp has a row with either.
ways() {
	frames "$2" "$T/list" > "$T/frames"
	up_ns=$(send "$2" $H/wan0 $I/inet0 tc)
	in_ns $G jool -i "$INSTANCE" bib display --csv --no-headers --numeric --udp | awk -F, '$3 == 5000 { print $5 }' > "$T/ports"
	[ "$(wc -l < "$T/ports")" = "$N" ] || die "$1: $(wc -l < "$T/ports") mappings"
	frames DOWN "$T/ports" > "$T/frames"
	down_ns=$(send DOWN $I/inet0 $H/wan0 tc)
}
row() { # NAME
	awk -v name="$1" -v u="$up_ns $base_up $plain_up" -v d="$down_ns $base_down $plain_down" 'BEGIN {
		split(u, U); split(d, D)
		printf "| %s | %.0f | %.2f | %.2f | %.0f | %.2f | %.2f |\n", name,
			1e9 / U[1], U[1] / U[3], (U[1] - U[2]) / (U[3] - U[2]),
			1e9 / D[1], D[1] / D[3], (D[1] - D[2]) / (D[3] - D[2]) }'
}

plain() {
	in_ns $G sysctl -qw net.ipv6.conf.acc0.disable_ipv6=0
	ip -n $G addr add 2001:db8:aaaa::1/64 dev acc0
	ip -n $G neigh replace 2001:db8:aaaa::2 lladdr $MAC_WAN dev acc0 nud permanent
	ip -n $G route add 2001:db8:100::/40 via 2001:db8:aaaa::2
	for i in $(seq "$N"); do printf '2001:db8:100:%x::2\n' "$i"; done > "$T/list"
	frames PLAIN "$T/list" > "$T/frames"
	base_up=$(send PLAIN $H/wan0 $G/acc0 xdp)
	for i in $(seq "$N"); do echo $((61000 + i)); done > "$T/ports"
	frames DOWN "$T/ports" > "$T/frames"
	base_down=$(send DOWN $I/inet0 $G/core0 xdp)
	cat > "$T/jool.json" <<-END
	{"instance":"$INSTANCE","framework":"netfilter","global":{"pool6":"64:ff9b::/96","lowest-ipv6-mtu":1280},
	 "pool4":[{"protocol":"UDP","prefix":"192.0.2.1/32","port range":"61000-65535"}]}
	END
	modprobe jool || die "no module"
	in_ns $G jool file handle "$T/jool.json" || die "no Jool"
	ways plain PLAIN
	plain_up=$up_ns plain_down=$down_ns
	in_ns $G jool -i "$INSTANCE" instance remove
	ip -n $G route del 2001:db8:100::/40
	in_ns $G sysctl -qw net.ipv6.conf.acc0.disable_ipv6=1
}

is_up() { ctl show nat64 --json | jq -e '.state == "up" and .backend == "jool"'; }
lines() { # MODE
	IPV6=allow config "$1" $((N + 100)) 0
	printf '[nat64]\nbackend = jool\npool4 = 192.0.2.1,61000-65535\n' >> "$T/brasd.conf"
	brasd_start
	wait_for 60 is_up || die "no NAT64: $(ctl show nat64 --json)"
	dial "$N" --no-ipv4
	wait_for 60 active_is "$N" || die "$(active) of $N lines"
	kill -9 $dialer
	wait $dialer 2> /dev/null
	dialer=''
	ctl show sessions --json | jq -r '.[] | "\(.ip6 | sub("::/64"; "::2")) \(."calling-sid") \(.sid)"' > "$T/list"
	ways "$1" PPPOE
	row "lines of brasd, $1"
	if [ "$1" = xdp ]; then
		down_ns=$(send DOWN $I/inet0 $H/wan0 xdp)
		row "lines of brasd, xdp, down into an XDP sink"
	fi
	brasd_stop
}

lab
plain
echo "| IPv6 comes from | up, packets/s | CPU, ratio | net of the generator | down, packets/s | CPU, ratio | net of the generator |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
up_ns=$plain_up down_ns=$plain_down
row "a plain interface"
for m in ${MODES:-xdp tc}; do
	lines "$m"
done
