#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Echoes of all kinds of lengths, by TCP and UDP, IPv4 and IPv6.

  odd.py serve PORT
  odd.py run PORT ADDR...      for more than two seconds each, until UDP is assured
"""
import ctypes
import os
import random
import signal
import socket
import sys
import time


def serve_udp(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", port))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)


def serve_tcp(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::", port))
    s.listen()
    while True:
        conn, _ = s.accept()
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with conn:
            while data := conn.recv(2048):
                conn.sendall(data)


def echo(s, data, whole):
    s.send(data)
    got = s.recv(2048)
    while whole and len(got) < len(data):
        got += s.recv(2048)
    if got != data:
        raise SystemExit("%d octets came back as %d others" % (len(data), len(got)))


def run(addr, port, kind):
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    s = socket.socket(family, kind)
    s.settimeout(5)
    s.connect((addr, port))
    if kind == socket.SOCK_STREAM:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end, n = time.monotonic() + 3, 0
    while time.monotonic() < end or n < 400:
        n += 1
        echo(s, random.randbytes(1 + n % 41 if n % 3 else 700 + n % 500), kind == socket.SOCK_STREAM)
        time.sleep(0.002)


def worker():
    """A child that ends with its parent, however that ends."""
    if os.fork():
        return False
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    return True


def main():
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "serve":
        (serve_udp if worker() else serve_tcp)(port)
    for addr in sys.argv[3:]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            run(addr, port, kind)


main()
