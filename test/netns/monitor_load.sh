#!/bin/bash
# Proves: as many packets as a CPU carries, of a line that is followed by a reader who does not read
# and by one who is slow: not one is lost on its way to the internet, and what the readers lost is
# counted, by the data plane and by themselves.
# Run: alone, because it sends as fast as the machine does.
# Sample: one mode
# Sample: 1 of crowd
. "$(dirname "$0")/../lab.sh"

GEN=$B/bench-gen
[ -x "$GEN" ] || { echo "$GEN is missing"; exit 1; }

# All on one CPU, one after the other, as the bench does it: nothing is lost for want of room.
gen() { # NAME: to $LAB_DIR/NAME.json
	"$GEN" -k pppoe-up -r "$LAB_DIR/records" -n 1 -i "$HOUSE/s0" -o "$INTERNET/k0" -s tc -d "$ACC" \
		-p $WEB4 -c $(($(nproc) - 1)) -t 3 -b 100000 > "$LAB_DIR/$1.json" || fail "no packets: $1"
	jq -c . "$LAB_DIR/$1.json"
}
rate() { jq '.received / .seconds | floor' "$LAB_DIR/$1.json"; }
all_arrived() { jq -e '.received == .sent and .sent > 100000' "$LAB_DIR/$1.json"; }
# The reader's packets and losses, together, are all that passed; the generator's first step, which
# it does not count, with them.
accounted() { # NAME I
	lab_json "j[$2]['packets'] + j[$2]['lost'] == $(jq .sent "$LAB_DIR/$1.json") + 100000 and j[$2]['lost'] > 0" show monitor
}

run() {
	lab_users 'alice * wonderland 100.64.10.10 -'
	lab_start_brasd ppp.lcp-echo-interval=0
	lab_dial line -u alice -p wonderland
	ACC=$(g ip -o link show acc | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	python3 -c "import struct, sys, socket; sys.stdout.buffer.write(struct.pack('=6sH4s',
		bytes.fromhex('02bb00000000'), $(lab_field line sid), socket.inet_aton('100.64.10.10')))" > "$LAB_DIR/records"
	lab_stop line KILL > /dev/null 2>&1 # its line stays: nobody asks for an echo

	gen alone
	expect "nobody reads: all arrive" all_arrived alone

	lab_spawn stopped g "$B/brasmon" -i "$INSTANCE" -w /dev/null alice
	wait_for 20 grep -q ready "$LAB_DIR/stopped.log" || fail "brasmon does not get ready"
	kill -STOP "${LAB_PID[stopped]}"
	gen stopped
	expect "a reader that does not read: all arrive" all_arrived stopped
	expect "and what it lost is shown" accounted stopped 0
	lab_ctl show monitor
	kill -CONT "${LAB_PID[stopped]}"
	lost=$(lab_value "j[0]['lost']" show monitor)
	lab_stop stopped INT || fail "brasmon ended with $?"
	expect "it knows of each" grep -q "packets, $lost lost on the way" "$LAB_DIR/stopped.log"

	# A pipe into who takes 64 KiB, twenty times a second.
	mkfifo "$LAB_DIR/pipe"
	lab_spawn taker python3 -c "
import time
with open('$LAB_DIR/pipe', 'rb', 0) as f:
    while f.read(65536):
        time.sleep(0.05)"
	lab_spawn slow g sh -c "exec '$B/brasmon' -i '$INSTANCE' alice -s 64 > '$LAB_DIR/pipe'"
	wait_for 20 grep -q ready "$LAB_DIR/slow.log" || fail "brasmon does not get ready"
	gen slow
	expect "a slow reader: all arrive" all_arrived slow
	expect "and what it lost is shown" accounted slow 0
	lab_ctl show monitor
	kill -KILL "${LAB_PID[slow]}"
	echo "packets/s: alone $(rate alone), reader stopped $(rate stopped), slow $(rate slow)"
}

lab_each_mode run
