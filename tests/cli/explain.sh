# explain: the proof of an alert of the demo, and every suggested edit made.
set -u
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
"$hedgerow" replay $demo/capture.pcap -q --inventory $demo/metadata.json \
	--inventory $demo/watch.jsonl --models $demo/models \
	--alerts "$scratch/alerts" --flows "$scratch/flows"

# expect CODE PATTERN... -- ARGUMENT...: exit code, and lines it must print.
expect() {
	wanted=$1
	shift
	: >"$scratch/patterns"
	while [ "$1" != -- ]; do
		printf '%s\n' "$1" >>"$scratch/patterns"
		shift
	done
	shift
	"$hedgerow" explain "$@" --inventory $demo/metadata.json \
		--inventory $demo/watch.jsonl >"$scratch/out" 2>&1
	code=$?
	[ $code -eq "$wanted" ] || { echo "explain $*: exit $code, not $wanted"; cat "$scratch/out"; bad=1; }
	while read -r pattern; do
		grep -qE -e "$pattern" "$scratch/out" ||
			{ echo "explain $*: lacks: $pattern"; cat "$scratch/out"; bad=1; }
	done <"$scratch/patterns"
}

redis=$(grep '"event_type":"alert".*front-end spoke redis' "$scratch/alerts" |
	sed 's/.*"uid":"\([0-9a-f]*\)".*/\1/')
expect 0 '^alert +shop/front-end spoke redis to shop/carts-db on tcp/6379' \
	"^finding +$redis, 6 flows" '^verdict +deviation, relationship, high' \
	'^client +10\.245\.2\.213 is shop/front-end, pod front-end-' \
	'application front-end, from label app\.kubernetes\.io/name' \
	'held the address from 2026-11-1.* on$' \
	'^model +shop-carts-db\.provides\.client \(pcaps/demo/models/shop\.yaml:[0-9]+\)' \
	'\| - \{name: client, app: redis, port: tcp/6379, from:' \
	'^statement +none for these two' \
	'of that: application fits, port fits, peer differs' \
	'^packets +pcaps/demo/capture\.pcap, said at packet [0-9]+' \
	"^ +tcpdump -nr pcaps/demo/capture\.pcap 'host 10\.245\.2\.213 and host 10\.245\.3\.43 and ip proto 6 and port [0-9]+ and port 6379'" \
	'to `provides:` of model shop-carts-db' \
	'- \{name: from-front-end, app: redis, port: tcp/6379, from: \{application: front-end, same: namespace\}\}' \
	'to `needs:` of model shop-front-end' '^opens +nothing else' \
	-- "$redis" --alerts "$scratch/alerts" --models $demo/models

# The filter finds the flow's packets, and no other flow's.
filter=$(sed -n "s/^ *tcpdump -nr [^ ]* '\(.*\)'$/\1/p" "$scratch/out")
"$hedgerow" replay $demo/capture.pcap -q --alerts /dev/null --flows - $filter \
	>"$scratch/filtered"
[ "$(wc -l <"$scratch/filtered")" -eq 1 ] && grep -q '"dest_port":6379' "$scratch/filtered" ||
	{ echo "the filter does not find the flow: $filter"; bad=1; }

# A detection: what the detector holds against whom, and why.
intruders=tests/replay/intruders
"$hedgerow" replay $intruders/capture.pcap -q --inventory $intruders/watch.jsonl \
	--models $intruders/models --alerts "$scratch/detections"
scan=$(grep '"event_type":"alert".*"signature_id":2001,.*depot/loader scans' "$scratch/detections" |
	head -n 1 | sed 's/.*"uid":"\([0-9a-f]*\)".*/\1/')
expect 0 '^alert +depot/loader scans' "^finding +$scan, counted [0-9]+, said of the flow at " \
	'^detector +scan, [0-9]+ % sure, ' '^technique +T1046 Network Service Discovery ' \
	'^subject +depot/loader$' '^evidence$' '^ +shape: vertical$' '^ +attempts: [0-9]+$' \
	'^ +packets: \[[0-9,]+\]$' '^silent if +fewer distinct targets' \
	-- "$scan" --alerts "$scratch/detections" --models $intruders/models
grep -q 'another verdict' "$scratch/out" && { echo "a detection has no verdict"; bad=1; }
expect 0 '"shape": ?"vertical"' '"threat": ?\{"framework":"MITRE ATT&CK"' \
	-- "$scan" --alerts "$scratch/detections" --models $intruders/models -o json

# What it suggests is a suppression, never an edit of a model; made, each of
# them silences what it is for, and nobody else.
expect 0 '^settings' '^ +scan:$' '- \{client: \{application: depot/loader\}, off: true\}' \
	-- "$scan" --alerts "$scratch/detections" --models $intruders/models
grep -q '^edit' "$scratch/out" && { echo "a detection is no matter of models"; bad=1; }
mkdir "$scratch/suppressions"
for uid in $(grep '"event_type":"alert".*"anomaly":' "$scratch/detections" |
	sed 's/.*"uid":"\([0-9a-f]*\)".*/\1/'); do
	"$hedgerow" explain "$uid" --alerts "$scratch/detections" -o json \
		--inventory $intruders/watch.jsonl --models $intruders/models |
		python3 -c '
import json, sys
told = json.load(sys.stdin)
assert told["edits"] == [], told["edits"]
print(told["suppression"])' >"$scratch/suppressions/$uid.yaml" || bad=1
done
for one in "$scratch"/suppressions/*.yaml; do
	"$hedgerow" replay $intruders/capture.pcap -q --inventory $intruders/watch.jsonl \
		--models $intruders/models --models "$one" --alerts "$scratch/rest"
	if grep '"event_type":"alert".*"anomaly":' "$scratch/rest" |
		grep -q "\"uid\":\"$(basename "$one" .yaml)\""; then
		echo "not silenced by:"
		cat "$one"
		bad=1
	fi
done
set --
for one in "$scratch"/suppressions/*.yaml; do
	set -- "$@" --models "$one"
done
"$hedgerow" replay $intruders/capture.pcap -q --inventory $intruders/watch.jsonl \
	--models $intruders/models "$@" --alerts "$scratch/rest"
grep '"event_type":"alert".*"anomaly":' "$scratch/rest" && { echo "not silenced by all"; bad=1; }

# A boundary: the exception and both sides.
segment=$(grep '"event_type":"alert".*segment banking-production' "$scratch/alerts" |
	sed 's/.*"uid":"\([0-9a-f]*\)".*/\1/')
expect 0 'to `except:` of the boundary of segment banking-production' \
	'- \{from: \{application: ledger-api, namespace: banking-preprod\}\}' \
	'to `provides:` of model ledger-db' 'to `needs:` of model ledger-api' \
	-- "$scratch/alerts" --uid "$segment" --models $demo/models

# With the shipped models alone, the edit is a model beside the shipped one.
expect 0 \
	'beside model redis \(models/library/redis\.yaml:[0-9]+\), in a file of your own, put' \
	'^ +model: carts-db-also' '^ +adds: true' \
	-- "$redis" --alerts "$scratch/alerts"

# Models that allow it need no edit.
mkdir "$scratch/open"
printf 'model: open\nmatch: [{namespace: "*"}]\nprovides:\n  - {name: all}\n' \
	>"$scratch/open/open.yaml"
expect 0 '^verdict +allowed' '^note +these models' \
	-- "$redis" --alerts "$scratch/alerts" --models "$scratch/open"
grep -q '^edit' "$scratch/out" && { echo "an edit for what is allowed"; bad=1; }

# A model of several namespaces: the edit opens the same in the others.
cat >"$scratch/open/open.yaml" <<'M'
model: ledger-api
match: [{application: ledger-api}]
provides:
  - {name: api, app: http, port: tcp/8080, from: {application: teller-web}}
M
ledger=$(grep '"event_type":"alert".*front-end opened tcp/8080 to banking-preprod/ledger-api' "$scratch/alerts" |
	sed 's/.*"uid":"\([0-9a-f]*\)".*/\1/')
expect 0 'to `provides:` of model ledger-api' '^opens +1 other pair as well:' \
	'^ +shop/front-end -> banking/ledger-api$' \
	-- "$ledger" --alerts "$scratch/alerts" --models "$scratch/open"

expect 2 'several alerts.*choose with --uid' "^  $redis  shop/front-end spoke" \
	-- "$scratch/alerts"
expect 2 'no alert whose uid begins with 0badc0de' \
	-- 0badc0de --alerts "$scratch/alerts"
expect 3 'absent: No such file' -- "$redis" --alerts "$scratch/absent"
expect 2 'no alert; give its uid' --
printf '{"event_type":\n' | cat - "$scratch/alerts" >"$scratch/damaged"
expect 3 'damaged:1:[0-9]+: error' '^alert +shop/front-end spoke redis' \
	-- "$redis" --alerts "$scratch/damaged" --models $demo/models

# The build that proves what explain says need not be the slow one.
fast=${HEDGEROW_RELEASE:-$hedgerow}
tests/tools/edit-case "$hedgerow" "$fast" $demo/models || bad=1
tests/tools/edit-case "$hedgerow" "$fast" || bad=1
exit $bad
