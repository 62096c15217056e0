# Who was who does not depend on when anybody was told: a watch log whose events
# arrive 0 to 120 s late, or in any order at all, gives the same bytes.
set -eu
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
run() {
	out=$1
	shift
	"$hedgerow" replay $demo/capture.pcap --models $demo/models "$@" \
		--alerts "$scratch/$out.alerts" --flows "$scratch/$out.flows" \
		>/dev/null 2>&1
}
# arrange SEED HOW: the log in the order in which it arrives
arrange() {
	/usr/bin/python3 - "$1" "$2" <<'END'
import datetime
import json
import random
import sys

lines = open("pcaps/demo/watch.jsonl", encoding="utf-8").readlines()
chance = random.Random(int(sys.argv[1]))
if sys.argv[2] == "shuffled":
    chance.shuffle(lines)
else:
    lines.sort(key=lambda line: datetime.datetime.fromisoformat(
        json.loads(line)["time"].replace("Z", "+00:00")).timestamp()
        + chance.uniform(0, 120))
sys.stdout.writelines(lines)
END
}
run plain --inventory $demo/metadata.json --inventory $demo/watch.jsonl
run alone --inventory $demo/watch.jsonl
[ -s "$scratch/plain.alerts" ]
for seed in 1 2; do
	for how in delayed shuffled; do
		arrange $seed $how >"$scratch/log"
		! cmp -s "$scratch/log" $demo/watch.jsonl
		run again --inventory "$scratch/log" \
			--inventory $demo/metadata.json
		cmp "$scratch/again.alerts" "$scratch/plain.alerts"
		cmp "$scratch/again.flows" "$scratch/plain.flows"
		run again --inventory "$scratch/log"
		cmp "$scratch/again.alerts" "$scratch/alone.alerts"
		cmp "$scratch/again.flows" "$scratch/alone.flows"
	done
done
# A file of another time says nothing of now; one of this time says all.
run then --inventory "east=$demo/watch.jsonl@2026-11-21T00:00:00Z..2026-11-22T00:00:00Z"
run elsewhen --inventory "$demo/watch.jsonl@2025-01-01T00:00:00Z..2025-01-02T00:00:00Z"
[ "$(grep -c '"attribution":"exact"' "$scratch/then.flows")" = \
	"$(grep -c '"attribution":"exact"' "$scratch/alone.flows")" ]
grep -q '"cluster":"east"' "$scratch/then.flows"
! grep -q '"attribution":"exact"' "$scratch/elsewhen.flows"
