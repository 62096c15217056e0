# Detectors of a live sensor: a reload changes what they go by and keeps what
# they remember, suppressions are taken over, and those that go by what is not
# there are silent while packets are lost, and it says so.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
released=${HEDGEROW_RELEASE:-./hedgerow}
watch=hedgerow-det-w-$$ send=hedgerow-det-s-$$
dir= sensor=

clean() {
	if [ -n "$sensor" ]; then
		kill -KILL "$sensor" 2>/dev/null
		wait "$sensor" 2>/dev/null
	fi
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

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip tcpreplay python3; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
ip -n $watch link add tap mtu 9000 type veth peer name out mtu 9000 \
	netns $send || cannot "no interfaces can be made"
ip -n $watch link set tap up
ip -n $send link set out up
chmod 755 "$dir"
mkdir -m 777 "$dir/log.d"
mkdir "$dir/models" "$dir/data"
cp -r models/library models/platform models/general "$dir/data"
cp pcaps/demo/metadata.json "$dir"
chmod -R a+rX "$dir/models" "$dir/data" "$dir/metadata.json"
export HEDGEROW_DATA="$dir/data"

# scan FILE FROM FIRST LAST: a capture in which a pod tries these ports of
# another, and is refused.
scan() {
	python3 - "$@" <<'END'
import socket, struct, sys
name, source, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
ends = [socket.inet_aton(source), socket.inet_aton("10.245.1.92")]

def total(octets):
    octets += b"\0" * (len(octets) % 2)
    value = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while value >> 16:
        value = (value & 0xffff) + (value >> 16)
    return ~value & 0xffff

def frame(end, ports, sequence, acknowledged, flags):
    a, b = ends[end], ends[not end]
    tcp = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 1024, 0, 0)
    summed = total(a + b + struct.pack("!HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", summed) + tcp[18:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 40, ports[0] & 0xffff, 0x4000, 64, 6, 0) + a + b
    head = head[:10] + struct.pack("!H", total(head)) + head[12:]
    return bytes(range(2, 14)) + b"\x08\0" + head + tcp

with open(name, "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i, port in enumerate(range(first, last + 1)):
        ports = 40000 + port % 20000, port
        for octets in (frame(0, ports, 7, 0, 2), frame(1, ports[::-1], 9, 8, 0x14)):
            out.write(struct.pack("<IIII", 1700000000, i * 100, len(octets), len(octets)) + octets)
END
}

start() {
	rm -rf "$dir/log.d/"* "$dir/control"
	ip netns exec $watch "$released" run -i tap --workers 1 \
		--inventory "$dir/metadata.json" --models "$dir/models" \
		--alerts "$dir/log.d/alerts" --control "$dir/control" "$@" \
		2>"$dir/log" &
	sensor=$!
	said '^hedgerow: watching'
}

stop() {
	kill -TERM $sensor
	wait $sensor
	code=$?
	sensor=
	[ $code -eq 0 ] || fail "exit code $code"
}

# Waits until the log has the words.
said() {
	for _ in $(seq 150); do
		grep -q "$1" "$dir/log" && return
		kill -0 $sensor 2>/dev/null || fail "it has ended"
		sleep 0.1
	done
	fail "it did not say: $1"
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

# settings TEXT: of detectors, taken over by SIGHUP.
settings() {
	printf '%s\n' "$1" >"$dir/models/detectors.yaml"
	[ -n "$sensor" ] || return 0
	before=$(grep -c '^hedgerow: reloaded' "$dir/log")
	kill -HUP $sensor
	for _ in $(seq 100); do
		[ "$(grep -c '^hedgerow: reloaded' "$dir/log")" -le "$before" ] || return 0
		sleep 0.05
	done
	fail "it did not reload"
}

traffic() {
	ip netns exec $send tcpreplay -q -i out --topspeed "$@" >/dev/null 2>&1 ||
		fail "tcpreplay"
}

# found SUBJECT: the evidence of its scan, or nothing.
found() {
	[ -s "$dir/log.d/alerts" ] || return 0
	python3 - "$dir/log.d/alerts" "$1" <<'END'
import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    if record["event_type"] == "alert" and record.get("anomaly", {}).get("detector") == "scan" \
            and record["anomaly"]["subject"] == sys.argv[2]:
        print(record["anomaly"]["evidence"]["attempts"])
END
}

scan "$dir/first.pcap" 10.245.2.213 3001 3040  # shop/front-end
scan "$dir/last.pcap" 10.245.2.213 3041 3041
scan "$dir/other.pcap" 10.245.1.159 3001 3040  # shop/carts
scan "$dir/third.pcap" 10.245.2.191 3001 3040  # shop/orders

# --- a reload changes settings, and what is remembered stays ------------------
settings 'detectors: {scan: {targets: 60}}'
start
traffic "$dir/first.pcap"
sleep 11 # until refused flows are over: 10 s
[ -z "$(found shop/front-end)" ] || fail "40 targets are no 60"
# A mistake changes nothing, and is said with its place.
printf 'detectors: {scan: {tragets: 12}}\n' >"$dir/models/detectors.yaml"
! ctl reload >/dev/null || fail "reloads a setting that there is not"
said "detectors.yaml:1:20: error: unknown setting 'tragets'; did you mean 'targets'"
settings 'detectors:
  scan:
    targets: 12
    for: [{client: {application: shop/carts}, off: true}]'
traffic "$dir/last.pcap"
traffic "$dir/other.pcap"
sleep 0.5
stop
attempts=$(found shop/front-end)
[ "${attempts:-0}" -ge 40 ] || fail "what was remembered is gone: $attempts attempts"
[ -z "$(found shop/carts)" ] || fail "a suppression was not taken over"

# --- where packets are lost who goes by absence is silent, and says so --------
settings 'detectors: {scan: {targets: 12}}'
start --buffer 1
worker=$(ctl stats | python3 -c '
import json, sys
print(json.load(sys.stdin)["stats"]["workers"][0]["pid"])')
kill -STOP "$worker"
traffic --loop 400 "$dir/first.pcap"
kill -CONT "$worker"
said 'of the packets are lost: detectors that go by what is not there are silent'
traffic "$dir/third.pcap"
sleep 0.5
stop
[ -z "$(found shop/orders)" ] || fail "sees what is not there through a loss"
rm -f "$dir/models/detectors.yaml"
start
traffic "$dir/third.pcap"
sleep 0.5
stop
[ -n "$(found shop/orders)" ] || fail "does not see a scan without a loss"
