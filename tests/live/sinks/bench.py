#!/usr/bin/python3
"""What a sink costs: alerts a second with a target that is well, and memory
and the capture's pace with one that is stalled.  All as ratios.

usage: bench.py BUILD COUNT [KIND...]

The journal is that of a storm of COUNT findings, which is two records each.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import storm
import targets

FEW = 2000
STALL_SECONDS = 6


def replay(build, made, journal):
    """Makes a journal; returns seconds on the clock, and of the processor."""
    began = time.monotonic()
    process = subprocess.Popen(
        [build + "/hedgerow", "replay", made + "/capture.pcap", "--inventory",
         made + "/inventory.json", "--models", made + "/models", "--journal",
         journal, "--alerts", "/dev/null", "--quiet"])
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode != 0:
        raise RuntimeError("a replay failed")
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def deliver(build, journal, url, seconds):
    return subprocess.Popen(
        [build + "/hedgerow", "alerts", "deliver", "--journal", journal,
         "--sink", url, "--deliver-for", str(seconds)],
        stderr=subprocess.PIPE, encoding="utf-8")


def peak(process):
    """Kilobytes that a process has had at most so far."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def again(journal, copy):
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(journal, copy)
    forget(copy)


def forget(journal):
    for name in os.listdir(journal):
        if name.endswith(".cursor"):
            os.unlink(os.path.join(journal, name))


@contextlib.contextmanager
def target_of(kind, table):
    directory = tempfile.mkdtemp(prefix="bench-")
    with open(os.path.join(directory, "well"), "w", encoding="utf-8"):
        pass
    target = table[kind](kind, directory)
    try:
        target.start()
        yield target
    finally:
        target.release()
        shutil.rmtree(directory, ignore_errors=True)


def speed(build, journal, kind, table, records):
    """Records a second, and how much memory it took."""
    forget(journal)
    with target_of(kind, table) as target:
        began = time.monotonic()
        process = deliver(build, journal, target.url(), 900)
        most = 0
        while process.poll() is None:
            most = max(most, peak(process))
            time.sleep(0.02)
        seconds = time.monotonic() - began
        if process.returncode != 0:
            raise RuntimeError(f"{kind}: {process.stderr.read()}")
    return records / seconds, most


def stalled(build, journal, kind, table):
    """Kilobytes at a target that takes nothing."""
    forget(journal)
    with target_of(kind, table) as target:
        target.stall(True)
        process = deliver(build, journal, target.url(), STALL_SECONDS)
        most = 0
        while process.poll() is None:
            most = max(most, peak(process))
            time.sleep(0.02)
        target.stall(False)
    return most


def pace(build, made, few, directory, kind, table):
    """
    How much longer a replay takes beside a delivery that is stalled, on the
    clock and of the processor: the best of three, taken by turns.  Both go on
    in a journal of few records.
    """
    alone, beside = [], []
    journal = os.path.join(directory, "pace")
    with target_of(kind, table) as target:
        target.stall(True)
        for _ in range(3):
            again(few, journal)
            alone.append(replay(build, made, journal))
            again(few, journal)
            starter = deliver(build, journal, target.url(), 60)
            time.sleep(0.2)
            try:
                beside.append(replay(build, made, journal))
            finally:
                starter.kill()
                starter.communicate()
        target.stall(False)
    return [min(column) / min(before) for column, before in
            zip(zip(*beside), zip(*alone))]


def main(build, count, *kinds):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    table = targets.kinds(build)
    kinds = [kind for kind in kinds or table if kind != "file"]
    directory = tempfile.mkdtemp(prefix="bench-")
    many, few = directory + "/many", directory + "/few"
    try:
        storm.write(few + "-made", FEW)
        replay(build, few + "-made", few)
        storm.write(many + "-made", count)
        replay(build, many + "-made", many)
        first, most = speed(build, many, "file", table, 2 * count)
        print(f"file: {first:.0f} records/s, at most {most} KiB")
        for kind in kinds:
            rate, most = speed(build, many, kind, table, 2 * count)
            idle = [0, 0] if kind in ("file", "udp") else [
                stalled(build, journal, kind, table) for journal in
                (few, many)]
            slow = pace(build, many + "-made", few, directory, kind,
                        table)
            print(f"{kind}: {rate / first:.3f} of a file's records/s, "
                  f"at most {most} KiB; stalled: {idle[1]} KiB, "
                  f"{idle[1] / max(idle[0], 1):.2f} times that of {FEW} "
                  f"findings; a replay beside it: {slow[0]:.2f} times as long, "
                  f"{slow[1]:.2f} times the work",
                  flush=True)
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
