# The live sensor on real packets finds what a replay of the same packets finds,
# confined and under the sanitizers, with one worker and with several, through
# mistakes in models and a rotation.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene curl tcpdump tcpreplay tcprewrite
shop
pair tap out

metric() {
	until_said "^hedgerow_$1\$" \
		ip netns exec $watch curl -s http://127.0.0.1:9847/metrics
}

# What comes by is written down from here on, until replay_record judges it.
record() {
	ip netns exec $watch tcpdump -i tap -w "$dir/wire" -B 65536 -U \
		-Z root 2>"$dir/recorder" &
	recorder=$!
	until_said 'listening on' cat "$dir/recorder"
}

recorded() { [ "$($check packets "$dir/wire")" -ge "$sent" ]; }

replay_record() {
	until_so "tcpdump has all" recorded
	kill -INT $recorder
	wait $recorder
	# shellcheck disable=SC2086 # several words
	"$released" replay "$dir/wire" $world -q --alerts "$dir/recorded" \
		2>"$dir/out" || fail "replay of what was recorded"
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

# begin PROGRAM OPTION...: with rings for all that is sent.
begin() {
	program=$1
	shift
	# shellcheck disable=SC2086 # several words
	start "$program" -i tap $world --buffer 64 \
		--alerts "$dir/log.d/alerts" --flows "$dir/log.d/flows" \
		--stats "$dir/log.d/stats" --stats-interval 1 \
		--metrics 127.0.0.1:9847 "$@"
}

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
	traffic out --multiplier 60 &
	sender=$!
	until_so "an alert before the rotation" test -s "$dir/log.d/alerts.1"
	kill -HUP $sensor
	said 'reloaded: '
	wait $sender || exit 1
	health '"state":"ready"'
	ctl stats | grep -q '"event_type":"stats"' || fail "no stats"
	metric 'ready 1'
	stop
	replay_record
	$check stopped "$dir/log.d/flows" >"$dir/out" 2>&1 ||
		fail "flows of the stop"
	$check findings "$dir/recorded" "$dir/log.d/alerts" \
		"$dir/log.d/alerts.1" >"$dir/out" 2>&1 || fail "findings differ"
	$check deviations "$dir/replayed" "$dir/log.d/alerts" \
		"$dir/log.d/alerts.1" >"$dir/out" 2>&1 ||
		fail "deviations differ"
	sums "$sent"
}

begin "$checked" --no-confine
through_changes
begin "$released"
confined $sensor 'CapEff:.0*2000' 'CapPrm:.0*2000' 'Seccomp:.2'
for process in $(pgrep -P $sensor); do
	confined "$process" 'CapEff:.0*' 'CapPrm:.0*' 'Seccomp:.2'
done
through_changes
for workers in 2 4; do
	begin "$checked" --no-confine --workers $workers
	[ "$(pgrep -P $sensor | wc -l)" -eq $((workers + 1)) ] ||
		fail "not $workers workers"
	through_changes
done

# --- what it says when it cannot ---------------------------------------------
# shellcheck disable=SC2086 # several words
"$released" run -i nosuchinterface $world 2>"$dir/log"
[ $? -eq 2 ] || fail "an interface that is not there"
grep -q 'hedgerow -D' "$dir/log" || fail "no advice about interfaces"
