#!/usr/bin/python3
"""The pieces of deploy/ with the programs that they are for, as far as those
can be had here: promtool, Alertmanager, rsyslog.

usage: pieces.py BUILD

Exit code 77: none of them is here.
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import storm
import targets
from sensor import Sensor, uid_of

DEPLOY = os.path.join(targets.HERE, "..", "..", "..", "deploy")
COUNT = 60
# What is only said where Redis tells who is who.
SOMETIMES = {"hedgerow_metadata_age_seconds"}


def need(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)))


def ask(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          **more)
    need(done.returncode == 0, *words, done.stdout, done.stderr)
    return done.stdout


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def waits(what, until=90):
    """Waits until something is true, and says what is not."""
    end = time.time() + until
    while True:
        with contextlib.suppress(OSError):
            if what():
                return
        need(time.time() < end, what.__doc__)
        time.sleep(0.05)


# --- Prometheus ---------------------------------------------------------------
def metrics_of(build, directory):
    """What a sensor really says, which watches and delivers nothing."""
    port = targets.free_port()
    sensor = subprocess.Popen(
        [build + "/hedgerow", "run", "-i", "lo", "--no-confine", "--alerts",
         directory + "/alerts", "--control", directory + "/control",
         "--metrics", f"127.0.0.1:{port}", "--journal", directory + "/journal",
         "--sink", f"file:{directory}/delivered", "--quiet", "port", "9"],
        stderr=subprocess.DEVNULL)
    said = []

    def answers():
        """the sensor says nothing of itself"""
        need(sensor.poll() is None, "the sensor ended")
        said.append(get(f"http://127.0.0.1:{port}/metrics"))
        return True
    try:
        waits(answers)
    finally:
        sensor.terminate()
        sensor.wait()
    return said[-1]


def prometheus(build, directory):
    rules = DEPLOY + "/prometheus/"
    ask("promtool", "check", "rules", rules + "rules.yaml")
    ask("promtool", "test", "rules", "rules.test.yaml", cwd=rules)
    shutil.copy(rules + "scrape.yaml", directory)
    ask("promtool", "check", "config", directory + "/scrape.yaml")
    if os.getuid() != 0:
        return "rules; nothing was asked for metrics, which needs root"
    said = metrics_of(build, directory)
    ask("promtool", "check", "metrics", input=said)
    known = SOMETIMES.union(
        re.findall("^(?:# TYPE )?(hedgerow_[a-z_]+)", said, re.M))
    need("\nprocess_resident_memory_bytes " in said, "no memory")
    for path in "prometheus/rules.yaml", "grafana/hedgerow.json":
        with open(os.path.join(DEPLOY, path), encoding="utf-8") as text:
            used = set(re.findall("hedgerow_[a-z_]+", text.read()))
        need(used <= known, path, "names", used - known)
    return "rules, and metrics of a sensor"


# --- Alertmanager -------------------------------------------------------------
def alertmanager(build, directory):
    route = DEPLOY + "/alertmanager/route.yaml"
    ask("amtool", "check-config", route)
    for severity, receiver in (("high", "security"), ("low", "operators")):
        said = ask("amtool", "config", "routes", "test", "--config.file",
                   route, "alertname=HedgerowDeviation", "severity=" + severity)
        need(said.strip() == receiver, severity, "goes to", said)
    port = targets.free_port()
    place = f"http://127.0.0.1:{port}"
    target = subprocess.Popen(
        ["prometheus-alertmanager", "--config.file", route, "--storage.path",
         directory + "/data", "--web.listen-address", f"127.0.0.1:{port}",
         "--cluster.listen-address="],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    storm.write(directory, COUNT, int(time.time()))
    sensor = Sensor(build, directory, directory,
                    f"alertmanager+http://127.0.0.1:{port}")

    def active():
        return json.loads(get(place + "/api/v2/alerts"))

    def has_all():
        """Alertmanager has not every finding"""
        return len(active()) >= COUNT

    def has_none():
        """Alertmanager still has findings that are closed"""
        return not active()
    try:
        waits(lambda: get(place + "/-/ready"))
        sensor.start()
        sensor.deliver()
        sensor.feed(1)
        waits(lambda: sensor.kept() >= COUNT)
        sensor.deliver()
        waits(has_all)
        uids = {uid_of(line) for line in sensor.records("native")}
        for alert in active():
            need(alert["labels"]["uid"] in uids and
                 alert["labels"]["severity"] == "high" and
                 [r["name"] for r in alert["receivers"]] == ["security"], alert)
        need(sensor.finish() == 0, sensor.said)
        waits(has_none)
    finally:
        sensor.kill()
        target.kill()
        target.wait()
    return f"routes, and {COUNT} findings came and ended"


# --- rsyslog ------------------------------------------------------------------
def rsyslog(build, directory):
    targets.certificates(directory)
    port = targets.free_port()
    with open(DEPLOY + "/rsyslog/receiver.conf", encoding="utf-8") as text:
        said = text.read()
    for old, new in (("/etc/ssl/hedgerow/", directory + "/"),
                     ("/var/log/hedgerow-siem/", directory + "/"),
                     ('port="6514"', f'port="{port}" address="127.0.0.1"')):
        need(old in said, old, "is not in receiver.conf")
        said = said.replace(old, new)
    conf = os.path.join(directory, "conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write(f'global(workDirectory="{directory}")\n' + said)
    ask("rsyslogd", "-N1", "-f", conf)
    target = subprocess.Popen(["rsyslogd", "-n", "-iNONE", "-f", conf],
                              stderr=subprocess.DEVNULL)
    storm.write(directory, COUNT)
    sensor = Sensor(build, directory, directory,
                    f"syslog+tls://127.0.0.1:{port}?ca={directory}/ca.pem"
                    "&server-name=siem.test&settle=100")
    records = os.path.join(directory, "records.ndjson")

    def written():
        """rsyslog has not written every record"""
        with open(records, encoding="utf-8") as lines:
            return len(lines.readlines()) >= 2 * COUNT
    try:
        sensor.start()
        sensor.deliver()
        sensor.feed(1)
        need(sensor.finish() == 0, sensor.said)
        waits(written)
        with open(records, encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines]
        native = [json.loads(line) for line in sensor.records("native")]
        for one, said in zip(native, read):
            need(said["data"]["uid"] == one["finding"]["uid"] and
                 said["sentence"].strip() == one["alert"]["signature"] and
                 said["event_type"] == one["event_type"], said, one)
        need(list(map(len, (native, read))) == [2 * COUNT] * 2, len(read))
    finally:
        sensor.kill()
        target.kill()
        target.wait()
    return f"receiver.conf took {2 * COUNT} records apart"


PIECES = ((prometheus, "promtool"), (alertmanager, "prometheus-alertmanager"),
          (rsyslog, "rsyslogd"))


def main(build):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    tried, wrong = 0, 0
    for piece, program in PIECES:
        if shutil.which(program) is None:
            print(f"NOT TESTED: there is no {program} here")
            continue
        tried += 1
        directory = tempfile.mkdtemp(prefix="piece-")
        try:
            print(f"{piece.__name__}: {piece(build, directory)}", flush=True)
        except AssertionError as error:
            print(f"{piece.__name__}: {error}")
            wrong += 1
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    return 77 if tried == 0 else min(wrong, 1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
