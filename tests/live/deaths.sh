# A worker dies, of a signal or of a packet that nDPI 4.2 dies of; the sensor's
# process, the supervisor and all of them are killed: whatever is left goes on or
# ends, says what happened, loses nothing unsaid, and what it wrote is whole.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene curl tcpreplay tcprewrite
shop
pair tap out

begin() {
	program=$1
	shift
	# shellcheck disable=SC2086 # several words
	start "$program" -i tap $world --buffer 64 \
		--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
		--stats "$dir/log.d/stats" --stats-interval 1 "$@"
}

deaths() {
	$check deaths "$dir/log.d/alerts" 1 >"$dir/out" 2>&1 ||
		fail "no alert says that $1 died"
}

# replaced NUMBER PROCESS: whether another one is there.
replaced() { [ "$(worker "$1")" -ne "$2" ]; }

# --- a worker is killed, and the others lose nothing ---------------------------
begin "$released" --workers 2 --metrics 127.0.0.1:9847
traffic out --multiplier 60
first=$(worker 0) other=$(worker 1)
kill -KILL "$first"
said 'worker 0 died of signal 9'
until_so "another takes its place" replaced 0 "$first"
health 'a worker died within the last minute'
health 'ends of flows were lost within the last minute'
! ctl health >/dev/null || fail "well where a worker died"
[ "$(worker 1)" = "$other" ] || fail "the other worker did not stay"
traffic out --multiplier 60
until_said '^hedgerow_worker_deaths_total 1$' \
	ip netns exec $watch curl -s http://127.0.0.1:9847/metrics
stop
deviations "after a worker died"
sums "$sent"
deaths "a worker"

# --- a packet that nDPI 4.2 dies of, with the guard off (classifiers/guards.h) --
hostile=tests/live/sensor/ndpi42-dtls.pcap
export HEDGEROW_TEST_UNGUARDED=1
if "$checked" replay $hostile -q >/dev/null 2>&1; then
	echo "this nDPI does not die of $hostile, so that was not tested"
else
	begin "$checked" --no-confine --workers 2
	first=$(worker 0) other=$(worker 1)
	send out $hostile
	said 'worker . \(died\|ended\)'
	! grep -q 'worker 1 \(died\|ended\)' "$dir/log" || first=
	if [ -n "$first" ]; then
		until_so "another takes its place" replaced 0 "$first"
	else
		until_so "another takes its place" replaced 1 "$other"
	fi
	traffic out --multiplier 60
	stop
	deviations "after nDPI died"
	sums "$sent"
	deaths nDPI
fi
unset HEDGEROW_TEST_UNGUARDED

# --- the sensor's process is killed: all end, and whoever started them knows ---
begin "$released" --workers 2
processes=$(pgrep -P $sensor)
kill -KILL "$(pgrep -P $sensor hedgerow-sensor)"
ended 5
for process in $processes; do
	is_gone "$process" || fail "a worker outlives the sensor"
done

# --- the supervisor is killed: workers and sensor end, every flow once ----------
begin "$released" --workers 2
traffic out --multiplier 60
processes=$(pgrep -P $sensor)
kill -KILL $sensor
ended 137
for process in $processes; do
	until_so "no process outlives the supervisor" is_gone "$process"
done
sums "$sent"

# --- all are killed: what was written is whole, and the next one starts --------
begin "$released" --journal "$dir/log.d/journal" \
	--evidence "$dir/log.d/alerts.pcap"
traffic out --multiplier 60
until_so "an alert" test -s "$dir/log.d/alerts"
processes=$(pgrep -P $sensor)
# The supervisor first, or it would end the others in order.
# shellcheck disable=SC2086 # several
kill -KILL $sensor $processes
ended 137
for process in $processes; do
	until_so "it is dead" is_gone "$process"
done
cp -r "$dir/log.d" "$dir/before"
"$released" replay "$dir/before/alerts.pcap" -q --alerts /dev/null \
	2>"$dir/out" || fail "a sudden end tears the evidence"
"$released" alerts show --journal "$dir/before/journal" \
	>"$dir/kept" 2>"$dir/out" || fail "a sudden end tears the journal"
[ -s "$dir/kept" ] || fail "the journal has nothing"
chmod -R a+rwX "$dir/before"
begin "$released" --journal "$dir/before/journal"
health '"state":"ready"'
stop
