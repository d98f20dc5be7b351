#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many flows, each with an echo that must come back whole.

  storm.py serve ADDR PORT COUNT           TCP echo on COUNT ports from PORT on
  storm.py short ADDR PORT COUNT FLOWS     so many short flows: open, echo, close; how many were good
  storm.py hold ADDR PORT COUNT FLOWS ROUNDS  so many flows at once, an echo on each of them ROUNDS
                                           times; how many echoes were good
  storm.py keep ADDR PORT COUNT FLOWS      so many flows, an echo on each twice; then says "kept", and holds them
  storm.py open ADDR PORT COUNT FLOWS [SOURCE...]  connections that so many attempts bring, held together
"""
import ctypes
import os
import selectors
import signal
import socket
import sys
import time

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


def finish(s):
    """An end that is acknowledged: a queue that is full loses no reset of thousands."""
    s.shutdown(socket.SHUT_WR)
    return s.recv(2048) == b""


def short(addr, port, count, flows):
    good = 0
    for i in range(flows):
        at = local = "connect"
        try:
            with connect(addr, port + i % count) as s:
                local = s.getsockname()
                for at in range(3):
                    if not echo(s, b"flow %d, echo %d" % (i, at)):
                        raise OSError("another echo, or its end")
                at = "end"
                if not finish(s):
                    raise OSError("more than what was sent")
                good += 1
        except OSError as e:
            print("flow %d, %s: %s; %s" % (i, at, e, local), file=sys.stderr)
    return good


def hold(addr, port, count, flows, rounds):
    good = 0
    held = [connect(addr, port + i % count) for i in range(flows)]
    for n in range(rounds):
        for i, s in enumerate(held):
            good += echo(s, b"flow %d, round %d" % (i, n))
    for s in held:
        finish(s)
    return good


def keep(addr, port, count, flows):
    held = [connect(addr, port + i % count) for i in range(flows)]
    for s in held + held:
        if not echo(s, b"still there"):
            sys.exit("no echo")
    print("kept", flush=True)
    signal.pause()


def attempts(addr, port, count, flows, sources):
    """Those that an answer came for by the time that the first has repeated its SYN."""
    held = []
    for i in range(flows):
        s = socket.socket(FAMILY[":" in addr], socket.SOCK_STREAM)
        if sources:
            s.bind((sources[i % len(sources)], 0))
        s.setblocking(False)
        s.connect_ex((addr, port + i % count))
        held.append(s)
    time.sleep(2.5)
    good = 0
    for s in held:
        try:
            s.send(b"still there")
            good += 1
        except OSError:
            pass
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
    what, addr, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    sources = rest[3:] if what == "open" else []
    numbers = [int(a) for a in rest[:len(rest) - len(sources)]]
    if what == "serve":
        serve(addr, *numbers)
    elif what == "keep":
        keep(addr, *numbers)
    elif what == "open":
        print(attempts(addr, *numbers, sources))
    else:
        workers({"short": short, "hold": hold}[what], addr, *numbers)


main()
