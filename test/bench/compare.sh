#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# brasd and rp-pppoe's pppoe-server in kernel mode, in turn, in one guest, under the same load of our
# dialer: test/bench/compare.sh BUILD [SESSIONS...]. CHAP, IPv4. Each server runs in a control group
# of its own, so that every pppd that it starts is counted, with what the kernel does in their name
# (making network devices); its own threads (work queues, ksoftirqd) cannot be told apart and are not.
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
mkdir -p $CG/brasd $CG/rp
group() { # NAME: prints the words in front of a command that put it there
	printf '%s' "bash $T/into $1"
}
cat > "$T/into" <<'END'
echo $$ > /sys/fs/cgroup/$1/cgroup.procs
shift
exec "$@"
END

measure() { # NAME GROUP N
	local u0 s0 u1 s1
	u0=$(cpu_of "$2" user_usec) s0=$(cpu_of "$2" system_usec)
	dial "$3" --no-ipv6
	u1=$(cpu_of "$2" user_usec) s1=$(cpu_of "$2" system_usec)
	dial_end
	awk -v name="$1" -v n="$3" -v u="$u0 $u1" -v s="$s0 $s1" \
		-v rate="$(dialled '."per-second"')" -v failed="$(dialled .failed)" \
		-v up="$(dialled '."came-up"')" 'BEGIN {
		split(u, U); split(s, S)
		user = U[2] - U[1]; sys = S[2] - S[1]
		if (up < 1) up = 1
		printf "| %s | %s | %s | %.2f | %.2f | %.2f | %s |\n", name, n, rate,
			user / up, sys / up, (user + sys) / up, failed }'
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
echo "| server | lines | lines/s | user, ms/line | system, ms/line | both | failed |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
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
