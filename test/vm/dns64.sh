#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ISP without IPv4, of real parts alone: pppd, Jool with 64:ff9b::/96, and named under Debian's own
# AppArmor profile. A name that has an IPv4 address only is reached by ping and curl, in both modes and
# with each fast path; NAT64 loses nothing by it.
# Sample: 1 of translator
VMRUN_ARGS=-a
. "$(dirname "$0")/lib.sh"

# What test/dns.sh wants of a lab.
LAB_DIR=$T WEB4=192.0.2.2 WEB6=2001:db8:ffff::2
n() { in_ns internet "$@"; }
fail() { not_ok "$*"; give_up; }
lab_stop() { :; }
lab_spawn() { # NAME NAMESPACE-FUNCTION COMMAND...
	local name=$1 ns=$2
	shift 2
	[ "$ns" = n ] || fail "nobody spawns in $ns"
	nsenter --net=/run/netns/internet "$@" > $T/"$name".out 2>&1 &
}
. "$ROOT/test/dns.sh"

POOL6=64:ff9b::/96
DNS6=2001:db8:100::53
FOUND=64:ff9b::c000:202
PROFILE=/etc/apparmor.d/usr.sbin.named

nat64() { # PYTHON EXPRESSION over j
	ctl show nat64 --json | /usr/bin/python3 -c 'import json, sys
j = json.load(sys.stdin)
sys.exit(not eval(sys.argv[1]))' "$1"
}
dns64() { # PYTHON EXPRESSION over j
	ctl show dns64 --json | /usr/bin/python3 -c 'import json, sys
j = json.load(sys.stdin)
sys.exit(not eval(sys.argv[1]))' "$1"
}
nat64_up() { nat64 "j['state'] == 'up' and j['backend'] == 'jool'"; }
dns64_up() { dns64 "j['state'] == 'up'"; }
named_pid() { ctl show dns64 --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["pid"])'; }
gives() { # ADDRESS NAME
	[ "$(house dig +time=5 +tries=2 +short @$DNS6 AAAA "$2")" = "$1" ]
}
by_name() { # COMMAND...: as the house does it, with the name server it was told of
	house unshare -m sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' $T/resolv.conf "$@"
}
fetches() { by_name curl -sSf -m 20 http://v4only.example/ | grep -q "hello from IPv4"; }
listens() { n ss -Hlnt "sport = :$1" | grep -q .; }

# The profile as Debian has it, and what our package adds to it.
confine() {
	check "AppArmor is there" grep -q Y /sys/module/apparmor/parameters/enabled
	cp "$ROOT/etc/apparmor.named" /etc/apparmor.d/abstractions/brasberry-named
	echo 'include <abstractions/brasberry-named>' >> /etc/apparmor.d/local/usr.sbin.named
	check "named's profile loads" apparmor_parser -r $PROFILE
}
unconfine() { # without ours
	: > /etc/apparmor.d/local/usr.sbin.named
	check "Debian's profile alone" apparmor_parser -r $PROFILE
}

world() {
	# A redirect from XDP needs NAPI at the other end of a veth.
	n ethtool -K inet0 gro on
	# The profile is for /usr/sbin/named: the world's is another program.
	mkdir $T/bin $T/www
	cp /usr/sbin/named $T/bin/named
	PATH=$T/bin:$PATH dns_world
	echo "hello from IPv4" > $T/www/index.html
	nsenter --net=/run/netns/internet /usr/bin/python3 -m http.server -d $T/www -b 192.0.2.2 80 > $T/web.out 2>&1 &
	nsenter --net=/run/netns/internet iperf3 -s > $T/iperf3.out 2>&1 &
	wait_for 30 listens 80 && wait_for 30 listens 5201 || fail "a server does not listen"
}

configure() { # MODE FASTPATH
	config "$1" 1492 "[nat64]
pool6 = $POOL6
pool4 = 192.0.2.1,61000-65535
[dns64]
enable = yes
listen = $DNS6
forward = $WEB6
dnssec-validation = no"
	sed -i -e 's/^ipv4 = allow/ipv4 = deny/' -e '/^\[ip-pool\]/,/^\[ipv6-pool\]/{/=/d}' \
		-e "s/^datapath = .*/&\nfastpath = $2\ncore = core0,$1/" $T/brasd.conf
}

# The line, and all that the ISP promises.
whole() { # NAME
	dial 0 alice "secret one" noip defaultroute6
	check "$1: a line by IPv6CP alone" wait_for 60 line_up6 0 || give_up
	ip -n house -6 route replace default via fe80::1 dev ppp0
	check "$1: the name has an address of Jool's prefix" wait_for 30 gives $FOUND v4only.example
	check "$1: one with IPv6 is left alone" gives $WEB6 both.example
	check "$1: ping by name" by_name ping -q -c 3 -i 0.2 -W 5 v4only.example
	check "$1: curl by name" fetches
	check "$1: the server saw pool4" grep -q '^192.0.2.1 .*GET / ' $T/web.out
	check "$1: TCP up" house timeout 60 iperf3 -t 2 -c $FOUND
	check "$1: TCP down" house timeout 60 iperf3 -t 2 -c $FOUND -R
	check "$1: IPv6 beside it" house ping -q -c 2 -W 5 $WEB6
}

around() { # up|down PACKETS-AT-LEAST
	ctl show fastpath --json | /usr/bin/python3 -c 'import json, sys
j = json.load(sys.stdin)
print(j)
sys.exit(j["hits-" + sys.argv[1]] < int(sys.argv[2]))' "$@"
}
# IPv6 that needs no translation goes around the stack as it did; what Jool must see does not.
fast() { # NAME
	check "$1: what passed is Jool's" nat64 "j['bib'] > 0 and j['sessions'] > 0"
	check "$1: no flow of it is a fast one" bash -c "! nsenter --net=/run/netns/bng $B/brasctl show flows --json | grep -q 64:ff9b"
	check "$1: TCP by IPv6, up" house timeout 60 iperf3 -t 2 -c $WEB6
	check "$1: TCP by IPv6, down" house timeout 60 iperf3 -t 2 -c $WEB6 -R
	check "$1: goes around the stack, up" around up 500
	check "$1: and down" around down 1000
}

confined() { grep -q '^named (enforce)' /proc/"$(named_pid)"/attr/current; }
denied() { dmesg | grep -q 'apparmor="DENIED".*profile="named".*brasberry'; }

profile() {
	check "named runs under the profile, enforced" confined
	check "which denied it nothing of brasd's" eval '! denied'
	check "a change in place: named reads what is new" reload_with break-dnssec=yes
	check "it is in effect" wait_for 40 dns64 "j['state'] == 'up' and j['break-dnssec'] and j['reloads'] >= 1"
	check "still nothing is denied" eval '! denied'
	kill -KILL "$(named_pid)"
	check "killed: another one serves, confined as well" wait_for 60 eval 'dns64_up && dns64 "j[\"restarts\"] >= 1" && confined'
}
reload_with() { # LINE of [dns64]
	sed -i "s/^dnssec-validation = no/&\n${1/=/ = }/" $T/brasd.conf
	ctl reload
}

one() { # MODE FASTPATH [FUNCTION]
	local name="$1, $2"
	configure "$1" "$2"
	brasd_start
	check "$name: NAT64 is Jool" wait_for 60 nat64_up || give_up
	check "$name: DNS64 serves" wait_for 90 dns64_up || give_up
	whole "$name"
	fast "$name"
	${3:-}
	hang_up $pppd
	check "$name: brasd ends with 0" brasd_stop
}

# An operator's, and stateful: so conntrack sees what is forwarded, and flows go around the stack.
firewall() {
	bng nft -f - <<-END
		table inet fw { chain forward { type filter hook forward priority 0; policy drop;
			ct state established,related accept; iifname "subs0" ct state new accept; }; }
	END
}

# The other half of the proof: without our lines the profile keeps named out, and brasd says so.
without_ours() {
	unconfine
	configure tc flows
	brasd_start
	check "without our lines: brasd warns" wait_for 30 grep -q 'AppArmor may keep named from' $T/brasd.log
	check "without our lines: named is kept out" wait_for 60 denied
	check "without our lines: and it is told" wait_for 30 dns64 "j['state'] in ('down', 'failed') and j['why']"
	check "without our lines: brasd ends with 0" brasd_stop
}

lab
# As every ISP has it; and it covers what Jool translates.
ip -n bng -6 route add default via $WEB6
ip -n internet -6 route replace 2001:db8:100::/40 via 2001:db8:ffff::1
printf 'nameserver %s\noptions timeout:5\n' $DNS6 > $T/resolv.conf
confine
world
firewall
one tc flows profile
others=$(sample_of flows routed)
[[ $others != *flows* ]] || one xdp flows
bng nft delete table inet fw
[[ $others != *routed* ]] || one xdp routed
without_ours
finish
