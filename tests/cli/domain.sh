# Two clusters with the same addresses, in one capture: told by VLAN, by VNI and
# by interface, they make two flows; and every mistake in saying so is said.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0

# What each of both clusters sends: a question and its answer, by UDP.
/usr/bin/python3 - "$scratch" <<'END'
import struct, sys

def udp(source, target, ports, payload=b"x" * 20):
    data = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 7, 0, 64, 17,
                       0, bytes(source), bytes(target))
    return head + data

def ethernet(inner, vlan=None):
    tag = b"" if vlan is None else struct.pack(">HH", 0x8100, vlan)
    return bytes(12) + tag + b"\x08\x00" + inner

def vxlan(inner, vni):
    outer = struct.pack(">II", 0x08000000, vni << 8) + ethernet(inner)
    return ethernet(udp((192, 0, 2, 1), (192, 0, 2, 2), (5555, 4789), outer))

def pcap(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, packet in enumerate(packets):
            out.write(struct.pack("<IIII", 1700000000, i, len(packet),
                                  len(packet)) + packet)

def block(kind, body):
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)

def pcapng(path, packets):
    with open(path, "wb") as out:
        out.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for name in (b"eth1", b"eth2"):
            out.write(block(1, struct.pack("<HHIHH", 1, 0, 0, 2, 4) + name +
                            bytes(4)))
        for i, (interface, packet) in enumerate(packets):
            out.write(block(6, struct.pack("<IIIII", interface, 0x60a24,
                                           i, len(packet), len(packet)) +
                            packet))

ask = udp((10, 0, 0, 9), (10, 0, 0, 1), (40000, 5353))
reply = udp((10, 0, 0, 1), (10, 0, 0, 9), (5353, 40000))
both = (ask, reply)
base = sys.argv[1] + "/"
pcap(base + "vlan.pcap", [ethernet(p, v) for p in both for v in (100, 200)])
pcap(base + "vni.pcap", [vxlan(p, v) for p in both for v in (100, 200)])
pcapng(base + "interface.pcapng",
       [(i, ethernet(p)) for p in both for i in (0, 1)])
END

# expect NAME-OF-CAPTURE DOMAINS ARGUMENT...: the domains of its flow records.
expect() {
	capture=$1 domains=$2
	shift 2
	"$hedgerow" replay "$scratch/$capture" --alerts /dev/null -q \
		--flows "$scratch/flows" "$@" || bad=1
	/usr/bin/python3 tests/tools/validate_records.py "$scratch/flows" \
		>/dev/null ||
		bad=1
	got=$(/usr/bin/python3 -c '
import json, sys
print(*sorted("%s:%d+%d" % (record.get("domain"),
    record["flow"]["pkts_toserver"], record["flow"]["pkts_toclient"])
    for record in map(json.loads, sys.stdin)))' <"$scratch/flows")
	if [ "$got" != "$domains" ]; then
		echo "$capture $*: $got, not $domains"
		bad=1
	fi
}

for capture in vlan.pcap vni.pcap interface.pcapng; do
	expect $capture "None:1+1"
done
expect vlan.pcap "a:1+1 b:1+1" --domain a=vlan:100 --domain b=vlan:200
expect vlan.pcap "None:1+1 a:1+1" --domain a=vlan:100
expect vlan.pcap "a:1+1" --domain a=vlan:100,vlan:200
expect vni.pcap "a:1+1 b:1+1" --domain a=vni:100 --domain b=vni:200
expect interface.pcapng "None:1+1 a:1+1" --domain a=interface:eth2
expect vlan.pcap "a:1+1 b:1+1" --domain a=vlan:100 \
	--domain b=interface:vlan.pcap

"$hedgerow" replay "$scratch/vlan.pcap" --domain a=vlan:0 --domain b=vmi:4 \
	>/dev/null 2>"$scratch/err"
[ $? -eq 2 ] && grep -q '^--domain:1:8: error: .0. is no number' \
	"$scratch/err" && grep -q 'did you mean vni' "$scratch/err" || {
	cat "$scratch/err"
	bad=1
}

# A domain of no cluster's name has nobody's addresses, and that is said; one
# of a cluster's name has its own, and flows of records are judged alike.
two=tests/replay/two-clusters
inventories="--inventory north=$two/north.json --inventory south=$two/south.json
	--models $two/models --no-library"
"$hedgerow" replay $two/capture.pcap $inventories --domain north=vlan:100 \
	--domain soth=vlan:200 --alerts "$scratch/alerts" -q \
	2>"$scratch/err"
[ ! -s "$scratch/alerts" ] &&
	grep -q 'cluster .soth., .* did you mean south' "$scratch/err" || {
	cat "$scratch/err" "$scratch/alerts"
	bad=1
}
"$hedgerow" replay $two/capture.pcap $inventories --domain north=vlan:100 \
	--domain south=vlan:200 --alerts /dev/null -q --flows "$scratch/flows"
"$hedgerow" policy test "$scratch/flows" $inventories >"$scratch/out" 2>&1
grep -q '^8 flows: 5 allowed, .* 3 deviation' "$scratch/out" || {
	cat "$scratch/out"
	bad=1
}
exit $bad
