#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All benches: test/bench/run.sh BUILD. Prints the tables and writes them, with date, commit and kind
# of machine, to test/bench/RESULTS.md. COMPARE="100 200" for other numbers in the guest. QUICK=1:
# small numbers, each part once, some three minutes, nothing is written: do they all still run?
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=0

section() { # TITLE COMMAND...
	printf '\n## %s\n\n' "$1" | tee -a "$out"
	shift
	"$@" | tee -a "$out"
	[ "${PIPESTATUS[0]}" = 0 ] || { echo "(failed)" | tee -a "$out"; failed=1; }
}
machine() {
	printf '%s, %s CPUs of %s, %s GB; Linux %s' "$(systemd-detect-virt -q 2> /dev/null && echo 'virtual machine' || echo 'machine')" \
		"$(nproc)" "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" \
		"$(awk '/^MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)" "$(uname -r | sed 's/-.*//')"
}

if [ -n "${QUICK:-}" ]; then
	compare=20 setup=1000 radius=500 memory=2000 http=1000 ipv6=500 packets=1000 restart=200
	classes=1000:1 plans=500:4 shape="100:1 1000:16" accuracy=20 fast=1000:64 mirror=64
	export IDLE_SECONDS=3 SECONDS_EACH=1 ROUNDS=1 SHAPE_SECONDS=2 MODES=xdp
else
	compare=${COMPARE:-100 500} setup="2000 10000 60000" radius=5000 memory=60000 http=60000 ipv6=10000 packets="1000 60000" restart="1000 10000"
	fast="1:64 1000:64 1000:1400" mirror="64 1400"
	classes="1000:1 10000:1 10000:16 50000:16" plans=50000:16 accuracy="1 5 20 100 500"
	shape="1:1 100:1 1000:1 10000:1 100:16 1000:16 10000:16"
	export SHAPE_SECONDS=5
fi
cat > "$out" <<-END
# Results

Written by \`make bench\` on $(date -u +%Y-%m-%d), commit $(git -C "$here" rev-parse --short=12 HEAD 2> /dev/null), on: $(machine).
Others use the machine at the same time: compare figures of one table, quote ratios.
END
# shellcheck disable=SC2086
{
	section "Setting up lines, against pppoe-server in kernel mode, both in the same emulated guest (Debian, Linux 6.1)" \
		"$here/compare.sh" "$build" $compare
	section "Setting up lines, natively" "$here/setup.sh" "$build" $setup
	section "Logins by RADIUS, the server on the same CPUs" "$here/radius.sh" "$build" "$radius"
	section "show sessions, and how long others wait meanwhile" "$here/sessions.sh" "$build" $memory
	section "Memory and idle CPU" "$here/memory.sh" "$build" $memory
	section "HTTP: what those who look cost" "$here/http.sh" "$build" $http
	section "Restart: from exec of the next brasd, after kill -9, median of five" \
		"$here/restart.sh" "$build" $restart
	section "CPU per 64-octet packet, one CPU, net of the generator; ratio to plain IP forwarding" \
		"$here/packets.sh" "$build" $packets
	section "DHCPv6: the protocol object alone, on one CPU" "$here/dhcp6.sh" "$build" 10000
	section "DHCPv6 on lines: what leases cost the daemon" "$here/ipv6.sh" "$build" $ipv6
	section "The fast path: CPU per packet, ns, one CPU, net of the generator; ratio to plain IP forwarding" \
		"$here/fast.sh" "$build" $fast
	section "Sessions spread over CPUs (spread): ns of CPU time per 64-octet packet, net of the generator" \
		"$here/spread.sh" "$build" 1000
	section "The mirror: CPU per packet of 1,000 lines, ns, net of the generator; against iptables' TEE" \
		"$here/mirror.sh" "$build" $mirror
	section "Classes made and plans programmed, both directions of each session" "$here/classes.sh" "$build" $classes
	section "All plans changed while others log in" "$here/plans.sh" "$build" $plans
	section "CPU per 64-octet packet through shaped lines, ns, net of the generator" "$here/shape.sh" "$build" $shape
	section "What a line gets of its plan (leaves are fifos: this kernel has no fq_codel)" \
		"$here/accuracy.sh" "$build" $accuracy
}
[ -n "${QUICK:-}" ] || section "NAT64 by Jool on lines against a plain interface, in instructions of the emulated guest" \
	env TRIES=1 SECONDS_EACH=1 "$here/nat64.sh" "$build" 50
[ -n "${QUICK:-}" ] || section "The kernel's own PPPoE and ours, in instructions of the emulated guest per 64-octet packet" \
	"$here/kernel.sh" "$build" 1000
[ -n "${QUICK:-}" ] || cp "$out" "$here/RESULTS.md"
exit $failed
