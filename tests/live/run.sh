# The live sensor on real packets: two namespaces and a pair of interfaces, the
# demo's capture sent through them.  Nothing leaves them.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
checked=$build/hedgerow                     # under the sanitizers
released=${HEDGEROW_RELEASE:-./hedgerow}    # as it is confined for real
watch=hedgerow-watch-$$ send=hedgerow-send-$$
dir= sensor=

clean() {
	[ -z "$sensor" ] || kill -KILL "$sensor" 2>/dev/null
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
for tool in ip tcpreplay tcprewrite python3 curl; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
ip -n $watch link add tap mtu 9000 type veth peer name out mtu 9000 netns $send ||
	cannot "no pair of interfaces can be made"
ip -n $watch link set tap up
ip -n $watch link set lo up
ip -n $send link set out up

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

traffic() {
	ip netns exec $send tcpreplay -q -i out "$@" "$dir/capture.pcap" \
		>/dev/null 2>&1 || fail "tcpreplay"
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

metric() {
	ip netns exec $watch curl -s http://127.0.0.1:9847/metrics |
		grep -q "^hedgerow_$1\$" || fail "no hedgerow_$1 among the metrics"
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
	sleep 0.7
	kill -HUP $sensor
	said 'reloaded: '
	wait $sender || exit 1
	[ -s "$dir/log.d/alerts.1" ] || fail "no alert before the rotation"
	ctl health | grep -q '"state":"ready"' || fail "not well after all"
	ctl stats | grep -q '"event_type":"stats"' || fail "no stats"
	metric 'ready 1'
	stop 0
	tests/live/sensor/check.py findings "$dir/replayed" \
		"$dir/log.d/alerts" "$dir/log.d/alerts.1" || fail "findings differ"
	tests/live/sensor/check.py sums "$dir/log.d/stats" "$sent" ||
		fail "sums do not close"
}

start "$checked" --no-confine
through_changes
start "$released"
for line in 'Uid:.65534.65534.65534.65534' 'CapEff:.0*' 'CapBnd:.0*' \
	'NoNewPrivs:.1' 'Seccomp:.2'; do
	grep -qx "$line" /proc/$sensor/status || fail "not confined: $line"
done
through_changes

# --- a ring that is too small ------------------------------------------------
start "$released" --buffer 1
kill -STOP $sensor
traffic --topspeed
kill -CONT $sensor
stop 0
tests/live/sensor/check.py drops "$dir/log.d/stats" "$sent" ||
	fail "drops are not what was lost"

# --- an interface that goes down, comes up and is removed --------------------
start "$checked" --no-confine
ip -n $watch link set tap down
sleep 0.2
ip -n $watch link set tap up
sleep 0.7
traffic --multiplier 200
ctl stats >"$dir/stats"
ip -n $watch link delete tap
stop 3
python3 - "$dir/stats" "$sent" <<'END' || fail "does not go on after an interface was down"
import json, sys
ring = json.load(open(sys.argv[1]))["stats"]["capture"]["interfaces"][0]
sys.exit(ring["state"] != "open" or ring["packets"] < int(sys.argv[2]) * 0.9)
END

# --- what it says when it cannot ---------------------------------------------
"$released" run -i nosuchinterface $world 2>"$dir/log"
[ $? -eq 2 ] || fail "an interface that is not there"
grep -q 'hedgerow -D' "$dir/log" || fail "no advice about interfaces"
