# Every format says what the native records of the same run say, holds to its
# standard, and has flows only where they have a place.
set -eu
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
check=tests/tools/validate_formats.py
run() {
	"$hedgerow" replay $demo/capture.pcap --inventory $demo/metadata.json \
		--inventory $demo/watch.jsonl --models $demo/models --quiet "$@"
}
run --flows "$scratch/native.flows" >"$scratch/native"
run --format native | cmp - "$scratch/native"
for format in ecs ocsf; do
	run --format $format --flows "$scratch/flows" >"$scratch/$format"
	/usr/bin/python3 $check $format "$scratch/$format" "$scratch/native"
	/usr/bin/python3 $check $format "$scratch/flows" "$scratch/native.flows"
done
for format in cef leef syslog; do
	run --format $format >"$scratch/$format"
	/usr/bin/python3 $check $format "$scratch/$format" "$scratch/native"
	code=0
	run --format $format --flows "$scratch/none" 2>"$scratch/said" || code=$?
	[ $code -eq 2 ]
	grep -q -- "--format $format has no place for flow records" "$scratch/said"
	[ ! -e "$scratch/none" ]
done
code=0
run --format cfe 2>"$scratch/said" || code=$?
[ $code -eq 2 ]
grep -q 'did you mean cef' "$scratch/said"

# The checks themselves: a line that breaks its format is not let through.
refuses() {
	! /usr/bin/python3 $check "$1" "$scratch/broken" 2>/dev/null
}
head -n 1 "$scratch/cef" | sed 's/\\=/=/' >"$scratch/broken"
refuses cef
head -n 1 "$scratch/leef" | tr '\t' ' ' >"$scratch/broken"
refuses leef
head -n 1 "$scratch/syslog" | sed 's/" sid=/]" sid=/' >"$scratch/broken"
refuses syslog
head -n 1 "$scratch/ecs" | sed 's/"kind":"alert"/"kind":"alarm"/' \
	>"$scratch/broken"
refuses ecs
head -n 1 "$scratch/ocsf" | sed 's/"severity_id":[0-9]/"severity_id":7/' \
	>"$scratch/broken"
refuses ocsf
