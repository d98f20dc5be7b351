#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Times `show sessions` and, meanwhile, how long anybody else waits for the loop.
sessions.py SOCKET READERS: rows of a table. READERS 0: the waits alone; "loop": lists again and again,
a line for each."""
import os, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import control

PATH, READERS = sys.argv[1], 0 if sys.argv[2] == "loop" else int(sys.argv[2])


def read(times):
    start = time.monotonic()
    size = control.size(PATH, b"show sessions")
    times.append((time.monotonic() - start, size))


while sys.argv[2] == "loop":
    print("list", control.size(PATH, b"show sessions"), flush=True)
times, waits = [], []
readers = [threading.Thread(target=read, args=(times,)) for _ in range(READERS)]
for r in readers:
    r.start()
end = time.monotonic() + 5
while any(r.is_alive() for r in readers) if readers else time.monotonic() < end:
    start = time.monotonic()
    control.size(PATH, b"show pools")
    waits.append((time.monotonic() - start) * 1e3)
waits.sort()
for took, size in times:
    print(f"| one list, {READERS} readers | {took:.2f} s, {size / 1e6:.1f} MB |")
print(f"| another's request meanwhile, {READERS} readers, {len(waits)} asked | "
      f"p50 {waits[len(waits) // 2]:.2f}, p99 {waits[int(len(waits) * .99)]:.2f}, "
      f"longest {waits[-1]:.2f} ms |")
