#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds Jool's modules for the guest's kernel from Debian's jool-dkms, and puts them among its modules,
# so that modprobe finds them in the guest: test/vm/jool.sh CACHE (vmrun's). Does nothing when they are
# there. Root; the kernel's headers are installed, jool-dkms is not. Some 20 s on two processors.
set -eu
cache=$1
ver=$(< "$cache/version")
modules=$cache/root/lib/modules/$ver
[ ! -s "$modules/updates/jool.ko" ] || exit 0
echo "deps: building Jool's modules for the guest"
export DEBIAN_FRONTEND=noninteractive
if ! dpkg-query -W "linux-headers-$ver" > /dev/null 2>&1 &&
	! apt-get -qq -y --no-install-recommends install "linux-headers-$ver" > /dev/null; then
	echo "deps: no headers of the guest's kernel $ver; is it too old? test/vm/vmrun --setup fetches the current one" >&2
	exit 1
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -qq -o APT::Sandbox::User=root download jool-dkms
dpkg -x jool-dkms_*.deb .
src=$(echo "$tmp"/usr/src/jool-*/src/mod)
mkdir -p "$modules/updates"
for m in common nat64; do
	make -s -j"$(nproc)" -C "/usr/src/linux-headers-$ver" "M=$src/$m" modules > "$tmp/$m.log" 2>&1 ||
		{ tail -n 20 "$tmp/$m.log" >&2; exit 1; }
done
strip --strip-debug "$src/common/jool_common.ko" "$src/nat64/jool.ko"
cp "$src/common/jool_common.ko" "$modules/updates/"
cp "$src/nat64/jool.ko" "$modules/updates/"
depmod -b "$cache/root" "$ver"
