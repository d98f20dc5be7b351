#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# brasberry on an arm64 machine, which a Raspberry Pi is: test/arm64.sh [deb | GUEST-TEST.sh...]. Builds for
# Debian 12 arm64 beside the machine's own build, then boots Debian's arm64 kernel on an emulated
# Cortex-A72 and runs there the unit tests, the tests of the data plane's programs, and guest tests: pppd
# against brasd, in mode tc where one mode is enough (SAMPLE; empty: in all). With `deb` only the package
# is built. Needs root, Debian's archive, and QEMU; nothing of it is installed on this machine but the
# cross compiler.
set -u
here=$(cd "$(dirname "$0")" && pwd)
repo=$(dirname "$here")
cd "$repo" || exit 1
build=$repo/build/arm64
cache=${XDG_CACHE_HOME:-$HOME/.cache}/brasberry-arm64
export VMRUN_ROOT=$cache/root VMRUN_DIR=$cache/guest VMRUN_ARGS="-w $repo"

# The guest's programs; its libraries are those that the build needs (test/deps.sh libs).
programs="base-files base-passwd netbase bash dash coreutils util-linux mount hostname procps findutils
	grep sed mawk diffutils busybox-static kmod iproute2 iputils-ping ethtool nftables conntrack
	ppp iperf3 tcpdump jq python3 bind9-utils dhcpcd-base linux-image-arm64"

# A Debian arm64, unpacked and not configured: none of its programs has to run for that.
tree() {
	local wanted
	wanted=$(echo $programs $("$here/deps.sh" libs) libcmocka-dev)
	[ "$wanted" = "$(cat "$cache/wanted" 2> /dev/null)" ] && return
	echo "arm64: fetching Debian's packages"
	rm -rf "$cache" && mkdir -p "$cache" || return 1
	mmdebstrap --quiet --architectures=arm64 --variant=extract --aptopt='APT::Install-Recommends "false"' \
		--include="${wanted// /,}" bookworm "$VMRUN_ROOT" || return 1
	# What the packages' scripts would have done.
	ln -sf mawk "$VMRUN_ROOT/usr/bin/awk"
	cp "$VMRUN_ROOT/usr/share/base-passwd/passwd.master" "$VMRUN_ROOT/etc/passwd"
	cp "$VMRUN_ROOT/usr/share/base-passwd/group.master" "$VMRUN_ROOT/etc/group"
	# To this machine's linker an absolute link leads out of the tree, and it would take the library.a beside it.
	find "$VMRUN_ROOT"/usr/lib/*-linux-gnu -maxdepth 1 -name '*.so' -lname '/*' |
		while read -r link; do ln -sfr "$VMRUN_ROOT$(readlink "$link")" "$link"; done
	"$here/vm/vmrun" --setup || return 1
	echo "$wanted" > "$cache/wanted"
}

cross_make() { # TARGET...
	make -j"$(nproc)" B=build/arm64 CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar SYSROOT="$VMRUN_ROOT" "$@"
}

"$here/deps.sh" arm64 || exit 1
tree || { echo "arm64: no Debian arm64 to build for" >&2; exit 1; }
if [ "${1:-}" = deb ]; then
	cross_make deb DEB_TWIN="$repo/build"
	exit
fi
cross_make all tests || exit 1
rm -rf "$build/results"
failed=0
# Seconds are those of a machine that has something else to do.
export VM_LIMIT=3600 SAMPLE=${SAMPLE-tc}
guest() { "$here/vm/vmrun" -t $VM_LIMIT -w "$repo" "$@" || failed=1; }
guest test/run-unit.sh build/arm64 build/arm64/unit/*_test
guest test/run-netns.sh build/arm64 test/bpf/programs.sh
[ $# -gt 0 ] || set -- test/vm/dial.sh test/vm/traffic.sh test/vm/mtu.sh test/vm/fast.sh test/vm/vlan.sh
"$here/run-vm.sh" build/arm64 "$@" || failed=1
"$here/summary.sh" build/arm64
exit $failed
