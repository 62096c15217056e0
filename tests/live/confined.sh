# What the confined processes of a live sensor can still do: nothing but their
# job.  A debugger makes each of them try, in the midst of its work; then it
# works on.  Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
released=${HEDGEROW_RELEASE:-./hedgerow}    # as it is confined for real
injector=$build/tests/live/injector
watch=hedgerow-confined-$$
dir= sensor=

clean() {
	[ -z "$sensor" ] || kill -KILL "$sensor" 2>/dev/null
	ip netns delete "$watch" 2>/dev/null
	[ -z "$dir" ] || rm -rf "$dir"
}

cannot() {
	echo "NOT TESTED: $1"
	exit 77
}

fail() {
	echo "$1"
	for file in out log; do
		[ ! -f "$dir/$file" ] || tail -n 40 "$dir/$file"
	done
	exit 1
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
command -v ip >/dev/null || cannot "there is no ip here"
trap clean EXIT
trap 'exit 1' INT TERM
ip netns add "$watch" || cannot "no network namespace can be made"
ip -n "$watch" link set lo up
dir=$(mktemp -d)
chmod 755 "$dir"
mkdir -m 777 "$dir/log.d"
mkdir "$dir/data"
cp -r models/library models/platform models/general "$dir/data"
chmod -R a+rX "$dir/data"
export HEDGEROW_DATA="$dir/data"

start() {
	ip netns exec "$watch" "$released" run -i lo \
		--alerts "$dir/log.d/alerts" --evidence "$dir/log.d/alerts.pcap" \
		--stats "$dir/log.d/stats" --stats-interval 1 --workers 2 \
		--control "$dir/control" "$@" >/dev/null 2>"$dir/log" &
	sensor=$!
	for _ in $(seq 100); do
		grep -q '^hedgerow: watching' "$dir/log" && return
		kill -0 $sensor 2>/dev/null || break
		sleep 0.1
	done
	fail "it does not start"
}

stop() {
	kill -TERM $sensor
	wait $sensor || fail "exit code $?"
	sensor=
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

# processes: that of the sensor, and those of the workers.
processes() {
	cat "/proc/$sensor/task/$sensor/children"
}

start
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
ctl health | grep -q '"state":"ready"' || fail "it does not work on"
stop

# With connections to make, the sensor makes those and no other.
start --journal "$dir/log.d/journal" --sink syslog+tcp://127.0.0.1:1
"$injector" "$(pgrep -P "$sensor" hedgerow-sensor)" connects \
	>"$dir/out" 2>&1 || fail "a sensor with sinks can do more than its job"
kill -TERM $sensor
wait $sensor
sensor=
[ ! -e /tmp/hedgerow-was-here ] || fail "it was in /tmp"

# The same attempts would succeed if nobody refused them.
start --no-confine
for process in $(processes); do
	"$injector" "$process" free >"$dir/out" 2>&1 ||
		fail "an attempt fails without confinement, too"
	break
done
kill -KILL $sensor
wait $sensor 2>/dev/null
sensor=
