# Settings of detectors: what is printed is what is shipped and documented, it
# can be read back, mistakes have a place and a hint, and settings are obeyed.
set -eu
hedgerow=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tests/tools/detectors --check "$hedgerow"

# Every setting that is printed is one that is taken.
"$hedgerow" model check models/detectors.yaml >"$work/out"
grep -q 'settings of detectors: no mistakes' "$work/out"

cat >"$work/wrong.yaml" <<EOF
detectors:
  scna: {off: true}
  scan: {wndow: 3}
  beacon:
    off: maybe
EOF
cat >"$work/wronger.yaml" <<EOF
detectors:
  scan:
    for:
      - {cleint: {application: x}, off: true}
      - {client: {model: redis}, off: true}
      - {client: {application: x}}
EOF
if "$hedgerow" model check "$work/wrong.yaml" >"$work/out" 2>&1; then
	exit 1
fi
grep -q "wrong.yaml:5:10: error: 'off'" "$work/out"
sed -i /maybe/d "$work/wrong.yaml"
sed -i /beacon/d "$work/wrong.yaml"
if "$hedgerow" model check "$work/wrong.yaml" >"$work/out" 2>&1; then
	exit 1
fi
grep -q "wrong.yaml:2:3: error: unknown detector 'scna'; did you mean 'scan'" \
	"$work/out"
grep -q "wrong.yaml:3:10: error: unknown setting 'wndow'; did you mean 'window'" \
	"$work/out"
if "$hedgerow" model check "$work/wronger.yaml" >"$work/out" 2>&1; then
	exit 1
fi
grep -q "wronger.yaml:4:10: error: .*'cleint'; did you mean 'client'" "$work/out"
grep -q "wronger.yaml:5:18: error: 'model', 'role'" "$work/out"
grep -q "wronger.yaml:6:9: error: an entry of 'for' sets something" "$work/out"

# Mistakes of models hide none of detectors', and a wrong value no wrong name.
cat >"$work/both.yaml" <<EOF
model: x
matsch: {image: [x]}
---
detectors:
  scna: {off: true}
  scan: {wndow: abc, targets: 1, net: [3]}
  flood:
    severty: low
    for: [{client: {application: x}, udpp: 3}]
EOF
if "$hedgerow" model check "$work/both.yaml" >"$work/out" 2>&1; then
	exit 1
fi
for mistake in "2:1: error: .*'matsch'; did you mean 'match'" \
	"5:3: error: unknown detector 'scna'; did you mean 'scan'" \
	"6:10: error: unknown setting 'wndow'; did you mean 'window'" \
	"6:31: error: 'targets' is 4 to 60 targets" \
	"6:39: error: a number is expected" \
	"8:5: error: unknown setting 'severty'; did you mean 'severity'" \
	"9:38: error: unknown setting 'udpp'; did you mean 'udp'"; do
	grep -q "both.yaml:$mistake" "$work/out" || {
		echo "not said: $mistake"
		cat "$work/out"
		exit 1
	}
done

# replay FILE...: which signatures of detectors are raised, by whom.
replay() {
	"$hedgerow" replay pcaps/demo/capture.pcap --quiet \
		--inventory pcaps/demo/metadata.json \
		--inventory pcaps/demo/watch.jsonl --models pcaps/demo/models \
		"$@" | python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    if record["event_type"] == "alert" and "anomaly" in record:
        print(record["anomaly"]["detector"], record["anomaly"]["subject"],
              record["anomaly"]["severity"])' | sort
}
replay >"$work/usual"
# Of a scan without a handshake it is not sure: a step less than the
# catalogue's high; who serves SSH on PostgreSQL's image it is.
grep -q '^scan shop/front-end medium' "$work/usual"
grep -q '^impostors shop/orders-db high' "$work/usual"
grep -q '^brute-force shop/carts' "$work/usual"

# All off, one off for one workload, another severity.
[ -z "$(replay --no-detectors)" ]
echo 'detectors: {all: {off: true}}' >"$work/off.yaml"
[ -z "$(replay --models "$work/off.yaml")" ]
cat >"$work/some.yaml" <<EOF
detectors:
  scan:
    for: {client: {application: shop/front-end}, off: true}
  brute-force:
    severity: low
  all:
    for: [{destination: {external: {}}, app: tls, severity: critical}]
EOF
replay --models "$work/some.yaml" >"$work/some"
if grep -q '^scan shop/front-end' "$work/some"; then
	exit 1
fi
grep -q '^brute-force shop/carts low' "$work/some"
grep '^beacon ' "$work/some" | grep -q critical

# For whom, by other words than an application's name: what fits silences, and
# all together that do not fit change nothing.
for whom in 'port: ssh' 'port: 20-30' 'client: {namespace: "sh*"}' \
	'workload: {namespace: ops}'; do
	echo "detectors: {brute-force: {for: {$whom, off: true}}}" >"$work/whom.yaml"
	replay --models "$work/whom.yaml" >"$work/whom"
	if grep -q '^brute-force ' "$work/whom"; then
		echo "not silenced by $whom"
		exit 1
	fi
done
cat >"$work/whom.yaml" <<EOF
detectors:
  brute-force:
    for:
      - {port: http, off: true}
      - {port: udp/22, off: true}
      - {destination: {node: true}, off: true}
      - {destination: {namespace: shop}, off: true}
      - {workload: {namespace: banking}, off: true}
      - {client: {labels: {env: [nope]}}, off: true}
EOF
replay --models "$work/whom.yaml" | cmp - "$work/usual"

# Where too many packets are lost, who goes by what is not there is silent, and
# the summary says so.
replay --lost 20000 >"$work/lossy"
if grep -q '^scan ' "$work/lossy"; then
	exit 1
fi
grep -q '^brute-force ' "$work/lossy"
"$hedgerow" replay pcaps/demo/capture.pcap --lost 20000 --alerts /dev/null \
	--inventory pcaps/demo/metadata.json 2>&1 |
	grep -q '^anomalies .* [1-9][0-9]* sightings left out for lost packets'

# What was remembered is there again; a damaged file is said and not used.
replay --state "$work/state" >"$work/first"
cmp "$work/usual" "$work/first"
[ -s "$work/state" ]
[ "$(stat -c %a "$work/state")" = 600 ]
replay --state "$work/state" >/dev/null 2>"$work/said"
[ ! -s "$work/said" ]
printf X | dd of="$work/state" bs=1 seek=2000 conv=notrunc 2>/dev/null
replay --state "$work/state" >"$work/again" 2>"$work/said"
grep -q 'is not used: it is damaged' "$work/said"
cmp "$work/usual" "$work/again"

# Every key by which a suppression chooses, beside one that chooses another.
python3 tests/cli/deceptions/made.py "$work" || exit 1
raises() { # raises DETECTOR CAPTURE YAML
	printf 'detectors: {%s: %s}\n' "$1" "$3" >"$work/key.yaml"
	"$hedgerow" replay "$work/$2.pcap" --quiet --inventory "$work/watch.jsonl" \
		--models "$work/key.yaml" >"$work/raised"
	grep -q "\"anomaly\":{\"detector\":\"${4:-$1}\"" "$work/raised"
}
while IFS='|' read -r detector capture silences leaves; do
	if raises "$detector" "$capture" "{for: {$silences, off: true}}"; then
		echo "$detector is not silenced by $silences"
		exit 1
	fi
	raises "$detector" "$capture" "{for: {$leaves, off: true}}" || {
		echo "$detector is silenced by $leaves"
		exit 1
	}
done <<EOF
scan|kept|client: {application: depot/keeper}|client: {application: depot/stock}
scan|kept|client: {namespace: depot}|client: {namespace: "de-*"}
scan|kept|client: {labels: {app: keeper}}|client: {labels: {app: stock}}
scan|kept|destination: {application: depot/stock}|destination: {application: depot/keeper}
scan|kept|workload: {application: depot/stock}|workload: {application: depot/dns}
scan|kept|workload: {application: depot/keeper}|workload: {node: true}
scan|kept|port: tcp/3000-5000|port: tcp/1-1024
scan|kept|port: [3000-5000]|port: udp/3000-5000
beacon|six_beacon|destination: {external: {cidr: "2001:db8:6::/48"}}|destination: {external: {cidr: "2001:db8:7::/48"}}
beacon|six_beacon|client: {application: depot/innocent0}, port: 8443|client: {application: depot/innocent0}, port: 443
dns-tunnel|six_dns_tunnel|app: dns|app: [http, tls]
EOF
# Numbers and severities for some, and for all detectors at once.
if raises scan kept '{for: {client: {application: depot/keeper}, targets: 60}}'; then
	exit 1
fi
raises scan kept '{for: {client: {application: depot/stock}, targets: 60}}'
raises scan kept '{for: {destination: {application: depot/stock}, severity: critical}}'
grep -q '"severity":"critical"' "$work/raised"
if raises all kept '{for: {client: {namespace: depot}, off: true}}' scan; then
	exit 1
fi
# Later entries win, and those for some over those for all.
raises scan kept '{off: true, for: [{client: {namespace: depot}, off: true}, {client: {application: keeper}, off: false}]}'
