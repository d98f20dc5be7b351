#!/bin/bash
# Real DHCPv6 clients against the server of ipv6/, without the rest of brasd (build/dhcp6-tap is the wire
# and the server): dhclient, dhcpcd, systemd-networkd, wide's dhcp6c. Each asks for an address and a
# prefix, renews them, finds them again after the server began anew, takes another prefix when
# the operator withdraws the first, and releases what it has if it is one that does.
# VECTORS=DIR keeps what was on the wire: that is how test/vectors/dhcp6-*.hex were taken.
. "$(dirname "$0")/../lab.sh"
[ "$(id -u)" = 0 ] || { echo "needs root: network namespaces"; exit 1; }
for c in dhclient dhcpcd dhcp6c /lib/systemd/systemd-networkd; do
	command -v $c > /dev/null || { echo "needs isc-dhcp-client, dhcpcd-base, wide-dhcpv6-client, systemd: no $c"; exit 1; }
done
[ -e /dev/net/tun ] || { echo "needs /dev/net/tun"; exit 77; }

LAB=dhcp6c-$BASHPID
LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/lab-$LAB.XXXXXX")
LAB_NETNS=() INSTANCE=$LAB
trap lab_down EXIT
trap 'exit 130' INT TERM
P1=2001:db8:8000:100::/56 P2=2001:db8:8000:200::/56 A1=2001:db8:200::1/128

said() { grep -q "^$1" "$LAB_DIR/tap.log"; }
times() { grep -c "^$1" "$LAB_DIR/tap.log"; }
more_than() { [ "$(times "$2")" -gt "$1" ]; } # COUNT LINE
has_address() { h ip -6 -o addr show dev wan0 | grep -q " ${A1%/*}/"; }

# With files of its own where it wants to write.
client() { # SETUP... -- COMMAND...: lab_spawn it
	lab_spawn client h unshare -m sh -c 'set -e; mount -t tmpfs t /run
		for d in /var/lib/dhcp /var/lib/dhcpcd /var/lib/dhcpv6; do [ ! -d $d ] || mount -t tmpfs t $d; done
		mkdir -p /run/dhcpcd /run/systemd/netif /run/systemd/network
		: > '"$LAB_DIR"'/resolv.conf; mount --bind '"$LAB_DIR"'/resolv.conf /etc/resolv.conf
		'"$1"'; shift; exec "$@"' sh "$@"
}

start_dhclient() {
	echo 'request dhcp6.name-servers, dhcp6.domain-search;' > "$LAB_DIR/dhclient.conf"
	client : dhclient -6 -N -P -d -v -cf "$LAB_DIR/dhclient.conf" -lf "$LAB_DIR/leases" -pf "$LAB_DIR/pid" wan0
}
# It has its leases in a file, and a second process releases them.
stop_dhclient() {
	lab_stop client TERM
	client : dhclient -6 -N -P -r -d -v -cf "$LAB_DIR/dhclient.conf" -lf "$LAB_DIR/leases" -pf "$LAB_DIR/pid" wan0
}

start_dhcpcd() {
	printf '%s\n' duid 'option domain_name_servers, domain_search' ipv6only release 'interface wan0' \
		'ia_na 1' 'ia_pd 2/::/60 -' > "$LAB_DIR/dhcpcd.conf"
	client : dhcpcd -6 -B -d -f "$LAB_DIR/dhcpcd.conf" -c /bin/true wan0
}
stop_dhcpcd() { lab_stop client TERM; } # "release" in its configuration

start_dhcp6c() {
	cat > "$LAB_DIR/dhcp6c.conf" <<- 'END'
	interface wan0 {
		send ia-na 1;
		send ia-pd 2;
		send rapid-commit;
		request domain-name-servers, domain-name;
	};
	id-assoc na 1 { };
	id-assoc pd 2 { prefix-interface lan0 { sla-id 0; sla-len 8; }; };
	END
	h ip tuntap add lan0 mode tap
	h ip link set lan0 up
	client : dhcp6c -f -D -c "$LAB_DIR/dhcp6c.conf" -p "$LAB_DIR/pid" wan0
}
stop_dhcp6c() { lab_stop client TERM; }

# It waits for udev unless /sys is read-only, as in a container. 252 releases nothing.
start_networkd() {
	printf '%s\n' '[Match]' Name=wan0 '[Network]' DHCP=ipv6 IPv6AcceptRA=yes '[DHCPv6]' \
		PrefixDelegationHint=::/60 > "$LAB_DIR/10-wan.network"
	client "mount -t sysfs -o ro sysfs /sys; cp $LAB_DIR/10-wan.network /run/systemd/network
		mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
		chown -R systemd-network /run/systemd/netif; export SYSTEMD_LOG_LEVEL=debug" /lib/systemd/systemd-networkd
}
stop_networkd() { lab_stop client TERM; }

begin() { # CLIENT OPTION=VALUE...
	LAB_MODE=$1
	shift
	lab_ns house; HOUSE=$REPLY
	lab_spawn tap h "$B/dhcp6-tap" wan0 preferred=30 valid=60 t1=2 t2=4 "$@"
	wait_for 20 said ready || fail "no TAP device"
	h sysctl -qw net.ipv6.conf.wan0.accept_ra=1
	h ip link set wan0 address 02:00:00:00:01:01
	h ip link set wan0 up
	wait_for 20 eval "h ip -6 addr show dev wan0 scope link | grep -q fe80" || fail "no link-local address"
	"start_$LAB_MODE"
}

end() {
	lab_stop client
	lab_stop tap
	ip netns del "$HOUSE"
}

try() { # CLIENT OPTION=VALUE...
	local client=$1 n
	begin "$@"
	shift
	expect "$client: is given a prefix" wait_for 40 said "bind pd $P1 new"
	expect "$client: is given an address" wait_for 20 said "bind na $A1 new"
	expect "$client: uses the address" wait_for 20 has_address
	expect "$client: renews" wait_for 30 said "bind pd $P1 extended"
	kill -USR2 "${LAB_PID[tap]}"
	expect "$client: the server begins anew with what it had" wait_for 20 said "thawed 2"
	n=$(times "bind pd $P1 extended")
	expect "$client: renews with the one that began anew" wait_for 30 more_than "$n" "bind pd $P1 extended"
	kill -USR1 "${LAB_PID[tap]}"
	expect "$client: hears that its prefix is withdrawn" wait_for 30 said "unbind pd $P1 withdrawn"
	expect "$client: is given another one" wait_for 20 said "bind pd $P2 new"
	expect "$client: renews that" wait_for 30 said "bind pd $P2 extended"
	"stop_$client"
	[ $client = networkd ] ||
		expect "$client: releases what it has" wait_for 30 said "unbind pd $P2 released"
	refuse "$client: nothing it said was refused" said drop
	[ "$*" != rapid=1 ] || refuse "$client: commits rapidly" grep -q "# REQUEST" "$LAB_DIR/tap.log"
	if [ -n "${VECTORS:-}" ]; then
		{ echo "# $client: taken by test/netns/dhcp6clients.sh, see README.md"
		sed -n 's/^withdraw 0/# withdraw/; /^[<>#]/p' "$LAB_DIR/tap.log"; } > "$VECTORS/dhcp6-$client.hex"
	fi
	end
}

# It asks for both, and there are no addresses: the prefix is not to suffer.
try_prefix_only() { # CLIENT
	begin "$1" na=0
	expect "$1: is given a prefix where there are no addresses" wait_for 40 said "bind pd $P1 new"
	expect "$1: renews it" wait_for 30 said "bind pd $P1 extended"
	refuse "$1: nothing it said was refused" said drop
	end
}

try dhclient rapid=0
try dhcpcd rapid=0
try dhcp6c rapid=1
try networkd rapid=1
for c in dhclient dhcpcd dhcp6c networkd; do
	try_prefix_only $c
done
