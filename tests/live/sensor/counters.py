#!/usr/bin/env python3
"""Whether any counter of a sensor ever sinks, or leaps beyond reason.

counters.py PORT STOP PATIENCE NAME...
    asks again and again until the file STOP is there and each of those has
    moved, for which they have some seconds from then on; prints how often, and
    which counters moved
"""
import os
import re
import sys
import time
import urllib.request

# No test sends so much; a 32-bit number that wraps does.
LEAP = 1e9
SAMPLE = re.compile(r"^(\w+(?:\{.*\})?) (\S+)$", re.M)


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics",
                                timeout=60) as answer:
        page = answer.read().decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.M))
    for sample, value in SAMPLE.findall(page):
        name = re.sub("_(bucket|sum|count)$", "", sample.split("{")[0])
        if kinds.get(name) in ("counter", "histogram"):
            yield sample, float(value)


def main():
    port, stop, patience, *names = sys.argv[1:]
    wanted = {"hedgerow_" + name for name in names}
    seen, moved, faults, asked, end = {}, set(), [], 0, None
    while asked < 20 or not wanted <= moved or not os.path.exists(stop):
        if end is None and os.path.exists(stop):
            end = time.time() + float(patience)
        if end is not None and time.time() > end:
            faults.append(f"never moved: {sorted(wanted - moved)}")
            break
        now = dict(scrape(port))
        asked += 1
        for sample, value in now.items():
            before = seen.get(sample, 0)
            if value < before or value - before > LEAP:
                faults.append(f"{sample}: {before} became {value}")
            if value > before:
                moved.add(sample.split("{")[0])
        for sample in seen.keys() - now.keys():
            faults.append(f"{sample} is gone")
        seen.update(now)
        time.sleep(0.02)
    # Each flow that ended is in one sum by its transport and verdict.
    end = time.time() + float(patience)
    while time.time() < end:
        now = dict(scrape(port))
        ended = now["hedgerow_flows_ended_total"]
        said = sum(value for sample, value in now.items()
                   if sample.startswith("hedgerow_flows_total{"))
        spoke = sum(value for sample, value in now.items()
                    if sample.startswith("hedgerow_app_classifications_total{")
                    ) + sum(value for sample, value in now.items()
                            if sample.startswith("hedgerow_flows_total{")
                            and 'verdict="copy"' in sample)
        if ended == said == spoke > 0:
            break
        time.sleep(0.1)
    else:
        faults.append(f"{ended} ended, {said} by verdict, {spoke} by what "
                      "they spoke")
    print(f"asked {asked} times")
    print("moved:", *sorted(moved))
    print("\n".join(faults[:40]))
    return 1 if faults else 0


sys.exit(main())
