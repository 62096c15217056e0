"""scenes.py: demonstrations of detectors that no other capture of the tree has.

Each function below that is marked with @demonstrates fills a capture, in which
one detector has something to find; they play in the depot of deceptions/made.py
and take hours and days where the detector does.
"""
import json
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "deceptions"))
from made import ACK, MADE, START, SYN, Capture, watch  # pylint: disable=wrong-import-position

FIN, PUSH = 1, 8
SHOP, WEB, NAMES, HOME = "10.60.0.31", "10.60.0.11", "10.60.0.53", "198.51.100.20"
DEMONSTRATIONS = {}


def demonstrates(function):
    DEMONSTRATIONS[function.__name__.replace("_", "-")] = function
    return function


class Talk:
    """One connection; who speaks is 0, the client, or 1."""

    def __init__(self, capture, at, client, server, port):
        self.capture, self.at, self.ends = capture, at, (client, server)
        self.ports = capture.next_port(), port
        self.sent = [1000, 5000]
        self.segment(0, SYN)
        self.segment(1, SYN | ACK)
        self.segment(0, ACK)

    def segment(self, by, flags, payload=b""):
        heard = self.sent[1 - by] if flags & ACK else 0
        self.capture.tcp(self.at, self.ends[by], self.ends[1 - by],
                         self.ports[::-1] if by else self.ports, flags,
                         (self.sent[by], heard), payload)
        self.sent[by] += len(payload) + (flags & (SYN | FIN) != 0)
        self.at += 0.001

    def say(self, by, payload, after=0.0):
        self.at += after
        self.segment(by, PUSH | ACK, payload)
        self.segment(1 - by, ACK)

    def end(self):
        self.segment(0, FIN | ACK)
        self.segment(1, FIN | ACK)
        self.segment(0, ACK)


def hello(ciphers, name=b"c2.example"):
    """A ClientHello in its record (RFC 8446, 4.1.2)."""
    server = struct.pack("!BH", 0, len(name)) + name
    extensions = struct.pack("!HHH", 0, len(server) + 2, len(server)) + server
    extensions += bytes.fromhex("000a00040002001d" "000d000400020403" "002b0003020304")
    body = b"\3\3" + bytes(range(32)) + b"\0" + struct.pack("!H", 2 * len(ciphers))
    body += struct.pack(f"!{len(ciphers)}H", *ciphers) + b"\1\0"
    body += struct.pack("!H", len(extensions)) + extensions
    return record(22, b"\1" + struct.pack("!I", len(body))[1:] + body)


def record(kind, body):
    return struct.pack("!BHH", kind, 0x303, len(body)) + body


HELLO_BACK = record(22, b"\2\0\0\x2e\3\3" + bytes(range(32)) + b"\0\x13\1\0\0\6\0\x2b\0\2\3\4")
OPENSSL = [0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x009F, 0xCCA9]


def tls(capture, at, client, server, ciphers, name=b"c2.example"):
    talk = Talk(capture, at, client, server, 443)
    talk.say(0, hello(ciphers, name))
    talk.say(1, HELLO_BACK)
    talk.say(0, record(23, b"x" * 60))
    talk.say(1, record(23, b"y" * 90))
    return talk


@demonstrates
def long_connection(capture):
    talk = Talk(capture, 5, SHOP, HOME, 7000)
    for i in range(150):
        talk.say(i % 2, b"\x01" + b"tunnelled" * 3, 30)
    talk.end()


@demonstrates
def hidden_shells(capture):
    """Commands, and what they print, as records of TLS."""
    draw = random.Random(3)
    talk = tls(capture, 5, SHOP, HOME, OPENSSL)
    for octets in [30, 90, 700, 20, 1500, 300, 60, 2500, 40, 900, 100, 1200] * 4:
        talk.say(1, record(23, b"c" * draw.randrange(20, 50)), draw.uniform(2, 9))
        for at in range(0, octets, 1200):
            talk.say(0, record(23, b"o" * min(1200, octets - at)), 0.04)
    talk.end()


@demonstrates
def tls_clients(capture):
    """A job that opens TLS every hour, and after a day another program."""
    for hour in range(27):
        tls(capture, 10 + 3600 * hour, SHOP, "198.51.100.40", OPENSSL, b"api.example").end()
    tls(capture, 27 * 3600, SHOP, HOME, [0x1301, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0x1303]).end()


@demonstrates
def geography(capture):
    """Four days of one country, then another one (made-geography has them)."""
    for i in range(30):
        tls(capture, 10 + 3 * 3600 * i, SHOP, "198.51.100.7", OPENSSL).end()
    tls(capture, 92 * 3600, SHOP, "203.0.113.9", OPENSSL).end()


@demonstrates
def risks(capture):
    """A remote desktop outside, by a port that is not its own."""
    talk = Talk(capture, 5, SHOP, HOME, 9999)
    talk.say(0, bytes.fromhex("030000130ee000000000000100080003000000"))
    talk.say(1, bytes.fromhex("030000130ed000001234000200080002000000"))
    for _ in range(12):
        talk.say(0, bytes.fromhex("0300000c02f0800401000100"), 0.1)
        talk.say(1, bytes.fromhex("0300000b02f0802e000008"), 0.1)
    talk.end()


def question(number, name, kind):
    asked = struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0)
    for label in name.encode().split(b"."):
        asked += bytes([len(label)]) + label
    return asked + b"\0" + struct.pack("!HH", kind, 1)


@demonstrates
def dns_load(capture):
    """Six thousand questions within six seconds, all answered."""
    ports = capture.next_port(), 53
    for i in range(6000):
        asked = question(i, f"n{i % 7}.depot.example", 1)
        capture.udp(10 + i * 0.001, SHOP, NAMES, ports, asked)
        capture.udp(10.0004 + i * 0.001, NAMES, SHOP, ports[::-1],
                    asked[:2] + b"\x81\x80\0\1\0\1" + asked[8:] +
                    b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x3c\0\x0b")


@demonstrates
def reflection(capture):
    """Answers of time servers that nobody asked."""
    for i in range(6000):
        capture.udp(10 + i * 0.001, f"203.0.113.{i % 200}", SHOP, (123, 40000 + i % 50),
                    b"\x1f" + b"x" * 200)


@demonstrates
def strays(capture):
    """Acknowledgements of nothing, from everywhere."""
    draw = random.Random(8)
    for i in range(6000):
        capture.tcp(10 + i * 0.001, f"198.{18 + i % 2}.{draw.randrange(256)}.{draw.randrange(256)}",
                    WEB, (1024 + i, 80), ACK, (i, i))


def make(name):
    capture = Capture()
    DEMONSTRATIONS[name](capture)
    return capture


def write_watch(path):
    path.write_text("".join(json.dumps(event) + "\n" for event in watch()), encoding="utf-8")


def strangers():
    """Addresses that come once, within a fifth of a second: SYNs, datagrams and
    pings."""
    capture = Capture()
    for i in range(12000):
        source = f"100.{64 + i // 4096}.{i // 16 % 256}.{i % 16}"
        capture.tcp(i * 1e-5, source, WEB, (2000 + i, 81 + i % 3), SYN)
        capture.udp(i * 1e-5, source.replace("100.", "101."), WEB, (2000 + i, 9999))
        capture.echo(i * 1e-5, source.replace("100.", "102."), WEB, i)
    return capture


def stranger():
    capture = Capture()
    MADE["stranger"](capture)
    return capture
