#!/bin/sh
# threads.sh HEDGEROW: any number of workers gives the same bytes, and the
# thread sanitizer has nothing to say about them.
set -eu
hedgerow=${1:?}
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
demo=pcaps/demo

# run PROGRAM THREADS OPTION...: both captures, in one run.
run() {
	program=$1 threads=$2
	shift 2
	"$program" replay "$demo/capture.pcap" pcaps/dnat/capture.pcap \
		--inventory $demo/metadata.json --inventory $demo/watch.jsonl \
		--inventory pcaps/dnat/metadata.json \
		--models $demo/models --alerts "$scratch/alerts.$threads" \
		--flows "$scratch/flows.$threads" --threads "$threads" "$@" \
		2>"$scratch/summary.$threads" || {
		cat "$scratch/summary.$threads"
		exit 1
	}
}

same_as_one() {
	for what in alerts flows summary; do
		cmp "$scratch/$what.1" "$scratch/$what.$1"
	done
}

run "$hedgerow" 1
test "$(wc -l <"$scratch/flows.1")" -gt 1000
for threads in 2 4 8; do
	run "$hedgerow" $threads
	same_as_one $threads
done
run build/tsan/hedgerow 3
same_as_one 3

# With a table that is far too small, too: who is evicted does not depend on
# the number of workers.
run "$hedgerow" 1 --flow-capacity 16384
run "$hedgerow" 4 --flow-capacity 16384
same_as_one 4
run "$hedgerow" 1 --flow-capacity 100
run "$hedgerow" 4 --flow-capacity 100
same_as_one 4
grep -q "evicted from a full table" "$scratch/summary.1"

for wrong in 0 9 -1 two; do
	if "$hedgerow" replay "$demo/capture.pcap" --threads $wrong \
		2>"$scratch/wrong"; then
		echo "--threads $wrong was taken"
		exit 1
	fi
	grep -q "not 1 to 8" "$scratch/wrong"
done
