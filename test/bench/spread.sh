#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a line's packet costs the CPU that the access interface uses, with `spread` off (that CPU does
# everything) and with spread = 0 (it hands over, CPU 0 does the rest): ns of each CPU's time for each
# packet that was carried, net of the generator, and what two and four CPUs can carry by that,
# against one. test/bench/spread.sh BUILD [SESSIONS]. CPU time, not packets per second: others may use
# the machine.
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
[ "$(nproc)" -ge 2 ] || { echo "bench: spread needs two CPUs" >&2; exit 77; }
N=${2:-1000} LENGTH=64
ROUNDS=${ROUNDS:-3}

spread_is() { # LIST, empty for off
	local count
	count=$(ctl show reload --json | jq .count)
	SPREAD=$1
	config xdp $((N + 100)) 0
	ctl reload > /dev/null || die "reload"
	wait_for 30 reloaded "$count" || die "reload: $(ctl show reload)"
}
reloaded() { [ "$(ctl show reload --json | jq "if .state == \"applied\" then .count else 0 end")" -gt "$1" ]; }
of_thread() { # NAME: ns of CPU time of the kernel thread with this name
	local pid
	pid=$(pgrep -x "$1") || { echo 0; return; }
	cut -d' ' -f1 "/proc/${pid%%$'\n'*}/schedstat"
}
handed() { ctl show cpu --json | jq '[.[].handed] | add'; }
carried() { ctl show cpu --json | jq '[.[]."packets-up"] | add'; }
dropped() { ctl show cpu --json | jq '[.[].drops // 0] | add'; }
# In bursts that a queue of 2048 holds.
generate() { # KIND OUT SINK
	"$B/bench-gen" -k "$1" -r "$T/records" -n "$N" -i $H/wan0 -o "$2" -s "$3" -d $MAC_ACC -m $MAC_WAN -p 192.0.2.2 \
		-c $CPU -t "$SECONDS_EACH" -L $LENGTH -b 1024 -w 3000 > "$T/gen.json" || die "generator"
}
worker_ns() { echo $(($(of_thread 'cpumap/0/map:.*') + $(of_thread ksoftirqd/0))); }
# SINK -> ns on the access interface's CPU, ns on CPU 0, packets carried per 100 sent
cost() {
	local worker count
	worker=$(worker_ns) count=$(carried)
	generate pppoe-up $I/inet0 "$1"
	wait_for 10 settled
	worker=$(($(worker_ns) - worker)) count=$(($(carried) - count))
	awk "BEGIN { printf \"%.0f %.0f %.0f\\n\", $(jq '."cpu-ns"' "$T/gen.json") / $count - $base, $worker / $count,
		100 * $count / ($(jq .sent "$T/gen.json") + 1024) }"
}
settled() { [ "$SPREAD" = "" ] || [ "$(handed)" -le $(($(carried) + $(dropped))) ]; }
median() { sort -n | sed -n "$(((ROUNDS + 1) / 2))p"; }
column() { awk "{ print \$$2 }" "$T/$1" | median; }

measured() { # NAME SINK
	local i one hand work
	: > "$T/off"
	: > "$T/on"
	for i in $(seq "$ROUNDS"); do
		spread_is ""
		cost "$2" >> "$T/off"
		spread_is 0
		cost "$2" >> "$T/on"
	done
	one=$(column off 1) hand=$(column on 1) work=$(column on 2)
	echo "bench: $1: off: $(paste -sd';' "$T/off") on: $(paste -sd';' "$T/on")" >&2
	awk "BEGIN { h = $hand; w = $work; two = h > w ? h : w; four = h > w / 3 ? h : w / 3
		printf \"| %s | %d | %d | %d | %.2f | %.2f | %.2f |\\n\", \"$1\", $one, h, w, (h + w) / $one, $one / two, $one / four }"
}

lab
python3 - "$N" > "$T/records" <<-'END'
	import struct, sys
	for i in range(int(sys.argv[1])):
	    sys.stdout.buffer.write(struct.pack("=6sH4s", b"\2\0\0\0\1\1", 1, struct.pack("!I", 0x64400002 + i)))
END
generate ip-up $G/acc0 xdp
base=$(jq '."ns-per-packet"' "$T/gen.json")
echo "| | off: all on one CPU | on: the access CPU | on: the session's CPU | work in all | two CPUs carry | four CPUs carry |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for FASTPATH in off routed; do
	sink=tc CORE=core0
	[ $FASTPATH = off ] || { CORE=core0,xdp sink=xdp; }
	SPREAD=0-$CPU
	config xdp $((N + 100)) 0 # the device is made with queues for all
	brasd_start
	lines_up spread
	measured "$([ $FASTPATH = off ] && echo "through the stack" || echo "fast path, routed")" $sink
	brasd_stop
done
