#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nanoseconds of CPU per packet of 1,000 lines, up and down, with the mirror absent, off, on for one of
# them and for all: to a port, to VXLAN, as pcapng; against iptables' TEE of the same packets in the same
# run: test/bench/mirror.sh BUILD [OCTETS...]. One CPU carries everything (gen.c), the monitor's end of
# the port as well, which drops what comes; brasmon is on the other. TURNS=1: absent and off once more. With COUNT=1, instructions of an
# emulated guest with one CPU in place of time, without pcapng: no other work on the machine is in them.
if [ "${COUNT:-}" = 1 ] && [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../deps.sh" vm >&2 || exit 1
	build=$(realpath "${1:-build}")
	shift
	exec "$here/../vm/vmrun" -d -c 1 -t 3000 "$(realpath "$0")" "$build" "$@"
fi
[ -z "${VMRUN:-}" ] || PACE="-b 128 -w 2000" ROUNDS=1 SECONDS_EACH=2 # as for NAT64
. "$(dirname "$0")/lib.sh"
. "$HERE/gen.sh"
shift
[ $# -gt 0 ] || set -- 64 1400
N=${LINES_MIRRORED:-1000}
M=bm-$$
MON=203.0.113.9 MAC_MON=02:00:00:00:02:02

monitor_ns() {
	ip netns add $M
	ip link add mon0 netns $G type veth peer name m0 netns $M address $MAC_MON
	ip -n $G link set mon0 mtu 1600 up
	ip -n $M link set m0 mtu 1600 up
	in_ns $M sysctl -qw net.ipv6.conf.m0.disable_ipv6=1
	ip -n $G addr add 203.0.113.1/24 dev mon0
	ip -n $G neigh replace $MON lladdr $MAC_MON dev mon0 nud permanent
	in_ns $M nft add table netdev sink
	in_ns $M nft "add chain netdev sink in { type filter hook ingress device m0 priority 0; policy drop; }" || die "no sink"
}
got() { in_ns $M cat /proc/net/dev | awk '$1 == "m0:" { print $3 }'; }

tee() { # A|D
	in_ns $G iptables -t mangle "-$1" PREROUTING -i subs0 -j TEE --gateway $MON &&
		in_ns $G iptables -t mangle "-$1" POSTROUTING -o subs0 -j TEE --gateway $MON || die "no TEE"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ROUNDS=${ROUNDS:-3}
measure() { # -> up down, medians; what the monitor got of what the sinks got
	local i u='' d='' before after
	before=$(got)
	ALL=0
	for ((i = 0; i < ROUNDS; i++)); do
		u+="$(up pppoe-up)"$'\n'
		ALL=$((ALL + $(jq .received "$T/gen.json")))
		d+="$(down_to tc)"$'\n'
		ALL=$((ALL + $(jq .received "$T/gen.json")))
	done
	after=$(got)
	UP=$(printf %s "$u" | median) DOWN=$(printf %s "$d" | median) COPIES=$((after - before))
}
row() { # NAME [all]: as measured, the ratio to absent; what the copies cost, and that to TEE's
	local copy_up copy_down
	[ "${2:-}" != all ] || [ "$COPIES" -ge "$ALL" ] || die "$1: $COPIES copies of $ALL packets"
	copy_up=$(minus "$UP" "$absent_up") copy_down=$(minus "$DOWN" "$absent_down")
	printf '| %s | %s | %.0f (%.2f) | %.0f (%.2f) | %.0f (%s) | %.0f (%s) |\n' "$1" "$LENGTH" \
		"$(minus "$UP" "$base_up")" "$(ratio "$(minus "$UP" "$base_up")" "$(minus "$absent_up" "$base_up")")" \
		"$(minus "$DOWN" "$base_down")" "$(ratio "$(minus "$DOWN" "$base_down")" "$(minus "$absent_down" "$base_down")")" \
		"$copy_up" "$(ratio "$copy_up" "${tee_up:-0}")" "$copy_down" "$(ratio "$copy_down" "${tee_down:-0}")"
}

daemon() { # [PORT...]: of [mirror]
	local port
	config "$MODE" $((N + 100)) 0
	[ $# = 0 ] || { echo "[mirror]"; echo "everybody = off"; for port; do echo "port = $port"; done; } >> "$T/brasd.conf"
	brasd_start taskset -c 0
	dial_names
}
# As lines_up, each with a name of its own.
dial_names() {
	dial() {
		local n=$1
		rm -f "$T/dialer.log"
		nsenter --net=/run/netns/$H taskset -c $(($(nproc) - 1)) "$B/dialer" -i wan0 -n "$n" -u user%d -p pass -a chap \
			--rate 0 --max-outstanding 200 --hold-forever --json --quiet --no-ipv6 > "$T/dialer.json" 2> "$T/dialer.log" &
		dialer=$!
		wait_for $((90 + n / 10)) grep -q '^ready:' "$T/dialer.log" || die "not all dials ended"
	}
	lines_up "$MODE"
}
rule() { ctl mirror "$@" > /dev/null || die "mirror $*"; }

pcapng() {
	local reader lost
	in_ns $G taskset -c 0 "$B/brasmon" -i "$INSTANCE" all -w /dev/null > "$T/brasmon.log" 2>&1 &
	reader=$!
	wait_for 20 grep -q ready "$T/brasmon.log" || die "brasmon does not get ready"
	measure
	lost=$(ctl show monitor --json | jq -r '.[0] | "\(.lost) of \(.packets + .lost)"')
	row "on for all, to pcapng (brasmon, other CPU; lost $lost)"
	end $reader
}

octets() {
	plain
	local with_tee
	daemon
	tee A
	measure
	tee D
	with_tee="$UP $DOWN $COPIES $ALL"
	measure # with what iptables leaves in the kernel, as all that follows
	absent_up=$UP absent_down=$DOWN tee_up='' tee_down=''
	row "absent"
	read -r UP DOWN COPIES ALL <<< "$with_tee"
	tee_up=$(minus "$UP" "$absent_up") tee_down=$(minus "$DOWN" "$absent_down")
	row "absent, iptables TEE of all" all
	brasd_stop
	daemon mon0,mac=$MAC_MON vxlan:$MON,vni=1
	measure
	row "off"
	if [ -n "${VMRUN:-}${TURNS:-}" ]; then # in turn: what is between the two of a kind is the noise
		brasd_stop
		daemon
		measure
		row "absent, once more"
		brasd_stop
		daemon mon0,mac=$MAC_MON vxlan:$MON,vni=1
		measure
		row "off, once more"
	fi
	rule user1 both
	measure
	row "on for one"
	rule user1 reset
	rule all both
	measure
	row "on for all, to a port" all
	rule all both to=vxlan:$MON
	measure
	row "on for all, to VXLAN" all
	rule all both snap=64
	[ "$LENGTH" -le 100 ] || { measure && row "on for all, to a port, 64 octets of each" all; }
	rule all off
	[ -n "${VMRUN:-}" ] || pcapng
	brasd_stop
}

lab
printf 'user * pass * -\n* * pass * -\n' > "$T/users"
monitor_ns
trap 'ip netns del $M 2> /dev/null; down' EXIT
echo "| mirror | octets | up, ns (to absent) | down, ns (to absent) | a copy up, ns (to TEE's) | a copy down, ns (to TEE's) |"
echo "| --- | --- | --- | --- | --- | --- |"
for LENGTH in "$@"; do
	for MODE in ${MODES:-xdp}; do
		octets
	done
done
