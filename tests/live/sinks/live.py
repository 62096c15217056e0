#!/usr/bin/python3
"""`hedgerow run` with every sink at once, while a storm passes by an interface,
targets die, stall and are full, and the sensor is killed in the middle.

usage: live.py BUILD COUNT [KIND...]

Every finding's uid reaches every target, the records of each are those of the
journal, the sums of each stats record close, and no packet waits for a sink:
the kernel drops none, as with a sensor without sinks.  Needs root, ip and
tcpreplay; the storm has a network namespace of its own.  Exit code 77: nothing
could be tested.
"""
import contextlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import scenario
import storm
import targets
from sensor import Sensor, uid_of

PARTS = 10
PER_SECOND = 20000  # packets
PATIENCE = 900      # seconds for the slowest target to take all


def need(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)))


def split(path):
    """Parts of a capture, with no packet of a connection in two of them."""
    with open(path, "rb") as capture:
        head, octets = capture.read(24), capture.read()
    starts, at = [], 0
    while at < len(octets):
        starts.append(at)
        at += 16 + struct.unpack_from("<I", octets, at + 8)[0]
    ends = [starts[len(starts) // 5 * i // PARTS * 5] for i in range(PARTS)]
    for i, (begin, end) in enumerate(zip(ends, ends[1:] + [len(octets)])):
        with open(f"{path}.{i}", "wb") as out:
            out.write(head + octets[begin:end])


class Live(Sensor):
    """A sensor on an interface; feed() takes part by part."""

    def __init__(self, build, made, directory, urls):
        super().__init__(build, made, directory, None)
        self.urls = urls
        self.space = f"hedgerow-storm-{os.getpid()}"
        self.tap = f"hs{os.getpid()}"
        self.stats = os.path.join(directory, "stats")

    def connect(self):
        """returns whether there can be an interface of ours"""
        for words in (["netns", "add", self.space],
                      ["link", "add", self.tap, "mtu", "9000", "type", "veth",
                       "peer", "name", "out", "mtu", "9000", "netns",
                       self.space],
                      ["link", "set", self.tap, "addrgenmode", "none"],
                      ["link", "set", self.tap, "up"],
                      ["-n", self.space, "link", "set", "out", "addrgenmode",
                       "none"],
                      ["-n", self.space, "link", "set", "out", "up"]):
            if subprocess.run(["ip", *words], check=False).returncode != 0:
                return False
        return True

    def disconnect(self):
        subprocess.run(["ip", "netns", "delete", self.space], check=False,
                       stderr=subprocess.DEVNULL)

    def start(self):
        log = os.path.join(self.directory, "log")
        words = [self.program, "run", "-i", self.tap, "--no-confine",
                 "--inventory", self.storm + "/inventory.json", "--models",
                 self.storm + "/models", "--alerts", "/dev/null", "--control",
                 self.directory + "/control", "--stats", self.stats,
                 "--stats-interval", "1", "--buffer", "64"]
        if self.urls:
            words += ["--journal", self.journal]
        for url in self.urls:
            words += ["--sink", url]
        with open(log, "wb") as said:
            self.replay = subprocess.Popen(words, stderr=said,
                                           start_new_session=True)
        until = time.time() + 90
        while b"watching" not in self.log():
            need(self.replay.poll() is None and time.time() < until,
                 "it does not start:", self.log()[:2000])
            time.sleep(0.05)

    def log(self):
        with open(os.path.join(self.directory, "log"), "rb") as said:
            return said.read()

    def deliver(self):
        pass

    def feed(self, *parts):
        for part in parts:
            subprocess.run(
                ["ip", "netns", "exec", self.space, "tcpreplay", "-q", "-i",
                 "out", "--pps", str(PER_SECOND),
                 f"{self.storm}/capture.pcap.{part}"], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        """All its processes at once, as a loss of power would."""
        if self.replay is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.replay.pid, signal.SIGKILL)
            self.replay.wait()
            until = time.time() + 60
            with contextlib.suppress(ProcessLookupError):
                while time.time() < until:
                    os.killpg(self.replay.pid, 0)
                    time.sleep(0.01)
        self.replay = None

    def now(self):
        said = subprocess.run(
            [self.program, "ctl", "stats", "--control",
             self.directory + "/control"], capture_output=True, check=True)
        return json.loads(said.stdout)["stats"]

    def finish(self):
        """
        Ends it.  It closes its findings then, and gives sinks five seconds;
        what is left waits for the next start, or for `alerts deliver`.
        """
        self.replay.send_signal(signal.SIGTERM)
        need(self.replay.wait() == 0, self.log())
        self.replay = None
        if self.urls:
            words = [self.program, "alerts", "deliver", "--journal",
                     self.journal, "--deliver-for", str(PATIENCE)]
            for url in self.urls:
                words += ["--sink", url]
            done = subprocess.run(words, capture_output=True, check=False)
            need(done.returncode == 0, done.stderr.decode())

    def memory(self):
        """Kilobytes of all processes of its session, as of now."""
        pages = 0
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError), \
                        open(f"/proc/{entry}/stat", encoding="utf-8",
                             errors="replace") as stat:
                    fields = stat.read().rpartition(")")[2].split()
                    if int(fields[3]) == self.replay.pid:
                        pages += int(fields[21])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024

    def records_of_stats(self):
        with open(self.stats, encoding="utf-8") as lines:
            return [json.loads(line)["stats"] for line in lines]


# --- what happens -------------------------------------------------------------
def settle(sensor):
    """Waits until every target has all there is."""
    until = time.time() + PATIENCE
    while any(sink["behind"] for sink in sensor.now()["sinks"]):
        need(time.time() < until, "never delivered:", sensor.now()["sinks"])
        time.sleep(0.2)


def happen(sensor, all_targets):
    """Each trouble meets every third target, and the sensor dies."""
    thirds = [all_targets[i::3] for i in range(3)]
    sensor.start()
    sensor.feed(0, 1)
    for target in thirds[0]:
        target.kill()
    for target in thirds[1]:
        target.stall(True)
    full = [target for target in thirds[2] if not target.leaks]
    for target in full:
        target.fill(True)
    sensor.feed(2, 3)
    memory = sensor.memory()
    sensor.kill()
    sensor.start()
    # What passed while nobody watched is seen now, and the rest once more.
    sensor.feed(*range(4))
    sensor.feed(4, 5)
    for target in thirds[0]:
        target.start()
    for target in thirds[1]:
        target.stall(False)
    for target in full:
        target.fill(False)
    sensor.feed(6)
    for target in thirds[2]:
        target.kill()
    sensor.feed(7)
    for target in thirds[2]:
        target.start()
    sensor.feed(8, 9)
    time.sleep(1)
    drops = sum(ring["kernel_drops"]
                for ring in sensor.now()["capture"]["interfaces"])
    settle(sensor)
    sensor.finish()
    return memory, drops


# --- what must be true after it -----------------------------------------------
def check_sums(sensor):
    for stats in sensor.records_of_stats():
        finding, journal = stats["finding"], stats["journal"]
        need(finding["raised"] == finding["emitted"] + finding["suppressed"] +
             finding["dropped"], finding)
        need(journal["appended"] == journal["kept"] + journal["lost"] and
             journal["lost"] == 0, journal)
        for sink in stats["sinks"]:
            need(sink["records"] == sink["acknowledged"] + sink["refused"] +
                 sink["dropped"] + sink["behind"] and sink["dropped"] == 0,
                 sink)


def check_target(sensor, target, count):
    """Of a lossy target, what was lost is said and no more."""
    known, _, _ = scenario.expected_of(sensor, target)
    received, again = scenario.received_of(target)
    missing = known.keys() - received.keys()
    print(f"{target.kind}: {len(known)} records of {count} findings, "
          f"{len(missing)} lost, {again} came again", flush=True)
    need(target.lossy or not missing, target.kind, len(missing), "missing")
    need(not target.faults(), target.faults()[:3])


def quiet(build, made):
    """Memory, and what the kernel drops, where there is no sink at all."""
    directory = tempfile.mkdtemp(prefix="live-")
    sensor = Live(build, made, directory, [])
    try:
        need(sensor.connect(), "no interface")
        sensor.start()
        sensor.feed(*range(4))
        memory = sensor.memory()
        sensor.feed(*range(4, PARTS))
        time.sleep(1)
        stats = sensor.now()
        sensor.finish()
        return memory, sum(ring["kernel_drops"] for ring in
                           stats["capture"]["interfaces"])
    finally:
        sensor.kill()
        sensor.disconnect()
        shutil.rmtree(directory)


def run(build, made, count, kinds, table):
    directory = tempfile.mkdtemp(prefix="live-")
    all_targets = []
    for kind in kinds:
        place = os.path.join(directory, kind)
        os.mkdir(place)
        all_targets.append(table[kind](kind, place))
    sensor = Live(build, made, directory, [
        target.url() + "#" + target.kind for target in all_targets])
    try:
        need(sensor.connect(), "no interface")
        for target in all_targets:
            target.start()
        memory, drops = happen(sensor, all_targets)
        print(f"with them {memory} KiB, most of them stalled; the kernel "
              f"dropped {drops} packets", flush=True)
        check_sums(sensor)
        uids = {uid_of(line) for line in sensor.records("native")}
        need(drops > 0 or len(uids) >= count, len(uids), "uids of", count)
        for target in all_targets:
            if target.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    target.stall(False)
            check_target(sensor, target, count)
    finally:
        sensor.kill()
        sensor.disconnect()
        for target in all_targets:
            target.release()
        if not os.environ.get("SINKS_KEEP"):
            shutil.rmtree(directory, ignore_errors=True)


def main(build, count, *kinds):
    for tool in "ip", "tcpreplay":
        if shutil.which(tool) is None or os.getuid() != 0:
            print(f"NOT TESTED: no {tool} here, or no right to use it")
            return 77
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    table = targets.kinds(build)
    kinds = [kind for kind in kinds or table if kind in table]
    made = tempfile.mkdtemp(prefix="storm-")
    try:
        storm.write(made, count)
        split(made + "/capture.pcap")
        memory, drops = quiet(build, made)
        print(f"without sinks {memory} KiB; the kernel dropped {drops} packets",
              flush=True)
        run(build, made, count, kinds, table)
    except (AssertionError, RuntimeError,
            subprocess.SubprocessError) as error:
        print(error)
        return 1
    finally:
        shutil.rmtree(made)
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
