"""What the tests of the collectors share: one that runs, and its records."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    pass


def wait_for(what, asked, seconds=90):
    """Until `asked` answers with something, which it returns."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = asked()
        if answer:
            return answer
        time.sleep(0.02)
    raise Failed("waited in vain: " + what)


def expect(what, is_so):
    if not is_so:
        raise Failed(what)


class Collector:
    """`hedgerow collect SOURCE`, whose records go to a file."""

    def __init__(self, program, directory, source, *options, stdin=None):
        self.path = os.path.join(directory, "records")
        self.words = os.path.join(directory, "words")
        self.arguments = [program, "collect", source, "--output", self.path,
                          "--cluster", "c", *options]
        self.stdin = stdin
        self.process = None

    def start(self, *more):
        with open(self.words, "ab") as words:
            self.process = subprocess.Popen(
                self.arguments + list(more), stderr=words,
                stdin=self.stdin or subprocess.DEVNULL)
        return self

    def records(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def facts(self, kind="workload"):
        """What stands after all records: id to record."""
        facts = {}
        for record in self.records():
            if record["fact"] != kind:
                continue
            if record.get("gone"):
                facts.pop(record["id"], None)
            else:
                facts[record["id"]] = record
        return facts

    def names(self):
        return sorted(fact["name"] for fact in self.facts().values())

    def gone(self):
        return [r for r in self.records() if r.get("gone")]

    def said(self):
        with open(self.words, encoding="utf-8", errors="replace") as file:
            return file.read()

    def waits(self, code, seconds=30):
        got = self.process.wait(seconds)
        self.process = None
        expect("exit code %d, expected %d: %s" % (got, code, self.said()),
               got == code)

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process = None
        expect("ended with %d: %s" % (code, self.said()),
               code == (-9 if number == signal.SIGKILL else 0))


def run(cases):
    """Each with the program and a directory of its own."""
    program = os.path.abspath(sys.argv[1])
    failed = 0
    for case in cases:
        directory = tempfile.mkdtemp(prefix="hedgerow-collect-")
        closing = []
        try:
            case(program, directory, closing)
            print("ok", case.__name__, flush=True)
        except Exception as fault:  # the next case is to run too
            failed += 1
            print("FAILED", case.__name__, repr(fault), flush=True)
            words = os.path.join(directory, "words")
            if os.path.exists(words):
                with open(words, errors="replace") as file:
                    print(file.read()[-2000:])
        for close in reversed(closing):
            try:
                close()
            except Exception as fault:  # the next one is to be closed too
                print("FAILED", case.__name__, "closing:", repr(fault))
                failed += 1
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if failed else 0)
