"""Real targets of sinks: each is a process that can be killed, stalled and
filled, and shows what it took.

A target's `format` is the form that its records have; `identity` takes what a
record is known by, and its text, from a line as it was received.
"""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = os.path.join(HERE, "answers.py")
HTTP_KINDS = ("elastic", "opensearch", "hec", "loki", "webhook",
              "alertmanager")
# What a target may take once more than it acknowledges.
POISON = re.compile(r'"(?:src_)?port":20077\b')
# A message, and what may stand before it on its line.
MESSAGE = re.compile(r"^.*(<1\d\d>1 \d{4}-)")


def free_port():
    """Below those that outgoing connections get, who may take it meanwhile."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def openssl(directory, *words):
    subprocess.run(["openssl", *words], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates(directory):
    """An authority, one that nobody trusts, and a server's certificate."""
    for name in "ca", "other":
        openssl(directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                "-days", "2", "-subj", "/CN=" + name, "-keyout",
                name + "-key.pem", "-out", name + ".pem")
    openssl(directory, "req", "-newkey", "rsa:2048", "-nodes", "-subj",
            "/CN=siem", "-keyout", "key.pem", "-out", "request.pem")
    with open(os.path.join(directory, "names"), "w", encoding="utf-8") as out:
        out.write("subjectAltName=DNS:siem.test\n")
    openssl(directory, "x509", "-req", "-in", "request.pem", "-CA", "ca.pem",
            "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "cert.pem")


class Room:
    """A file system of its own, which can be made full; needs root."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        self.mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4g", "room", directory],
            check=False, stderr=subprocess.DEVNULL).returncode == 0

    def fill(self, full):
        if not self.mounted:
            return False
        # What is written meanwhile makes a size too small: the next one fits.
        for spare in range(64):
            used = os.statvfs(self.directory)
            size = (used.f_blocks - used.f_bfree + spare) * used.f_frsize
            done = subprocess.run(
                ["mount", "-o", f"remount,size={size if full else '4g'}",
                 self.directory], check=False, stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                return True
        return False

    def release(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.directory], check=False)


class Target:
    """
    A process, or a file.  `lossy`: nobody hears of a loss.  `leaks`: it drops
    what it has taken when its disk is full.  `refuses`: some it never takes.
    `named`: each record comes with its id beside it.
    """

    format, settings = "native", ""
    lossy = leaks = refuses = named = False

    def __init__(self, kind, directory):
        self.kind, self.directory = kind, directory
        self.port, self.process = free_port(), None

    def start(self):
        self.process = subprocess.Popen(self.command(),
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until = time.time() + 60
        while not self.listens() and time.time() < until:
            time.sleep(0.02)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stall(self, stalled):
        self.process.send_signal(signal.SIGSTOP if stalled else
                                 signal.SIGCONT)

    def fill(self, _):
        """returns whether it can be full"""
        return False

    def release(self):
        self.kill()

    def faults(self):
        """What the sink did against the rules."""
        return []


class File(Target):
    """A file on a disk of its own; who writes it can only find it full."""

    def __init__(self, kind, directory):
        super().__init__(kind, directory)
        self.room = Room(os.path.join(directory, "room"))
        self.out = os.path.join(self.room.directory, "out")

    def url(self):
        return "file:" + self.out

    def start(self):
        pass

    def stall(self, stalled):
        pass

    def fill(self, full):
        return self.room.fill(full)

    def release(self):
        self.room.release()

    def received(self):
        with open(self.out, encoding="utf-8") as lines:
            return [(line[:-1], line[:-1]) for line in lines]


class Rsyslog(Target):
    """
    A real rsyslogd that writes what it gets to a file.  With its disk full
    rsyslog 8.2302 says "message lost", however it is told to try again.
    """

    format, leaks = "syslog", True

    def __init__(self, kind, directory):
        super().__init__(kind, directory)
        self.lossy, self.drops = kind == "udp", 0
        self.room = Room(os.path.join(directory, "room"))
        self.out = os.path.join(self.room.directory, "out")
        if kind == "tls":
            certificates(directory)
            self.settings = f"?ca={directory}/ca.pem&server-name=siem.test"
        self.write_settings()

    def write_settings(self):
        module, driver, tls = "imudp", "", ""
        if self.kind != "udp":
            module = "imtcp"
        if self.kind == "tls":
            driver = ('StreamDriver.Name="ossl" StreamDriver.Mode="1" '
                      'StreamDriver.AuthMode="anon"')
            tls = "".join(f' DefaultNetstreamDriver{name}="{value}"'
                          for name, value in (
                              ("", "ossl"),
                              ("CAFile", self.directory + "/ca.pem"),
                              ("CertFile", self.directory + "/cert.pem"),
                              ("KeyFile", self.directory + "/key.pem")))
        # Direct queues: it takes no message that it cannot write.
        with open(os.path.join(self.directory, "conf"), "w",
                  encoding="utf-8") as conf:
            conf.write(
                f'global(workDirectory="{self.directory}" '
                f'maxMessageSize="64k"{tls})\n'
                'main_queue(queue.type="Direct")\n'
                f'module(load="{module}" {driver})\n'
                f'input(type="{module}" address="127.0.0.1" '
                f'port="{self.port}")\n'
                'template(name="raw" type="string" string="%rawmsg%\\n")\n'
                f'action(type="omfile" file="{self.out}" template="raw" '
                'queue.type="Direct" action.resumeRetryCount="-1" '
                'action.resumeInterval="1")\n')

    def url(self):
        return f"syslog+{self.kind}://127.0.0.1:{self.port}{self.settings}"

    def command(self):
        return ["rsyslogd", "-n", "-iNONE", "-f",
                os.path.join(self.directory, "conf")]

    def listens(self):
        if self.kind != "udp":
            return super().listens()
        with open("/proc/net/udp", encoding="ascii") as sockets:
            return f":{self.port:04X} " in sockets.read()

    def dropped(self):
        """Datagrams that its sockets had no room for, so far."""
        with open("/proc/net/udp", encoding="ascii") as sockets:
            return self.drops + sum(
                int(line.split()[-1]) for line in sockets
                if f":{self.port:04X} " in line)

    def kill(self):
        self.drops = self.dropped()
        super().kill()

    def fill(self, full):
        return self.room.fill(full)

    def release(self):
        self.kill()
        self.room.release()

    def received(self):
        """What a full disk tore goes on with the next whole message."""
        try:
            with open(self.out, encoding="utf-8", errors="replace") as lines:
                whole = [MESSAGE.sub(r"\1", line[:-1]) for line in lines
                         if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [(line, line) for line in whole]


class Redis(Target):
    """A real redis-server that keeps what it acknowledged."""

    named = True

    def url(self):
        return f"redis://127.0.0.1:{self.port}/alerts?maximum=10000000"

    def command(self):
        return ["redis-server", "--port", str(self.port), "--save", "",
                "--appendonly", "yes", "--appendfsync", "always", "--dir",
                self.directory, "--logfile", "/dev/null",
                "--maxmemory-policy", "noeviction"]

    def ask(self, *words):
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), "--raw", *words],
            capture_output=True, check=True).stdout.decode()

    def fill(self, full):
        self.ask("config", "set", "maxmemory", "1mb" if full else "0")
        return True

    def received(self):
        """An entry is its id, then `id`, one, `record` and the other."""
        words = self.ask("xrange", "alerts", "-", "+").split("\n")
        return list(zip(words[2::5], words[4::5]))


class Http(Target):
    """answers.py, over TLS, which is what `https` is for."""

    def __init__(self, kind, directory):
        super().__init__(kind, directory)
        self.refuses = kind in ("elastic", "opensearch", "webhook")
        self.format = "ecs" if kind in ("elastic", "opensearch") else "native"
        certificates(directory)
        self.settings = f"?ca={directory}/ca.pem&server-name=siem.test"
        with open(os.path.join(directory, "token"), "w",
                  encoding="utf-8") as out:
            out.write("secret\n")

    def url(self):
        place = f"https://127.0.0.1:{self.port}"
        token = f"&token-file={self.directory}/token"
        return {
            "elastic": f"elastic+{place}/logs-hedgerow.alert-default",
            "opensearch": f"elastic+{place}/logs-hedgerow.alert-default",
            "hec": f"hec+{place}",
            "loki": f"loki+{place}",
            "webhook": f"webhook+{place}/hook",
            "alertmanager": f"alertmanager+{place}",
        }[self.kind] + self.settings + token

    def command(self):
        return [sys.executable, SERVERS, self.kind, str(self.port),
                self.directory, self.directory + "/cert.pem",
                self.directory + "/key.pem"]

    def fill(self, full):
        mark = os.path.join(self.directory, "full")
        if full:
            with open(mark, "w", encoding="utf-8"):
                pass
        else:
            os.unlink(mark)
        return True

    def faults(self):
        try:
            with open(os.path.join(self.directory, "wrong"),
                      encoding="utf-8") as lines:
                return lines.read().splitlines()
        except FileNotFoundError:
            return []

    def received(self):
        """Of Elasticsearch by `_id`, else by what the record says."""
        taken = []
        with open(os.path.join(self.directory, "taken"),
                  encoding="utf-8") as lines:
            for line in lines:
                if self.refuses and "\t" in line:
                    taken.append(tuple(line[:-1].split("\t", 1)))
                elif self.kind == "hec":
                    said = json.dumps(json.loads(line)["event"],
                                      separators=(",", ":"),
                                      ensure_ascii=False)
                    taken.append((said, said))
                else:
                    taken.append((line[:-1], line[:-1]))
        return taken


class Kafka(Target):
    """
    librdkafka's mock cluster, which is no Kafka.  It keeps all in memory, so
    to be killed is to have all brokers down.  What is it to be full?  To
    answer that a partition has not enough replicas, or has moved.
    """

    named = True

    def __init__(self, kind, directory, program):
        super().__init__(kind, directory)
        self.out = os.path.join(directory, "out")
        self.process = subprocess.Popen(
            [program, self.out], stdout=subprocess.PIPE, encoding="ascii")
        self.brokers = self.process.stdout.readline().strip()
        self.down = False

    def url(self):
        return f"kafka://{self.brokers}/alerts"

    def start(self):
        if self.down:
            self.process.send_signal(signal.SIGUSR2)
        self.down = False

    def kill(self):
        self.stall(False)
        self.process.send_signal(signal.SIGUSR1)
        self.down = True

    def fill(self, full):
        if full:
            self.process.send_signal(signal.SIGUSR2)
        return True

    def release(self):
        super().kill()

    def received(self):
        """Lines are `KEY ID RECORD`."""
        with open(self.out, encoding="utf-8") as lines:
            return [tuple(line[:-1].split(" ", 2)[1:]) for line in lines]


def kinds(build):
    """Every kind that can be had here, and how it is made."""
    table = {"file": File}
    mock = os.path.join(build, "tests", "live", "kafka_mock")
    if os.path.exists(mock):
        table["kafka"] = lambda kind, place: Kafka(kind, place, mock)
    if shutil.which("rsyslogd"):
        table.update({"udp": Rsyslog, "tcp": Rsyslog, "tls": Rsyslog})
    if shutil.which("redis-server"):
        table["redis"] = Redis
    table.update({kind: Http for kind in HTTP_KINDS})
    return table
