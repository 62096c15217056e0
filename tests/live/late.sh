# A live sensor that is told who is who only after the packets: flows wait for
# their names, and the findings are those of a replay that knew them beforehand.
# Two namespaces, the demo's capture, a real Redis.  Exit code 77: not tested.
# Without detectors: the packets come three hundred times as fast as they were
# recorded, and what is too often or too regular is a matter of time.
set -u
build=$1
hedgerow=$build/hedgerow
watch=hedgerow-late-watch-$$ send=hedgerow-late-send-$$
dir= processes=

clean() {
	for process in $processes; do
		kill -KILL "$process" 2>/dev/null
	done
	for namespace in $watch $send; do
		ip netns delete "$namespace" 2>/dev/null
	done
	[ -z "$dir" ] || rm -rf "$dir"
}

cannot() {
	echo "NOT TESTED: $1"
	exit 77
}

fail() {
	echo "$1"
	[ ! -f "$dir/log" ] || tail -n 20 "$dir/log"
	exit 1
}

# until WORDS COMMAND...: waits until the command succeeds.
until_so() {
	what=$1
	shift
	for _ in $(seq 200); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	fail "$what"
}

# uids FILE: the findings of a run.
uids() {
	grep -o '"uid":"[0-9a-f]*"' "$1" | sort -u
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip tcpreplay tcprewrite redis-server; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
ip -n $watch link add tap mtu 9000 type veth peer name out mtu 9000 \
	netns $send || cannot "no pair of interfaces can be made"
ip -n $watch link set tap up
ip -n $send link set out up
tcprewrite --fixlen=pad -i pcaps/demo/capture.pcap -o "$dir/capture.pcap" \
	>"$dir/log" 2>&1 || fail "tcprewrite"
"$hedgerow" replay "$dir/capture.pcap" -q --no-detectors --alerts "$dir/replayed" \
	--inventory demo=pcaps/demo/metadata.json --models pcaps/demo/models \
	2>"$dir/log" || fail "replay"

url=unix://$dir/redis.sock
redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" \
	--logfile /dev/null &
processes=$!
until_so "Redis does not answer" redis-cli -s "$dir/redis.sock" ping
# A cluster of which next to nothing is known yet.
cat >"$dir/first.yaml" <<'YAML'
inventory: 1
workloads:
  - {name: first, application: first, addresses: [192.0.2.1]}
YAML
"$hedgerow" collect file "$dir/first.yaml" --cluster demo --once \
	--redis "$url" >/dev/null 2>&1 || fail "collect"
ip netns exec $watch "$hedgerow" run -i tap --no-detectors --models pcaps/demo/models \
	--redis "$url" --saved "$dir/saved" --alerts "$dir/alerts" \
	--flows "$dir/flows" --no-confine --control "$dir/control" \
	2>"$dir/log" &
sensor=$!
processes="$processes $sensor"
until_so "it does not start" grep -q '^hedgerow: watching' "$dir/log"
ip netns exec $send tcpreplay -q -i out --multiplier 300 "$dir/capture.pcap" \
	>/dev/null 2>&1 || fail "tcpreplay"
sleep 0.5
[ ! -s "$dir/alerts" ] || fail "alerts about nobody"
"$hedgerow" collect file pcaps/demo/metadata.json --cluster demo --once \
	--redis "$url" >/dev/null 2>&1 || fail "collect"
uids "$dir/replayed" >"$dir/want"
[ -s "$dir/want" ] || fail "the replay finds nothing"
until_so "nobody is named" test -s "$dir/alerts"
kill -TERM $sensor
wait $sensor || fail "it does not end well"
uids "$dir/alerts" >"$dir/have"
diff "$dir/want" "$dir/have" || fail "other findings"
