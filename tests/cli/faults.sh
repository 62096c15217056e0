# Bad input: a clear message with place and remedy, the documented exit code,
# and everything before the fault delivered.
set -u
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0

# expect CODE PATTERN ARGUMENT...: exit code, and a word that stderr must hold.
expect() {
	code=$1 pattern=$2
	shift 2
	"$hedgerow" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	got=$?
	if [ $got -ne "$code" ] || ! grep -qE "$pattern" "$scratch/err"; then
		echo "hedgerow $*: exit $got, not $code, or stderr lacks: $pattern"
		cat "$scratch/err"
		bad=1
	fi
}

head -c 1000000 $demo/capture.pcap >"$scratch/cut.pcap"
expect 3 'cut\.pcap.*packet [0-9]+' replay "$scratch/cut.pcap" \
	--inventory $demo/metadata.json --inventory $demo/watch.jsonl \
	--models $demo/models --alerts "$scratch/alerts" --flows "$scratch/flows"
[ -s "$scratch/flows" ] || { echo "nothing before the fault was delivered"; bad=1; }

printf 'not a capture, by no means' >"$scratch/text.pcap"
expect 3 'text\.pcap' replay "$scratch/text.pcap"
: >"$scratch/empty.pcap"
expect 3 'empty\.pcap' replay "$scratch/empty.pcap"
expect 3 'absent\.pcap.*No such file' replay absent.pcap

# A classic header of link type 147 (user defined) and one packet.
printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\223\000\000\000\001\000\000\000\000\000\000\000\004\000\000\000\004\000\000\000abcd' \
	>"$scratch/link.pcap"
expect 3 'link type .*147' replay "$scratch/link.pcap"

printf '{"kind": "List", "items": [' >"$scratch/cut.json"
expect 3 'cut\.json:1' replay $demo/capture.pcap --inventory "$scratch/cut.json"
expect 3 'absent\.json' workloads --inventory absent.json
expect 3 'no time range' workloads --inventory "$demo/watch.jsonl@monday.."
# One hostile object costs itself, in a file of any length; a terminal obeys no
# name.
for count in 1 500; do
	/usr/bin/python3 - $count >"$scratch/hostile.json" <<'END'
import sys

POD = ('{"kind":"Pod","metadata":{"name":"p%d","labels":{"app":"%s"}},'
       '"status":{"podIP":"10.1.%d.%d"}}')
pods = [POD % (i, "a", i // 250, i % 250 + 1) for i in range(int(sys.argv[1]))]
pods += [POD % (900, r"x\u001b[31m\"\n", 9, 1), POD % (901, "\x01", 9, 2)]
print('{"kind":"List","items":[\n' + ",\n".join(pods) + "]}")
END
	expect 3 "hostile\.json:$((count + 3)):57: error: an object here.* 1 such" \
		workloads --inventory "$scratch/hostile.json"
	[ "$(wc -l <"$scratch/out")" -eq $((count + 2)) ] &&
		grep -qF 'x?[31m"?' "$scratch/out" || {
		echo "of $count pods beside a hostile one some were lost"
		head -n 4 "$scratch/out"
		bad=1
	}
done
{ cat $demo/watch.jsonl; printf '{"type": "ADD'; } >"$scratch/half.jsonl"
expect 3 'half\.jsonl:[0-9]+' workloads --inventory "$scratch/half.jsonl"
grep -q front-end "$scratch/out" || { echo "whole lines were lost"; bad=1; }

mkdir "$scratch/models"
cat >"$scratch/models/wrong.yaml" <<'Y'
model: thing
match: [{image: thing}]
provides:
  - app: rediss
    port: tcp/70000
    form: [{role: aplication}]
Y
expect 2 'wrong\.yaml:4:.*redis' model check "$scratch/models"
expect 2 'wrong\.yaml:5:' model check "$scratch/models"
expect 2 'wrong\.yaml:6:.*from' model check "$scratch/models"
expect 2 'wrong\.yaml' replay $demo/capture.pcap --models "$scratch/models"
printf 'model: [unclosed\n' >"$scratch/models/wrong.yaml"
expect 2 'wrong\.yaml:[0-9]+:[0-9]+' model check "$scratch/models"
expect 2 'absent' model check "$scratch/absent"

expect 2 'did you mean .*replay' replya x.pcap
expect 2 'did you mean --inventory' replay x.pcap --inventroy y
expect 2 'needs FILE' replay x.pcap --inventory
expect 2 'critical' replay x.pcap --fail-on dreadful
expect 2 'no capture' replay
expect 2 'filter .port foo. is not understood' replay $demo/capture.pcap port foo
expect 2 'time' workloads --inventory $demo/metadata.json --at yesterday
expect 1 . replay $demo/capture.pcap --inventory $demo/metadata.json \
	--alerts /dev/null --fail-on high
expect 0 . replay $demo/capture.pcap --alerts /dev/null --fail-on low \
	--no-detectors
exit $bad
