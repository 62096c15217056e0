"""A sensor that is fed a storm bit by bit, so that things can happen to it in
the middle of its alerts.

The capture goes to `hedgerow replay` by its standard input, as far as the
scenario says; `hedgerow alerts deliver` sends what the journal has meanwhile.
Both can be killed, and begin again with the same journal.
"""
import json
import os
import re
import subprocess
import time

SUMMARY = re.compile(r"findings +(\d+) from (\d+) sightings \((\d+) "
                     r"emitted \+ (\d+) suppressed \+ (\d+) dropped\)")
KEPT = re.compile(r"(\d+) kept(?: \+|,) (\d+) lost")
PIECE = 1 << 16


class Sensor:
    """One replay and one delivery; `said` is what the latter said last."""

    def __init__(self, build, storm, directory, url):
        self.program, self.storm = build + "/hedgerow", storm
        self.journal = os.path.join(directory, "journal")
        self.directory, self.url = directory, url
        self.replay = self.sender = self.capture = None
        self.said = self.summary = ""
        self.deliveries = 0

    def start(self):
        self.capture = open(os.path.join(self.storm, "capture.pcap"), "rb")
        with open(os.path.join(self.directory, "summary"), "wb") as said:
            self.replay = subprocess.Popen(
                [self.program, "replay", "-", "--inventory",
                 self.storm + "/inventory.json", "--models",
                 self.storm + "/models", "--journal", self.journal,
                 "--alerts", "/dev/null"],
                stdin=subprocess.PIPE, stderr=said)
        self.feed(0.001)
        while not os.path.isdir(self.journal):
            if self.replay.poll() is not None:
                raise RuntimeError("the replay ended at once")
            time.sleep(0.01)

    def deliver(self):
        """Goes on delivering: it ends whenever nothing is left for now."""
        if self.sender is not None and self.sender.poll() is None:
            return
        self.end_delivery()
        said = open(os.path.join(self.directory, "said"), "wb")
        self.sender = subprocess.Popen(
            [self.program, "alerts", "deliver", "--journal", self.journal,
             "--sink", self.url, "--deliver-for", "1200"], stderr=said)
        said.close()
        self.deliveries += 1

    def end_delivery(self):
        """returns the exit code of what ended, or None"""
        if self.sender is None:
            return None
        code, self.sender = self.sender.wait(), None
        with open(os.path.join(self.directory, "said"),
                  encoding="utf-8") as said:
            self.said = said.read()
        return code

    def feed(self, part):
        """Feeds so much of the capture, from its beginning on."""
        size = os.fstat(self.capture.fileno()).st_size
        while (left := int(size * part) - self.capture.tell()) > 0:
            self.replay.stdin.write(self.capture.read(min(left, PIECE)))
            self.replay.stdin.flush()
            if self.sender is not None:
                self.deliver()

    def kill(self):
        for process in self.replay, self.sender:
            if process is not None:
                process.kill()
                process.wait()
        if self.replay is not None:
            try:
                self.replay.stdin.close()
            except BrokenPipeError:
                pass
        if self.capture is not None:
            self.capture.close()
        self.replay = self.sender = None

    def finish(self):
        """All is fed and delivered; returns the last delivery's exit code."""
        self.replay.stdin.close()
        code = self.replay.wait()
        with open(os.path.join(self.directory, "summary"),
                  encoding="utf-8") as said:
            self.summary = said.read()
        if code != 0:
            raise RuntimeError(self.summary)
        self.deliver()
        self.end_delivery()
        self.deliver()  # the one before may have ended before the replay did
        return self.end_delivery()

    def sums(self):
        """returns (raised, emitted, suppressed, dropped), (kept, lost)"""
        return tuple(map(int, SUMMARY.search(self.summary).groups()[1:])), \
            tuple(map(int, KEPT.search(self.summary).groups()))

    def records(self, form):
        """Lines of the journal in a format."""
        show = subprocess.Popen(
            [self.program, "alerts", "show", "--journal", self.journal,
             "--format", form], stdout=subprocess.PIPE, encoding="utf-8",
            errors="replace")
        for line in show.stdout:
            yield line[:-1]
        if show.wait() != 0:
            raise RuntimeError("the journal is damaged")

    def kept(self):
        """How many records the journal has, as of now."""
        return sum(1 for _ in self.records("native"))

    def cursor(self):
        """returns {next, dropped, refused}, zero before the first one"""
        for name in os.listdir(self.journal):
            if name.endswith(".cursor"):
                with open(os.path.join(self.journal, name),
                          encoding="utf-8") as text:
                    words = text.read().split()
                return dict(zip(words[:6:2], map(int, words[1:6:2])))
        return {"next": 1, "dropped": 0, "refused": 0}

    def waits_for(self, sequence, seconds):
        """Waits until the target has what comes before a record."""
        until = time.time() + seconds
        while self.cursor()["next"] < sequence:
            if time.time() > until:
                raise RuntimeError(f"{sequence} was not reached: {self.said}")
            self.deliver()
            time.sleep(0.02)


def uid_of(line):
    return json.loads(line)["finding"]["uid"]
