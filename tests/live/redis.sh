# The inventory in a real redis-server: writer and reader against each other
# through restarts, kills and foreign keys, with the users of docs/inventory.md,
# and the commands as an operator runs them.  Exit code 77: nothing was tested.
set -u
build=$1
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
directory=$(mktemp -d)
server=
collector=
clean() {
	for process in $collector $server; do
		kill -9 "$process" 2>/dev/null
	done
	rm -rf "$directory"
}
trap clean EXIT

grep '^user ' docs/inventory.md >"$directory/users.acl"
[ "$(wc -l <"$directory/users.acl")" -eq 2 ] || {
	echo "docs/inventory.md does not have two users"
	exit 1
}
for program in redis_inventory redis_oddities; do
	"$build/tests/live/$program" "$(command -v redis-server)" \
		"$directory" "$directory/users.acl" || exit 1
done

set -e
# say WORDS: what must be true next, for whoever reads a failure.
say() {
	echo "$*"
}
# expect TEXT COMMAND...: its output, stderr too, must have the text.
expect() {
	text=$1
	shift
	"$@" >"$directory/out" 2>&1 || true
	grep -qF -- "$text" "$directory/out" || {
		echo "expected \"$text\" of: $*"
		cat "$directory/out"
		exit 1
	}
}
hedgerow=$build/hedgerow
url=unix://$directory/cli.sock
redis-server --port 0 --unixsocket "$directory/cli.sock" --save '' \
	--dir "$directory" --logfile /dev/null &
server=$!
tries=0
until redis-cli -s "$directory/cli.sock" ping >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 1800 ]
	sleep 0.05
done

say "an empty Redis is said"
expect "holds no inventory" "$hedgerow" workloads --no-library --redis "$url"
say "a URL that is none is said"
expect "needs TLS" "$hedgerow" workloads --redis rediss://localhost
expect "no Redis URL" "$hedgerow" workloads --redis localhost
expect "No such file" "$hedgerow" workloads --no-library \
	--redis "unix://$directory/none.sock"

cat >"$directory/legacy.yaml" <<'YAML'
inventory: 1
zones:
  - {name: management, cidr: 10.99.0.0/24}
workloads:
  - name: ledger-1
    application: ledger
    addresses: [10.40.0.5, "2001:db8:40::5"]
    ports: 1521/tcp
YAML
say "a file goes into Redis and comes out of it"
"$hedgerow" collect file "$directory/legacy.yaml" --cluster lab --once \
	--redis "$url"
expect "ledger" "$hedgerow" workloads --redis "$url"
expect "10.40.0.5,2001:db8:40::5" "$hedgerow" workloads --redis "$url"

say "the same from Redis as from the file"
"$hedgerow" collect file pcaps/demo/metadata.json pcaps/demo/watch.jsonl \
	--cluster demo --once --redis "$url"
"$hedgerow" workloads --inventory pcaps/demo/metadata.json \
	--inventory pcaps/demo/watch.jsonl 2>/dev/null |
	awk 'NR > 1 {print $1, $2, $3}' | sort -u >"$directory/files"
"$hedgerow" workloads --redis "$url" 2>/dev/null |
	awk 'NR > 1 && $2 != "ledger-1" {print $1, $2, $3}' | sort -u >"$directory/redis"
diff "$directory/files" "$directory/redis"

say "a replay with Redis finds what one with the files finds"
for source in redis files; do
	case $source in
	redis) who="--redis $url" ;;
	files) who="--inventory demo=pcaps/demo/metadata.json \
		--inventory demo=pcaps/demo/watch.jsonl \
		--inventory lab=$directory/legacy.yaml" ;;
	esac
	# shellcheck disable=SC2086 # several words
	"$hedgerow" replay pcaps/demo/capture.pcap --models pcaps/demo/models \
		--alerts "$directory/$source.alerts" $who >/dev/null 2>&1 || true
	sed 's/.*"uid":"\([0-9a-f]*\)".*"count":\([0-9]*\).*/\1 \2/' \
		"$directory/$source.alerts" | sort -u >"$directory/$source.uids"
done
[ -s "$directory/redis.uids" ]
diff "$directory/redis.uids" "$directory/files.uids"

say "policy and model ask Redis as well"
expect "banking/ledger-api" "$hedgerow" policy show --redis "$url" \
	--models pcaps/demo/models
expect "ledger-api" "$hedgerow" policy coverage --redis "$url" \
	--models pcaps/demo/models
expect "ledger-api" "$hedgerow" model explain banking/ledger-api --redis "$url" \
	--models pcaps/demo/models

say "what goes with --watch, and what does not"
expect "--watch needs --redis" "$hedgerow" workloads --watch \
	--inventory "$directory/legacy.yaml"
expect "--saved goes with --watch" "$hedgerow" workloads --redis "$url" \
	--saved "$directory/saved"

say "a signal ends --watch while it still waits for Redis, too"
ended=0
timeout -k 5 0.5 "$hedgerow" workloads --watch --no-library \
	--redis "unix://$directory/none.sock" >/dev/null 2>&1 || ended=$?
[ $ended -eq 124 ]

say "SIGHUP reads the file again; what it no longer names is over"
# The heartbeat of the run before outlives it; this one's says it is ready.
redis-cli -s "$directory/cli.sock" del 'hedgerow:{lab}:heartbeat' >/dev/null
"$hedgerow" collect file "$directory/legacy.yaml" --cluster lab \
	--redis "$url" 2>"$directory/collector" &
collector=$!
tries=0
until [ "$(redis-cli -s "$directory/cli.sock" exists \
	'hedgerow:{lab}:heartbeat')" = 1 ]; do
	tries=$((tries + 1))
	[ $tries -lt 1800 ]
	sleep 0.05
done
sed -i 's/ledger-1/ledger-2/' "$directory/legacy.yaml"
kill -HUP $collector
tries=0
until "$hedgerow" workloads --redis "$url" 2>/dev/null |
	grep -q 'ledger-2'; do
	tries=$((tries + 1))
	[ $tries -lt 600 ]
	sleep 0.05
done
"$hedgerow" workloads --redis "$url" -o json 2>/dev/null |
	grep '"ledger-1"' | grep -q '"until"'
echo "zones: {}" >>"$directory/legacy.yaml"
kill -HUP $collector
tries=0
until grep -q "stay in force" "$directory/collector"; do
	tries=$((tries + 1))
	[ $tries -lt 1800 ]
	sleep 0.05
done
grep -q "legacy.yaml:9" "$directory/collector"
kill $collector
wait $collector
collector=

say "facts of another cluster than the collector's are said"
printf '%s\n' 'inventory: 1' 'zones:' \
	'  - {name: here, cidr: 10.97.0.0/24}' >"$directory/here.yaml"
printf '%s\n' 'inventory: 1' 'cluster: elsewhere' 'zones:' \
	'  - {name: lab, cidr: 10.98.0.0/24}' >"$directory/elsewhere.yaml"
expect "1 facts name another cluster than --cluster does" "$hedgerow" \
	collect file "$directory/here.yaml" "$directory/elsewhere.yaml" \
	--cluster here --once --redis "$url"

say "files that are about nobody but another cluster end nothing"
code=0
"$hedgerow" collect file "$directory/elsewhere.yaml" --cluster here --once \
	--redis "$url" 2>"$directory/refused" || code=$?
[ $code -eq 3 ]
expect "names another cluster than --cluster here, the first one \`elsewhere\`" \
	cat "$directory/refused"
id=$(redis-cli -s "$directory/cli.sock" smembers 'hedgerow:{here}:ids:zone')
[ -n "$id" ]
[ "$(redis-cli -s "$directory/cli.sock" hexists "hedgerow:{here}:zone:$id" \
	gone_at)" = 0 ]
