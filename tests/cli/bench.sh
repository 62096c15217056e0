#!/bin/sh
# The benchmark's captures are the same every time, and the sensor recognises
# what was put into them: each protocol of `mix` by its octets, and the calls
# that no model allows in `mice`.
set -eu
cd "$(dirname "$0")/../.."
hedgerow=$(realpath "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
set --
for source in tests/bench/*.c; do
	[ "$source" = tests/bench/floor.c ] || set -- "$@" "$source"
done
gcc -std=c17 -D_GNU_SOURCE -O1 -g -I. -Wall -Wextra -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-include sensor/base/banned.h -o "$place/generate" "$@"

for order in 'mix 20000' 'elephant 1000000' 'mice 3000' 'syn 1000' 'small 1000'
do
	# shellcheck disable=SC2086
	set -- $order
	for again in a b; do
		"$place/generate" "$1" "$place/$1.$again" "$2" \
			"$place/$1.$again.json" >"$place/$1.$again.said"
	done
	cmp "$place/$1.a" "$place/$1.b"
	cmp "$place/$1.a.said" "$place/$1.b.said"
done
cmp "$place/mice.a.json" "$place/mice.b.json"

"$hedgerow" replay "$place/mix.a" --quiet --alerts /dev/null \
	--flows "$place/flows"
python3 - "$place/flows" <<'PYTHON'
import collections, json, sys
PORTS = {53: {"dns"}, 8080: {"http"}, 50051: {"grpc", "http2"}, 8443: {"tls"},
         6379: {"redis"}, 5432: {"postgresql"}, 3306: {"mysql"},
         27017: {"mongodb"}, 5672: {"amqp"}, 1883: {"mqtt"}, 9092: {"kafka"},
         22: {"ssh"}, 11211: {"memcached"}, 31999: {"unknown"}}
seen = collections.Counter()
for line in open(sys.argv[1], encoding="utf-8"):
    record = json.loads(line)
    name = record.get("app_proto", "unknown")
    if name not in PORTS[record["dest_port"]]:
        sys.exit(f"{name} on {record['dest_port']}: {line}")
    seen[name] += 1
missing = set().union(*PORTS.values()) - set(seen)
if missing:
    sys.exit(f"never seen: {missing}")
PYTHON

"$hedgerow" replay "$place/mice.a" --inventory "$place/mice.a.json" \
	--alerts "$place/alerts" 2>"$place/summary"
grep -q '^flows  *3000: [1-9][0-9]* allowed' "$place/summary" || {
	cat "$place/summary"
	exit 1
}
grep -q '"verdict":"deviation"' "$place/alerts"
