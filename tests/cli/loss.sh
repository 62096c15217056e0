# A tap that loses packets, or sees one direction alone, accuses nobody: of the
# demo's flows none that was intended deviates, whatever part of it was seen.
set -eu
hedgerow=${HEDGEROW_RELEASE:-$1}
[ -x "$hedgerow" ] || hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/thin.py" <<'END'
"""thin.py IN OUT SEED SHARE|low|high: a part of a capture."""
import random
import struct
import sys

octets = open(sys.argv[1], "rb").read()
chance = random.Random(int(sys.argv[3]))
how = sys.argv[4]
out, at, kept = [octets[:24]], 24, 0
while at < len(octets):
    size = struct.unpack("<I", octets[at + 8:at + 12])[0]
    packet = octets[at + 16:at + 16 + size]
    if how in ("low", "high"):
        keep = packet[12:14] != b"\x08\x00" or (
            packet[26:30] < packet[30:34]) == (how == "low")
    else:
        keep = chance.random() >= float(how)
    if keep:
        out.append(octets[at:at + 16 + size])
    at += 16 + size
open(sys.argv[2], "wb").write(b"".join(out))
END
cat >"$scratch/judge.py" <<'END'
"""judge.py FLOWS TRUTH: no intended flow deviates; some others do."""
import csv
import json
import sys

truth = {}
with open(sys.argv[2], encoding="utf-8") as rows:
    for row in csv.DictReader(rows):
        ends = frozenset([(row["src"], row["sport"]),
                          (row["dst"], row["dport"])])
        truth.setdefault(ends, set()).add(row["verdict"])
wrong, right = [], 0
with open(sys.argv[1], encoding="utf-8") as flows:
    for flow in map(json.loads, flows):
        if flow.get("policy", {}).get("verdict") != "deviation":
            continue
        verdicts = truth.get(frozenset(
            [(flow["src_ip"], str(flow.get("src_port", ""))),
             (flow["dest_ip"], str(flow.get("dest_port", "")))]), set())
        if verdicts and all(v.startswith("intended") for v in verdicts):
            wrong.append((flow["src_ip"], flow["dest_ip"],
                          flow.get("dest_port")))
        else:
            right += 1
print("%d wrong %s, %d right" % (len(wrong), wrong[:5], right))
sys.exit(1 if wrong or not right else 0)
END
demo=pcaps/demo
for how in 0 0.05 0.3 0.7 low high; do
	/usr/bin/python3 "$scratch/thin.py" $demo/capture.pcap \
		"$scratch/capture.pcap" 19 $how
	"$hedgerow" replay "$scratch/capture.pcap" --models $demo/models \
		--inventory $demo/metadata.json --inventory $demo/watch.jsonl \
		--alerts "$scratch/alerts" --flows "$scratch/flows" \
		>"$scratch/out" 2>&1
	/usr/bin/python3 "$scratch/judge.py" "$scratch/flows" \
		$demo/flows-truth.csv >"$scratch/said" || {
		echo "$how lost: $(cat "$scratch/said")"
		exit 1
	}
	# What was raised is accounted for, whatever was lost.
	sed -n 's/^findings *[0-9]* from \([0-9]*\) .*(\([0-9]*\) emitted + \([0-9]*\) suppressed + \([0-9]*\) dropped).*/\1 \2 \3 \4/p' \
		"$scratch/out" >"$scratch/sum"
	read -r raised emitted suppressed dropped <"$scratch/sum"
	[ "$raised" -gt 0 ]
	[ "$raised" -eq $((emitted + suppressed + dropped)) ]
done
