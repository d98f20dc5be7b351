#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""dns.py serve ADDRESS...: answers every A question with 192.0.2.80, over UDP and TCP.
dns.py ask SERVER LOCAL-ADDRESS udp|tcp DEVICE: asks one question; status 0 when that is the answer."""
import socket
import struct
import sys
import threading

ANSWER = socket.inet_aton("192.0.2.80")
QUESTION = b"\x03www\x07example\x00" + struct.pack("!HH", 1, 1)


def answer(query):
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + ANSWER
    return head + query[12:] + record


def serve_tcp(server):
    while True:
        conn, _ = server.accept()
        with conn:
            query = conn.recv(600)
            reply = answer(query[2:])
            conn.sendall(struct.pack("!H", len(reply)) + reply)


def serve_udp(udp):
    while True:
        query, peer = udp.recvfrom(600)
        udp.sendto(answer(query), peer)


def serve():
    for address in sys.argv[2:]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        threading.Thread(target=serve_udp, args=(udp,), daemon=True).start()
    tcp = socket.create_server(("::", 53), family=socket.AF_INET6, dualstack_ipv6=True)
    serve_tcp(tcp)


def ask(server, local, proto, device):
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
    query = struct.pack("!HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + QUESTION
    with socket.socket(family, kind) as s:
        s.settimeout(10)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        s.bind((local, 0))
        s.connect((server, 53))
        s.sendall(query if proto == "udp" else struct.pack("!H", len(query)) + query)
        reply = s.recv(600)
    return 0 if reply.endswith(ANSWER) and b"\x12\x34" in reply[:4] else 1


if sys.argv[1] == "serve":
    serve()
sys.exit(ask(*sys.argv[2:]))
