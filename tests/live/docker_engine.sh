# `hedgerow collect docker` against a real Docker Engine in a network namespace
# of its own, with an image made of one static program: containers, two
# networks in both families, restarts, an engine that goes and comes back, and
# a Swarm with an overlay.
# Exit code 77: there is no engine here or it does not start; nothing tested.
set -u
build=$1
cd "$(dirname "$0")/../.." || exit 2
directory=$(mktemp -d /tmp/hedgerow-engine-XXXXXX)
engine='' collector=''

# The engine ends its own containerd and containers.
clean() {
	[ -z "$collector" ] || kill "$collector" 2>/dev/null
	if [ -n "$engine" ]; then
		docker ps -q | xargs -r docker kill >/dev/null 2>&1
		kill "$engine" 2>/dev/null
		wait "$engine" 2>/dev/null
	fi
	rm -rf "$directory" 2>/dev/null || { sleep 1; rm -rf "$directory"; }
}
trap clean EXIT

cannot() {
	echo "NOT TESTED: $1"
	exit 77
}

fail() {
	echo "$1"
	tail -n 30 "$directory/records" "$directory/words" 2>/dev/null
	exit 1
}

[ "$(id -u)" -eq 0 ] || cannot "an engine needs root"
for tool in dockerd docker unshare gcc; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
export DOCKER_HOST="unix://$directory/engine.sock"

# Its mounts are in a namespace of its own, too, and go with it.
start_engine() {
	unshare -n -m sh -c 'ip link set lo up; exec dockerd "$@"' dockerd \
		--data-root "$directory/data" --exec-root "$directory/run" \
		--pidfile "$directory/pid" -H "$DOCKER_HOST" \
		--storage-driver vfs --iptables=false --ip6tables=false \
		--ip-masq=false --ipv6 --fixed-cidr-v6 fd00:d0c::/64 \
		>>"$directory/engine.log" 2>&1 &
	engine=$!
	for _ in $(seq 600); do
		docker version >/dev/null 2>&1 && return 0
		kill -0 $engine 2>/dev/null || break
		sleep 0.1
	done
	return 1
}

start_collector() {
	"$build/hedgerow" collect docker --poll 1 -o "$directory/records" \
		2>>"$directory/words" &
	collector=$!
}

# eventually WORDS COMMAND...: until it succeeds.
eventually() {
	what=$1
	shift
	for _ in $(seq 900); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "waited in vain: $what"
}

# has NAME ADDRESS: whether that is what the records say in the end; with -
# that there is no such workload.
has() {
	python3 - "$directory/records" "$1" "$2" <<'END'
import json, sys
facts = {}
for line in open(sys.argv[1]):
    if not line.endswith("\n"):
        continue
    record = json.loads(line)
    if record["fact"] == "workload":
        facts.pop(record["id"], None)
        if not record.get("gone") and "until" not in record:
            facts[record["id"]] = record
found = [f for f in facts.values() if f["name"].startswith(sys.argv[2])]
if sys.argv[3] == "-":
    sys.exit(len(found) > 0)
sys.exit(not any(sys.argv[3] in f.get("addresses", []) for f in found))
END
}

is_gone() {
	! has "$1" "$2"
}

# address_of CONTAINER NETWORK FIELD: as the docker command says.
address_of() {
	docker inspect -f "{{(index .NetworkSettings.Networks \"$2\").$3}}" "$1"
}

start_engine ||
	cannot "dockerd does not start: $(tail -n 1 "$directory/engine.log")"
printf '%s\n' '#include <signal.h>' '#include <unistd.h>' \
	'static void end(int n) { (void)n; _exit(0); }' \
	'int main(void) { signal(SIGTERM, end); for (;;) pause(); }' |
	gcc -static -O1 -x c -o "$directory/wait" - || cannot "no static libc"
image=registry.example:5000/ib/redis:7.2
tar -C "$directory" -c wait | docker import -c 'CMD ["/wait"]' \
	-c 'EXPOSE 6379/tcp' - $image >/dev/null || fail "no image"
docker run -d --name bare $image >/dev/null ||
	cannot "containers do not run: $(tail -n 1 "$directory/engine.log")"
docker network create --ipv6 --subnet 172.30.0.0/24 --subnet fd00:30::/64 \
	shop_default >/dev/null || fail "no network"
docker run -d --name shop-cart-1 --network shop_default \
	-l com.docker.compose.project=shop -l com.docker.compose.service=cart \
	$image >/dev/null || fail "no container"

start_collector
eventually "the list" has bare "$(address_of bare bridge IPAddress)"
eventually "IPv6" has bare "$(address_of bare bridge GlobalIPv6Address)"
eventually "compose" has shop-cart-1 \
	"$(address_of shop-cart-1 shop_default GlobalIPv6Address)"
eventually "the bridge" grep '"fact":"node".*"172.30.0.1"' "$directory/records"

docker network connect shop_default bare || fail "no second network"
eventually "connect" has bare "$(address_of bare shop_default IPAddress)"
docker stop -t 1 bare >/dev/null
eventually "stop" has bare -
docker start bare >/dev/null
eventually "start" has bare "$(address_of bare bridge IPAddress)"
docker rename bare renamed
eventually "rename" has renamed "$(address_of renamed bridge IPAddress)"

# What happens while nobody listens is in the next list.
kill -9 "$collector"
wait "$collector" 2>/dev/null
docker rm -f shop-cart-1 >/dev/null
docker run -d --name second --network shop_default $image >/dev/null
start_collector
eventually "after a kill" has second \
	"$(address_of second shop_default IPAddress)"
eventually "what went meanwhile" has shop-cart-1 -

# The engine goes, and what it ran with it.
kill "$engine"
wait "$engine" 2>/dev/null
start_engine || fail "the engine does not come back"
docker start renamed >/dev/null || fail "a container does not start again"
eventually "an engine that came back" has renamed \
	"$(address_of renamed bridge IPAddress)"
eventually "what has not come back" has second -

# task N: the address of the Nth task that is to run, in the overlay.
task() {
	docker inspect -f '{{range .NetworksAttachments}}{{index .Addresses 0}}
{{end}}' "$(docker service ps -q -f desired-state=running web |
		sed -n "$1p")" | sed -n 's/^\(10\.77\.[0-9.]*\).*/\1/p'
}

running() {
	[ "$(docker service ps -f desired-state=running web |
		grep -c ' Running [a-z0-9]* ')" -eq "$1" ] && [ -n "$(task "$1")" ]
}

# A kernel without VXLAN has no overlay, and there is no Swarm to follow.
if docker swarm init --advertise-addr 172.17.0.1 >/dev/null 2>&1 &&
	docker network create -d overlay --subnet 10.77.0.0/24 mesh \
		>/dev/null 2>&1 &&
	docker service create --detach --name web --network mesh --replicas 2 \
		--no-resolve-image $image >/dev/null 2>&1; then
	# Whether it is a manager an engine is asked once a connection.
	kill "$collector"
	wait "$collector"
	start_collector
	eventually "two tasks" running 2
	eventually "a task" has web "$(task 1)"
	eventually "another" has web "$(task 2)"
	first=$(task 1) lost=$(task 2)
	docker service update --detach --replicas 1 web >/dev/null
	eventually "one task" running 1
	[ "$(task 1)" = "$first" ] || lost=$first
	eventually "a task that went" is_gone web "$lost"
	eventually "the service" grep '"fact":"service".*"name":"web"' \
		"$directory/records"
else
	echo "no Swarm here; the rest was tested"
fi
kill "$collector"
wait "$collector" || fail "the collector ended badly"
collector=''
