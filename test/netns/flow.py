#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow that goes on until it is ended.

  flow.py serve tcp|udp ADDR PORT           sends back what comes
  flow.py run tcp|udp ADDR PORT FILE        some 200 small packets a second; how many answers came is
                                            in FILE
"""
import os
import select
import socket
import sys
import time


def sock(kind, addr):
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    return socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)


def serve(kind, addr, port):
    s = sock(kind, addr)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    if kind == "udp":
        while True:
            data, peer = s.recvfrom(2048)
            s.sendto(data, peer)
    s.listen()
    while True:
        conn, _ = s.accept()
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with conn:
            while True:
                data = conn.recv(2048)
                if not data:
                    break
                conn.sendall(data)


def run(kind, addr, port, path):
    answers = 0
    told = 0.0
    s = sock(kind, addr)
    s.connect((addr, port))
    if kind == "tcp":
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.setblocking(False)
    while True:
        try:
            s.send(b"%063d\n" % answers)
        except OSError:
            pass
        if select.select([s], [], [], 0.005)[0]:
            try:
                data = s.recv(65536)
                answers += max(1, len(data) // 64)
            except OSError:
                pass
            time.sleep(0.003)
        if time.monotonic() - told > 0.05:
            told = time.monotonic()
            with open(path + ".new", "w") as f:
                f.write(str(answers))
            os.replace(path + ".new", path)


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    run(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
