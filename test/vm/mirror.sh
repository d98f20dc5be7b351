#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copies to a monitor whose kernel takes them: its own VXLAN, GRE and ERSPAN devices receive what brasd
# sends. And the programs of [mirror], where = forwarded as well, on Debian's kernel.
# Sample: 1 of house
. "$(dirname "$0")/lib.sh"

lab
modprobe -a vxlan ip_gre 2> /dev/null
MON=192.0.2.9
ip -n internet addr add $MON/24 dev inet0
ip -n internet link add vx type vxlan id 4711 dstport 4789 local $MON dev inet0
ip -n internet link add gt type gretap local $MON remote 192.0.2.1 key 7
ip -n internet link add er type erspan seq key 99 local $MON remote 192.0.2.1 erspan_ver 1
for dev in vx gt er; do ip -n internet link set $dev up; done

received() { # DEV: packets
	[ "$(nsenter --net=/run/netns/internet awk -v d="$1:" '$1 == d { print $3 }' /proc/net/dev)" -ge "$2" ]
}
has_copied() { # N
	nsenter --net=/run/netns/bng "$B/brasctl" show mirror --json | python3 -c "import json, sys
r = json.load(sys.stdin)[0]
print(r)
sys.exit(r['packets'] < $1 or r['drops'] or r['truncated'])"
}
told() { grep -q 'copies go to' $T/brasd.log; }

target() { # KIND: port, device there, where, mode
	case $1 in
	vxlan) echo "vxlan:$MON,vni=4711 vx edge xdp" ;;
	gre) echo "gre:$MON,key=7 gt forwarded tc" ;;
	erspan) echo "erspan:$MON,session=99 er forwarded xdp" ;;
	esac
}

for kind in $(sample_of vxlan gre erspan); do
	read -r port dev where mode <<< "$(target $kind)"
	config "$mode" 1492
	printf '[mirror]\nport = %s\nwhere = %s\n[nat44]\nmasquerade = core0\n' "$port" "$where" >> $T/brasd.conf
	brasd_start
	check "$port: a way" wait_for 20 told
	dial 0 alice "secret one" defaultroute
	check "$port: line is up" up 0 || give_up
	check "$port: IPv4" ping4 0 192.0.2.2
	check "$port: IPv6" ping6 0 2001:db8:ffff::2
	check "$port: copied" wait_for 5 has_copied 4
	check "$port: the monitor's kernel has taken them" wait_for 5 received $dev 4
	hang_up $pppd
	check "$port: brasd ends with 0" brasd_stop
done
finish
