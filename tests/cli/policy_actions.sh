# policy: what its actions say of the demo, and their exit codes.
set -u
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
run() {
	"$hedgerow" "$@" --inventory $demo/metadata.json \
		--inventory $demo/watch.jsonl >"$scratch/out" 2>"$scratch/err"
	code=$?
}

# expect CODE PATTERN...: what run() gave, stdout and stderr together.
expect() {
	[ $code -eq "$1" ] || { echo "$what: exit $code, not $1"; cat "$scratch/err"; bad=1; }
	shift
	for pattern; do
		cat "$scratch/out" "$scratch/err" | grep -qE -e "$pattern" ||
			{ echo "$what: lacks: $pattern"; bad=1; }
	done
}

# same_verdicts FLOWS: the records' own are those that run() printed.
same_verdicts() {
	/usr/bin/python3 - "$1" "$scratch/out" <<'P' || bad=1
import json, sys
flows, verdicts = ([json.loads(l) for l in open(p)] for p in sys.argv[1:])
assert len(flows) == len(verdicts) > 4000
for f, v in zip(flows, verdicts):
    policy = f.get("policy", {"verdict": "infrastructure"})
    for key in ("verdict", "deviation", "severity", "source"):
        assert policy.get(key) == v.get(key), (key, policy, v)
P
}

what=show
run policy show --models $demo/models
expect 0 '^allow  shop/carts -> shop/carts-db  redis  tcp/6379  # shop-carts-db\.provides\.client \(pcaps/demo/models/shop\.yaml:[0-9]+\) \+ shop-carts\.needs\.store'

what=coverage
run policy coverage --models $demo/models
expect 0 '^shop/carts +2  shop-carts +operator +\{namespace: shop, application: carts\} \(pcaps/demo/models/shop\.yaml:[0-9]+\)' \
	'^kube-system/coredns +1  coredns +library ' \
	'^applications +26 of 26 \(100 %\).*: 24 one of your own, 2 a shipped one' \
	'^workloads +29 of 29 \(100 %\)'
what='coverage without own models'
"$hedgerow" replay $demo/capture.pcap --inventory $demo/metadata.json \
	--inventory $demo/watch.jsonl --models $demo/models -q \
	--alerts "$scratch/alerts" --flows "$scratch/flows" --no-detectors
run policy coverage --flows "$scratch/flows"
expect 0 '^shop/load-test +2  -$' '^shop/carts +2  general +general ' \
	'^applications +25 of 26 .*: 0 one of your own, 16 a shipped one, 9 the general one$'
run policy coverage --no-general --flows "$scratch/flows"
expect 0 '^shop/carts +2  -$' '^applications +16 of 26 \(61 %\)' \
	'^flows +[1-9][0-9]* of 4611 ' \
	'^unmodelled  shop/orders -> shop/payment  redis  tcp/443  x6$'
[ "$(sed -n 2p "$scratch/out" | awk '{ print $3 }')" = - ] ||
	{ echo "$what: those without a model do not come first"; bad=1; }
run policy coverage --no-general --flows "$scratch/flows" -o json
expect 0 '"workload":"shop/carts","count":2,"modelled":false' \
	'"shares":\{"applications":26,"applications_modelled":16,' \
	'"client":"shop/orders","server":"shop/payment","app_proto":"redis","port":"tcp/443","flows":6'
while read -r line; do printf '%s\n' "$line" | /usr/bin/python3 -m json.tool >/dev/null; done \
	<"$scratch/out" || { echo "$what: not JSON"; bad=1; }

what='test of own records'
run policy test "$scratch/flows" --models $demo/models -o json
expect 0 '^4670 flows: 1408 allowed, 0 unmodelled, 0 unknown, 3203 deviation, 59 infrastructure$'
same_verdicts "$scratch/flows"
what='test of own records, where models ask for names outside'
for asks in 'sni: "pay*"' 'dns: ["*.example"]' 'sni: "*"'; do
	rm -rf "$scratch/names"
	cp -r $demo/models "$scratch/names"
	sed -i "s|{external: {cidr: 198.51.100.20/32}}|{external: {$asks}}|" \
		"$scratch/names/shop.yaml"
	run replay $demo/capture.pcap --models "$scratch/names" -q \
		--alerts /dev/null --flows "$scratch/named"
	run policy test "$scratch/named" --models "$scratch/names" -o json
	expect 0 '^4670 flows: .* 1 unknown,'
	same_verdicts "$scratch/named"
done
what='test of alerts'
run policy test "$scratch/alerts" --models $demo/models
expect 0 '^deviation +shop/front-end spoke redis to shop/carts-db on tcp/6379; only .* \[relationship, high\]  # pcaps/demo/models/shop\.yaml:[0-9]+$' \
	'^25 flows: 0 allowed, .* 25 deviation, 0 infra'
what='test --fail-on'
run policy test "$scratch/alerts" --models $demo/models --fail-on critical
expect 1
run policy test "$scratch/flows" --models $demo/models --fail-on unmodelled
expect 0
run policy test "$scratch/flows" --fail-on unmodelled
expect 1
run policy test "$scratch/flows" --fail-on hihg
expect 2 'did you mean high'

what='test of the short form'
cat >"$scratch/short" <<'F'
{"time":"2026-11-21T06:28:00Z","src_ip":"10.245.2.213","dest_ip":"10.245.3.43","dest_port":6379,"proto":"tcp","app_proto":"redis"}

{"time":"2026-11-21T06:28:00Z","src_ip":"10.245.2.213","dest_ip":"10.245.3.43","dest_port":6379,"proto":"tcp","app_proto":"rediss"}
{"time":"yesterday","src_ip":"10.245.2.213","dest_ip":"10.245.3.43","dest_port":6379,"proto":"tcp"}
{"time":"2026-11-21T06:28:00Z","src_ip":"10.245.2.213","dest_port":6379,"proto":"tcp"}
{"time":"2026-11-21T06:28:00Z","src_ip":"10.245.2.213","dest_ip":"10.245.3.43","dest_port":66666,"proto":"tcp"}
{"time":
F
run policy test "$scratch/short" --models $demo/models
expect 3 '^deviation +shop/front-end spoke redis to shop/carts-db' \
	'^1 flows: ' \
	'short:3: error: app_proto is no application' \
	'short:4: error: time is no time' 'short:5: error: dest_ip is not there' \
	'short:6: error: dest_port is no port' 'short:7:[0-9]+: error: '
what='test without a file'
run policy test "$scratch/absent"
expect 3 'absent: No such file'
run policy test
expect 2 'no file'

what='diff of models'
cp -r $demo/models "$scratch/models"
sed -i 's/application: \[carts, recommender\]/application: recommender/' "$scratch/models/shop.yaml"
sed -i '1i# a line that moves all others' "$scratch/models/ops.yaml"
run policy diff --old-models $demo/models --models "$scratch/models"
expect 1 '^- allow  shop/carts -> shop/carts-db  redis  tcp/6379  # shop-carts-db\.provides\.client \(pcaps/demo/models/shop\.yaml:[0-9]+\)' \
	'^0 statements added, 1 removed$'
run policy diff --old-models "$scratch/models" --models $demo/models -o json
expect 1 '^\{"change":"added","action":"allow","client":"shop/carts","server":"shop/carts-db"'
run policy diff --old-models $demo/models --models $demo/models
expect 0 '^0 statements added, 0 removed$'
[ -s "$scratch/out" ] && { echo "$what: no change was printed"; bad=1; }
run policy diff --models $demo/models --old-no-models
expect 1 '^\+ allow  shop/carts -> shop/carts-db  redis  tcp/6379  #' \
	'^- allow  shop/catalogue -> shop/carts-db  redis  '
what='diff of inventories'
run policy diff --models $demo/models --old-inventory $demo/metadata.json
expect 1 '^\+ allow  ops/orders-backup -> shop/orders-db  postgresql  tcp/5432' \
	'^[1-9][0-9]* statements added, 0 removed$'
what='diff of times'
run policy diff --models $demo/models --old-at 2026-11-21T06:27:00Z \
	--at 2026-11-21T06:28:30Z
expect 0 ' 0 removed$'
what='diff of nothing'
run policy diff --models $demo/models
expect 2 'nothing says what the old policy was'
what='unknown action'
run policy coverge
expect 2 'did you mean .coverage'
exit $bad
