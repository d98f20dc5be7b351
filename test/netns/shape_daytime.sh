#!/bin/bash
# Proves: a profile's speed follows the time of day, in the kernel as well, while its line is up.
# Run: early
# Sample: one mode
. "$(dirname "$0")/../lab.sh"

of_now() { # HH:MM: on a busy machine that minute may be over
	lab_json 'j["rate-down"] == 10000' show session dora || [ "$(date +%H:%M)" != "$1" ]
}

run() {
	local now soon later
	now=$(date +%H:%M) soon=$(date -d '+1 minute' +%H:%M) later=$(date -d '+3 hours' +%H:%M)
	lab_conf shaper.mode=htb "shaper.time-range=day,$soon-$later"
	printf '%s\n' '[profile p]' 'rate = 10000/10000' 'rate = day,20000/20000' >> "$CONF"
	lab_spawn brasd g "$B/brasd" -c "$CONF" -i "$INSTANCE"
	wait_for 30 lab_brasd_ready
	lab_running brasd || fail "brasd did not start"
	lab_dial two -u dora -p secret
	expect "a profile" lab_json 'j["changed"] == 1' shaper change dora p
	expect "its speed of now ($now)" of_now "$now"
	expect "changes with the time of day ($soon)" wait_for 75 lab_json 'j["rate-down"] == 20000 and j["speed"]["programmed-down"]["rate"] == 20000' show session dora
	lab_hangup two
}

lab_each_mode run
