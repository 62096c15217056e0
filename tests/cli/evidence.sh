# The packets of findings: which, with which comments, and the same each time.
set -u
hedgerow=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "$1"
	exit 1
}

# replay OUT OPTION...
replay() {
	out=$1
	shift
	"$hedgerow" replay pcaps/demo/capture.pcap -q \
		--inventory pcaps/demo/metadata.json \
		--inventory pcaps/demo/watch.jsonl --models pcaps/demo/models \
		--alerts "$dir/alerts" --evidence "$out" "$@" ||
		fail "exit code $?"
}

replay "$dir/one.pcap" --stats "$dir/stats"
tests/tools/validate_records.py "$dir/stats" "$dir/alerts" >"$dir/said" 2>&1 ||
	fail "$(cat "$dir/said")"
python3 - "$dir/stats" <<'END' || fail "stats are wrong"
import json, sys
stats = json.load(open(sys.argv[1]))["stats"]
evidence, flow = stats["evidence"], stats["flow"]
assert evidence["offered"] == evidence["kept"] + evidence["beyond"]
assert evidence["offered"] == stats["decoder"]["frames"]["ok"]
assert 0 < evidence["written"] <= evidence["kept"]
assert evidence["findings"] == stats["finding"]["emitted"] == evidence["whole"]
assert flow["created"] == flow["ended"] > 0
END
replay "$dir/again.pcap" --threads 4
cmp "$dir/one.pcap" "$dir/again.pcap" || fail "not the same twice"

# Every packet is one of the capture's, and its comment names its finding.
python3 - "$dir/one.pcap" "$dir/alerts" pcaps/demo/capture.pcap <<'END' || exit 1
import json, re, struct, sys


def blocks(octets):
    at = 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        assert octets[at + length - 4:at + length] == octets[at + 4:at + 8]
        yield kind, octets[at + 8:at + length - 4]
        at += length


def options(octets):
    at = 0
    while at + 4 <= len(octets):
        code, length = struct.unpack_from("<HH", octets, at)
        if code == 0:
            return
        yield code, octets[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def packets(octets):
    for kind, body in blocks(octets):
        if kind != 6:
            continue
        number, high, low, size, length = struct.unpack_from("<IIIII", body)
        rest = body[20 + (size + 3) // 4 * 4:]
        comment = dict(options(rest))[1].decode()
        yield (high << 32) + low, length, body[20:20 + size], comment


def captured(octets):
    magic = struct.unpack_from("<I", octets)[0]
    scale = 1000 if magic == 0xa1b2c3d4 else 1
    at, found = 24, []
    while at < len(octets):
        s, f, size, length = struct.unpack_from("<IIII", octets, at)
        found.append((s * 10**9 + f * scale, length,
                      octets[at + 16:at + 16 + size]))
        at += 16 + size
    return found


written, alerts, capture = (open(path, "rb").read() for path in sys.argv[1:])
raised = {}
for line in alerts.splitlines():
    record = json.loads(line)
    if record["event_type"] == "alert":
        raised[record["finding"]["uid"]] = record
seen = {}
all_packets = captured(capture)
for at, length, octets, comment in packets(written):
    match = re.fullmatch(r"hedgerow finding ([0-9a-f]{16}): (.*) "
                         r"\(packet (\d+)\)", comment)
    assert match, comment
    uid, sentence, number = match[1], match[2], int(match[3])
    assert sentence == raised[uid]["alert"]["signature"], comment
    assert all_packets[number - 1] == (at, length, octets[:length]), comment
    seen.setdefault(uid, []).append(number)
assert set(seen) == set(raised), (set(raised) - set(seen))
for uid, numbers in seen.items():
    assert numbers == sorted(set(numbers)), (uid, numbers)
    assert len(numbers) <= 24
    said = raised[uid]["pcap_cnt"]
    assert numbers[0] <= said, (uid, numbers, said)
# What follows an alert is there, too.
assert any(numbers[-1] > raised[uid]["pcap_cnt"]
           for uid, numbers in seen.items())
END

# It is a capture like any other, and is judged alike: what it takes one flow
# to see.
"$hedgerow" replay "$dir/one.pcap" -q --inventory pcaps/demo/metadata.json \
	--inventory pcaps/demo/watch.jsonl --models pcaps/demo/models \
	--alerts "$dir/alerts.2" || fail "the evidence cannot be replayed"
for alerts in "$dir/alerts" "$dir/alerts.2"; do
	python3 -c '
import json, sys
records = [json.loads(line) for line in sys.stdin]
print(*sorted({record["finding"]["uid"] for record in records
               if record["alert"]["gid"] == 100}))' \
		<"$alerts" >"$alerts.uids"
done
cmp "$dir/alerts.uids" "$dir/alerts.2.uids" ||
	fail "the evidence proves other findings"

"$hedgerow" replay pcaps/demo/capture.pcap -q --alerts /dev/null \
	--evidence "$dir/nosuch/file" 2>"$dir/said"
[ $? -eq 2 ] || fail "a file that cannot be made is no mistake"
grep -q 'nosuch/file: No such file' "$dir/said" || fail "$(cat "$dir/said")"
