#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks the console the same again and again until SIGTERM: asks.py SOCKET COMMAND...

Says at the end how many answers there were, and of their times the median, the 99th percentile and
the longest in ms. An answer that does not come within 60 s, or is empty, is a failure: it ends with 1.
"""
import signal
import socket
import sys
import time

PAUSE = 0.05


def ask(path, command):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(path)
        s.sendall(command + b"\n")
        size = 0
        while data := s.recv(1 << 20):
            size += len(data)
    return size


def main(path, *command):
    over, took = [], []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    while not over:
        begin = time.monotonic()
        if not ask(path, " ".join(command).encode()):
            return 1
        took.append((time.monotonic() - begin) * 1e3)
        time.sleep(PAUSE)
    took.sort()
    print("asked %d p50 %.1f p99 %.1f longest %.1f" % (
        len(took), took[len(took) // 2], took[int(len(took) * 0.99)], took[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
