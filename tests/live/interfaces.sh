# Interfaces: two at once, which records name; one that goes down and comes up,
# is removed and comes back, while the other loses nothing.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene curl tcpreplay tcprewrite
shop
pair tap1 out1
pair tap2 out2

begin() {
	# shellcheck disable=SC2086 # several words
	start "$released" -i tap1 -i tap2 $world --buffer 64 \
		--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
		--stats "$dir/log.d/stats" --stats-interval 1 "$@"
}

# ring NAME FIELD: what is counted there.
ring() { asked "next(r for r in rings if r['name'] == '$1')['$2']"; }

# is NAME STATE
is() { [ "$(ring "$1" state)" = "$2" ]; }

# taken NAME COUNT: whether so many packets were, at least.
taken() { [ "$(ring "$1" packets)" -ge "$2" ]; }

# --- two interfaces; records name them, evidence and metrics are there -------
begin --evidence "$dir/log.d/alerts.pcap" --metrics 127.0.0.1:9848
traffic out1 --multiplier 60
traffic out2 --topspeed --limit 5000
until_said '"ok":true' ctl reload
metrics() { ip netns exec $watch curl -s http://127.0.0.1:9848/metrics; }
for name in build_info capture_packets_total capture_bytes_total \
	capture_kernel_drops_total capture_interface_drops_total \
	decoder_errors_total flows_active flow_evictions_total \
	app_classifications_total app_decisions_total \
	workload_lookups_total flows_total models output_queue_bytes \
	output_last_success_timestamp_seconds flows_judged \
	workloads policy_verdicts_total \
	policy_deviations_total alerts_total alerts_suppressed_total \
	model_reload_success model_reload_success_timestamp_seconds \
	output_events_total output_dropped_events_total \
	detection_delay_seconds_bucket detection_delay_seconds_count \
	drops_total evidence_packets_written_total clock_steps_total; do
	until_said "^hedgerow_$name[ {]" metrics
done
for name in process_cpu_seconds_total process_resident_memory_bytes; do
	until_said "^$name " metrics
done
stop
sums $((sent + 5000))
tests/tools/validate_records.py "$dir/log.d/stats" "$dir/log.d/alerts" \
	>"$dir/out" 2>&1 || fail "records are not those of the schema"
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
assert 0 < delay["p50_us"] <= delay["p99_us"], delay
END

# --- one goes down and comes up; it is removed and comes back, twice -----------
for workers in 1 2; do
	begin --workers $workers
	traffic out2 --topspeed --limit 4000
	until_so "all of tap2 is taken" taken tap2 4000
	before=$(pgrep -P $sensor hedgerow-w)
	ip -n $watch link set tap1 down
	until_so "tap1 is down" is tap1 down
	ip -n $watch link set tap1 up
	until_so "tap1 is up" is tap1 open
	traffic out1 --multiplier 200
	until_so "all of tap1 is taken" taken tap1 "$sent"
	for round in 0 1; do
		ip -n $watch link delete tap1
		until_so "tap1 is gone" is tap1 gone
		! ctl health >/dev/null || fail "well without its interface"
		pair tap1 out1 down
		[ $round -eq 0 ] || sleep 1.2 # it looks once a second
		ip -n $watch link set tap1 up
		said_again $round 'tap1: the interface is there again'
		until_so "tap1 is back" is tap1 open
		health '"state":"ready"'
	done
	# Several workers share packets by a group, whose members the kernel
	# binds to no other interface: new ones take their place.
	if [ $workers -eq 1 ]; then
		[ "$(pgrep -P $sensor hedgerow-w)" = "$before" ] ||
			fail "another worker"
		! grep -q '"reason":"shutdown"' "$dir/log.d/flows" ||
			fail "flows of the other interface ended"
	fi
	has 'promiscuity [1-9]' ip -n $watch -d link show tap1 ||
		fail "not promiscuous any more"
	traffic out1 --multiplier 60
	until_so "all of tap1 is taken" taken tap1 $((2 * sent))
	stop
	deviations "after all that"
	sums $((2 * sent + 4000))
done

# --- a worker that dies while an interface is down -----------------------------
begin --workers 1
ip -n $watch link set tap1 down
until_so "tap1 is down" is tap1 down
process=$(worker 0)
kill -KILL "$process"
said 'tap1: .*not up'
said 'worker 0 died of signal 9'
ip -n $watch link set tap1 up
until_so "tap1 is up" is tap1 open
health 'a worker died'
traffic out1 --multiplier 60
until_so "all of tap1 is taken" taken tap1 "$sent"
stop
deviations "after a worker died while an interface was down"
