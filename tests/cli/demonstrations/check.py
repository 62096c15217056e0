#!/usr/bin/python3
"""check.py HEDGEROW [DETECTOR...]: what holds for every detector, each shown by
a capture in which it has something to find.

  evidence   the record says how sure it is, counts, times, numbers of packets,
             and what would have made it silent
  threads    four threads say the same
  state      the capture cut in two at several places, with --state between:
             the same is found
  worn out   strangers by the ten thousand in the midst of it: it is found still
  loss       above the bound those that go by what is not there are silent, and
             it is counted; the others are not
  silenced   by workload, application and destination, and not by others
  adjusted   a setting that silences it
"""
import concurrent.futures
import ctypes
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import scenes  # pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
REPLAY = HERE.parent.parent / "replay"
START = scenes.START

# Of a capture, what these addresses sent and got; cases are in tests/replay.
# detector: (signature, subject), case or "" for scenes.py, addresses,
#           (client, another), (application, another), (destination, another),
#           what is set to silence it; and what else is known of it.
WEB, API, JOB, DB = "10.77.1.10", "10.77.1.11", "10.77.3.13", "10.77.2.12"
EVIL = "203.0.113.66"


def application(name):
    return f"{{application: {name}}}"


def outside(address):
    return f'{{external: {{cidr: "{address}/32"}}}}'


OTHER = outside("192.0.2.77")


class Case:
    def __init__(self, finding, case, kept, client, spoken, server, adjusted, **more):
        self.signature, self.subject = finding
        self.case, self.kept = case, kept
        self.client, self.spoken, self.server = client, spoken, server
        self.adjusted = adjusted
        self.by_absence = more.get("by_absence", False)
        # What is known of a connection ends with the flow table.
        self.in_one_connection = more.get("in_one_connection", False)


CASES = {
    "scan": Case((2001, "depot/loader"), "intruders", ["10.60.0.10"], application("depot/loader"),
                 None, application("depot/ledger"), "targets: 60", by_absence=True),
    "flood": Case((2010, "depot/stock"), "intruders", ["10.60.0.11"], "{external: {}}", None,
                  application("depot/stock"), "syn: 5000"),
    "http-flood": Case((2014, "depot/loader"), "intruders", ["10.60.0.10"],
                       application("depot/loader"), "http", application("depot/stock"),
                       "slow: 40", in_one_connection=True),
    "brute-force": Case((2020, "shop/carts"), "demo", ["10.245.1.159"], application("shop/carts"),
                        "ssh", application("ops/bastion"), None),
    "beacon": Case((2030, "depot/gate"), "intruders", ["10.60.0.13"], application("depot/gate"),
                   "http", outside("198.51.100.20"), "least: 60"),
    "long-connection": Case((2032, "depot/innocent1"), "", None, application("depot/innocent1"),
                            None, outside(scenes.HOME), "hours: 2", in_one_connection=True),
    "dns-tunnel": Case((2050, "prod/job"), "misuse", [JOB], application("prod/job"), "dns",
                       application("kube-system/dns"), "unusual_names: 400, names: 400, subdomains: 7000"),
    "dns-bypass": Case((2051, "prod/web"), "misuse", [WEB], application("prod/web"), "dns",
                       outside(EVIL), "questions: 400"),
    "dns-names": Case((2053, "prod/job"), "misuse", [JOB], application("prod/job"), "dns",
                      application("kube-system/dns"), "generated: 400, slow: 400"),
    "dns-load": Case((2057, "depot/innocent1"), "", None, application("depot/innocent1"), "dns",
                     application("depot/dns"), "questions: 9000"),
    "icmp-tunnel": Case((2070, "prod/job"), "misuse", [JOB], application("prod/job"), "icmp",
                        outside(EVIL), "payloads: 500"),
    "exfiltration": Case((2065, "prod/db"), "misuse", [DB], application("prod/db"), "http",
                         outside(EVIL), "unknown_octets: 90000000"),
    "exploits": Case((2124, EVIL), "misuse", [WEB], outside(EVIL), "http", application("prod/web"),
                     "requests: 9"),
    "mining": Case((2080, "prod/job"), "misuse", [JOB], application("prod/job"), None,
                   outside(EVIL), None),
    "shells": Case((2087, "prod/job"), "misuse", [JOB], application("prod/job"), None,
                   outside(EVIL), "turns: 900", in_one_connection=True),
    "impostors": Case((2076, "prod/db"), "misuse", [DB], application("prod/db"), "http",
                      outside(EVIL), None, in_one_connection=True),
    "geography": Case((2090, "depot/innocent1"), "", None, application("depot/innocent1"), "tls",
                      outside("203.0.113.9"), "learning: 31536000"),
    "protocols": Case((2105, EVIL), "misuse", [WEB], outside(EVIL), "http",
                      application("prod/web"), None),
    "risks": Case((3031, "depot/innocent1"), "", None, application("depot/innocent1"), "rdp",
                  outside(scenes.HOME), None),
    "tls-clients": Case((2079, "depot/innocent1"), "", None, application("depot/innocent1"),
                        "tls", outside(scenes.HOME), "learning: 31536000"),
    "reflection": Case((2015, "depot/innocent1"), "", None, application("depot/innocent1"),
                       "ntp", "{external: {}}", "datagrams: 90000"),
    "strays": Case((2017, "depot/stock"), "", None, "{external: {}}", None,
                   application("depot/stock"), "segments: 90000"),
    "cloud-metadata": Case((2140, "kiosk/page"), "kiosk", ["10.70.0.10"],
                           application("kiosk/page"), "http", outside("169.254.169.254"),
                           "requests: 9"),
    "secret-paths": Case((2143, "203.0.113.7"), "kiosk", ["203.0.113.7"], outside("203.0.113.7"),
                         "http", application("kiosk/counter"), None, in_one_connection=True),
    "path-guessing": Case((2141, "203.0.113.6"), "kiosk", ["203.0.113.6"],
                          outside("203.0.113.6"), "http", application("kiosk/counter"),
                          "paths: 400"),
    "login-forms": Case((2023, "203.0.113.5"), "kiosk", ["203.0.113.5"], outside("203.0.113.5"),
                        "http", application("kiosk/door"), "tries: 64"),
    "hidden-shells": Case((2088, "depot/innocent1"), "", None, application("depot/innocent1"),
                          "tls", outside(scenes.HOME), "exchanges: 9000", in_one_connection=True),
    "dns-beacon": Case((2033, "kiosk/robot"), "kiosk", ["10.70.0.13"],
                       application("kiosk/robot"), "dns", application("kube-system/names"),
                       "least: 64"),
}

# --- captures ------------------------------------------------------------------


def unpacked(path):
    octets = path.read_bytes()
    if path.suffix != ".zst":
        return octets
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    room = ctypes.create_string_buffer(64 << 20)
    size = zstd.ZSTD_decompress(room, ctypes.c_size_t(len(room)), octets,
                                ctypes.c_size_t(len(octets)))
    return room.raw[:size]


def packets_of(path):
    octets = unpacked(path)
    at = 24
    while at < len(octets):
        seconds, micros, size, length = struct.unpack_from("<IIII", octets, at)
        yield seconds + micros / 1e6, octets[at + 16:at + 16 + size], length
        at += 16 + size


def is_of(frame, addresses):
    return frame[12:14] == b"\x08\0" and any(one in (frame[26:30], frame[30:34])
                                             for one in addresses)


def write(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, frame, length in packets:
            micros = round(at * 1e6)
            out.write(struct.pack("<IIII", micros // 10 ** 6, micros % 10 ** 6,
                                  len(frame), length) + frame)


def stamped(start, capture):
    """Its packets in order, with their lengths; of times from `start` on."""
    return [(start + at, frame, len(frame)) for at, frame in
            sorted(capture.packets, key=lambda packet: packet[0])]


def packets_for(name, case):
    if case.case == "":
        return stamped(START, scenes.make(name))
    described = json.loads((REPLAY / case.case / "case.json").read_text())
    addresses = [bytes(map(int, one.split("."))) for one in case.kept]
    path = pathlib.Path(described["capture"])
    return [one for one in packets_of(path) if is_of(one[1], addresses)]


# --- one run -------------------------------------------------------------------


class Stage:
    def __init__(self, hedgerow, directory, name):
        self.hedgerow, self.name, self.case = hedgerow, name, CASES[name]
        self.directory = directory / name
        self.directory.mkdir()
        self.packets = packets_for(name, self.case)
        self.whole = self.capture("whole", self.packets)
        self.faults = []

    def fail(self, words):
        self.faults.append(f"{self.name}: {words}")

    def capture(self, name, packets):
        path = self.directory / f"{name}.pcap"
        write(path, packets)
        return path

    def given(self):
        if self.case.case == "":
            return ["--inventory", str(self.directory.parent / "watch.jsonl"),
                    "--geo", "tests/data/geography/country.mmdb"]
        described = json.loads((REPLAY / self.case.case / "case.json").read_text())
        out = [word for path in described["inventory"] for word in ("--inventory", path)]
        out += [word for path in described.get("models", []) for word in ("--models", path)]
        return out + ([] if described.get("library", True) else ["--no-library"])

    def replay(self, capture, *options):
        done = subprocess.run([self.hedgerow, "replay", str(capture), *self.given(), *options],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: exit {done.returncode}: {done.stderr}")
        self.said, self.text = done.stderr, done.stdout
        return [json.loads(line) for line in done.stdout.splitlines()]

    def found(self, records):
        return [record for record in records
                if record.get("anomaly", {}).get("detector") == self.name and
                record["alert"]["signature_id"] == self.case.signature and
                record["anomaly"]["subject"] == self.case.subject]

    def settings(self, text):
        models = self.directory / "models"
        models.mkdir(exist_ok=True)
        (models / "detectors.yaml").write_text(f"detectors: {{{self.name}: {text}}}\n")
        return ["--models", str(models)]

    def raises(self, capture, *options):
        return bool(self.found(self.replay(capture, *options)))


# --- what holds for each ---------------------------------------------------------


def is_time(value):
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
                                                   value)


def check_evidence(stage):
    records = stage.replay(stage.whole)
    for record in records:
        if "anomaly" not in record:
            continue
        said = record["anomaly"]
        evidence = said.get("evidence", {})
        who = f"{record['alert']['signature_id']} of {said['detector']}"
        if not 1 <= said["confidence"] <= 99:
            stage.fail(f"{who}: confidence {said['confidence']}")
        if not said.get("silent_if"):
            stage.fail(f"{who}: not what would have made it silent")
        numbers = evidence.get("packets", [])
        if not numbers or not all(isinstance(one, int) and 0 < one for one in numbers):
            stage.fail(f"{who}: no packets in {evidence}")
        if not is_time(evidence.get("first")) or not is_time(evidence.get("last")) or \
                evidence["first"] > evidence["last"]:
            stage.fail(f"{who}: no times in {evidence}")
        if not any(isinstance(value, int) and not isinstance(value, bool)
                   for key, value in evidence.items() if key not in ("port", "risk")):
            stage.fail(f"{who}: no counts in {evidence}")


def check_threads(stage):
    stage.replay(stage.whole)
    one = stage.text
    stage.replay(stage.whole, "--threads", "4")
    if one != stage.text:
        stage.fail("other findings with four threads")


def check_state(stage):
    # Little more than it takes: else one part of it would do.
    less, count = 0, len(stage.packets)
    while count - less > 1 + count // 16:
        middle = (less + count) // 2
        if stage.raises(stage.capture("first", stage.packets[:middle])):
            count = middle
        else:
            less = middle
    count += count // 4
    for part in (1, 2, 3, 4, 5):
        cut = count * part // 6
        state = stage.directory / "state"
        state.unlink(missing_ok=True)
        first = stage.capture("first", stage.packets[:cut])
        rest = stage.capture("rest", stage.packets[cut:count])
        found = stage.raises(first, "--state", str(state))
        found |= stage.raises(rest, "--state", str(state))
        if not found and not stage.case.in_one_connection:
            stage.fail(f"cut at {cut} of {count} packets it is not found")


def check_worn_out(stage):
    middle = len(stage.packets) // 2
    strangers = stamped(stage.packets[middle][0], scenes.strangers())
    capture = stage.capture("worn", stage.packets[:middle] + strangers + stage.packets[middle:])
    if not stage.raises(capture):
        stage.fail("strangers wear it out")


def check_loss(stage):
    if stage.raises(stage.whole, "--lost", "20000") == stage.case.by_absence:
        stage.fail("lost packets do not silence it" if stage.case.by_absence
                   else "lost packets silence it")
    if stage.case.by_absence and not re.search(r" [1-9]\d* sightings left out for lost packets", stage.said):
        stage.fail("it is not counted what loss silenced")


def check_silenced(stage):
    case = stage.case
    keys = [f"client: {case.client}", f"workload: {case.client}", f"destination: {case.server}",
            f"workload: {case.server}"]
    others = [f"client: {application('depot/nobody')}", f"destination: {OTHER}", "app: mysql",
              f"client: {case.client}, destination: {OTHER}"]
    if case.spoken is not None:
        keys.append(f"app: {case.spoken}")
        others.append(f"app: {case.spoken}, client: {OTHER}")
    for key in keys:
        if stage.raises(stage.whole, *stage.settings(f"{{for: {{{key}, off: true}}}}")):
            stage.fail(f"not silenced by {key}")
    silent = ", ".join(f"{{{key}, off: true}}" for key in others)
    if not stage.raises(stage.whole, *stage.settings(f"{{for: [{silent}]}}")):
        stage.fail("silenced by a suppression of others")


def check_adjusted(stage):
    case = stage.case
    usual = stage.found(stage.replay(stage.whole))[0]["anomaly"]["severity"]
    other = "critical" if usual in ("low", "info") else "low"
    found = stage.found(stage.replay(stage.whole, *stage.settings(f"{{severity: {other}}}")))
    if not found or found[0]["anomaly"]["severity"] == usual:
        stage.fail("its severity is not what was set")
    if case.adjusted is None:
        return
    if stage.raises(stage.whole, *stage.settings(f"{{{case.adjusted}}}")):
        stage.fail(f"still said with {case.adjusted}")
    if not stage.raises(stage.whole, *stage.settings(
            f"{{for: {{client: {OTHER}, {case.adjusted}}}}}")):
        stage.fail("silenced by a setting of others")


CHECKS = [check_evidence, check_threads, check_state, check_worn_out, check_loss,
          check_silenced, check_adjusted]


def strangers_are_saved(hedgerow, directory):
    """As few ports as are a scan, by an address that is nobody's: wherever it is
    cut, none of what was kept back of it may be lost."""
    packets = stamped(START, scenes.stranger())
    for cut in range(0, len(packets), 2):
        state = directory / "stranger.state"
        state.unlink(missing_ok=True)
        said = ""
        for part in (packets[:cut], packets[cut:]):
            write(directory / "stranger.pcap", part)
            said += subprocess.run(
                [hedgerow, "replay", str(directory / "stranger.pcap"), "-q", "--inventory",
                 str(directory / "watch.jsonl"), "--state", str(state)],
                capture_output=True, text=True, check=True).stdout
        if '"signature_id":2001' not in said:
            yield f"scan: a stranger's is not found when cut at {cut} of {len(packets)} packets"


def demonstrate(hedgerow, directory, name):
    stage = Stage(hedgerow, directory, name)
    if not stage.raises(stage.whole):
        return [f"{name}: nothing is found"]
    for check in CHECKS:
        check(stage)
    return stage.faults


def main():
    hedgerow = sys.argv[1]
    listed = subprocess.run([hedgerow, "detectors"], capture_output=True, text=True, check=True)
    names = re.findall(r"^  ([a-z-]+):", listed.stdout, re.MULTILINE)
    missing = [name for name in names if name not in CASES and name != "all"]
    faults = [f"{name}: no demonstration" for name in missing]
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        scenes.write_watch(directory / "watch.jsonl")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for one in pool.map(lambda name: demonstrate(hedgerow, directory, name),
                                [n for n in sys.argv[2:] if n in CASES] or
                                ([] if sys.argv[2:] else CASES)):
                faults += one
        if not sys.argv[2:] or "strangers" in sys.argv[2:]:
            faults += strangers_are_saved(hedgerow, directory)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    os.chdir(HERE.parent.parent.parent)
    main()
