# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A translation that needs conntrack and its flows on the fast path, for benches that source lib.sh and
# gen.sh first.

# Every line has an outer address of its own: the generator can answer to them.
nft_on() {
	in_ns $G nft add table ip bench
	in_ns $G nft "add chain ip bench f { type filter hook forward priority 0; }"
	in_ns $G nft add rule ip bench f ct state invalid drop
	in_ns $G nft "add chain ip bench p { type nat hook postrouting priority 100; }"
	in_ns $G nft add rule ip bench p oifname core0 snat ip prefix to ip saddr map '{ 100.64.0.0/15 : 198.18.0.0/15 }' ||
		die "nft"
}
nft_off() {
	in_ns $G nft delete table ip bench
	in_ns $G conntrack -F > /dev/null 2>&1
}
outer() { # the records with those addresses
	python3 - "$T/records" > "$T/outer" <<-'END'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	for at in range(0, len(data), 12):
	    mac, sid, ip = struct.unpack("=6sH4s", data[at:at + 12])
	    ip = struct.pack("!I", struct.unpack("!I", ip)[0] - 0x64400000 + 0xC6120000)
	    sys.stdout.buffer.write(struct.pack("=6sH4s", mac, sid, ip))
	END
}
down_nat() { RECORDS=$T/outer down_to "$1"; }

hits() { ctl show fastpath --json | jq '."hits-packets"'; }
flows_are() { [ "$(ctl show fastpath --json | jq .flows)" -ge "$1" ]; }
# Packets both ways, and again when conntrack holds them for streams: two seconds.
assure() {
	local i
	for i in 1 2 3 4 5 6; do
		SECONDS_EACH=${ASSURE:-0} up pppoe-up > /dev/null
		SECONDS_EACH=${ASSURE:-0} down_nat tc > /dev/null
		sleep 1
		flows_are "$N" && return
	done
	die "conntrack: $(ctl show fastpath --json)"
}
fast_only() { # COMMAND...: what was measured went around the stack
	local before
	before=$(hits)
	"$@" || return 1
	[ "$(hits)" -gt $((before + ${LEAST:-100000})) ] || die "$*: not around the stack: $(ctl show fastpath --json)"
}

daemon() { # MODE FASTPATH
	FASTPATH=$2 CORE=core0,$1 config "$1" $((N + 100)) 0
	brasd_start taskset -c 0
	lines_up "$1"
	outer
}
