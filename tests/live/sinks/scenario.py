#!/usr/bin/python3
"""A sink's target is killed, stalled, filled and started again in the middle of
alerts, and the sensor is killed too: every alert arrives, unchanged.

usage: scenario.py BUILD COUNT KIND...

COUNT findings are really raised, from a capture; see storm.py.  KIND is file,
udp, tcp, tls, redis, kafka, elastic, opensearch, hec, loki, webhook,
alertmanager or all.  Exit code 77: nothing could be tested.
"""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import storm
import targets
from sensor import Sensor, uid_of

# How long a target is away, in seconds, by how many alerts there are; where
# they are few, most of the time is waited, and kinds are tried side by side.
AWAY_SHORT, AWAY_LONG, MANY = 0.4, 4, 20000
ABREAST = 4


def need(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)))


def mark(text):
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


def scenario(sensor, target, away):
    """
    What happens, in this order; returns how many records came before any of
    it, and those from first to last that were sent to a full target.
    """
    sensor.start()
    target.start()
    sensor.deliver()
    sensor.feed(0.05)
    calm = sensor.kept()
    sensor.waits_for(calm + 1, 30)

    sensor.feed(0.10)
    target.kill()
    sensor.feed(0.15)
    time.sleep(away)
    target.start()

    sensor.feed(0.20)
    sensor.kill()
    sensor.start()
    sensor.deliver()
    sensor.feed(0.30)

    target.stall(True)
    sensor.feed(0.35)
    sensor.kill()
    target.kill()
    sensor.start()
    sensor.deliver()
    sensor.feed(0.40)
    target.start()

    sensor.feed(0.50)
    target.stall(True)
    sensor.feed(0.60)
    time.sleep(away)
    target.stall(False)

    sensor.feed(0.70)
    if target.leaks:
        sensor.waits_for(sensor.kept() + 1, 60)
    full = slice(sensor.cursor()["next"] - 1, 0)
    filled = target.fill(True)
    sensor.feed(0.80)
    time.sleep(away)
    if filled:
        full = slice(full.start, sensor.kept())
        target.fill(False)
    sensor.feed(1)
    return calm, full


# --- what must be true after it -----------------------------------------------
def alert_labels(text):
    alert = json.loads(text)
    return alert["labels"]["uid"], json.dumps(alert["labels"], sort_keys=True)


def expected_of(sensor, target):
    """Records by what they are known by, in order, and those to refuse."""
    known, refused, order = {}, 0, []
    for line in sensor.records(target.format):
        if target.refuses and targets.POISON.search(line):
            refused += 1
            continue
        if target.kind == "alertmanager":
            key, text = uid_of(line), ""
        elif target.format == "ecs":
            key, text = json.loads(line)["event"]["id"], line
        else:
            key = text = line
        key = mark(key)
        need(known.setdefault(key, mark(text)) == mark(text),
             "two records with one id:", line)
        order.append(key)
    return known, refused, order


def received_of(target):
    """What came by what it is known by, and how many came again."""
    known, again = {}, 0
    for key, text in target.received():
        if target.kind == "alertmanager":
            key, text = alert_labels(text)
        if target.named:
            ids = known.setdefault("ids", {})
            need(ids.setdefault(key, mark(text)) == mark(text),
                 "one id, two records:", key)
            key = text
        key = mark(key)
        again += key in known
        need(known.setdefault(key, mark(text)) == mark(text),
             "what came twice is not the same:", text)
    known.pop("ids", None)
    return known, again


def check_sums(sensor, count, journal, refused):
    (raised, emitted, suppressed, dropped), (kept, lost) = sensor.sums()
    need(raised == emitted + suppressed + dropped, "raised:", sensor.summary)
    need(raised >= count and dropped == 0 and lost == 0, sensor.summary)
    need(kept >= count, sensor.summary)
    cursor = sensor.cursor()
    need(cursor["next"] == journal + 1 and cursor["dropped"] == 0 and
         cursor["refused"] == refused, "cursor:", cursor, "journal:", journal,
         "to refuse:", refused)


def check(sensor, target, count, calm, full):
    known, refused, order = expected_of(sensor, target)
    uids = {uid_of(line) for line in sensor.records("native")}
    need(len(uids) >= count, len(uids), "uids were raised of", count)
    check_sums(sensor, count, len(order) + refused, refused)
    until = time.time() + (2 if target.leaks else 60)
    while True:
        received, again = received_of(target)
        missing = known.keys() - received.keys()
        if not missing or time.time() > until:
            break
        time.sleep(0.2)
    if target.lossy:
        quiet = set(order[:calm] + order[-len(order) // 10:])
        # A receiver that does not get to read them drops some, and counts it.
        need(len(missing & quiet) <= target.dropped(), len(missing & quiet),
             "were lost in calm, of which", target.dropped(), "are known")
    else:
        left = missing - set(order[full]) if target.leaks else missing
        need(not left, len(left), "are missing of", len(known))
    if target.kind == "alertmanager":
        need(received.keys() == known.keys(), "other uids")
    elif target.kind != "hec":
        extra = [key for key in received if received[key] != known.get(key)]
        need(not extra, len(extra), "are not what was raised")
    if target.kind in ("elastic", "opensearch"):
        need(again == 0, "an _id is there twice")
    need(not target.faults(), target.faults()[:3])
    return len(known), len(missing), len(missing - set(order[full])), again


def check_distrust(sensor, target):
    """Another authority, and another name, are not believed."""
    place = target.directory
    for settings in (f"?ca={place}/other.pem&server-name=siem.test",
                     f"?ca={place}/ca.pem&server-name=else.test"):
        target.settings = settings
        sender = subprocess.Popen(
            [sensor.program, "alerts", "replay", "--journal", sensor.journal,
             "--sink", target.url(), "--deliver-for", "20"],
            stderr=subprocess.PIPE, encoding="utf-8")
        said = sender.stderr.readline()
        sender.terminate()
        rest = sender.communicate()[1]
        need("certificate" in said and " 0 acknowledged" in rest, said, rest)


# --- one kind, and all --------------------------------------------------------
def run(build, count, made, kind, table):
    directory = tempfile.mkdtemp(prefix="sink-")
    target = table[kind](kind, directory)
    sensor = Sensor(build, made, directory, target.url())
    began = time.time()
    try:
        away = AWAY_LONG if count >= MANY else AWAY_SHORT
        calm, full = scenario(sensor, target, away)
        need(sensor.finish() == 0, sensor.said)
        known, missing, roomy, again = check(sensor, target, count, calm, full)
        if target.settings:
            check_distrust(sensor, target)
        print(f"{kind}: {known} records of {count} findings, {missing} lost, "
              f"{roomy} of them while it had room, {again} came again, "
              f"{'' if full.stop else 'NOT '}filled, "
              f"{time.time() - began:.0f} s", flush=True)
    except (AssertionError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"{kind}: {error}\n{sensor.said}")
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            sensor.kill()
        target.release()
        if not os.environ.get("SINKS_KEEP"):
            shutil.rmtree(directory, ignore_errors=True)
    return True


def main(build, count, *kinds):
    table = targets.kinds(build)
    if "all" in kinds:
        kinds = table
    absent = [kind for kind in kinds if kind not in table]
    for kind in absent:
        print(f"NOT TESTED: there is no {kind} here")
    if len(absent) == len(kinds):
        return 77
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    made = tempfile.mkdtemp(prefix="storm-")
    try:
        storm.write(made, count)
        abreast = 1 if count >= MANY else ABREAST
        with concurrent.futures.ThreadPoolExecutor(abreast) as pool:
            done = list(pool.map(
                lambda kind: run(build, count, made, kind, table),
                [kind for kind in kinds if kind in table]))
    finally:
        shutil.rmtree(made)
    return 0 if all(done) else 1


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
