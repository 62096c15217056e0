# A live sensor that is told who is who only after the packets: flows wait for
# their names, and the findings are those of a replay that knew them beforehand.
# A real Redis.  Exit code 77: the machine does not let us, and nothing was
# tested.
# Without detectors: the packets come as fast as they can, and what is too often
# or too regular is a matter of time.
set -u
. tests/live/scene
scene tcpreplay tcprewrite redis-server redis-cli
shop
pair tap out
url=unix://$dir/redis.sock

# uids FILE: the findings of a run.
uids() { grep -o '"uid":"[0-9a-f]*"' "$1" | sort -u; }

collect() {
	"$released" collect file "$1" --cluster demo --once --redis "$url" \
		>"$dir/out" 2>&1 || fail "collect"
}

finds_all() { [ "$(uids "$dir/log.d/alerts")" = "$(cat "$dir/want")" ]; }

"$checked" replay "$dir/capture.pcap" -q --no-detectors \
	--alerts "$dir/replayed" --inventory "demo=$dir/metadata.json" \
	--models "$dir/models" 2>"$dir/out" || fail "replay"
uids "$dir/replayed" >"$dir/want"
[ -s "$dir/want" ] || fail "the replay finds nothing"
redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" \
	--logfile /dev/null &
until_so "Redis answers" redis-cli -s "$dir/redis.sock" ping
# A cluster of which next to nothing is known yet.
cat >"$dir/first.yaml" <<'YAML'
inventory: 1
workloads:
  - {name: first, application: first, addresses: [192.0.2.1]}
YAML
# Where a cluster was heard of, a name may be ten seconds late.
for _ in 1 2 3 4 5; do
	collect "$dir/first.yaml"
	start "$checked" -i tap --no-detectors --models "$dir/models" \
		--buffer 64 --redis "$url" --saved "$dir/saved" \
		--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
		--no-confine
	begun=$(date +%s)
	traffic out --topspeed
	all_seen "$sent"
	[ ! -s "$dir/log.d/alerts" ] || fail "alerts about nobody"
	collect "$dir/metadata.json"
	took=$(($(date +%s) - begun))
	[ $took -gt 7 ] || break
	stop
	redis-cli -s "$dir/redis.sock" flushall >"$dir/out"
	rm -f "$dir/saved"
done
[ $took -le 7 ] || cannot "the machine is too busy: names are $took s late"
until_so "the findings of a replay" finds_all
stop
finds_all || fail "other findings in the end"
