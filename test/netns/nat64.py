#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of NAT64 need beyond net.py.

  nat64.py sizes-serve ADDR PORT        answers "N" with N octets in one datagram, DF set; prints the MTU
                                        of the path once it has learnt of it
  nat64.py size ADDR PORT N SECONDS     asks until an answer of N octets comes, in one datagram
  nat64.py big ADDR PORT N SECONDS      sends N octets to an echo until they come back
  nat64.py talk ADDR PORT SECONDS       one TCP connection that says something ten times a second and
                                        wants it back; "running" when the first is; fails if it breaks
  nat64.py talk-serve ADDR PORT         the other end; prints who comes
  nat64.py who-serve ADDR PORT          answers each UDP packet with "ADDRESS PORT" of who sent it
  nat64.py who ADDR PORT                asks it
  nat64.py hairpin A B ADDR PORT POOL6  B asks who it is; then A sends to that address and port, and B must
                                        hear it, and answer
  nat64.py flows ADDR PORT N SECONDS [FROM]   N UDP sockets, each wants an answer of echo (net.py); prints
                                        how many got one
  nat64.py pref64 IFNAME SECONDS        asks for routers there until one tells the prefix of NAT64; prints it
"""
import select
import socket
import struct
import sys
import threading
import time

IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_MTU = 10, 2, 14


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def sizes_serve(addr, port):
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
    sock.bind((addr, int(port)))
    while True:
        data, peer = sock.recvfrom(4096)
        try:
            sock.sendto(bytes(int(data)), peer)
        except OSError: # too big for the path, as the kernel has learnt
            probe = socket.socket(family(addr), socket.SOCK_DGRAM)
            probe.connect(peer)
            print("mtu", probe.getsockopt(socket.IPPROTO_IP, IP_MTU), flush=True)


def size(addr, port, octets, seconds):
    end = time.monotonic() + float(seconds)
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    sock.settimeout(0.3)
    while time.monotonic() < end:
        sock.sendto(octets.encode(), (addr, int(port)))
        try:
            if len(sock.recv(65536)) == int(octets):
                return 0
        except OSError:
            pass
    return 1


def big(addr, port, octets, seconds):
    end = time.monotonic() + float(seconds)
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    sock.settimeout(0.5)
    message = bytes(i % 251 for i in range(int(octets)))
    while time.monotonic() < end:
        try:
            sock.sendto(message, (addr, int(port)))
            if sock.recv(65536) == message:
                return 0
        except OSError:
            pass
    return 1


def talk_serve(addr, port):
    def serve(conn):
        with conn:
            while True:
                data = conn.recv(4096)
                if not data:
                    return
                conn.sendall(data)
    sock = socket.socket(family(addr), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((addr, int(port)))
    sock.listen(64)
    while True:
        conn, peer = sock.accept()
        print(peer[0], peer[1], flush=True)
        threading.Thread(target=serve, args=(conn,), daemon=True).start()


def talk(addr, port, seconds):
    sock = socket.create_connection((addr, int(port)), 10)
    sock.settimeout(20)
    end = time.monotonic() + float(seconds)
    n = 0
    while time.monotonic() < end:
        message = struct.pack("!I", n) * 100
        sock.sendall(message)
        got = b""
        while len(got) < len(message):
            piece = sock.recv(4096)
            if not piece:
                print("closed after", n)
                return 1
            got += piece
        if got != message:
            print("something else came back after", n)
            return 1
        if not n:
            print("running", flush=True)
        n += 1
        time.sleep(0.1)
    print("said", n)
    return 0


def who_serve(addr, port):
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    sock.bind((addr, int(port)))
    while True:
        _, peer = sock.recvfrom(4096)
        sock.sendto(f"{peer[0]} {peer[1]}".encode(), peer)


def ask_who(sock, addr, port):
    sock.settimeout(1)
    for _ in range(20):
        try:
            sock.sendto(b"who", (addr, int(port)))
            return sock.recv(100).decode()
        except OSError:
            time.sleep(0.2)
    return None


def who(addr, port):
    print(ask_who(socket.socket(family(addr), socket.SOCK_DGRAM), addr, port))
    return 0


def hairpin(a, b, addr, port, pool6):
    socks = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(2)]
    for sock, mine in zip(socks, (a, b)):
        sock.bind((mine, 0))
    outside = ask_who(socks[1], addr, port)
    if not outside:
        print("B is nobody")
        return 1
    address, outside_port = outside.split()
    socks[0].settimeout(1)
    for _ in range(10):
        try:
            socks[0].sendto(b"hello", (pool6 + address, int(outside_port)))
            data, peer = socks[1].recvfrom(100)
            socks[1].sendto(data + b" yourself", peer)
            if socks[0].recv(100) == b"hello yourself":
                print("A is", peer[:2], "to B, B is", outside)
                return 0
        except OSError:
            pass
    print("nothing came to", outside)
    return 1


def flows(addr, port, count, seconds, source=None):
    socks = [socket.socket(family(addr), socket.SOCK_DGRAM) for _ in range(int(count))]
    waiting = {s.fileno(): s for s in socks}
    poll = select.poll()
    for s in socks:
        s.setblocking(False)
        if source:
            s.bind((source, 0))
        s.connect((addr, int(port)))
        poll.register(s, select.POLLIN)
    end = time.monotonic() + float(seconds)
    while waiting and time.monotonic() < end:
        for s in list(waiting.values()):
            try:
                s.send(b"x" * 100)
            except OSError:
                pass
        until = time.monotonic() + 2
        while waiting and time.monotonic() < until:
            for fd, _ in poll.poll(200):
                s = waiting.get(fd)
                try:
                    if s and s.recv(4096):
                        poll.unregister(fd)
                        del waiting[fd]
                except OSError:
                    pass
    print(len(socks) - len(waiting))
    return 0


def pref64(ifname, seconds):
    end = time.monotonic() + float(seconds)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, ifname.encode())
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    sock.settimeout(2)
    while time.monotonic() < end:
        try: # the kernel fills in the checksum (RFC 3542, section 3.1)
            sock.sendto(struct.pack("!BBHI", 133, 0, 0, 0), ("ff02::2", 0, 0, socket.if_nametoindex(ifname)))
            message, peer = sock.recvfrom(2048)
        except OSError:
            continue
        while message[0] == 134 and peer[0].startswith("fe80") and len(message) > 16:
            kind, units = message[16], message[17]
            option, message = message[16:16 + 8 * units], message[:16] + message[16 + 8 * units:]
            if kind == 38 and units == 2: # RFC 8781, section 4
                scaled, = struct.unpack("!H", option[2:4])
                if scaled >> 3: # else it is withdrawn
                    print("%s/%d" % (socket.inet_ntop(socket.AF_INET6, option[4:] + bytes(4)),
                                     (96, 64, 56, 48, 40, 32)[scaled & 7]))
                    return 0
            if not units:
                break
    return 1


def main(argv):
    commands = {"sizes-serve": sizes_serve, "size": size, "big": big, "talk": talk, "talk-serve": talk_serve,
                "flows": flows, "who": who, "who-serve": who_serve, "hairpin": hairpin, "pref64": pref64}
    if len(argv) < 2 or argv[1] not in commands:
        print(__doc__)
        return 2
    return commands[argv[1]](*argv[2:]) or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
