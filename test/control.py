# SPDX-License-Identifier: GPL-2.0-or-later
"""A question to brasd's control socket (base/control.h), for the scripts of tests."""
import socket


def send(path, command, timeout=60):
    """Asks; the connection, from which the answer is to be read."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(timeout)
    s.connect(path)
    s.sendall(command + b"\n")
    return s


def pieces(s):
    """The answer as it comes."""
    with s:
        while data := s.recv(1 << 20):
            yield data


def size(path, command):
    """Octets of an answer that nobody wants to read."""
    return sum(map(len, pieces(send(path, command))))
