#!/usr/bin/env python3
"""What a live sensor has written, against what must hold.

check.py findings REPLAYED LIVE...      the same findings, by their uid
check.py deviations REPLAYED LIVE...    of them those from policy, which do not
                                        depend on how fast packets come
check.py sums STATS [SENT]              no packet, flow or record got lost
                                        between two stages of the last record
check.py deaths ALERTS COUNT            so many alerts say that a worker died
check.py stopped FLOWS                  what went on at the stop is told oldest
                                        first, whichever worker had it
check.py drops STATS                    the ring was too small, and says so
check.py packets PCAP                   prints how many it has, as far as it is
                                        written
"""
import json
import struct
import sys


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def uids(paths, groups):
    """The sentence of a scan names whichever of its attempts ended first."""
    return {
        record["finding"]["uid"]
        for path in paths
        for record in lines(path)
        if record["event_type"] == "alert"
        and record["alert"]["gid"] in groups
    }


def expect(what, left, right):
    if left != right:
        sys.exit(f"{what}: {left} is not {right}")


def interface_of(stats):
    """All of them together."""
    rings = stats["capture"]["interfaces"]
    return {key: sum(ring[key] for ring in rings)
            for key, value in rings[0].items() if isinstance(value, int)}


def check_sums(stats, sent):
    ring, decoder = interface_of(stats), stats["decoder"]
    flow, verdict, finding = stats["flow"], stats["verdict"], stats["finding"]
    expect("kernel", ring["kernel_packets"],
           ring["kernel_drops"] + ring["unread"] + ring["packets"] +
           ring["lost_with_workers"])
    expect("decoder", decoder["pkts"], ring["packets"])
    expect("frames", sum(decoder["frames"].values()), decoder["pkts"])
    expect("flows", flow["created"],
           flow["ended"] + flow["active"] + flow["lost"])
    expect("flows in progress", flow["active"], 0)
    judged = ("allowed", "unmodelled", "unknown", "deviation",
              "infrastructure", "copies")
    expect("verdicts", sum(verdict[kind] for kind in judged),
           flow["ended"] + flow["lost_judged"])
    expect("findings", finding["raised"],
           finding["emitted"] + finding["suppressed"] + finding["dropped"])
    outputs = {one["name"]: one for one in stats["outputs"]}
    expect("flow records", sum(outputs["flows"][key] for key in
                               ("written", "waiting", "lost")), flow["ended"])
    check_drops(stats)
    if sent is not None and ring["kernel_packets"] < sent:
        sys.exit(f"{sent} packets were sent, {ring['kernel_packets']} came")


def check_drops(stats):
    """Each stage says what it lost, and the sums are those of the stages."""
    rings, drop = stats["capture"]["interfaces"], stats["drop"]
    frames, outputs = stats["decoder"]["frames"], stats["outputs"]
    fine = ("ok", "not_ip", "fragment")
    expected = {
        "packets": {
            "interface": sum(ring["interface_drops"] for ring in rings),
            "kernel": sum(ring["kernel_drops"] for ring in rings),
            "queue": sum(ring["lost_with_workers"] for ring in rings),
            "decode": sum(count for name, count in frames.items()
                          if name not in fine),
        },
        "flows": {
            "capacity": stats["flow"]["evicted"],
            "queue": stats["flow"]["lost"],
        },
        "records": {
            "findings": stats["finding"]["dropped"],
            "sinks": sum(one["lost"] for one in outputs) +
            stats.get("journal", {}).get("lost", 0),
        },
    }
    for what, stages in expected.items():
        stages["total"] = sum(stages.values())
        expect(f"drops of {what}", drop[what], stages)
    lost = dict(drop["evidence"])
    expect("drops of evidence", lost.pop("total"), sum(lost.values()))


def check_stopped(path):
    starts = [record["flow"]["start"] for record in lines(path)
              if record["event_type"] == "flow"
              and record["flow"].get("reason") == "shutdown"]
    if len(starts) < 100:
        sys.exit(f"{len(starts)} flows are too few to have an order")
    late = [(a, b) for a, b in zip(starts, starts[1:]) if b < a]
    if late:
        sys.exit(f"{len(late)} of {len(starts)} in disorder: {late[0]}")


def count_packets(path):
    """Of a pcap file in this machine's order of octets."""
    with open(path, "rb") as file:
        octets = file.read()
    count, at = 0, 24
    while at + 16 <= len(octets):
        at += 16 + struct.unpack_from("=I", octets, at + 8)[0]
        count += at <= len(octets)
    return count


def main():
    kind, first, *rest = sys.argv[1:]
    if kind == "packets":
        print(count_packets(first))
        return
    if kind in ("findings", "deviations"):
        groups = {"findings": (100, 102, 103), "deviations": (100,)}[kind]
        expected, found = uids([first], groups), uids(rest, groups)
        if expected != found:
            sys.exit(f"only replayed: {sorted(expected - found)}\n"
                     f"only live: {sorted(found - expected)}")
        if not expected:
            sys.exit("no finding at all")
        return
    if kind == "stopped":
        check_stopped(first)
        return
    if kind == "deaths":
        told = [record for record in lines(first)
                if record["event_type"] == "alert"
                and record["alert"]["gid"] == 104]
        if len(told) != int(rest[0]):
            sys.exit(f"{len(told)} alerts, not {rest[0]}")
        return
    stats = lines(first)[-1]["stats"]
    check_sums(stats, int(rest[0]) if rest else None)
    if kind == "drops" and interface_of(stats)["kernel_drops"] == 0:
        sys.exit("nothing was dropped")


main()
