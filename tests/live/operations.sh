# What goes wrong around a live sensor, and that it says so and goes on: losses
# at every stage, full disks, signals in a storm, Redis away, a sudden end.  Two
# namespaces with two pairs of interfaces; nothing leaves them.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
checked=$build/hedgerow                     # under the sanitizers
released=${HEDGEROW_RELEASE:-./hedgerow}    # as it is confined for real
watch=hedgerow-ops-w-$$ send=hedgerow-ops-s-$$
dir= sensor= redis=

clean() {
	for process in $sensor $redis; do
		kill -KILL "$process" 2>/dev/null
		wait "$process" 2>/dev/null
	done
	[ -z "$dir" ] || umount "$dir/small" 2>/dev/null
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
	for file in log out; do
		[ ! -f "$dir/$file" ] || tail -n 20 "$dir/$file"
	done
	exit 1
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip tcpreplay tcprewrite python3 curl redis-server mount; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
for pair in 1 2; do
	ip -n $watch link add tap$pair mtu 9000 type veth peer name out$pair \
		mtu 9000 netns $send || cannot "no interfaces can be made"
	ip -n $watch link set tap$pair up
	ip -n $send link set out$pair up
done
ip -n $watch link set lo up

# Whoever the sensor becomes reads the models and rotates the alerts.
chmod 755 "$dir"
mkdir -m 777 "$dir/log.d" "$dir/small"
cp -r pcaps/demo/models models/library models/platform models/general "$dir"
mkdir "$dir/data"
mv "$dir/library" "$dir/platform" "$dir/general" "$dir/data"
cp pcaps/demo/metadata.json "$dir"
chmod -R a+rX "$dir/models" "$dir/data" "$dir/metadata.json"
export HEDGEROW_DATA="$dir/data"
tcprewrite --fixlen=pad -i pcaps/demo/capture.pcap -o "$dir/capture.pcap" \
	>"$dir/log" 2>&1 || fail "tcprewrite"

# settings KEY...: a configuration file, with lines of its own after.
settings() {
	cat >"$dir/hedgerow.yaml" <<END
interfaces: [tap1, tap2]
control: $dir/control
metrics: 127.0.0.1:9848
models: {directories: $dir/models}
alerts: {file: $dir/log.d/alerts}
stats: {file: $dir/log.d/stats, interval: 1s}
END
	for line in "$@"; do
		echo "$line" >>"$dir/hedgerow.yaml"
	done
}

# start PROGRAM OPTION...: until it watches.
start() {
	program=$1
	shift
	rm -rf "$dir/log.d/"* "$dir/control"
	ip netns exec $watch "$program" run --config "$dir/hedgerow.yaml" "$@" \
		2>"$dir/log" &
	sensor=$!
	said '^hedgerow: watching'
}

# stop: ends it; every sum closes then.
stop() {
	kill -TERM $sensor
	wait $sensor
	code=$?
	sensor=
	[ $code -eq "${1:-0}" ] || fail "exit code $code, not ${1:-0}"
}

sums() {
	tests/live/sensor/check.py sums "$dir/log.d/stats" >"$dir/out" 2>&1 ||
		fail "sums do not close"
	tests/tools/validate_records.py "$dir/log.d/stats" "$dir/log.d/alerts" \
		>"$dir/out" 2>&1 || fail "records are not those of the schema"
}

# traffic INTERFACE OPTION...
traffic() {
	interface=$1
	shift
	ip netns exec $send tcpreplay -q -i "$interface" "$@" \
		"$dir/capture.pcap" >/dev/null 2>&1 || fail "tcpreplay"
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

# until WORDS COMMAND...: it says so within some seconds.
until_said() {
	words=$1
	shift
	for _ in $(seq 60); do
		"$@" >"$dir/out" 2>&1
		grep -q "$words" "$dir/out" && return
		sleep 0.1
	done
	fail "not said: $words"
}

said() { until_said "$1" cat "$dir/log"; }

health() { until_said "$1" ctl health; }

# lost WHAT STAGE: the last record says that something was.
lost() {
	tail -n 1 "$dir/log.d/stats" | python3 -c '
import json, sys
what, stage = sys.argv[1:]
sys.exit(json.load(sys.stdin)["stats"]["drop"][what][stage] == 0)' "$1" "$2" ||
		fail "no $1 lost at $2"
}

# --- what `check` says of all this -------------------------------------------
settings "inventory: {files: $dir/metadata.json}"
ip netns exec $watch ip link set tap2 down
ip netns exec $watch "$released" check --config "$dir/hedgerow.yaml" \
	--redis redis://127.0.0.1:1 --alerts "$dir/nosuch/alerts" \
	>"$dir/out" 2>"$dir/log"
[ $? -eq 1 ] || fail "check finds nothing missing"
for words in 'ok .*capture: CAP_NET_RAW' \
	'ok .*interface: tap1: a ring of 32 MiB, packets of up to 130048 octets, promiscuous' \
	'missing .*interface: tap2: .*not up' 'ok .*metrics: ' \
	'clock: ' 'ok .*memory: ' 'missing .*alerts: No such file' \
	'ok .*seccomp: ' 'Landlock: ' 'ok .*descriptors: ' \
	'missing .*Redis: redis://127.0.0.1:1: Connection refused'; do
	grep -q "$words" "$dir/out" || fail "check does not say: $words"
done
ip netns exec $watch ip link set tap2 up
# What the driver is told to do with packets.
! command -v ethtool >/dev/null || for gro in on off; do
	ip netns exec $watch ethtool -K tap1 gro $gro || fail ethtool
	ip netns exec $watch "$released" check -i tap1 >"$dir/out" 2>"$dir/log"
	grep -q 'warning .*tap1: GRO' "$dir/out"
	[ $? -eq $([ $gro = on ]; echo $?) ] || fail "check of GRO $gro"
	[ $gro = off ] || grep -q 'ethtool -K tap1 gro off' "$dir/out" ||
		fail "check has no remedy for GRO"
done
(ulimit -n 64 && ip netns exec $watch "$released" check -i tap1 --workers 8) \
	>"$dir/out" 2>"$dir/log"
grep -q 'missing .*descriptors: .* wanted, 64 allowed' "$dir/out" ||
	fail "check does not miss descriptors"
ip netns exec $watch setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$released" check -i tap1 >"$dir/out" 2>"$dir/log"
grep -q 'missing .*capture: no CAP_NET_RAW' "$dir/out" ||
	fail "check does not miss the right to capture"

# --- two interfaces; records name them, evidence and metrics are there -------
settings "inventory: {files: $dir/metadata.json}" \
	"flows: {file: $dir/log.d/flows}" \
	"evidence: {file: $dir/log.d/alerts.pcap, size: 1MiB, files: 2}"
start "$released"
traffic out1 --multiplier 60
traffic out2 --topspeed --limit 5000
until_said '"ok":true' ctl reload
curl() { ip netns exec $watch curl -s http://127.0.0.1:9848/metrics; }
curl >"$dir/metrics"
for name in build_info capture_packets_total capture_bytes_total \
	capture_kernel_drops_total capture_interface_drops_total \
	decoder_errors_total flows_active flow_evictions_total \
	app_classifications_total app_decisions_total \
	workload_lookups_total flows_total models output_queue_bytes \
	output_last_success_timestamp_seconds flows_judged \
	metadata_age_seconds workloads policy_verdicts_total \
	policy_deviations_total alerts_total alerts_suppressed_total \
	model_reload_success model_reload_success_timestamp_seconds \
	output_events_total output_dropped_events_total \
	detection_delay_seconds_bucket detection_delay_seconds_count \
	drops_total evidence_packets_written_total clock_steps_total; do
	grep -q "^hedgerow_$name[ {]" "$dir/metrics" || {
		[ $name = metadata_age_seconds ] || fail "no hedgerow_$name"
	}
done
for name in process_cpu_seconds_total process_resident_memory_bytes; do
	grep -q "^$name " "$dir/metrics" || fail "no $name"
done
stop
sums
python3 - "$dir/log.d" <<'END' >"$dir/out" 2>&1 || fail "records of two interfaces"
import json, re, sys
lines = lambda name: [json.loads(line) for line in open(f"{sys.argv[1]}/{name}")]
flows, alerts, stats = lines("flows"), lines("alerts"), lines("stats")[-1]["stats"]
seen = {record.get("in_iface") for record in flows}
assert seen == {"tap1", "tap2"}, seen
raised = {record["finding"]["uid"] for record in alerts
          if record["event_type"] == "alert"}
assert raised
octets = open(f"{sys.argv[1]}/alerts.pcap", "rb").read()
proven = {uid.decode() for uid in re.findall(rb"hedgerow finding ([0-9a-f]{16}): ", octets)}
assert proven == raised, (proven - raised, raised - proven)
assert b"tap1" in octets
delay = stats["alert_delay"]
assert delay["count"] == stats["finding"]["emitted"]
assert 0 < delay["p50_us"] <= delay["p99_us"] < 30_000_000, delay
END

# --- an interface comes back: nothing of the other one ends ------------------
settings "inventory: {files: $dir/metadata.json}" "capture: {workers: 1}" \
	"flows: {file: $dir/log.d/flows}"
start "$released"
traffic out2 --topspeed --limit 4000
worker=$(pgrep -P $sensor hedgerow-w)
for _ in 1 2; do
	ip -n $watch link delete tap1
	until_said '"state":"gone"' ctl stats
	ip -n $watch link add tap1 mtu 9000 type veth peer name out1 \
		mtu 9000 netns $send
	sleep 0.3 # it may be looked at before it is up
	ip -n $watch link set tap1 up
	ip -n $send link set out1 up
	said 'tap1: the interface is there again'
	health '"state":"ready"'
done
[ "$(pgrep -P $sensor hedgerow-w)" = "$worker" ] || fail "another worker"
! grep -q '"reason":"shutdown"' "$dir/log.d/flows" ||
	fail "flows of the other interface ended"
traffic out1 --topspeed
for interface in tap1 tap2; do
	ctl stats | python3 -c '
import json, sys
rings = json.load(sys.stdin)["stats"]["capture"]["interfaces"]
ring = next(one for one in rings if one["name"] == sys.argv[1])
sys.exit(ring["packets"] < 3900)' $interface || fail "no packets of $interface"
done
[ "$(ip -n $watch -d link show tap1 | grep -c 'promiscuity [1-9]')" -eq 1 ] ||
	fail "not promiscuous any more"
stop
sums

# --- flows that went on while packets were lost say so -----------------------
settings "inventory: {files: $dir/metadata.json}" \
	"capture: {ring: 1MiB, workers: 1}" "flows: {file: $dir/log.d/flows}"
start "$released"
traffic out1 --multiplier 60 --limit 5000
stop_worker() {
	worker=$(ctl stats | python3 -c '
import json, sys
print(json.load(sys.stdin)["stats"]["workers"][0]["pid"])')
	kill -STOP "$worker"
}
stop_worker
traffic out1 --topspeed
kill -CONT "$worker"
health 'found no room in the ring within the last minute'
sleep 0.6 # it looks four times a second
stop
sums
grep -q '"doubts":\["packet-loss"\]' "$dir/log.d/flows" ||
	fail "no record says that packets were lost"
tests/tools/validate_records.py "$dir/log.d/flows" >"$dir/out" 2>&1 ||
	fail "flow records are not those of the schema"

# --- losses at every stage, counted where they happen ------------------------
settings "inventory: {files: $dir/metadata.json}" \
	"capture: {ring: 1MiB, workers: 1}" "limits: {flows: 256}" \
	"flows: {file: $dir/small/flows}" \
	"evidence: {file: $dir/small/alerts.pcap}"
mount -t tmpfs -o size=64k,mode=777 tmpfs "$dir/small" ||
	cannot "no file system can be made"
start "$released"
stop_worker
traffic out1 --topspeed
kill -CONT "$worker"
traffic out1 --topspeed
health 'found no room in the ring within the last minute'
health 'the flow table was full within the last minute'
health 'records were lost within the last minute'
health 'packets of findings could not be written within the last minute'
stop 5
grep -q 'small/flows: .* records were lost: No space' "$dir/log" ||
	fail "does not say what the disk cost"
tests/live/sensor/check.py sums "$dir/log.d/stats" >"$dir/out" 2>&1 ||
	fail "sums do not close"
lost packets kernel
lost flows capacity
lost records sinks
lost evidence disk
# What it left behind is whole.
"$released" replay "$dir/small/alerts.pcap" -q --alerts /dev/null \
	2>"$dir/out" || fail "a full disk tears the evidence"

# --- room again: it goes on by itself ----------------------------------------
rm -f "$dir/small/"*
start "$released"
dd if=/dev/zero of="$dir/small/full" bs=1k count=64 2>/dev/null
traffic out1 --multiplier 60
health 'records were lost\|could not be written'
rm "$dir/small/full"
traffic out2 --topspeed --limit 2000
until_said flow tail -n 1 "$dir/small/flows"
kill -TERM $sensor
wait $sensor
sensor=
umount "$dir/small"

# --- signals in a storm: as many reloads as it can, and the same findings ----
# A ring for some 40 s: what sanitizers and reloads take is not what is tested.
settings "inventory: {files: $dir/metadata.json}" \
	"capture: {ring: 256MiB}" "flows: {file: $dir/log.d/flows}"
start "$checked" --no-confine
traffic out1 --multiplier 30 &
sender=$!
for _ in $(seq 100); do
	kill -HUP $sensor
	sleep 0.02
done
wait $sender || exit 1
health '"state":"ready"'
[ "$(grep -c '^hedgerow: reloaded' "$dir/log")" -ge 5 ] || fail "no reloads"
stop
sums
"$released" replay "$dir/capture.pcap" --inventory "$dir/metadata.json" \
	--models "$dir/models" -q --alerts "$dir/replayed" 2>"$dir/out"
tests/live/sensor/check.py deviations "$dir/replayed" "$dir/log.d/alerts" \
	>"$dir/out" 2>&1 || fail "a storm of signals changes findings"

# --- the configuration file, read anew by a sensor that is confined ------------
mkdir -m 755 "$dir/models/more"
settings "inventory: {files: $dir/metadata.json}"
start "$released"
echo 'capture: {rnig: 64MiB}' >>"$dir/hedgerow.yaml"
! ctl reload >/dev/null 2>&1 || fail "takes a file with a mistake"
said "hedgerow.yaml:.*unknown key 'rnig'.*did you mean 'ring'"
settings "inventory: {files: $dir/metadata.json}" \
	"capture: {ring: 64MiB, filter: not port 1}" "limits: {flows: 1000}"
sed -i -e "s,directories: .*},directories: [$dir/models/more]}," -e 's/tap1, tap2/tap2, tap1/' \
	-e "s,log.d/alerts},log.d/elsewhere}," -e 's/interval: 1s/interval: 2s/' \
	"$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
for name in capture.ring capture.filter limits.flows interfaces; do
	said "hedgerow.yaml: $name needs a restart"
done
! grep -q 'models.directories\|stats.interval\|alerts.file' "$dir/log" ||
	fail "does not take what it may"
traffic out1 --topspeed
until_said unmodelled ctl stats
until_said '"event_type":"alert"' cat "$dir/log.d/elsewhere"
sed -i -e "s,$dir/models/more,/usr/share," "$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
said 'models.directories names a place that was not named before'
chmod 600 "$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
said 'hedgerow.yaml: Permission denied; its changes take a restart'
chmod 644 "$dir/hedgerow.yaml"
rmdir "$dir/models/more"
stop

# --- told to end while it waits for Redis: at once, and nothing is left --------
settings "inventory: {redis: 'redis://127.0.0.1:6390'}"
for signal in TERM INT; do
	rm -f "$dir/control"
	ip netns exec $watch "$released" run \
		--config "$dir/hedgerow.yaml" 2>"$dir/log" &
	sensor=$!
	said 'redis://127.0.0.1:6390: .*refused'
	before=$(date +%s%N)
	kill -$signal $sensor
	wait $sensor || fail "exit code $? where it was told to end early"
	sensor=
	[ $((($(date +%s%N) - before) / 1000000)) -lt 3000 ] ||
		fail "SIG$signal is not heard before Redis is"
	said 'told to end before it watched'
	[ ! -e "$dir/control" ] || fail "it leaves its socket behind"
done

# --- Redis away and back -----------------------------------------------------
start_redis() {
	ip netns exec $watch redis-server --port 6390 --save '' --dir "$dir" \
		>/dev/null 2>&1 &
	redis=$!
	until_said PONG ip netns exec $watch redis-cli -p 6390 ping
	ip netns exec $watch "$released" collect file "$dir/metadata.json" \
		--cluster demo --once --redis redis://127.0.0.1:6390 \
		>"$dir/out" 2>&1 || fail "collect"
}
start_redis
settings "inventory: {redis: 'redis://127.0.0.1:6390'}"
start "$released"
kill -KILL $redis
wait $redis 2>/dev/null
health 'Redis is away'
start_redis
for _ in $(seq 60); do
	ctl health | grep -q 'Redis is away' || break
	sleep 0.2
done
! ctl health | grep -q 'Redis is away' || fail "does not find Redis again"
said 'redis://127.0.0.1:6390: it is there again'
stop
kill -KILL $redis
wait $redis 2>/dev/null
redis=

# --- a disk that takes two seconds for what the journal asks of it ------------
if command -v strace >/dev/null; then
	settings "inventory: {files: $dir/metadata.json}" \
		"journal: {directory: $dir/log.d/journal}"
	rm -rf "$dir/log.d/"* "$dir/control"
	ip netns exec $watch strace -D -f -qq -o "$dir/traced" \
		-e trace=fdatasync -e inject=fdatasync:delay_enter=2s \
		"$released" run --config "$dir/hedgerow.yaml" 2>"$dir/log" &
	sensor=$!
	said '^hedgerow: watching'
	traffic out1 --multiplier 200 &
	sender=$!
	slowest=0
	for _ in $(seq 25); do
		before=$(date +%s%N)
		ctl stats >"$dir/out" 2>&1 || fail "no answer"
		took=$((($(date +%s%N) - before) / 1000000))
		[ $took -le $slowest ] || slowest=$took
		sleep 0.1
	done
	wait $sender || exit 1
	[ $slowest -lt 1500 ] || fail "$slowest ms for an answer: the disk's"
	stop
	grep -q fdatasync "$dir/traced" || fail "nothing was synchronised"
fi

# --- kill -9 of the whole sensor: what it wrote is whole, and it starts anew --
settings "inventory: {files: $dir/metadata.json}" \
	"journal: {directory: $dir/log.d/journal}" \
	"evidence: {file: $dir/log.d/alerts.pcap}"
start "$released"
traffic out1 --multiplier 60
workers=$(ctl stats | python3 -c '
import json, sys
print(*(one["pid"] for one in json.load(sys.stdin)["stats"]["workers"]))')
kill -KILL $sensor
wait $sensor 2>/dev/null
sensor=
for process in $workers; do
	for _ in $(seq 50); do
		kill -0 "$process" 2>/dev/null || break
		sleep 0.1
	done
	! kill -0 "$process" 2>/dev/null || fail "a worker outlives the sensor"
done
for _ in $(seq 60); do
	[ -S "$dir/control" ] && ctl health >/dev/null 2>&1 || break
	sleep 0.1
done
cp -r "$dir/log.d" "$dir/before"
"$released" replay "$dir/before/alerts.pcap" -q --alerts /dev/null \
	2>"$dir/out" || fail "a sudden end tears the evidence"
"$released" alerts show --journal "$dir/before/journal" >"$dir/kept" 2>"$dir/out"
[ -s "$dir/kept" ] || fail "the journal has nothing"
start "$released"
health '"state":"ready"'
stop
