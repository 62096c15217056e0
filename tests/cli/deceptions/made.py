#!/usr/bin/python3
"""made.py DIRECTORY: captures in which somebody deceives the detectors.

Writes NAME.pcap for each function below that is marked with @made, and
watch.jsonl, in which the address 10.60.0.20 (and fd00:60::20) is first pod
`early`'s and from 07:10 on pod `late`'s.
"""
import ipaddress
import json
import pathlib
import random
import struct
import sys

START = 1795244400  # 2026-11-21T07:00:00Z
SYN, RST, ACK = 2, 4, 16
MADE = {}


def made(function):
    MADE[function.__name__] = function
    return function


def summed(octets):
    octets += b"\0" * (len(octets) % 2)
    value = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


class Capture:
    def __init__(self):
        self.packets = []
        self.port = 30000

    def put(self, at, source, target, protocol, payload):
        a, b = (ipaddress.ip_address(one).packed for one in (source, target))
        if len(a) == 16:
            head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + a + b
            kind = b"\x86\xdd"
        else:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), len(self.packets) & 0xFFFF,
                               0x4000, 64, protocol, 0) + a + b
            head = head[:10] + struct.pack("!H", summed(head)) + head[12:]
            kind = b"\x08\0"
        self.packets.append((at, bytes(range(2, 14)) + kind + head + payload))

    def tcp(self, at, source, target, ports, flags, numbers=(7, 0), payload=b""):
        self.put(at, source, target, 6, struct.pack(
            "!HHIIBBHHH", *ports, *numbers, 5 << 4, flags, 1024, 0, 0) + payload)

    def udp(self, at, source, target, ports, payload=b"x"):
        self.put(at, source, target, 17,
                 struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload)

    def echo(self, at, source, target, number):
        kind = 128 if ":" in target else 8
        body = struct.pack("!BBHHH", kind, 0, 0, number, 1) + b"abcdefgh"
        if kind == 8:
            body = body[:2] + struct.pack("!H", summed(body)) + body[4:]
        self.put(at, source, target, 58 if kind == 128 else 1, body)

    def next_port(self):
        self.port = 30000 + (self.port - 29999) % 20000
        return self.port

    def refused(self, at, source, target, port):
        ports = self.next_port(), port
        self.tcp(at, source, target, ports, SYN)
        self.tcp(at + 0.001, target, source, ports[::-1], RST | ACK, (0, 8))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for at, frame in sorted(self.packets, key=lambda packet: packet[0]):
                out.write(struct.pack("<IIII", START + int(at), int(at % 1 * 1e6),
                                      len(frame), len(frame)) + frame)


TARGET = "10.60.0.11"
SHARED = "10.60.0.20"


@made
def recycled(capture):
    """Half a scan by `early`; its address is `late`'s; half a scan by that."""
    for i in range(8):
        capture.refused(60 + i, SHARED, TARGET, 3000 + i)
        capture.refused(720 + i, SHARED, TARGET, 4000 + i)


@made
def kept(capture):
    """The same by one who keeps its address."""
    for i in range(8):
        capture.refused(60 + i, "10.60.0.21", TARGET, 3000 + i)
        capture.refused(720 + i, "10.60.0.21", TARGET, 4000 + i)


@made
def stranger(capture):
    """As few ports as are a scan, by an address that is nobody's: the first one
    was kept back, and counts."""
    for i in range(12):
        capture.refused(60 + 5 * i, "198.51.100.9", TARGET, 3000 + i)


@made
def stranger_insists(capture):
    """The same with three SYNs for each port but the first, which nobody
    answers: these are told of at once, and the one before with them."""
    for i in range(12):
        ports = capture.next_port(), 3000 + i
        for k in range(3 if i > 0 else 1):
            capture.tcp(60 + 5 * i + k, "198.51.100.9", TARGET, ports, SYN)


@made
def decoys(capture):
    """nmap -D: one of eleven scans, the others are innocent pods' addresses,
    which reset what they get for it."""
    for i in range(40):
        for k in range(11):
            source = f"10.60.0.{30 + k}"
            ports = 45000 + k, 5000 + i
            at = 10 + i * 0.2 + k * 0.01
            if i % 4 == 0:  # an open port: SYN-ACK, and RST from who never asked
                capture.tcp(at, source, TARGET, ports, SYN)
                capture.tcp(at + 0.001, TARGET, source, ports[::-1], SYN | ACK, (9, 8))
                capture.tcp(at + 0.002, source, TARGET, ports, RST, (8, 0))
            else:
                capture.tcp(at, source, TARGET, ports, SYN)
                capture.tcp(at + 0.001, TARGET, source, ports[::-1], RST | ACK, (0, 8))


@made
def one_decoy(capture):
    """Somebody scans in the name of one innocent pod."""
    for i in range(40):
        capture.refused(10 + i * 0.2, "10.60.0.30", TARGET, 5000 + i)


@made
def guessed_in_a_name(capture):
    """Logins in somebody's name: no handshake can be finished, so none."""
    for i in range(200):
        ports = capture.next_port(), 22
        capture.tcp(10 + i, "10.60.0.30", TARGET, ports, SYN)
        capture.tcp(10.001 + i, TARGET, "10.60.0.30", ports[::-1], SYN | ACK, (9, 8))
        capture.tcp(10.002 + i, "10.60.0.30", TARGET, ports, RST, (8, 0))


@made
def flood_in_a_name(capture):
    """SYN in the name of one innocent pod."""
    for i in range(6000):
        capture.tcp(10 + i * 0.001, "10.60.0.30", TARGET, (1024 + i, 80), SYN)


@made
def answers_in_a_name(capture):
    """400 servers answer the SYNs that somebody sent in a pod's name."""
    for i in range(3000):
        capture.tcp(10 + i * 0.001, f"203.0.113.{i % 250}", "10.60.0.30",
                    (443, 1024 + i), SYN | ACK, (9, 8))


def asked(capture, tricks):
    """A request to a web server, and what is sent again in its place."""
    client, ports = "198.51.100.9", (40000, 8080)
    said = b"GET /shop HTTP/1.1\r\nHost: depot\r\nX-Id: 1\r\n\r\n"
    heard = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    capture.tcp(10, client, TARGET, ports, SYN)
    capture.tcp(10.01, TARGET, client, ports[::-1], SYN | ACK, (9, 8))
    capture.tcp(10.02, client, TARGET, ports, ACK, (8, 10))
    capture.tcp(10.03, client, TARGET, ports, ACK | 8, (8, 10), said)
    for i, (at, payload) in enumerate(tricks(said)):
        capture.tcp(10.3 + i, client, TARGET, ports, ACK | 8, (8 + at, 10), payload)
    capture.tcp(20, TARGET, client, ports[::-1], ACK | 8, (10, 8 + len(said)), heard)
    capture.tcp(20.1, client, TARGET, ports, ACK | 1, (8 + len(said), 10 + len(heard)))
    capture.tcp(20.2, TARGET, client, ports[::-1], ACK | 1, (10 + len(heard), 9 + len(said)))


@made
def said_twice(capture):
    """Two requests in one place (insertion)."""
    asked(capture, lambda said: [(0, said.replace(b"shop", b"evil"))])


@made
def said_again(capture):
    """The same one again, whole and in pieces, and a probe of keep-alive."""
    asked(capture, lambda said: [(0, said), (0, said[:16]), (16, said[16:]),
                                 (len(said) - 1, b"\0")])


# --- IPv6 ----------------------------------------------------------------------

SIX, OTHER = "fd00:60::30", "fd00:60::11"


@made
def six_sweep(capture):
    """A /64 outside, an address here and there, by TCP."""
    draw = random.Random(6)
    for i in range(60):
        capture.tcp(10 + i * 0.3, SIX, f"2001:db8:9:9::{draw.randrange(1 << 16):x}",
                    (capture.next_port(), 22), SYN)


@made
def six_sweep_udp(capture):
    for i in range(60):
        capture.udp(10 + i * 0.3, SIX, f"2001:db8:9:9::{i + 1:x}", (capture.next_port(), 161))


@made
def six_echo(capture):
    for i in range(60):
        capture.echo(10 + i * 0.3, SIX, f"2001:db8:9:9::{i + 1:x}", 100 + i)


@made
def six_ports(capture):
    for i in range(60):
        capture.refused(10 + i * 0.3, SIX, OTHER, 1000 + i)


@made
def six_syn_flood(capture):
    draw = random.Random(7)
    for i in range(6000):
        capture.tcp(10 + i * 0.001, f"2001:db8:{draw.randrange(65536):x}::{draw.randrange(65536):x}",
                    OTHER, (1024 + i, 80), SYN)


@made
def six_udp_flood(capture):
    for i in range(6000):
        capture.udp(10 + i * 0.001, SIX, OTHER, (1024 + i, 9999), b"x" * 64)


@made
def six_echo_flood(capture):
    for i in range(6000):
        capture.echo(10 + i * 0.001, SIX, OTHER, 1)


@made
def six_ack_flood(capture):
    draw = random.Random(8)
    for i in range(6000):
        capture.tcp(10 + i * 0.001, f"2001:db8:{draw.randrange(65536):x}::1", OTHER,
                    (1024 + i, 80), ACK, (i, i))


@made
def six_reflection(capture):
    for i in range(6000):
        capture.udp(10 + i * 0.001, f"2001:db8:9::{i % 200:x}", SIX, (123, 40000 + i % 50),
                    b"\x1f" + b"x" * 200)


def question(name, kind):
    return (b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" +
            b"".join(bytes([len(one)]) + one for one in name.encode().split(b".")) +
            b"\0" + struct.pack("!HH", kind, 1))


@made
def six_dns_tunnel(capture):
    draw = random.Random(9)
    for i in range(300):
        label = "".join(draw.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(50))
        asked = question(f"{label}.t.evil.example", 16)
        ports = capture.next_port(), 53
        capture.udp(10 + i * 0.5, SIX, "fd00:60::53", ports, asked)
        answer = (asked[:2] + b"\x81\x80\0\1\0\1" + asked[8:] +
                  b"\xc0\x0c\0\x10\0\1\0\0\0\0\0\x21\x20" + bytes(draw.choices(range(97, 123), k=32)))
        capture.udp(10.002 + i * 0.5, "fd00:60::53", SIX, ports[::-1], answer)


@made
def six_beacon(capture):
    for i in range(40):
        ports = capture.next_port(), 8443
        at, outside = 10 + i * 60, "2001:db8:6::6"
        said, heard = b"\x07hello of a kind", b"\x07nothing to do yet"
        capture.tcp(at, SIX, outside, ports, SYN)
        capture.tcp(at + 0.01, outside, SIX, ports[::-1], SYN | ACK, (9, 8))
        capture.tcp(at + 0.02, SIX, outside, ports, ACK, (8, 10))
        capture.tcp(at + 0.03, SIX, outside, ports, ACK | 8, (8, 10), said)
        capture.tcp(at + 0.04, outside, SIX, ports[::-1], ACK | 8, (10, 8 + len(said)), heard)
        capture.tcp(at + 0.05, SIX, outside, ports, ACK | 1, (8 + len(said), 10 + len(heard)))
        capture.tcp(at + 0.06, outside, SIX, ports[::-1], ACK | 1, (10 + len(heard), 9 + len(said)))
        capture.tcp(at + 0.07, SIX, outside, ports, ACK, (9 + len(said), 11 + len(heard)))


# --- the cluster -----------------------------------------------------------------


def pod(when, verb, name, ending, version):
    return {"time": f"2026-11-21T{when}.000000Z", "type": verb, "object": {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": f"{name}-0", "namespace": "depot", "uid": f"depot-{name}",
                     "resourceVersion": str(version), "creationTimestamp": f"2026-11-21T{when}Z",
                     "labels": {"app": name}},
        "spec": {"nodeName": "n1", "containers": [{"name": name, "image": f"example/{name}:1"}]},
        "status": {"phase": "Running", "podIP": f"10.60.0.{ending}", "podIPs": [
            {"ip": f"10.60.0.{ending}"}, {"ip": f"fd00:60::{ending}"}]}}}


def watch():
    yield {"time": "2026-11-21T06:00:00.000000Z", "type": "ADDED", "object": {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "n1", "uid": "n1", "resourceVersion": "1"},
        "spec": {"podCIDR": "10.60.0.0/24", "podCIDRs": ["10.60.0.0/24", "fd00:60::/64"]},
        "status": {"addresses": [{"type": "InternalIP", "address": "172.18.0.1"}]}}}
    for name, ending in [("stock", 11), ("early", 20), ("keeper", 21), ("dns", 53)] + [
            (f"innocent{k}", 30 + k) for k in range(11)]:
        yield pod("06:00:00", "ADDED", name, ending, 2)
    yield pod("07:10:00", "DELETED", "early", 20, 3)
    yield pod("07:10:01", "ADDED", "late", 20, 4)


def main():
    directory = pathlib.Path(sys.argv[1])
    for name, function in MADE.items():
        capture = Capture()
        function(capture)
        capture.write(directory / f"{name}.pcap")
    (directory / "watch.jsonl").write_text(
        "".join(json.dumps(event) + "\n" for event in watch()), encoding="utf-8")


if __name__ == "__main__":
    main()
