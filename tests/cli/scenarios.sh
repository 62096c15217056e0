# The four scenarios that the project is for, each by its name.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
case=tests/replay/bank-template
given="--models $case/models --inventory $case/watch.jsonl"

fail() {
	echo "$scenario: $*"
	bad=1
}

# found PATTERN: an alert of the capture says so.
found() {
	grep '"event_type":"alert"' "$scratch/alerts" | grep -qE "$1" ||
		fail "no alert says: $1"
}

# shellcheck disable=SC2086
"$hedgerow" replay $case/capture.pcap -q $given --alerts "$scratch/alerts" \
	--flows "$scratch/flows" || bad=1

scenario='a database that speaks HTTP outward'
found 'shop/orders-db spoke http to 203\.0\.113\.9 on tcp/80'
# The shipped models alone say so too.
"$hedgerow" replay $case/capture.pcap -q --inventory $case/watch.jsonl |
	grep -q 'shop/orders-db spoke http to 203\.0\.113\.9 on tcp/80' ||
	fail "not found by the shipped models alone"

scenario='a file server that talks to a user device'
found 'shop/files spoke smb to zone/offices on tcp/445'
grep '"app_proto":"smb"' "$scratch/flows" | grep -q '"verdict":"allowed"' ||
	fail "the device may not open the file server any more"

scenario="a MongoDB that gets the investment bank's template the moment it starts"
# It is there from 07:00:20 on; who may call it is stated from then on.
for at in 07:00:19.999999Z:0 07:00:20Z:1; do
	# shellcheck disable=SC2086
	"$hedgerow" policy show $given --at "2026-11-21T${at%:*}" >"$scratch/show"
	said=$(grep -c '^allow  bank/trades -> bank/trades-db  mongodb  tcp/27017  # bank-mongodb\.provides\.client ' \
		"$scratch/show")
	[ "$said" -eq "${at##*:}" ] || fail "at $at the template is stated $said times"
done
found 'bank/desk spoke mongodb to bank/trades-db on tcp/27017; only bank/trades may'
found 'shop/reports spoke mongodb to bank/trades-db .*segment investment-bank keeps'
found '"compliance":\["PCI-DSS 1.3"\]'

scenario='one statement that becomes hundreds of address rules'
python3 - "$scratch" <<'PYTHON'
import json, os, sys
pods = []
for net, (app, count) in enumerate([("web", 150), ("api", 100)]):
    for i in range(count):
        address = f"10.{net}.{i}.7"
        pods.append({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"{app}-{i}", "namespace": "shop",
                         "uid": f"{app}-{i}", "labels": {"app": app},
                         "creationTimestamp": "2026-11-21T06:00:00Z"},
            "spec": {"nodeName": "n1", "containers": [
                {"name": "main", "image": f"own/{app}:1"}]},
            "status": {"phase": "Running", "podIP": address,
                       "podIPs": [{"ip": address}]}})
with open(os.path.join(sys.argv[1], "pods.json"), "w", encoding="utf-8") as out:
    json.dump({"apiVersion": "v1", "kind": "List", "items": pods}, out)
PYTHON
mkdir "$scratch/models"
cat >"$scratch/models/api.yaml" <<'Y'
model: api
match: [{namespace: shop, application: api}]
provides:
  - {name: orders, app: http, port: tcp/8080, from: {application: web, same: namespace}}
Y
given="--no-library --models $scratch/models --inventory $scratch/pods.json"
# shellcheck disable=SC2086
[ "$("$hedgerow" policy show $given | wc -l)" -eq 1 ] || fail "not one statement"
# shellcheck disable=SC2086
"$hedgerow" policy compile --format iptables $given >"$scratch/rules" 2>/dev/null
rules=$(grep -cE '^-4 -A .* -[sd] 10\.' "$scratch/rules")
[ "$rules" -ge 250 ] || fail "only $rules rules name an address"
# shellcheck disable=SC2086
"$hedgerow" policy compile --format json $given >"$scratch/json" 2>/dev/null
python3 - "$scratch/json" <<'PYTHON' || fail "not every pair of addresses is there"
import json, sys
with open(sys.argv[1], encoding="utf-8") as text:
    rules = json.load(text)
ends = {end["name"]: end.get("addresses", []) for end in rules["ends"]}
assert len(ends["shop/web"]) * len(ends["shop/api"]) == 15000, ends
PYTHON
exit $bad
