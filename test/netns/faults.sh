#!/bin/bash
# Proves: what test/faults.sh does, of a few points that a seed chooses (FAULTS, SEED; `make faults`: all).
# Sample: one mode
hash=$(md5sum <<< "${SAMPLE:-$RANDOM}")
export FAULTS=${FAULTS:-4} LAB_MODES=${LAB_MODES:-xdp} SEED=${SEED:-$((16#${hash:0:4}))}
exec bash "$(dirname "$0")/../faults.sh"
