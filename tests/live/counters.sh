# No counter of a live sensor ever sinks: through reloads that judge flows anew,
# workers that die, an interface that is removed and comes back.  Two
# namespaces with two pairs of interfaces; nothing leaves them.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
released=${HEDGEROW_RELEASE:-./hedgerow}
watch=hedgerow-count-w-$$ send=hedgerow-count-s-$$
dir= sensor= counter=

clean() {
	for process in $sensor $counter; do
		kill -KILL "$process" 2>/dev/null
		wait "$process" 2>/dev/null
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
	for file in log counted; do
		[ ! -f "$dir/$file" ] || tail -n 30 "$dir/$file"
	done
	exit 1
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip tcpreplay tcprewrite python3 pgrep; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
trap 'exit 1' INT TERM
for namespace in $watch $send; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
dir=$(mktemp -d)
link() {
	ip -n $watch link add "tap$1" mtu 9000 type veth peer name "out$1" \
		mtu 9000 netns $send || cannot "no interfaces can be made"
	ip -n $watch link set "tap$1" up
	ip -n $send link set "out$1" up
}
link 1
link 2
ip -n $watch link set lo up

chmod 755 "$dir"
mkdir -m 777 "$dir/log.d"
cp -r pcaps/demo/models models/library models/platform models/general "$dir"
mkdir "$dir/data"
mv "$dir/library" "$dir/platform" "$dir/general" "$dir/data"
cp pcaps/demo/metadata.json "$dir"
chmod -R a+rX "$dir/models" "$dir/data" "$dir/metadata.json"
export HEDGEROW_DATA="$dir/data"
tcprewrite --fixlen=pad -i pcaps/demo/capture.pcap -o "$dir/capture.pcap" \
	>"$dir/log" 2>&1 || fail "tcprewrite"

# Packets of no protocol are lost by an interface that nobody listens at: what
# it lost before, and takes with it when it is removed, is none of ours.
ip netns exec $send python3 - <<'END'
import socket
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("out1", 0))
for _ in range(100):
    raw.send(b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x88\xb5" + b"\0" * 46)
END

said() {
	for _ in $(seq 200); do
		grep -q "$1" "$dir/log" && return
		sleep 0.05
	done
	fail "it did not say: $1"
}

traffic() {
	interface=$1
	shift
	ip netns exec $send tcpreplay -q -i "$interface" "$@" \
		"$dir/capture.pcap" >/dev/null 2>&1 || fail "tcpreplay"
}

ctl() { "$released" ctl "$@" --control "$dir/control" >/dev/null 2>&1; }

ip netns exec $watch "$released" run -i tap1 -i tap2 --workers 2 \
	--inventory "$dir/metadata.json" --models "$dir/models" \
	--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
	--stats "$dir/log.d/stats" --evidence "$dir/log.d/alerts.pcap" \
	--journal "$dir/log.d/journal" --sink "file:$dir/log.d/sink" \
	--control "$dir/control" --metrics 127.0.0.1:9849 2>"$dir/log" &
sensor=$!
said '^hedgerow: watching'
ip netns exec $watch python3 tests/live/sensor/counters.py 9849 "$dir/stop" \
	>"$dir/counted" 2>&1 &
counter=$!

# --- verdicts that are taken back ----------------------------------------------
traffic out1 --topspeed
mv "$dir/models/shop.yaml" "$dir"
ctl reload || fail "reload"
traffic out2 --topspeed --limit 3000
mv "$dir/shop.yaml" "$dir/models"
ctl reload || fail "reload"
kill -HUP $sensor

# --- workers that die ----------------------------------------------------------
for worker in 0 1; do
	traffic out1 --topspeed
	kill -KILL "$(pgrep -P $sensor hedgerow-w$worker)"
	said "worker $worker died of signal 9"
	traffic out2 --topspeed --limit 3000
done

# --- an interface that goes and comes back -------------------------------------
ip -n $watch link delete tap1
traffic out2 --topspeed --limit 3000
sleep 0.6 # it looks four times a second
link 1
said 'tap1: the interface is there again'
traffic out1 --topspeed
sleep 0.6
touch "$dir/stop"
wait $counter || { counter=; fail "a counter sinks"; }
counter=
for name in policy_verdicts_total flows_total app_classifications_total \
	workload_lookups_total alerts_total evidence_packets_kept_total \
	worker_deaths_total reloads_total flows_lost_total flows_ended_total \
	capture_packets_total capture_kernel_packets_total \
	decoder_packets_total output_events_total journal_kept_total \
	sink_acknowledged_total detection_delay_seconds_count; do
	grep -q "^moved:.* hedgerow_$name\b" "$dir/counted" ||
		fail "$name never moved"
done
kill -TERM $sensor
wait $sensor || fail "exit code $?"
sensor=
tests/live/sensor/check.py sums "$dir/log.d/stats" >"$dir/counted" 2>&1 ||
	fail "sums do not close"
