#!/usr/bin/env python3
"""What a live sensor's journal and sinks say, against what must hold.

feed.py down STATS        sinks whose target is away or not trusted say so
feed.py settled STATS     all but those two have all there is (exit 1: not yet)
feed.py sums STATS        appended = kept + lost, and each sink's sum, in every
                          record of the file
feed.py same REPLAYED JOURNAL FILE... [-- FILE...]...
                          every deviation of a replay (what detectors find goes
                          by time, which is another one here) is in the journal,
                          and every alert of that in each group of files
"""
import json
import re
import sys

UID = re.compile(rb"[0-9a-f]{16}(?=[\"\\-])")


def last(path):
    with open(path) as file:
        return json.loads(file.read().strip().split("\n")[-1])["stats"]


def expect(what, left, right):
    if left != right:
        sys.exit(f"{what}: {left} is not {right}")


def sink(stats, part):
    return next(s for s in stats["sinks"] if s["name"].startswith(part))


def check_down(path):
    stats = last(path)
    away = sink(stats, "redis:")
    expect("state", away["state"], "down")
    for name in "behind", "behind_bytes", "oldest_ms", "failures":
        if away[name] <= 0:
            sys.exit(f"{name} of a sink whose target is away is {away[name]}")
    for part in "file:", "kafka:":
        expect(part, sink(stats, part)["behind"], 0)
    expect("acknowledged", away["acknowledged"], 0)
    if not any("redis" in reason for reason in stats["reasons"]):
        sys.exit("no reason names the sink")


def is_settled(path):
    behind = [s["behind"] for s in last(path)["sinks"]]
    return sum(count > 0 for count in behind) <= 2


def check_sums(path):
    with open(path) as file:
        records = [json.loads(line)["stats"] for line in file]
    for stats in records:
        journal, finding = stats["journal"], stats["finding"]
        expect("journal", journal["appended"],
               journal["kept"] + journal["lost"])
        expect("findings", finding["raised"], finding["emitted"]
               + finding["suppressed"] + finding["dropped"])
        if journal["kept"] < finding["emitted"]:
            sys.exit("an alert was said that the journal has not")
        for one in stats["sinks"]:
            expect(one["name"], one["records"], one["acknowledged"]
                   + one["refused"] + one["dropped"] + one["behind"])
    if not records:
        sys.exit("no stats")


def uids(paths):
    found = set()
    for path in paths:
        with open(path, "rb") as file:
            found.update(UID.findall(file.read()))
    return found


def alerts(path, gid=None):
    """Lines are whole records, and uids of what was said first."""
    with open(path, "rb") as file:
        records = [json.loads(line) for line in file]
    return {r["finding"]["uid"].encode() for r in records
            if r["event_type"] == "alert"
            and gid in (None, r["alert"]["gid"])}


def check_same(words):
    replayed, journal, *rest = words
    groups = [[]]
    for word in rest:
        if word == "--":
            groups.append([])
        else:
            groups[-1].append(word)
    for path in groups[0]:
        alerts(path)
    raised = alerts(replayed, gid=100)
    if not raised or not raised <= alerts(journal):
        sys.exit(f"not in the journal: {raised - alerts(journal)}")
    for group in groups:
        missing = alerts(journal) - uids(group)
        if missing:
            sys.exit(f"{len(missing)} are missing in {group}")


def main():
    what, *words = sys.argv[1:]
    if what == "down":
        check_down(*words)
    elif what == "settled":
        sys.exit(not is_settled(*words))
    elif what == "sums":
        check_sums(*words)
    else:
        check_same(words)


main()
