#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many flows, each with an echo that must come back whole.

  storm.py serve ADDR PORT COUNT           TCP echo on COUNT ports from PORT on
  storm.py short ADDR PORT COUNT FLOWS     so many short flows: open, echo, close; how many were good
  storm.py hold ADDR PORT COUNT FLOWS ROUNDS  so many flows at once, an echo on each of them ROUNDS
                                           times; how many echoes were good
"""
import ctypes
import os
import selectors
import signal
import socket
import struct
import sys

WORKERS = 4
FAMILY = {True: socket.AF_INET6, False: socket.AF_INET}


def worker():
    """A child that ends with its parent, however that ends."""
    if os.fork():
        return False
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    return True


def serve(addr, port, count):
    listeners = []
    for i in range(count):
        s = socket.socket(FAMILY[":" in addr], socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((addr, port + i))
        s.listen(4096)
        s.setblocking(False)
        listeners.append(s)
    for _ in range(WORKERS - 1):
        if worker():
            break
    sel = selectors.DefaultSelector()
    for s in listeners:
        sel.register(s, selectors.EVENT_READ, True)
    while True:
        for key, _ in sel.select():
            s = key.fileobj
            try:
                if key.data:
                    conn, _ = s.accept()
                    conn.setblocking(False)
                    sel.register(conn, selectors.EVENT_READ, False)
                    continue
                data = s.recv(2048)
                if data:
                    s.send(data)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                sel.unregister(s)
                s.close()


def connect(addr, port, seconds=20):
    s = socket.socket(FAMILY[":" in addr], socket.SOCK_STREAM)
    s.settimeout(seconds)
    # A reset at the end: no port is kept waiting for two minutes.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.connect((addr, port))
    return s


def echo(s, text):
    s.sendall(text)
    got = b""
    while len(got) < len(text):
        more = s.recv(2048)
        if not more:
            return False
        got += more
    return got == text


def short(addr, port, count, flows):
    good = 0
    for i in range(flows):
        try:
            with connect(addr, port + i % count) as s:
                good += all(echo(s, b"flow %d, echo %d" % (i, n)) for n in range(3))
        except OSError as e:
            print("flow %d: %s" % (i, e), file=sys.stderr)
    return good


def hold(addr, port, count, flows, rounds):
    good = 0
    held = [connect(addr, port + i % count) for i in range(flows)]
    for n in range(rounds):
        for i, s in enumerate(held):
            good += echo(s, b"flow %d, round %d" % (i, n))
    return good


def workers(fn, addr, port, count, flows, *more):
    pipes = []
    for w in range(WORKERS):
        r, out = os.pipe()
        if worker():
            os.write(out, b"%d" % fn(addr, port, count, flows // WORKERS, *more))
            os._exit(0)
        os.close(out)
        pipes.append(r)
    print(sum(int(os.read(r, 64) or 0) for r in pipes))


def main():
    what, addr, numbers = sys.argv[1], sys.argv[2], [int(a) for a in sys.argv[3:]]
    if what == "serve":
        serve(addr, *numbers)
    else:
        workers({"short": short, "hold": hold}[what], addr, *numbers)


main()
