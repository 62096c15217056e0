# What does not fit is lost where it does not, counted there, and said: rings and
# tables that are too small, and disks that are full.  Records of flows that went
# on meanwhile have doubts.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene tcpreplay tcprewrite mount
shop
pair tap1 out1
pair tap2 out2
mkdir -m 777 "$dir/small"

begin() {
	# shellcheck disable=SC2086 # several words
	start "$released" -i tap1 -i tap2 --workers 1 $world \
		--alerts "$dir/log.d/alerts" --stats "$dir/log.d/stats" \
		--stats-interval 1 "$@"
}

# lost WHAT STAGE: the last record says that something was.
lost() {
	tail -n 1 "$dir/log.d/stats" | python3 -c '
import json, sys
what, stage = sys.argv[1:]
sys.exit(json.load(sys.stdin)["stats"]["drop"][what][stage] == 0)' "$1" "$2" ||
		fail "no $1 lost at $2"
}

valid() {
	tests/tools/validate_records.py "$@" >"$dir/out" 2>&1 ||
		fail "records are not those of the schema"
}

# overrun: more than a ring of 1 MiB takes while nobody empties it.
overrun() {
	process=$(worker 0)
	kill -STOP "$process"
	traffic out1 --topspeed
	kill -CONT "$process"
}

# --- flows that went on while packets were lost say so -----------------------
begin --buffer 1 --flows "$dir/log.d/flows"
traffic out1 --multiplier 60 --limit 5000
overrun
health 'found no room in the ring within the last minute'
stop
$check drops "$dir/log.d/stats" >"$dir/out" 2>&1 ||
	fail "drops are not what was lost"
grep -q '"doubts":\["packet-loss"\]' "$dir/log.d/flows" ||
	fail "no record says that packets were lost"
valid "$dir/log.d/flows" "$dir/log.d/stats" "$dir/log.d/alerts"

# --- losses at every stage, counted where they happen ------------------------
mount -t tmpfs -o size=64k,mode=777 tmpfs "$dir/small" ||
	cannot "no file system can be made"
mounted=$dir/small
small() {
	begin --buffer 1 --flow-capacity 256 --flows "$dir/small/flows" \
		--evidence "$dir/small/alerts.pcap"
}
small
overrun
traffic out1 --topspeed
health 'found no room in the ring within the last minute'
health 'the flow table was full within the last minute'
health 'records were lost within the last minute'
health 'packets of findings could not be written within the last minute'
stop 5
grep -q 'small/flows: .* records were lost: No space' "$dir/log" ||
	fail "does not say what the disk cost"
sums
lost packets kernel
lost flows capacity
lost records sinks
lost evidence disk
# What it left behind is whole.
"$released" replay "$dir/small/alerts.pcap" -q --alerts /dev/null \
	2>"$dir/out" || fail "a full disk tears the evidence"

# --- room again: it goes on by itself ----------------------------------------
rm -f "$dir/small/"*
small
dd if=/dev/zero of="$dir/small/full" bs=1k count=64 2>/dev/null
traffic out1 --multiplier 60
health 'records were lost\|could not be written'
rm "$dir/small/full"
traffic out2 --topspeed --limit 2000
until_said flow tail -n 1 "$dir/small/flows"
kill -TERM $sensor
wait $sensor
sensor=
