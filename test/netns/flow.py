#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow that goes on until it is ended.

  flow.py serve tcp|udp ADDR PORT           sends back what comes
  flow.py run tcp|udp ADDR PORT FILE        some 200 small packets a second; how many answers came is
                                            in FILE
  flow.py send ADDR PORT SPORT COUNT [ttl=N] [options] [size=N]
                                            UDP from that port, one at a time; prints how many answers
                                            came. With options: four NOPs in the IPv4 header
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
            data, peer = s.recvfrom(65536)
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


def send(addr, port, sport, count, how):
    answers = 0
    s = sock("udp", addr)
    s.bind(("", sport))
    s.connect((addr, port))
    s.settimeout(0.2)
    size = 64
    for word in how:
        if word == "options":
            s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\1\1\1\1")
        elif word.startswith("ttl="):
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(word[4:]))
        else:
            size = int(word.removeprefix("size="))
    for i in range(count):
        try:
            s.send(b"%0*d" % (size, i))
            answers += int(s.recv(65536)) == i
        except OSError: # none in time, or an ICMP error
            pass
    print(answers)


if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), sys.argv[6:])
elif sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    run(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
