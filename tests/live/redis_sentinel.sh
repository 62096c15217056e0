# A failover as Sentinel makes it: the primary is killed, its replica is
# promoted, and collector and sensor find it by themselves.  Exit code 77:
# nothing was tested.
set -eu
build=$1
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
hedgerow=$build/hedgerow
directory=$(mktemp -d)
servers=
clean() {
	for process in $servers; do
		kill -9 "$process" 2>/dev/null || true
	done
	rm -rf "$directory"
}
trap clean EXIT
# Four ports that nobody has: Sentinels speak of servers by host and port.
# shellcheck disable=SC2046 # they are words
set -- $(/usr/bin/python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in sockets))')
primary=$1 replica=$2 sentinel=$3 nobody=$4
# until_so COMMAND...: a minute and a half, for a machine that is busy.
until_so() {
	tries=1800
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || {
			echo "waited in vain: $*"
			cat "$directory"/*.said 2>/dev/null
			exit 1
		}
		sleep 0.05
	done
}
# server PORT OPTION...: its process is in `process` afterwards
server() {
	port=$1
	shift
	mkdir -p "$directory/$port"
	redis-server --port "$port" --bind 127.0.0.1 --save '' \
		--dir "$directory/$port" --logfile /dev/null \
		--requirepass secret --masterauth secret "$@" &
	process=$!
	servers="$servers $process"
	until_so redis-cli -p "$port" -a secret --no-auth-warning ping
}
server "$primary"
primary_process=$process
server "$replica" --replicaof 127.0.0.1 "$primary"
cat >"$directory/sentinel.conf" <<END
port $sentinel
bind 127.0.0.1
dir $directory
logfile /dev/null
sentinel monitor main 127.0.0.1 $primary 1
sentinel auth-pass main secret
sentinel down-after-milliseconds main 400
sentinel failover-timeout main 3000
END
redis-server "$directory/sentinel.conf" --sentinel &
servers="$servers $!"
until_so redis-cli -p "$sentinel" ping
# It finds the replica by asking the primary, which takes it up to ten seconds.
has_replica() {
	redis-cli -p "$sentinel" sentinel replicas main | grep -q "$replica"
}
until_so has_replica

# The first one that is named is not there.
url=sentinel://127.0.0.1:$nobody,127.0.0.1:$sentinel/main
export REDIS_PASSWORD=secret
cat >"$directory/legacy.yaml" <<'YAML'
inventory: 1
workloads:
  - {name: ledger-1, application: ledger, addresses: [10.40.0.5]}
YAML
"$hedgerow" collect file "$directory/legacy.yaml" --cluster lab \
	--redis "$url" 2>"$directory/collector.said" &
collector=$!
servers="$servers $collector"
"$hedgerow" workloads --watch --no-library --redis "$url" \
	>"$directory/watch" 2>"$directory/watch.said" &
servers="$servers $!"
until_so grep -q ledger-1 "$directory/watch"
kill -9 "$primary_process"
sed -i 's/ledger-1/ledger-2/' "$directory/legacy.yaml"
kill -HUP "$collector"
until_so grep -q ledger-2 "$directory/watch"
until_so grep -q 'over.*ledger-1' "$directory/watch"
! grep -q secret "$directory"/*.said
redis-cli -p "$replica" -a secret --no-auth-warning \
	hget 'hedgerow:{lab}:sync' state | grep -q complete

# A name that nobody knows is said.
"$hedgerow" workloads --no-library \
	--redis "sentinel://127.0.0.1:$sentinel/other" \
	>"$directory/out" 2>&1 && exit 1
grep -q "knows no primary named other" "$directory/out"
