# Packets of a loopback interface, which shows each of them twice, are counted
# once, by one worker and by several.  A namespace of its own.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
hedgerow=$build/hedgerow
watch=hedgerow-loopback-$$
dir= sensor=

clean() {
	[ -z "$sensor" ] || kill -KILL "$sensor" 2>/dev/null
	ip netns delete $watch 2>/dev/null
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

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
command -v python3 >/dev/null || cannot "there is no python3 here"
trap clean EXIT
trap 'exit 1' INT TERM
ip netns add $watch || cannot "no network namespace can be made"
ip -n $watch link set lo up
dir=$(mktemp -d)

for workers in 1 4; do
	rm -f "$dir/log" "$dir/stats"
	ip netns exec $watch "$hedgerow" run -i lo --workers $workers \
		--no-confine --alerts /dev/null --flows "$dir/flows" \
		--stats "$dir/stats" --control "$dir/control" 2>"$dir/log" &
	sensor=$!
	for _ in $(seq 200); do
		grep -q '^hedgerow: watching' "$dir/log" && break
		sleep 0.05
	done
	ip netns exec $watch python3 - <<'END' || fail "nothing was sent"
import socket
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.bind(("127.0.0.1", 9999))
by = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(200):
    by.sendto(b"%d" % number, ("127.0.0.1", 9999))
END
	kill -TERM $sensor
	wait $sensor || fail "it does not end well"
	sensor=
	tests/live/sensor/check.py sums "$dir/stats" 200 >"$dir/out" 2>&1 ||
		fail "sums: $(cat "$dir/out")"
	python3 - "$dir/stats" <<'END' || fail "counted twice, or lost"
import json
import sys
with open(sys.argv[1], encoding="utf-8") as file:
    stats = json.loads(file.readlines()[-1])["stats"]
ring = stats["capture"]["interfaces"][0]
sys.exit(ring["kernel_packets"] != 200 or ring["packets"] != 200 or
         ring["lost_with_workers"] != 0)
END
done
