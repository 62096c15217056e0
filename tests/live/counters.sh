# No counter of a live sensor ever sinks: through reloads that judge flows anew,
# workers that die, an interface that is removed and comes back.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene tcpreplay tcprewrite
shop
pair tap1 out1
pair tap2 out2

# Packets of no protocol are lost by an interface that nobody listens at: what
# it lost before, and takes with it when it is removed, is none of ours.
ip netns exec $send python3 - <<'END'
import socket
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("out1", 0))
for _ in range(100):
    raw.send(b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x88\xb5" + b"\0" * 46)
END

# shellcheck disable=SC2086 # several words
start "$released" -i tap1 -i tap2 --workers 2 $world \
	--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
	--stats "$dir/log.d/stats" --evidence "$dir/log.d/alerts.pcap" \
	--journal "$dir/log.d/journal" --sink "file:$dir/log.d/sink" \
	--metrics 127.0.0.1:9849
ip netns exec $watch python3 tests/live/sensor/counters.py 9849 "$dir/stop" \
	$patience policy_verdicts_total flows_total app_classifications_total \
	workload_lookups_total alerts_total evidence_packets_kept_total \
	worker_deaths_total reloads_total flows_lost_total flows_ended_total \
	capture_packets_total capture_kernel_packets_total \
	decoder_packets_total output_events_total journal_kept_total \
	sink_acknowledged_total detection_delay_seconds_count \
	>"$dir/out" 2>&1 &
counter=$!

# --- verdicts that are taken back ----------------------------------------------
traffic out1 --topspeed
mv "$dir/models/shop.yaml" "$dir"
ctl reload >/dev/null || fail "reload"
traffic out2 --topspeed --limit 3000
mv "$dir/shop.yaml" "$dir/models"
ctl reload >/dev/null || fail "reload"
kill -HUP $sensor

# --- workers that die ----------------------------------------------------------
for number in 0 1; do
	traffic out1 --topspeed
	kill -KILL "$(worker $number)"
	said "worker $number died of signal 9"
	traffic out2 --topspeed --limit 3000
done

# --- an interface that goes and comes back -------------------------------------
ip -n $watch link delete tap1
traffic out2 --topspeed --limit 3000
until_said '"state":"gone"' ctl stats
pair tap1 out1
said 'tap1: the interface is there again'
traffic out1 --topspeed
touch "$dir/stop"
wait $counter || fail "a counter sinks"
stop
sums
