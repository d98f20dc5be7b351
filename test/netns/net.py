#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the namespace tests need beyond iproute2: a tiny name server and its client, raw PPPoE
frames, and expressions over JSON.

  net.py dns-serve ADDR                 answers every question with 192.0.2.53 / 2001:db8::53
  net.py dns-query udp|tcp ADDR         asks; success if the answer is that
  net.py frame IF DST SRC SID HEX [T]   a PPPoE session frame; HEX begins with the PPP protocol;
                                        with T waits so many seconds for a PADT of that session
  net.py padt IF DST SRC SID            a PADT
  net.py guess IF DST SRC FIRST COUNT HEX  a session frame for each of so many session ids
                                        VLAN=S[.C] in the environment: these are tagged
  net.py iperf MBIT                     the JSON of iperf3 on stdin: did at least so much arrive?
  net.py shaped tcp|udp MBIT [PERCENT]  the same JSON: is it what a plan of MBIT carries, within 3 %?
  net.py ping-below MS                  ping's summary on stdin: is the average below?
  net.py flood MBIT SECONDS ADDR...     UDP packets of 1400 octets to each address at MBIT
  net.py echo ADDR PORT                 sends UDP packets back
  net.py numbered ADDR PORT PPS SECONDS  numbered packets to it: did each come back, once, within
                                        5 s? Says "running" when the first one has
  net.py udp4 SRC DST, udp6 SRC DST     prints such a packet as HEX for `frame`
  net.py json EXPR, value EXPR          over the document on stdin, as j: true?, printed
"""
import json
import os
import re
import socket
import struct
import sys
import threading
import time


def dns_answer(query):
    name_end = 12
    while query[name_end]:
        name_end += query[name_end] + 1
    question = query[12:name_end + 5]
    qtype = struct.unpack("!H", query[name_end + 1:name_end + 3])[0]
    if qtype == 28:
        data = socket.inet_pton(socket.AF_INET6, "2001:db8::53")
    else:
        data = socket.inet_aton("192.0.2.53")
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    return head + question + struct.pack("!HHHIH", 0xC00C, qtype, 1, 60, len(data)) + data


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def dns_tcp(sock):
    while True:
        conn, _ = sock.accept()
        with conn:
            conn.settimeout(5)
            try:
                size = struct.unpack("!H", conn.recv(2, socket.MSG_WAITALL))[0]
                answer = dns_answer(conn.recv(size, socket.MSG_WAITALL))
                conn.sendall(struct.pack("!H", len(answer)) + answer)
            except (OSError, IndexError, struct.error):
                pass


def dns_serve(addr):
    udp = socket.socket(family(addr), socket.SOCK_DGRAM)
    udp.bind((addr, 53))
    tcp = socket.socket(family(addr), socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind((addr, 53))
    tcp.listen(16)
    threading.Thread(target=dns_tcp, args=(tcp,), daemon=True).start()
    while True:
        query, peer = udp.recvfrom(4096)
        try:
            udp.sendto(dns_answer(query), peer)
        except (OSError, IndexError, struct.error):
            pass


def dns_query(proto, addr):
    query = struct.pack("!HHHHHH", 0x4242, 0x0100, 1, 0, 0, 0)
    query += b"\x03www\x07example\x00" + struct.pack("!HH", 1, 1)
    if proto == "udp":
        sock = socket.socket(family(addr), socket.SOCK_DGRAM)
        sock.settimeout(3)
        sock.connect((addr, 53))
        sock.send(query)
        answer = sock.recv(4096)
    else:
        sock = socket.create_connection((addr, 53), timeout=3)
        sock.sendall(struct.pack("!H", len(query)) + query)
        size = struct.unpack("!H", sock.recv(2, socket.MSG_WAITALL))[0]
        answer = sock.recv(size, socket.MSG_WAITALL)
    return answer[:2] == query[:2] and answer.endswith(socket.inet_aton("192.0.2.53"))


def mac(text):
    return bytes(int(x, 16) for x in text.split(":"))


def head(dst, src, ethertype, code, sid, length):
    tags = os.environ.get("VLAN", "").split(".") if os.environ.get("VLAN") else []
    types = [0x88A8, 0x8100] if len(tags) == 2 else [0x8100]
    vlan = b"".join(struct.pack("!HH", t, int(tag)) for t, tag in zip(types, tags))
    return mac(dst) + mac(src) + vlan + struct.pack("!HBBHH", ethertype, 0x11, code, int(sid), length)


def guess(ifname, dst, src, first, count, payload):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((ifname, 0))
    payload = bytes.fromhex(payload)
    for sid in range(int(first), int(first) + int(count)):
        sock.send((head(dst, src, 0x8864, 0, sid, len(payload)) + payload).ljust(60, b"\0"))
        time.sleep(0.0005)
    return True


def frame(ifname, dst, src, sid, payload, wait=None, count=1):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((ifname, 0))
    payload = bytes.fromhex(payload)
    start = head(dst, src, 0x8864, 0, sid, len(payload))
    for _ in range(count):
        sock.send((start + payload).ljust(60, b"\0"))
    if wait is None:
        return True
    end = time.monotonic() + float(wait)
    while time.monotonic() < end:
        sock.settimeout(max(end - time.monotonic(), 0.01))
        try:
            data = sock.recv(2048)
        except socket.timeout:
            break
        if data[:6] == mac(src) and data[12:16] == b"\x88\x63\x11\xa7":
            if struct.unpack("!H", data[16:18])[0] == int(sid):
                return True
    return False


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp4(src, dst):
    udp = struct.pack("!HHHH", 4000, 9, 12, 0) + b"test"
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0)
    head += socket.inet_aton(src) + socket.inet_aton(dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return "0021" + (head + udp).hex()


def icmp6(src, dst, message, hop=255, first=58, extension=""):
    """Neighbour discovery, its checksum right; EXTENSION stands before it, FIRST says what it is."""
    a, b = (socket.inet_pton(socket.AF_INET6, x) for x in (src, dst))
    message, extension = bytes.fromhex(message), bytes.fromhex(extension)
    total = checksum(a + b + struct.pack("!II", len(message), 58) + message)
    message = extension + message[:2] + struct.pack("!H", total) + message[4:]
    head = struct.pack("!IHBB", 0x60000000, len(message), int(first), int(hop))
    return "0057" + (head + a + b + message).hex()


def udp6(src, dst, sport=4000, dport=9, data="74657374"):
    a, b = (socket.inet_pton(socket.AF_INET6, x) for x in (src, dst))
    data = bytes.fromhex(data)
    udp = struct.pack("!HHHH", int(sport), int(dport), 8 + len(data), 0) + data
    total = checksum(a + b + struct.pack("!II", len(udp), 17) + udp)
    udp = udp[:6] + struct.pack("!H", total) + udp[8:]
    return "0057" + (struct.pack("!IHBB", 0x60000000, len(udp), 17, 64) + a + b + udp).hex()


def evaluate(expression):
    return eval(expression, {"j": json.load(sys.stdin), "re": re})  # our own tests' text


def padt(ifname, dst, src, sid):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((ifname, 0))
    sock.send(head(dst, src, 0x8863, 0xA7, sid, 0).ljust(60, b"\0"))
    return True


def iperf(least):
    end = json.load(sys.stdin)["end"]
    total = end.get("sum_received") or end["sum"]
    print("%.0f Mbit/s" % (total["bits_per_second"] / 1e6))
    lost = end.get("sum", {}).get("lost_percent", 0)  # of UDP
    return total["bits_per_second"] >= float(least) * 1e6 and lost < 5


def shaped(kind, mbit, percent=3):
    """iperf3's payload against a plan that counts each IP packet and 22 octets."""
    run = json.load(sys.stdin)
    end = run["end"]
    six = ":" in run["start"]["connecting_to"]["host"]
    payload, head = (1400, 48 if six else 28) if kind == "udp" else (1420 if six else 1440, 52)
    head += 20 if six and kind == "tcp" else 0
    ideal = float(mbit) * payload / (payload + head + 22)
    total = end.get("sum_received") or end["sum"]
    got = total["bits_per_second"] / 1e6
    if kind == "udp" and not end.get("sum_received"):
        got *= 1 - total["lost_percent"] / 100
    print("%.3f Mbit/s of %.3f: %+.1f %%" % (got, ideal, (got / ideal - 1) * 100))
    return abs(got / ideal - 1) <= float(percent) / 100


def flood(mbit, seconds, *addresses):
    """Catches up when it was late, so the rate holds on a busy machine."""
    family = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    payload, begin = b"x" * 1372, time.monotonic()
    rounds, per_second = 0, float(mbit) * 1e6 / 8 / 1400
    while time.monotonic() - begin < float(seconds):
        due = int((time.monotonic() - begin) * per_second)
        for _ in range(min(due - rounds, 64)):
            for address in addresses:
                sock.sendto(payload, (address, 9))
        rounds += min(due - rounds, 64)
        time.sleep(0.001)
    return True


def roomy(addr):
    """Whoever loses a packet, it is not this socket."""
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    return sock


def echo(addr, port):
    sock = roomy(addr)
    sock.bind((addr, int(port)))
    while True:
        data, peer = sock.recvfrom(4096)
        sock.sendto(data, peer)


def numbered(addr, port, pps, seconds):
    """Both ways at once: what is lost, in either direction, does not come back. Sizes differ."""
    sock, total = roomy(addr), int(float(pps) * float(seconds))
    sock.connect((addr, int(port)))
    sock.settimeout(5)
    seen = bytearray(total)

    def receive():
        while sum(seen) < total:
            try:
                number = struct.unpack("!I", sock.recv(4096)[:4])[0]
            except OSError:
                return
            seen[number] = min(seen[number] + 1, 255)
            if number == 0:
                print("running", flush=True)

    reader = threading.Thread(target=receive)
    reader.start()
    begin = time.monotonic()
    for number in range(total):
        sock.send(struct.pack("!I", number) + bytes(number * 37 % 1200))
        # Who was kept from running catches up at twice the pace, not all at once: a plan may
        # carry no burst.
        time.sleep(max(0.5 / float(pps), begin + number / float(pps) - time.monotonic()))
    reader.join()
    lost = [n for n in range(total) if not seen[n]]
    twice = sum(1 for n in seen if n > 1)
    print("sent %d, lost %d, twice %d%s" % (total, len(lost), twice, " first %s" % lost[:20] if lost else ""))
    return not lost and not twice


def ping_below(ms):
    text = sys.stdin.read()
    average = float(re.search(r"= [0-9.]+/([0-9.]+)/", text).group(1))
    print("average %.1f ms" % average)
    return average < float(ms)


def main(argv):
    command, args = argv[1], argv[2:]
    if command == "dns-serve":
        dns_serve(*args)
    elif command == "dns-query":
        return dns_query(*args)
    elif command == "frame":
        return frame(*args)
    elif command == "frames":
        return frame(*args[1:], count=int(args[0]))
    elif command == "guess":
        return guess(*args)
    elif command == "padt":
        return padt(*args)
    elif command == "iperf":
        return iperf(*args)
    elif command == "shaped":
        return shaped(*args)
    elif command == "echo":
        echo(*args)
    elif command == "numbered":
        return numbered(*args)
    elif command == "flood":
        return flood(*args)
    elif command == "ping-below":
        return ping_below(*args)
    elif command in ("udp4", "udp6"):
        print(udp4(*args) if command == "udp4" else udp6(*args))
    elif command == "icmp6":
        print(icmp6(*args))
    elif command == "json":
        return evaluate(*args)
    elif command == "value":
        print(evaluate(*args))
    else:
        sys.exit(__doc__)
    return True


if __name__ == "__main__":
    try:
        sys.exit(0 if main(sys.argv) else 1)
    except OSError as error:
        sys.exit("net.py: %s" % error)
