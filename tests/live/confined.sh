# What the confined processes of a live sensor can still do: nothing but their
# job.  A debugger makes each of them try, in the midst of its work; then it
# works on.  Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene
injector=$build/tests/live/injector

begin() {
	start "$released" -i lo --alerts "$dir/log.d/alerts" \
		--evidence "$dir/log.d/alerts.pcap" \
		--stats "$dir/log.d/stats" --stats-interval 1 --workers 2 "$@"
}

# processes: that of the sensor, and those of the workers.
processes() {
	cat "/proc/$sensor/task/$sensor/children"
}

begin
for process in $(processes); do
	name=$(cat "/proc/$process/comm")
	"$injector" "$process" >"$dir/out" 2>&1
	case $? in
	0) ;;
	77) cannot "$(tail -n 1 "$dir/out")" ;;
	*) fail "$name can do more than its job" ;;
	esac
	for line in 'CapEff:.0*' 'CapPrm:.0*' 'CapBnd:.0*' 'NoNewPrivs:.1' \
		'Seccomp:.2' 'Uid:.65534.65534.65534.65534'; do
		grep -qx "$line" "/proc/$process/status" ||
			fail "$name has not $line"
	done
done
# The one that stays to open interfaces has that right and no other, and is
# given nothing to read but what its children say in single octets.
for line in 'CapEff:.0000000000002000' 'CapBnd:.0*' 'NoNewPrivs:.1' \
	'Uid:.65534.65534.65534.65534'; do
	grep -qx "$line" "/proc/$sensor/status" || fail "the supervisor has not $line"
done
"$injector" "$sensor" supervisor >"$dir/out" 2>&1 ||
	fail "the supervisor can do more than its job"
health '"state":"ready"'
stop

# With connections to make, the sensor makes those and no other.
begin --journal "$dir/log.d/journal" --sink syslog+tcp://127.0.0.1:1
"$injector" "$(pgrep -P "$sensor" hedgerow-sensor)" connects \
	>"$dir/out" 2>&1 || fail "a sensor with sinks can do more than its job"
kill -TERM $sensor
wait $sensor
sensor=
[ ! -e /tmp/hedgerow-was-here ] || fail "it was in /tmp"

# The same attempts would succeed if nobody refused them.
begin --no-confine
for process in $(processes); do
	"$injector" "$process" free >"$dir/out" 2>&1 ||
		fail "an attempt fails without confinement, too"
	break
done
kill -KILL $sensor
ended 137
