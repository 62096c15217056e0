#!/usr/bin/python3
"""A capture that really raises as many findings as are asked for.

usage: storm.py DIRECTORY COUNT

Writes DIRECTORY/capture.pcap, inventory.json and models/storm.yaml: a square of
clients and servers, each a workload of its own, and one answered connection
for every pair of them.  Every server's model says that nobody may call it, so
every pair is one finding.  Each hundredth connection is made twice, and its
second one is counted in the finding of the first.
"""
import json
import math
import os
import struct
import sys

BEGIN = 1700000000  # seconds; when the first packet passes, if not said
PORT = 8080
APART = 20          # microseconds between two packets
REQUEST = b"GET / HTTP/1.1\r\nHost: storm\r\n\r\n"
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
MODEL = """\
# Nobody may call a server of the storm.
model: storm-server
match: [{namespace: "storm-*", application: "server-*"}]
provides: []
severity: high
"""
SYN, SYN_ACK, ACK, PUSH = 0x02, 0x12, 0x10, 0x18


def address(side, number):
    return bytes([10, side, number >> 8, number & 255])


def pod(side, number):
    """Names are as their owners like them; every tenth likes to be noticed."""
    name = "%s-%d" % (("client", "server")[side - 1], number)
    odd = ' "=]|\\\u00e9\u4e2d' if number % 10 == 7 else ""
    dotted = ".".join(map(str, address(side, number)))
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name + "-x", "namespace": "storm-%d" % (number % 7),
            "uid": "uid-" + name, "creationTimestamp": "2023-11-14T22:00:00Z",
            "labels": {"app": name, "note": "a" + odd},
        },
        "spec": {"nodeName": "n%d" % (number % 5),
                 "containers": [{"name": "one", "image": "storm/one:1"}]},
        "status": {"phase": "Running", "podIP": dotted,
                   "podIPs": [{"ip": dotted}],
                   "startTime": "2023-11-14T22:00:00Z"},
    }


def packet(at, ends, ports, numbers, flags, payload, identifier):
    """One frame with its record header; nobody trusts checksums at a tap."""
    size = 40 + len(payload)
    return struct.pack(
        "<IIII", at // 1000000, at % 1000000, size + 14, size + 14) + \
        b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + \
        struct.pack(">BBHHHBBH", 0x45, 0, size, identifier & 0xffff, 0x4000,
                    64, 6, 0) + ends + \
        struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 64240,
                    0, 0) + payload


def connection(at, client, server, port):
    there, back = client + server, server + client
    out, home = (port, PORT), (PORT, port)
    steps = (
        (there, out, (100, 0), SYN, b""),
        (back, home, (500, 101), SYN_ACK, b""),
        (there, out, (101, 501), PUSH, REQUEST),
        (back, home, (501, 101 + len(REQUEST)), PUSH, ANSWER),
        (there, out, (101 + len(REQUEST), 501 + len(ANSWER)), ACK, b""),
    )
    return b"".join(packet(at + i * APART, *step, at // APART + i)
                    for i, step in enumerate(steps)), at + len(steps) * APART


def write(directory, count, begin=BEGIN):
    """returns how many connections deviate"""
    side = math.isqrt(count - 1) + 1
    os.makedirs(os.path.join(directory, "models"), exist_ok=True)
    with open(os.path.join(directory, "models", "storm.yaml"), "w",
              encoding="utf-8") as out:
        out.write(MODEL)
    pods = [pod(1 + i // side, i % side) for i in range(2 * side)]
    with open(os.path.join(directory, "inventory.json"), "w",
              encoding="utf-8") as out:
        json.dump({"apiVersion": "v1", "kind": "List", "items": pods}, out)
    clients = [address(1, i) for i in range(side)]
    servers = [address(2, i) for i in range(side)]
    at, connections = begin * 1000000, 0
    with open(os.path.join(directory, "capture.pcap"), "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number in range(count):
            for again in range(2 if number % 100 == 99 else 1):
                octets, at = connection(
                    at, clients[number // side], servers[number % side],
                    20000 + number % 20000 + 20000 * again)
                out.write(octets)
                connections += 1
    return connections


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(write(sys.argv[1], int(sys.argv[2])))
