# Router advertisements as tcpdump and tshark see them on the access link. To be sourced after
# test/lab.sh.
#
#   capture NAME                  begins, into $LAB_DIR/NAME.pcap; lab_stop capture ends it
#   shark NAME ARGS...            tshark on that file
#   advertisements NAME N         are there as many by now?
#   ra_field NAME FIELD [FILTER]  of the last advertisement that FILTER lets through
#   ra_is NAME FIELD VALUE [FILTER]
#   final NAME                    ends the capture: the last one withdraws all

capture() {
	lab_spawn capture g tcpdump --immediate-mode -i acc -U -w "$LAB_DIR/$1.pcap" 'pppoes and ip6 proto 58'
	wait_for 10 grep -q 'listening on' "$LAB_DIR/capture.log" || fail "tcpdump does not listen"
}

shark() { tshark -r "$LAB_DIR/$1.pcap" "${@:2}" 2> /dev/null; } # FILE ARGS...
advertisements() { [ "$(shark "$1" -Y 'icmpv6.type == 134' | wc -l)" -ge "$2" ]; }

# The first field of each kind.
ra_field() { shark "$1" -Y "icmpv6.type == 134${3:+ && $3}" -T fields -e "$2" | tail -n 1; }
ra_is() { [ "$(ra_field "$1" "$2" "${4:-}")" = "$3" ] || { echo "$2: $(ra_field "$1" "$2" "${4:-}")"; return 1; }; }

final() { # NAME: the last advertisement withdraws all
	lab_stop capture
	expect "$1: the last one: no router any more" ra_is "$1" icmpv6.nd.ra.router_lifetime 0
	expect "$1: no prefix" ra_is "$1" icmpv6.opt.prefix.valid_lifetime 0
	expect "$1: no name server" ra_is "$1" icmpv6.opt.rdnss.lifetime 0
	expect "$1: no NAT64" ra_is "$1" icmpv6.opt.pref64.scaled_lifetime 0
}
