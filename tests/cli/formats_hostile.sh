# Names of workloads are anybody's text: whatever they hold, each record stays
# one line of its format, and says what the native record of the same run says.
set -eu
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
/usr/bin/python3 - "$scratch" <<'END'
import json
import sys

sys.path.insert(0, "tests/live/sinks")
import storm

# What ends a field, a line, a text or a reader's patience in some format.
ENDS = [
    '"', "\\", "]", "[", "=", "|", "^", "\t", "\n", "\r", "\r\n", "\x00",
    "\x01", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff",
    "\u202e", "\ud800", "\udfff\ud800", "\U0001f600", "\ufffd", " ", "  x=y ",
    "\\n", "\\=", '\\"', '"]', '" uid="0', "] <165>1 - - - - - -",
    "CEF:0|a|b|c|d|e|0|src=1.2.3.4", "| src=1.2.3.4 msg=no", "x09", "\tsrc=0",
    '","event_type":"alert', "</script>", "%s%n%x", "$(id)", "'; --", "{}",
    "\u0000\u0000", "a" * 300, "\u4e2d" * 200, '"' * 255, "\\" * 255,
    "\n" * 100, "]" * 255, "\x00" * 100,
]
scratch = sys.argv[1]
storm.write(scratch, 900)
path = scratch + "/inventory.json"
pods = json.load(open(path, encoding="utf-8"))
for number, pod in enumerate(pods["items"]):
    end = ENDS[number % len(ENDS)]
    meta = pod["metadata"]
    meta["name"] += end
    meta["uid"] += str(number)
    meta["namespace"] = "storm-" + end
    meta["labels"] = {"app": meta["labels"]["app"] + end, "k" + end: "v" + end}
    meta["ownerReferences"] = [{"kind": "Kind" + end, "name": "o" + end,
                                "uid": "u%d" % number, "controller": True}]
    pod["spec"]["nodeName"] = "n" + end
    pod["spec"]["containers"][0]["image"] = "storm/one" + end + ":1"
json.dump(pods, open(path, "w", encoding="utf-8"))
END
# run FORMAT OPTION...: the name of the sensor and of the file are hostile too.
odd="$scratch/a \"]|=\\ b.pcap"
cp "$scratch/capture.pcap" "$odd"
run() {
	format=$1
	shift
	"$hedgerow" replay "$odd" --inventory "$scratch/inventory.json" \
		--models "$scratch/models" --quiet --format "$format" \
		--sensor 'tap "]|=\ é' "$@"
}
run native --flows "$scratch/native.flows" >"$scratch/native"
[ "$(grep -c '"event_type":"alert"' "$scratch/native")" -eq 900 ]
/usr/bin/python3 tests/tools/validate_records.py "$scratch/native" \
	"$scratch/native.flows"
for format in ecs ocsf cef leef syslog; do
	run $format >"$scratch/$format"
	/usr/bin/python3 tests/tools/validate_formats.py $format \
		"$scratch/$format" "$scratch/native"
done
for format in ecs ocsf; do
	run $format --alerts /dev/null --flows "$scratch/$format.flows"
	/usr/bin/python3 tests/tools/validate_formats.py $format \
		"$scratch/$format.flows" "$scratch/native.flows"
done
