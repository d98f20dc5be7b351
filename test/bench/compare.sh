#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# brasd and rp-pppoe's pppoe-server in kernel mode, in turn, in one guest, under the same load of our
# dialer: test/bench/compare.sh BUILD [SESSIONS...]. CHAP, IPv4. Each server runs in a control group
# of its own, so that every pppd that it starts is counted; "kernel besides" is what the guest's CPUs
# did for neither server nor dialer: work queues and interrupts.
if [ -z "${VMRUN:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	[ -s "${VMRUN_DIR:-$HOME/.cache/vmrun}/initrd" ] || "$here/../vm/vmrun" --setup >&2
	build=$(realpath "${1:-build}")
	shift
	exec "$here/../vm/vmrun" -t 1500 -m 4096 "$(realpath "$0")" "$build" "$@"
fi
. "$(dirname "$0")/lib.sh"
shift
[ $# -gt 0 ] || set -- 100 500
OUTSTANDING=10
SLOW=2 # seconds that a dial may take
CG=/sys/fs/cgroup

cpu_of() { awk -v key="$2" '$1 == key { print $2 / 1000 }' $CG/"$1"/cpu.stat; } # ms
busy() { # ms of both CPUs, interrupts and all
	awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu" { print ($2 + $3 + $4 + $7 + $8) * 1000 / hz }' /proc/stat
}
group() { # NAME: prints the words in front of a command that put it there
	mkdir -p $CG/"$1"
	printf '%s' "bash $T/into $1"
}
cat > "$T/into" <<'END'
echo $$ > /sys/fs/cgroup/$1/cgroup.procs
shift
exec "$@"
END

# The dialer's threads too are in a group: what is left over is the kernel's.
measure() { # NAME GROUP N
	local u0 s0 b0 d0 u1 s1 b1 d1
	IN_CGROUP=$(group dialer)
	u0=$(cpu_of "$2" user_usec) s0=$(cpu_of "$2" system_usec) d0=$(cpu_of dialer usage_usec) b0=$(busy)
	dial "$3" --no-ipv6
	u1=$(cpu_of "$2" user_usec) s1=$(cpu_of "$2" system_usec) d1=$(cpu_of dialer usage_usec) b1=$(busy)
	dial_end
	awk -v name="$1" -v n="$3" -v u="$u0 $u1" -v s="$s0 $s1" -v d="$d0 $d1" -v b="$b0 $b1" \
		-v rate="$(dialled '."per-second"')" -v failed="$(dialled .failed)" \
		-v up="$(dialled '."came-up"')" 'BEGIN {
		split(u, U); split(s, S); split(d, D); split(b, B)
		user = U[2] - U[1]; sys = S[2] - S[1]
		besides = B[2] - B[1] - user - sys - (D[2] - D[1])
		if (besides < 0) besides = 0
		if (up < 1) up = 1
		printf "| %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %s |\n", name, n, rate,
			user / up, sys / up, (user + sys) / up, besides / up, failed }'
}

rp_start() { # N
	cat > "$T/options" <<-END
	require-chap
	name access
	noccp
	noipv6
	noipdefault
	nodefaultroute
	mtu 1492
	mru 1492
	lcp-echo-interval 30
	lcp-echo-failure 3
	END
	printf 'user * pass *\n' > /etc/ppp/chap-secrets
	# shellcheck disable=SC2046
	nsenter --net=/run/netns/$G $(group rp) pppoe-server -F -k -I acc0 -C access -L 100.127.255.254 -R 100.64.0.2 \
		-N "$1" -O "$T/options" > "$T/rp.log" 2>&1 &
	rp=$!
}
no_pppd() { ! pgrep -x pppd; }

lab
echo "| server | lines | lines/s | user, ms/line | system, ms/line | both | kernel besides, ms/line | failed |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
for N in "$@"; do
	config "${MODE:-tc}" $((N + 100)) 30
	# shellcheck disable=SC2046
	brasd_start $(group brasd)
	measure brasd brasd "$N"
	brasd_stop
	rp_start "$N"
	measure "pppoe-server -k" rp "$N"
	wait_for 120 no_pppd
	kill $rp
	wait $rp 2> /dev/null
done
