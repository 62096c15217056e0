# The live sensor on real packets: two namespaces and a pair of interfaces, the
# demo's capture sent through them.  Nothing leaves them.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
checked=$build/hedgerow                     # under the sanitizers
released=${HEDGEROW_RELEASE:-./hedgerow}    # as it is confined for real
watch=hedgerow-watch-$$ send=hedgerow-send-$$
dir= sensor= recorder=

clean() {
	for process in $sensor $recorder; do
		kill -KILL "$process" 2>/dev/null
	done
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
for tool in ip tcpreplay tcprewrite tcpdump python3 curl; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
link() {
	ip -n $watch link add tap mtu 9000 type veth \
		peer name out mtu 9000 netns $send ||
		cannot "no pair of interfaces can be made"
	# No word of IPv6 of their own: they would be flows nobody sent.
	ip -n $watch link set tap addrgenmode none up
	ip -n $send link set out addrgenmode none up
}
link
ip -n $watch link set lo up

# Whoever the sensor becomes reads the models and rotates the alerts.
chmod 755 "$dir"
mkdir -m 777 "$dir/log.d"
cp -r pcaps/demo/models models/library models/platform models/general "$dir"
mkdir "$dir/data"
mv "$dir/library" "$dir/platform" "$dir/general" "$dir/data"
cp pcaps/demo/metadata.json "$dir"
chmod -R a+rX "$dir/models" "$dir/data" "$dir/metadata.json"
export HEDGEROW_DATA="$dir/data"
world="--inventory $dir/metadata.json --models $dir/models"

# The capture has heads of packets only; an interface takes whole ones.
tcprewrite --fixlen=pad -i pcaps/demo/capture.pcap -o "$dir/capture.pcap" \
	>"$dir/log" 2>&1 || fail "tcprewrite"
"$released" replay "$dir/capture.pcap" $world -q \
	--alerts "$dir/replayed" 2>"$dir/log" || fail "replay"
sent=$(ip netns exec $send tcpreplay -q -i out --topspeed "$dir/capture.pcap" |
	sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p')
[ "$sent" -gt 0 ] || fail "tcpreplay sends nothing"

# start PROGRAM OPTION...: until it watches.
start() {
	program=$1
	shift
	rm -rf "$dir/log.d/"* "$dir/control"
	# shellcheck disable=SC2086
	ip netns exec $watch "$program" run -i tap $world \
		--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
		--stats "$dir/log.d/stats" --stats-interval 1 \
		--control "$dir/control" --metrics 127.0.0.1:9847 "$@" \
		2>"$dir/log" &
	sensor=$!
	for _ in $(seq 100); do
		grep -q '^hedgerow: watching' "$dir/log" && return
		kill -0 $sensor 2>/dev/null || break
		sleep 0.1
	done
	fail "it does not start"
}

# stop CODE: ends it, with that exit code.
stop() {
	[ "$1" -ne 0 ] || kill -TERM $sensor
	wait $sensor
	code=$?
	sensor=
	[ $code -eq "$1" ] || fail "exit code $code, not $1"
}

# What comes by is written down from here on, until replay_record judges it.
record() {
	ip netns exec $watch tcpdump -i tap -w "$dir/wire" -B 65536 -U \
		-Z root 2>"$dir/recorder" &
	recorder=$!
	for _ in $(seq 100); do
		grep -q 'listening on' "$dir/recorder" && return
		sleep 0.05
	done
	fail "tcpdump does not start"
}

replay_record() {
	kill -INT $recorder
	wait $recorder
	recorder=
	# shellcheck disable=SC2086
	"$released" replay "$dir/wire" $world -q --alerts "$dir/recorded" \
		2>"$dir/log" || fail "replay of what was recorded"
}

traffic() {
	ip netns exec $send tcpreplay -q -i out "$@" "$dir/capture.pcap" \
		>/dev/null 2>&1 || fail "tcpreplay"
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

metric() {
	ip netns exec $watch curl -s http://127.0.0.1:9847/metrics |
		grep -q "^hedgerow_$1\$" || fail "no hedgerow_$1 among the metrics"
}

# confined PROCESS LINE...: has no right but those lines say.
confined() {
	process=$1
	shift
	for line in 'Uid:.65534.65534.65534.65534' 'CapBnd:.0*' 'CapInh:.0*' \
		'CapAmb:.0*' 'NoNewPrivs:.1' "$@"; do
		grep -qx "$line" "/proc/$process/status" ||
			fail "not confined: $line"
	done
}

# Waits until the log has the words; a signal takes its time.
said() {
	for _ in $(seq 100); do
		grep -q "$1" "$dir/log" && return
		sleep 0.05
	done
	fail "it did not say: $1"
}

# --- the same findings, through mistakes in models and a rotation ------------
through_changes() {
	record
	ctl health >/dev/null || fail "not well at the start"
	echo 'models: [' >"$dir/models/broken.yaml"
	kill -HUP $sensor
	said 'the reload failed'
	! ctl health >/dev/null || fail "well with broken models"
	! ctl reload >/dev/null || fail "reloads broken models"
	metric 'model_reload_success 0'
	metric 'reloads_failed_total 2'
	rm "$dir/models/broken.yaml"
	mv "$dir/log.d/flows" "$dir/log.d/flows.1"
	mv "$dir/log.d/alerts" "$dir/log.d/alerts.1"
	traffic --multiplier 60 &
	sender=$!
	for _ in $(seq 100); do
		[ ! -s "$dir/log.d/alerts.1" ] || break
		sleep 0.05
	done
	kill -HUP $sensor
	said 'reloaded: '
	wait $sender || exit 1
	[ -s "$dir/log.d/alerts.1" ] || fail "no alert before the rotation"
	ctl health | grep -q '"state":"ready"' || fail "not well after all"
	ctl stats | grep -q '"event_type":"stats"' || fail "no stats"
	metric 'ready 1'
	stop 0
	replay_record
	tests/live/sensor/check.py findings "$dir/recorded" \
		"$dir/log.d/alerts" "$dir/log.d/alerts.1" || fail "findings differ"
	tests/live/sensor/check.py deviations "$dir/replayed" \
		"$dir/log.d/alerts" "$dir/log.d/alerts.1" || fail "deviations differ"
	tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
		fail "sums do not close"
}

start "$checked" --no-confine
through_changes
start "$released"
confined $sensor 'CapEff:.0*2000' 'CapPrm:.0*2000' 'Seccomp:.2'
for process in $(pgrep -P $sensor); do
	confined "$process" 'CapEff:.0*' 'CapPrm:.0*' 'Seccomp:.2'
done
through_changes

# --- several workers find what one finds --------------------------------------
for workers in 2 4; do
	start "$checked" --no-confine --workers $workers
	[ "$(pgrep -P $sensor | wc -l)" -eq $((workers + 1)) ] ||
		fail "not $workers workers"
	through_changes
done

# --- a reload judges anew what is in progress, and loses none of it ------------
verdict() {
	ctl stats | python3 -c 'import json, sys
stats = json.load(sys.stdin)["stats"]
print(stats["verdict"][sys.argv[1]], stats["flow"]["created"])' "$1"
}

# Until all that was sent has been looked at, or is known to be lost.
all_seen() {
	for _ in $(seq 200); do
		ctl stats | python3 -c 'import json, sys
rings = json.load(sys.stdin)["stats"]["capture"]["interfaces"]
sys.exit(sum(ring["packets"] + ring["kernel_drops"] for ring in rings) <
         int(sys.argv[1]))' "$sent" && return
		sleep 0.1
	done
	fail "not all that was sent is looked at"
}

start "$released" --workers 2
traffic --topspeed
all_seen
before=
for _ in $(seq 50); do # until the last of them is judged
	now=$(verdict unmodelled)
	[ "$now" != "$before" ] || break
	before=$now
	sleep 0.5
done
mv "$dir/models/shop.yaml" "$dir"
kill -HUP $sensor
said 'reloaded: '
for _ in $(seq 100); do
	[ "$(verdict unmodelled)" = "$before" ] || break
	sleep 0.05
done
after=$(verdict unmodelled)
[ "${after% *}" -gt "${before% *}" ] || fail "flows in progress are not judged anew"
[ "${after#* }" = "${before#* }" ] || fail "a reload makes flows"
mv "$dir/shop.yaml" "$dir/models"
for _ in 1 2 3 4 5 6 7 8; do
	kill -HUP $sensor
	sleep 0.02
done
stop 0
tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
	fail "sums do not close after many reloads"

# --- a worker is killed, and the others lose nothing ---------------------------
worker() { pgrep -P $sensor "hedgerow-w$1"; }
start "$released" --workers 2
traffic --multiplier 60
first=$(worker 0) other=$(worker 1)
kill -KILL "$first"
said 'worker 0 died of signal 9'
for _ in $(seq 100); do
	[ -z "$(worker 0)" ] || break
	sleep 0.02
done
[ "$(worker 0)" -ne "$first" ] || fail "the dead worker is still there"
[ "$(worker 1)" = "$other" ] || fail "the other worker did not stay"
traffic --multiplier 60
metric 'worker_deaths_total 1'
ctl health >"$dir/health" && fail "well where a worker died"
for words in 'a worker died' 'ends of flows were lost'; do
	grep -q "$words within the last minute" "$dir/health" ||
		fail "does not say that $words"
done
stop 0
tests/live/sensor/check.py deviations "$dir/replayed" "$dir/log.d/alerts" ||
	fail "deviations differ after a worker died"
tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
	fail "sums do not close after a worker died"
tests/live/sensor/check.py deaths "$dir/log.d/alerts" 1 ||
	fail "no alert says that a worker died"

# --- a packet that nDPI 4.2 dies of, with the guard off (classifiers/guards.h) --
hostile=tests/live/sensor/ndpi42-dtls.pcap
export HEDGEROW_TEST_UNGUARDED=1
if "$checked" replay $hostile -q >/dev/null 2>&1; then
	echo "this nDPI does not die of $hostile, so that was not tested"
else
	start "$checked" --no-confine --workers 2
	ip netns exec $send tcpreplay -q -i out $hostile >/dev/null
	said 'worker . \(died\|ended\)'
	traffic --multiplier 60
	stop 0
	tests/live/sensor/check.py deviations "$dir/replayed" \
		"$dir/log.d/alerts" || fail "deviations differ after nDPI died"
	tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
		fail "sums do not close after nDPI died"
	tests/live/sensor/check.py deaths "$dir/log.d/alerts" 1 ||
		fail "no alert says that nDPI died"
fi
unset HEDGEROW_TEST_UNGUARDED

# --- the sensor's process is killed: all end, and whoever started them knows ---
start "$released" --workers 2
kill -KILL "$(pgrep -P $sensor hedgerow-sensor)"
workers=$(pgrep -P $sensor hedgerow-w)
stop 5
for process in $workers; do
	[ ! -d "/proc/$process" ] || fail "a worker outlives the sensor"
done

# --- the supervisor is killed: workers and sensor end, every flow once ----------
start "$released" --workers 2
traffic --multiplier 60
processes=$(pgrep -P $sensor)
kill -KILL $sensor
wait $sensor
for process in $processes; do
	for _ in $(seq 200); do
		[ -d "/proc/$process" ] || break
		sleep 0.05
	done
	[ ! -d "/proc/$process" ] || fail "a process outlives the supervisor"
done
sensor=
tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
	fail "sums do not close after the supervisor died"

# --- a ring that is too small ------------------------------------------------
start "$released" --buffer 1
kill -STOP "$(pgrep -P $sensor hedgerow-w0)"
traffic --topspeed
kill -CONT "$(pgrep -P $sensor hedgerow-w0)"
stop 0
tests/live/sensor/check.py drops "$dir/log.d/stats" "$sent" ||
	fail "drops are not what was lost"

# --- an interface that goes down and comes up, is removed and comes back -------
state() {
	for _ in $(seq 100); do
		ctl stats | grep -q "\"state\":\"$1\"" && return
		sleep 0.05
	done
	fail "the interface is not $1"
}

for workers in 1 2; do
	start "$released" --workers $workers
	ip -n $watch link set tap down
	state down
	ip -n $watch link set tap up
	state open
	traffic --multiplier 200
	ip -n $watch link delete tap
	state gone
	! ctl health >"$dir/health" || fail "well without its interface"
	link
	said 'tap: the interface is there again'
	state open
	ctl health >/dev/null || fail "not well with its interface"
	traffic --multiplier 60
	stop 0
	tests/live/sensor/check.py deviations "$dir/replayed" \
		"$dir/log.d/alerts" || fail "deviations differ after all that"
	tests/live/sensor/check.py sums "$dir/log.d/stats" $((2 * sent * 9 / 10)) ||
		fail "sums do not close after all that"
done

# --- what it says when it cannot ---------------------------------------------
"$released" run -i nosuchinterface $world 2>"$dir/log"
[ $? -eq 2 ] || fail "an interface that is not there"
grep -q 'hedgerow -D' "$dir/log" || fail "no advice about interfaces"
