"""live: a place to watch live traffic in, and packets for it.

Used by `rate`, `delay`, `named` and `soak`.  Two namespaces and a pair of
interfaces between them: who sends is in one, who watches in the other, and
nothing leaves them.
"""
import ctypes
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import workloads

CLONE_NEWNET = 0x40000000
SYN, RST, ACK, PUSH = 2, 4, 16, 8


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def until(what, condition, process=None):
    for _ in range(400):
        if condition():
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(what() if callable(what) else what)


# --- the place ---------------------------------------------------------------

class Place:
    """Namespaces, a directory and what was started, for as long as it takes."""

    def __init__(self, what):
        name = f"hedgerow-{what}-{os.getpid()}"
        self.watch, self.send = name + "-w", name + "-s"
        self.processes = []

    def __enter__(self):
        self.dir = tempfile.mkdtemp()
        os.chmod(self.dir, 0o777)
        for namespace in (self.watch, self.send):
            run("ip", "netns", "add", namespace)
            run("ip", "netns", "exec", namespace, "sysctl", "-qw",
                "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "-n", self.watch, "link", "set", "lo", "up")
        self.link()
        # What whoever the sensor becomes can read.
        shutil.copytree(os.path.join(workloads.ROOT, "models"),
                        self.path("data"))
        run("chmod", "-R", "a+rX", self.path("data"))
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                process.wait()
        for namespace in (self.watch, self.send):
            subprocess.run(["ip", "netns", "delete", namespace], check=False)
        shutil.rmtree(self.dir)

    def link(self):
        run("ip", "-n", self.watch, "link", "add", "tap", "mtu", "9000",
            "type", "veth", "peer", "name", "out", "mtu", "9000", "netns",
            self.send)
        for namespace, interface in ((self.watch, "tap"), (self.send, "out")):
            run("ip", "-n", namespace, "link", "set", interface, "promisc",
                "on", "up")

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def start(self, namespace, *command, **more):
        more.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *command], **more)
        self.processes.append(process)
        return process

    def start_sensor(self, *options):
        """`hedgerow run`, which watches when this returns."""
        with open(self.path("said"), "w", encoding="utf-8") as said:
            sensor = self.start(
                self.watch, workloads.hedgerow(), "run", *options,
                stderr=said, env=dict(os.environ,
                                      HEDGEROW_DATA=self.path("data")))
        until(lambda: "it does not start:\n" + read(self.path("said")),
              lambda: "hedgerow: watching" in read(self.path("said")), sensor)
        return sensor

    def open_socket(self):
        """One that sends frames; in the other namespace, which we leave."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as own, \
                open(f"/var/run/netns/{self.send}", "rb") as other:
            if libc.setns(other.fileno(), CLONE_NEWNET) != 0:
                sys.exit("no way into the namespace")
            sending = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            sending.bind(("out", 0))
            libc.setns(own.fileno(), CLONE_NEWNET)
        return sending


def family(process):
    """The process and all that come of it."""
    found = [process]
    try:
        for child in read(
                f"/proc/{process}/task/{process}/children").split():
            found += family(int(child))
    except OSError:
        pass
    return found


def field(text, name):
    found = re.search(rf"^{name}:\s+(\d+)", text, re.M)
    return int(found[1]) if found else 0


def quantile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


# --- packets -----------------------------------------------------------------

def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(source, target, protocol, body, number=None):
    """An Ethernet frame with an IPv4 datagram, checksums and all."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    pseudo = ends + struct.pack("!BBH", 0, protocol, len(body))
    at = 16 if protocol == 6 else 6
    body = body[:at] + b"\0\0" + body[at + 2:]
    body = (body[:at] + struct.pack("!H", checksum(pseudo + body)) +
            body[at + 2:])
    if number is None:
        number = random.randrange(65536)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), number, 0, 64,
                       protocol, 0) + ends
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + body


def datagram(client, server, ports, payload):
    return ip(client, server, 17, struct.pack(
        "!HHHH", *ports, 8 + len(payload), 0) + payload)


class Connection:
    """TCP, as its two ends send it."""

    def __init__(self, client, server, port):
        self.ends = ((client, random.randrange(32768, 61000)), (server, port))
        self.sequence = [random.randrange(1 << 31) for _ in range(2)]

    def build(self, sender, flags, payload, server, number):
        (source, from_port), (target, to_port) = (
            self.ends if sender == 0 else self.ends[::-1])
        if server:
            source, target = ((source, server) if sender == 0
                              else (server, target))
        body = struct.pack("!HHIIBBHHH", from_port, to_port,
                           self.sequence[sender], self.sequence[1 - sender]
                           if flags & ACK else 0, 0x50, flags, 64240, 0,
                           0) + payload
        return ip(source, target, 6, body, number)

    def segment(self, sender, flags, payload=b"", service=None):
        """The packet; with a service two, as before its address is translated
        and after."""
        number = random.randrange(65536)
        packets = [self.build(sender, flags, payload, None, number)]
        if service:
            packets.append(
                self.build(sender, flags, payload, service, number))
        self.sequence[sender] += len(payload) + (1 if flags & SYN else 0)
        return packets[::-1] if sender == 0 else packets

    def talk(self, question, answer, service=None):
        return [packet for sender, flags, payload in (
            (0, SYN, b""), (1, SYN | ACK, b""), (0, ACK, b""),
            (0, ACK | PUSH, question), (1, ACK | PUSH, answer))
                for packet in self.segment(sender, flags, payload, service)]
