#!/usr/bin/env python3
"""A crowd at a port: crowd.py ADDRESS PORT silent|slow|rubbish. The first two hold 200 connections
until they are ended, and say "ready"; the third sends what is no HTTP and ends."""
import random
import signal
import socket
import sys

ADDRESS, PORT, KIND = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ASK = b"GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.settimeout(5)
    s.connect((ADDRESS, PORT))
    return s


def rubbish():
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    texts = [b"GET " + b"/a" * 40000 + b" HTTP/1.1\r\n\r\n", b"GET /api/v1/session/%00%ff HTTP/1.1\r\n\r\n",
             b"\0" * 5000, b"GET /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
             b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
             b"GET /metrics HTTP/9.9\r\n" + b"x: y\r\n" * 5000 + b"\r\n"]
    texts += [bytes(rng.randrange(256) for _ in range(rng.randrange(2000))) for _ in range(60)]
    for text in texts:
        s = connect()
        try:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except OSError:
            pass
        s.close()


def hold():
    held = []
    for _ in range(200):
        try:
            s = connect()
            if KIND == "slow":
                s.sendall(ASK * 20)
            else:
                s.sendall(b"GET /metr")
            held.append(s)
        except OSError:
            pass
    print("ready", len(held), flush=True)
    signal.pause()


if KIND == "rubbish":
    rubbish()
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    hold()
