#!/bin/bash
. "$(dirname "$0")/../lab.sh"
. "$(dirname "$0")/../fast.sh"
storm() { in_ns "$NS" timeout 300 python3 "$LAB_TEST_DIR/netns/storm.py" "$@"; }
run() {
	fast_lab
	g sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=5
	lab_start_brasd nat44.masquerade=core0 subscriber.flows=4096
	fast_filter
	lab_ns one; NS=$REPLY
	in_ns "$NS" sysctl -qw net.ipv4.ip_local_port_range="1024 65000"
	lab_dial alice -u alice -p wonderland --plumb "u0@$NS"
	lab_spawn storm n python3 "$LAB_TEST_DIR/netns/storm.py" serve $WEB4 9000 16
	wait_for 10 lab_listens "$INTERNET" t 9015 || fail "the echo does not listen"
	D=/tmp/w/me-scratch
	for i in $(seq 1 8); do
		lab_spawn dk n tcpdump -i k0 -w $D/k.pcap -s 100 -B 65536 -U tcp
		lab_spawn du in_ns "$NS" tcpdump -i u0 -w $D/u.pcap -s 100 -B 65536 -U tcp
		sleep 1
		storm short $WEB4 9000 16 100000 > $D/out 2> $D/err
		echo "round $i: $(cat $D/out) $(cat $D/err | head -3)"
		lab_stop dk >/dev/null; lab_stop du > /dev/null
		if [ -s $D/err ]; then cp $D/k.pcap $D/u.pcap $D/bad-$LAB_MODE-$i- 2>/dev/null; mv $D/k.pcap $D/badk.pcap; mv $D/u.pcap $D/badu.pcap; cat $D/err; break; fi
	done
	lab_ctl show fastpath
	lab_stop storm > /dev/null
	lab_stop alice > /dev/null
	lab_stop brasd || fail "the clean end was none"
}
LAB_MODES=${LAB_MODES:-xdp} lab_each_mode run
