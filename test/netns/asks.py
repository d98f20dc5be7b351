#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks the console the same again and again until SIGTERM: asks.py SOCKET COMMAND...

Says at the end how many answers there were, and of their times the median, the 99th percentile and
the longest in ms. An answer that does not come within 60 s, or is empty, is a failure: it ends with 1.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import control

PAUSE = 0.05


def main(path, *command):
    over, took = [], []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    while not over:
        begin = time.monotonic()
        if not control.size(path, " ".join(command).encode()):
            return 1
        took.append((time.monotonic() - begin) * 1e3)
        time.sleep(PAUSE)
    took.sort()
    print("asked %d p50 %.1f p99 %.1f longest %.1f" % (
        len(took), took[len(took) // 2], took[int(len(took) * 0.99)], took[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
