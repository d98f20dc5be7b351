#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A house without PPP: carries packets between a tun device and an open PPPoE session.

cpe.py IFNAME AC-MAC SVLAN CVLAN: session 7 of 02:00:00:00:0c:e1. Frames to the house are checked in
full (addresses, tags, lengths, no padding below 60 octets counted); what is wrong is printed as "BAD".
Says "ready" when the device is there; ends at the end of its input.
"""
import fcntl, os, select, socket, struct, sys

ifname, ac, svlan, cvlan = sys.argv[1], bytes.fromhex(sys.argv[2].replace(':', '')), int(sys.argv[3]), int(sys.argv[4])
me = bytes.fromhex('020000000ce1')
tags = [t for t in (svlan, cvlan) if t]

tun = os.open('/dev/net/tun', os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'tun0', 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
raw.bind((ifname, 0))
raw.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
raw.setsockopt(263, 8, 1)  # PACKET_AUXDATA: the outer tag may be there
print('ready', flush=True)


def up(packet):
    proto = 0x21 if packet[0] >> 4 == 4 else 0x57
    head = ac + me + b''.join(struct.pack('>HH', 0x8100, t) for t in tags)
    frame = head + struct.pack('>HHHHH', 0x8864, 0x1100, 7, len(packet) + 2, proto) + packet
    raw.send(frame + b'\xa5' * (60 - len(frame)))


def down():
    frame, aux, _, addr = raw.recvmsg(65536, 256)
    if addr[2] == socket.PACKET_OUTGOING or frame[:6] != me:
        return
    seen = []
    for level, kind, data in aux:
        if level == 263 and kind == 8:
            status, _, _, _, _, tci, _ = struct.unpack('IIIHHHH', data[:20])
            if status & 0x10:
                seen.append(tci & 0xfff)
    off = 12
    while frame[off:off + 2] == b'\x81\x00':
        seen.append(struct.unpack_from('>H', frame, off + 2)[0])
        off += 4
    etype, vtc, sid, length, proto = struct.unpack_from('>HHHHH', frame, off)
    packet = frame[off + 10:]
    want = 0x21 if packet[0] >> 4 == 4 else 0x57
    if (frame[6:12], seen, etype, vtc, sid, proto, length - 2) != (ac, tags, 0x8864, 0x1100, 7, want, len(packet)):
        print('BAD', seen, frame[:64].hex(), len(frame), flush=True)
        return
    os.write(tun, packet)


while True:
    ready, _, _ = select.select([0, tun, raw], [], [])
    if raw in ready:
        down()
    if tun in ready:
        up(os.read(tun, 65536))
    if 0 in ready and not os.read(0, 4096):
        break
