# The live sensor's journal and sinks, confined as they are for real: a file, a
# real redis-server, a real rsyslogd by TLS, and the Kafka mock, in namespaces
# that nothing leaves.  Targets die, a name server says nothing, the file is
# rotated, the journal's disk is full, the sensor is killed.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
released=${HEDGEROW_RELEASE:-./hedgerow}
watch=hedgerow-feed-$$ send=hedgerow-feeder-$$
dir= sensor= redis= kafka= rsyslog=

clean() {
	for process in ${sensor:+$(pgrep -P "$sensor")} $sensor $redis $kafka \
		$rsyslog; do
		kill -KILL "$process" 2>/dev/null
	done
	for namespace in $watch $send; do
		ip netns delete "$namespace" 2>/dev/null
	done
	rm -rf "/etc/netns/$watch"
	[ -z "$dir" ] || umount "$dir/journal" 2>/dev/null
	[ -z "$dir" ] || rm -rf "$dir"
}

cannot() {
	echo "NOT TESTED: $1"
	exit 77
}

fail() {
	echo "$1"
	[ ! -f "$dir/log" ] || tail -n 30 "$dir/log"
	exit 1
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip tcpreplay tcprewrite python3 curl redis-server redis-cli rsyslogd \
	openssl; do
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
# librdkafka looks for a broker only where the host has an address of its own.
ip -n $watch address add 192.0.2.1/24 dev tap
# A name server that never answers; `ip netns exec` shows it to the sensor.
mkdir -p "/etc/netns/$watch"
echo nameserver 192.0.2.53 >"/etc/netns/$watch/resolv.conf"
ip -n $send link set out up

chmod 755 "$dir"
mkdir -m 777 "$dir/log.d" "$dir/redis" "$dir/rsyslog" "$dir/journal"
mount -t tmpfs -o size=1m,mode=777 tmpfs "$dir/journal" ||
	cannot "no small disk can be made"
cp -r pcaps/demo/models models/library models/platform models/general "$dir"
mkdir "$dir/data"
mv "$dir/library" "$dir/platform" "$dir/general" "$dir/data"
cp pcaps/demo/metadata.json "$dir"
chmod -R a+rX "$dir/models" "$dir/data" "$dir/metadata.json"
export HEDGEROW_DATA="$dir/data"
world="--inventory $dir/metadata.json --models $dir/models"
tcprewrite --fixlen=pad -i pcaps/demo/capture.pcap -o "$dir/capture.pcap" \
	>"$dir/log" 2>&1 || fail "tcprewrite"
"$released" replay "$dir/capture.pcap" $world -q \
	--alerts "$dir/replayed" 2>"$dir/log" || fail "replay"

# --- targets -----------------------------------------------------------------
start_redis() {
	ip netns exec $watch redis-server --port 6390 --save "" --appendonly yes \
		--appendfsync always --dir "$dir/redis" --logfile /dev/null &
	redis=$!
}

(cd "$dir/rsyslog" && for name in ca other; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" \
		-keyout $name-key.pem -out $name.pem
done && openssl req -newkey rsa:2048 -nodes -subj /CN=siem -keyout key.pem \
	-out request.pem && echo subjectAltName=DNS:localhost >names &&
	openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem \
		-CAcreateserial -days 2 -extfile names -out cert.pem) \
	>"$dir/log" 2>&1 || fail "no certificates"
cp "$dir/rsyslog/other.pem" "$dir/rsyslog/trusted.pem"
chmod a+r "$dir/rsyslog/"*.pem
cat >"$dir/rsyslog/conf" <<END
global(workDirectory="$dir/rsyslog" maxMessageSize="64k"
 DefaultNetstreamDriver="ossl"
 DefaultNetstreamDriverCAFile="$dir/rsyslog/ca.pem"
 DefaultNetstreamDriverCertFile="$dir/rsyslog/cert.pem"
 DefaultNetstreamDriverKeyFile="$dir/rsyslog/key.pem")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1"
 StreamDriver.AuthMode="anon")
input(type="imtcp" address="127.0.0.1" port="6591")
template(name="raw" type="string" string="%rawmsg%\n")
action(type="omfile" file="$dir/rsyslog/out" template="raw")
END
ip netns exec $watch rsyslogd -n -iNONE -f "$dir/rsyslog/conf" \
	2>>"$dir/log" &
rsyslog=$!
ip netns exec $watch "$build/tests/live/kafka_mock" "$dir/kafka" \
	>"$dir/brokers" &
kafka=$!
for _ in $(seq 100); do
	[ -s "$dir/brokers" ] && break
	sleep 0.05
done
[ -s "$dir/brokers" ] || fail "no Kafka mock"

start() {
	# shellcheck disable=SC2086
	ip netns exec $watch "$released" run -i tap $world \
		--alerts "$dir/log.d/alerts" --stats "$dir/log.d/stats" \
		--stats-interval 1 --control "$dir/control" \
		--metrics 127.0.0.1:9848 --journal "$dir/journal" \
		--sink "file:$dir/log.d/sunk" \
		--sink redis://localhost:6390/alerts?maximum=1000000 \
		--sink "syslog+tls://localhost:6591?ca=$dir/rsyslog/ca.pem#tls" \
		--sink "kafka://$(cat "$dir/brokers")/alerts#kafka" \
		--sink "syslog+tls://localhost:6591?ca=$dir/rsyslog/trusted.pem#wrong" \
		--sink "syslog+tcp://siem.example:6592#nameless" \
		2>"$dir/log" &
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

traffic() {
	ip netns exec $send tcpreplay -q -i out "$@" "$dir/capture.pcap" \
		>/dev/null 2>&1 || fail "tcpreplay"
}

ctl() { "$released" ctl "$@" --control "$dir/control"; }

check() { python3 tests/live/sensor/feed.py "$@" || fail "feed: $*"; }

# --- alerts while Redis is away and the file is rotated ----------------------
start
grep -q 'confined: user nobody' "$dir/log" || fail "not confined"
traffic --multiplier 80 &
sender=$!
sleep 0.5
mv "$dir/log.d/sunk" "$dir/log.d/sunk.1"
kill -HUP $sensor
wait $sender || exit 1
sleep 1.5
[ -e "$dir/log.d/sunk" ] || fail "the file was not opened anew"
! ctl health >"$dir/health" || fail "well without Redis"
grep -q 'redis://localhost:6390/alerts: ' "$dir/health" || fail "no reason"
grep -q certificate "$dir/health" || fail "believes another authority"
ctl stats >"$dir/stats"
check down "$dir/stats"
# Five seconds of a look-up are nobody's but the thread's that waits for it.
for _ in 1 2 3 4 5 6 7 8; do
	timeout 1 "$released" ctl stats --control "$dir/control" >"$dir/stats" ||
		fail "it waits for a name server"
	sleep 0.1
done
ip netns exec $watch curl -s http://127.0.0.1:9848/metrics >"$dir/metrics"
grep -q '^hedgerow_sink_up{sink="redis://localhost:6390/alerts"} 0$' \
	"$dir/metrics" || fail "metrics do not say that Redis is away"

# --- killed; what it had not delivered is delivered by the next one ----------
# The supervisor first, or it would end its children in order.
children=$(pgrep -P $sensor)
# shellcheck disable=SC2086
kill -KILL $sensor $children
wait $sensor 2>/dev/null
for child in $children; do
	while kill -0 "$child" 2>/dev/null; do sleep 0.02; done
done
rm -f "$dir/control"
start_redis
start

# --- a full disk: alerts wait in memory, and are on it when there is room -----
dd if=/dev/zero of="$dir/journal/filler" bs=4k 2>"$dir/dd"
traffic --multiplier 200
sleep 1
ctl health >"$dir/health"
grep -q 'the journal cannot be written: No space left' "$dir/health" ||
	fail "no word of a full disk"
rm "$dir/journal/filler"
for _ in $(seq 50); do
	ctl health >"$dir/health"
	grep -q 'the journal cannot' "$dir/health" || break
	sleep 0.1
done
! grep -q 'the journal cannot' "$dir/health" || fail "still no room"
grep -q 'the journal can be written again' "$dir/log" || fail "not said"
for _ in $(seq 100); do
	ctl stats >"$dir/stats"
	python3 tests/live/sensor/feed.py settled "$dir/stats" && break
	sleep 0.1
done
# --- certificates are read anew ----------------------------------------------
echo nonsense >"$dir/rsyslog/trusted.pem"
kill -HUP $sensor
sleep 1
ctl health >"$dir/health"
grep -q 'syslog+tls' "$dir/health" || fail "takes nonsense for certificates"
cat "$dir/rsyslog/ca.pem" >"$dir/rsyslog/trusted.pem"
kill -HUP $sensor
for _ in $(seq 100); do # it tries again after some seconds
	ctl health >"$dir/health"
	grep -q 'syslog+tls' "$dir/health" || break
	sleep 0.2
done
! grep -q 'syslog+tls' "$dir/health" || fail "does not read certificates anew"
stop
grep -q '^journal  .* 0 lost' "$dir/log" || fail "no word of the journal"
check sums "$dir/log.d/stats"
ip netns exec $watch redis-cli -p 6390 --raw xrange alerts - + >"$dir/streamed"
"$released" alerts show --journal "$dir/journal" >"$dir/shown"
check same "$dir/replayed" "$dir/shown" "$dir/log.d/sunk" "$dir/log.d/sunk.1" \
	-- "$dir/streamed" -- "$dir/rsyslog/out" -- "$dir/kafka"
