#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DHCPv6 exchanges per second of the protocol object, on one CPU: test/bench/dhcp6.sh BUILD LINES...
build=$1
shift
echo "| exchange | lines | per second | us of CPU each |"
echo "| --- | --- | --- | --- |"
for lines in "${@:-10000}"; do
	taskset -c 0 "$build/bench-dhcp6" "$lines" $((1000000 / lines)) || exit 1
done
