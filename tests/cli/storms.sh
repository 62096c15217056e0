# Made-up sources by the thousand: a bounded number of alerts, the same for any
# number of threads, and sums that close.
set -eu
hedgerow=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
python3 - "$directory" <<'END'
import json
import os
import random
import struct
import sys

sys.path.insert(0, "tests/live/sinks")
import storm

# Whether it is answered, how many targets there are.
FLOODS = {"answered": (True, 1), "attempts": (False, 1), "wide": (True, 400)}
COUNT = 20000


def source(rng):
    """One that is outside, whoever is asked."""
    return bytes([rng.choice((23, 45, 62, 77, 93, 151, 185, 203)),
                  rng.randrange(256), rng.randrange(256),
                  rng.randrange(1, 255)])


for name, (answered, targets) in FLOODS.items():
    scratch = os.path.join(sys.argv[1], name)
    os.makedirs(scratch + "/models")
    with open(scratch + "/models/storm.yaml", "w", encoding="utf-8") as out:
        out.write(storm.MODEL)
    with open(scratch + "/inventory.json", "w", encoding="utf-8") as out:
        json.dump({"apiVersion": "v1", "kind": "List",
                   "items": [storm.pod(2, i) for i in range(targets)]}, out)
    rng, at = random.Random(7), storm.BEGIN * 1000000
    with open(scratch + "/capture.pcap", "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(COUNT):
            client = source(rng)
            server = storm.address(2, rng.randrange(targets))
            port = rng.randrange(1024, 65536)
            if answered:
                octets, at = storm.connection(at, client, server, port)
            else:
                octets = storm.packet(at, client + server, (port, storm.PORT),
                                      (100, 0), storm.SYN, b"", i)
                at += 100
            out.write(octets)
END

# flood NAME STORM MOST: at most so many alerts, one of them the storm's.
flood() {
	for threads in 1 4; do
		"$hedgerow" replay "$directory/$1/capture.pcap" --threads $threads \
			--inventory "$directory/$1/inventory.json" \
			--models "$directory/$1/models" \
			--alerts "$directory/$1/alerts-$threads" 2>"$directory/err"
	done
	cmp "$directory/$1/alerts-1" "$directory/$1/alerts-4"
	# Findings, raised = emitted + suppressed + dropped.
	grep '^findings ' "$directory/err" | tr -cs '0-9\n' ' ' | {
		read -r _ raised emitted suppressed dropped
		[ "$raised" -ge 20000 ]
		[ "$dropped" -eq 0 ]
		[ "$raised" -eq $((emitted + suppressed)) ]
	}
	grep '"event_type":"alert"' "$directory/$1/alerts-1" >"$directory/said"
	echo "$1: $(wc -l <"$directory/said") alerts, at most $3"
	[ "$(wc -l <"$directory/said")" -le "$3" ]
	[ "$(grep '"gid":100' "$directory/said" |
		grep -c "\"storm\":\"$2\"")" -eq 1 ]
	grep -q '"client":"[0-9.]* and many others"' "$directory/$1/alerts-1"
	python3 tests/tools/validate_records.py "$directory/$1/alerts-1"
}
# 16 and the storm, and what detectors say of it.
flood answered object 25
flood attempts object 25
flood wide signature 129
