# Detectors of a live sensor: a reload changes what they go by and keeps what
# they remember, suppressions are taken over, and those that go by what is not
# there are silent while packets are lost, and it says so.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene tcpreplay
pair tap out
mkdir "$dir/models"
cp pcaps/demo/metadata.json "$dir"
chmod a+rX "$dir/models" "$dir/metadata.json"

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

begin() {
	start "$released" -i tap --workers 1 \
		--inventory "$dir/metadata.json" --models "$dir/models" \
		--alerts "$dir/log.d/alerts" "$@"
}

# settings TEXT: of detectors, taken over by SIGHUP.
settings() {
	printf '%s\n' "$1" >"$dir/models/detectors.yaml"
	[ -n "$sensor" ] || return 0
	before=$(count_of '^hedgerow: reloaded')
	kill -HUP $sensor
	said_again "$before" '^hedgerow: reloaded'
}

# try FILE COUNT: so many packets in all are looked at then.
try() {
	send out "$dir/$1" --topspeed
	all_seen "$2"
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
begin
try first.pcap 80
until_shown "stats['flow']['active'] == 0" # refused flows are over after 10 s
[ -z "$(found shop/front-end)" ] || fail "40 targets are no 60"
# A mistake changes nothing, and is said with its place.
printf 'detectors: {scan: {tragets: 12}}\n' >"$dir/models/detectors.yaml"
! ctl reload >/dev/null || fail "reloads a setting that there is not"
said "detectors.yaml:1:20: error: unknown setting 'tragets'; did you mean 'targets'"
settings 'detectors:
  scan:
    targets: 12
    for: [{client: {application: shop/carts}, off: true}]'
try last.pcap 82
try other.pcap 162
stop
attempts=$(found shop/front-end)
[ "${attempts:-0}" -ge 40 ] || fail "what was remembered is gone: $attempts attempts"
[ -z "$(found shop/carts)" ] || fail "a suppression was not taken over"

# --- where packets are lost who goes by absence is silent, and says so --------
settings 'detectors: {scan: {targets: 12}}'
# They are silent for ten seconds, which a busy machine may take for a scan.
for _ in $(seq 10); do
	begin --buffer 1
	process=$(worker 0)
	kill -STOP "$process"
	send out "$dir/first.pcap" --topspeed --loop 400
	kill -CONT "$process"
	said 'of the packets are lost: detectors that go by what is not there are silent'
	try third.pcap 32080
	stop
	again=$(count_of 'every detector looks again')
	[ "$again" -ne 0 ] || break
done
[ "$again" -eq 0 ] || fail "this machine is too busy"
[ -z "$(found shop/orders)" ] || fail "sees what is not there through a loss"
rm -f "$dir/models/detectors.yaml"
begin
try third.pcap 80
stop
[ -n "$(found shop/orders)" ] || fail "does not see a scan without a loss"
