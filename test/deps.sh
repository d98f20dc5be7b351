#!/bin/bash
# Installs what building and testing need on Debian 12: test/deps.sh [vm]. Says nothing and does
# nothing when all of it is there; else it must run as root. With "vm" also what the guest tests
# need: QEMU, pppd, and Debian's kernel (unpacked in a cache, not installed); with "arm64" what builds
# for an arm64 machine and emulates one. "libs" only prints the libraries that brasberry is built with.
set -u
here=$(cd "$(dirname "$0")" && pwd)
kind=${1:-}

build="make gcc libc6-dev linux-libc-dev pkg-config clang-14 bpftool libbpf-dev libelf-dev zlib1g-dev
	libpcap-dev libnl-3-dev libnl-route-3-dev nettle-dev libradcli-dev libev-dev libjansson-dev libsystemd-dev
	libnetfilter-conntrack-dev libnftables-dev libmicrohttpd-dev libseccomp-dev libcli-dev libcrypt-dev libjs-chart.js libsnmp-dev"
# erlang-snmp: no other package of Debian has SNMPv2-SMI and the other modules that a MIB is built on.
check="lintian dpkg-dev libcmocka-dev libclang-rt-14-dev clang-tidy clang-format universal-ctags git iproute2 ethtool
	iputils-ping iperf3 telnet netcat-openbsd tmux tcpdump tshark nftables conntrack curl jq python3 python3-scapy procps util-linux
	freeradius freeradius-utils bind9 bind9-utils bind9-dnsutils knot-dnsutils openssl tayga
	ndisc6 isc-dhcp-client dnsmasq-base dhcpcd-base wide-dhcpv6-client iptables prometheus
	chromium chromium-driver python3-selenium snmp snmpd snmptrapd smitools erlang-snmp darkstat"
guest="qemu-system-x86 busybox-static kmod cpio ppp pppoe jool-tools apparmor"
arm64="crossbuild-essential-arm64 mmdebstrap qemu-system-arm"

case $kind in
"") wanted="$build $check" ;;
vm) wanted="$build $check $guest" ;;
arm64) wanted="$build $check $guest $arm64" ;;
libs) printf '%s\n' $build | grep -- '-dev$' | grep -v linux-libc-dev; exit ;;
*) echo "usage: test/deps.sh [vm | arm64 | libs]" >&2; exit 2 ;;
esac

missing() { # PACKAGE...: those that are not installed
	local have
	have=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2> /dev/null | sed -n 's/^ii *//p')
	comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<< "$have")
}

if ! command -v dpkg-query > /dev/null; then
	echo "deps: this is not a Debian; what is needed, by Debian's names:" $wanted >&2
	exit 1
fi
# shellcheck disable=SC2086
todo=$(missing $wanted)
if [ -n "$todo" ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "deps: packages are missing; run this as root, or: apt-get install" $todo >&2
		exit 1
	fi
	echo "deps: installing" $todo
	export DEBIAN_FRONTEND=noninteractive
	# Servers and clients are for the tests' namespaces: none may begin to serve this machine.
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	# shellcheck disable=SC2086
	if ! { apt-get -qq update && apt-get -qq -y --no-install-recommends install $todo > /dev/null; }; then
		echo "deps: apt-get could not install them" >&2
		exit 1
	fi
	# shellcheck disable=SC2086
	todo=$(missing $todo)
	if [ -n "$todo" ]; then
		echo "deps: still missing:" $todo >&2
		exit 1
	fi
fi

if [ "$kind" = vm ]; then
	cache=${VMRUN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vmrun}
	if [ ! -s "$cache/vmlinux" ] || [ ! -s "$cache/initrd" ]; then
		echo "deps: fetching Debian's kernel for the guest"
		"$here/vm/vmrun" --setup || exit 1
	fi
	exec "$here/vm/jool-modules" "$cache"
fi
