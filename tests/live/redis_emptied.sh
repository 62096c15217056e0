# A sensor lives on while Redis and the collector are killed, an object goes
# away, and both start from nothing: the sensor says that it is over, though
# changes are counted from 1 again.  Exit code 77: nothing was tested.
set -u
hedgerow=$1/hedgerow
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
directory=$(mktemp -d)
socket=$directory/redis.sock
redis= collector= watcher=
clean() {
	for process in $watcher $collector $redis; do
		kill -9 "$process" 2>/dev/null
	done
	rm -rf "$directory"
}
trap clean EXIT

# until_so WORDS COMMAND...: waits until the command succeeds.
until_so() {
	words=$1
	shift
	for _ in $(seq 1800); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	echo "$words"
	cat "$directory/seen"
	exit 1
}

start() {
	redis-server --port 0 --unixsocket "$socket" --save '' \
		--dir "$directory" --logfile /dev/null &
	redis=$!
	until_so "Redis does not answer" redis-cli -s "$socket" ping
	{
		printf 'inventory: 1\nworkloads:\n'
		for name in "$@"; do
			echo "  - {name: $name, application: $name," \
				"addresses: [10.0.0.${#name}]}"
		done
	} >"$directory/file.yaml"
	"$hedgerow" collect file "$directory/file.yaml" --cluster c \
		--redis "unix://$socket" 2>/dev/null &
	collector=$!
}

: >"$directory/seen"
start one three
"$hedgerow" workloads --watch --no-library --redis "unix://$socket" \
	>"$directory/seen" 2>&1 &
watcher=$!
until_so "the sensor does not know it" grep -q ' new .* three ' "$directory/seen"
until_so "nor the other" grep -q ' new .* one ' "$directory/seen"
kill -9 "$redis" "$collector"
wait "$redis" "$collector" 2>/dev/null
start one
until_so "it is not over" grep -q ' over .* three ' "$directory/seen"
! grep -q ' over .* one ' "$directory/seen"
