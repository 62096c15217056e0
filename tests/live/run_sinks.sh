# The live sensor's journal and sinks, confined as they are for real: a file, a
# real redis-server, a real rsyslogd by TLS, and the Kafka mock, in namespaces
# that nothing leaves.  Targets die, a name server says nothing, the file is
# rotated, the journal's disk is full, the sensor is killed.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene tcpreplay tcprewrite curl redis-server redis-cli rsyslogd openssl mount
shop
pair tap out
# librdkafka looks for a broker only where the host has an address of its own.
ip -n $watch address add 192.0.2.1/24 dev tap
# A name server that never answers, for which the resolver waits for minutes;
# `ip netns exec` shows it to the sensor.
servers=/etc/netns/$watch
mkdir -p "$servers"
printf '%s\n' 'nameserver 192.0.2.53' 'options timeout:30 attempts:5' \
	>"$servers/resolv.conf"
trap 'clean; rm -rf "$servers"' EXIT
mkdir -m 777 "$dir/kept" "$dir/redis" "$dir/rsyslog" "$dir/journal"
mount -t tmpfs -o size=1m,mode=777 tmpfs "$dir/journal" ||
	cannot "no small disk can be made"
mounted=$dir/journal

# --- targets -----------------------------------------------------------------
(cd "$dir/rsyslog" && for name in ca other; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" \
		-keyout $name-key.pem -out $name.pem
done && openssl req -newkey rsa:2048 -nodes -subj /CN=siem -keyout key.pem \
	-out request.pem && echo subjectAltName=DNS:localhost >names &&
	openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem \
		-CAcreateserial -days 2 -extfile names -out cert.pem) \
	>"$dir/out" 2>&1 || fail "no certificates"
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
	2>"$dir/rsyslog/said" &
ip netns exec $watch "$build/tests/live/kafka_mock" "$dir/kafka" \
	>"$dir/brokers" &
until_so "a Kafka mock" test -s "$dir/brokers"

# What a sensor delivered stays when the next one starts.
begin() {
	# shellcheck disable=SC2086
	start "$released" -i tap $world --buffer 64 \
		--alerts "$dir/log.d/alerts" --stats "$dir/kept/stats" \
		--stats-interval 1 --metrics 127.0.0.1:9848 \
		--journal "$dir/journal" --sink "file:$dir/kept/sunk" \
		--sink redis://localhost:6390/alerts?maximum=1000000 \
		--sink "syslog+tls://localhost:6591?ca=$dir/rsyslog/ca.pem#tls" \
		--sink "kafka://$(cat "$dir/brokers")/alerts#kafka" \
		--sink "syslog+tls://localhost:6591?ca=$dir/rsyslog/trusted.pem#wrong" \
		--sink "syslog+tcp://siem.example:6592#nameless"
}

feed() { python3 tests/live/sensor/feed.py "$@"; }

# is_so WHAT: whether the sensor's stats show it.
is_so() { ctl stats >"$dir/stats" && feed "$1" "$dir/stats"; }

well() { ! has "$1" ctl health; }

# --- alerts while Redis is away and the file is rotated ----------------------
begin
grep -q 'confined: user nobody' "$dir/log" || fail "not confined"
traffic out --multiplier 80 &
sender=$!
until_so "an alert before the rotation" test -s "$dir/kept/sunk"
mv "$dir/kept/sunk" "$dir/kept/sunk.1"
kill -HUP $sensor
wait $sender || exit 1
until_so "the file is opened anew" test -e "$dir/kept/sunk"
health 'redis://localhost:6390/alerts: '
health certificate # of another authority
until_so "who is down is said to be" is_so down
# A look-up is nobody's but the thread's that waits for it.
for _ in 1 2 3 4 5 6 7 8; do
	timeout 20 "$released" ctl stats --control "$dir/control" >"$dir/stats" ||
		fail "it waits for a name server"
	sleep 0.1
done
until_said '^hedgerow_sink_up{sink="redis://localhost:6390/alerts"} 0$' \
	ip netns exec $watch curl -s http://127.0.0.1:9848/metrics

# --- killed; what it had not delivered is delivered by the next one ----------
# The supervisor first, or it would end its children in order.
children=$(pgrep -P $sensor)
# shellcheck disable=SC2086
kill -KILL $sensor $children
ended 137
for child in $children; do
	until_so "it is dead" is_gone "$child"
done
ip netns exec $watch redis-server --port 6390 --save "" --appendonly yes \
	--appendfsync always --dir "$dir/redis" --logfile /dev/null &
begin

# --- a full disk: alerts wait in memory, and are on it when there is room -----
dd if=/dev/zero of="$dir/journal/filler" bs=4k 2>"$dir/dd"
traffic out --multiplier 200
health 'the journal cannot be written: No space left'
rm "$dir/journal/filler"
until_so "room in the journal" well 'the journal cannot'
grep -q 'the journal can be written again' "$dir/log" || fail "not said"
until_so "all is delivered" is_so settled

# --- certificates are read anew ----------------------------------------------
echo nonsense >"$dir/rsyslog/trusted.pem"
before=$(count_of '^hedgerow: reloaded')
kill -HUP $sensor
said_again "$before" '^hedgerow: reloaded'
health 'syslog+tls'
cat "$dir/rsyslog/ca.pem" >"$dir/rsyslog/trusted.pem"
kill -HUP $sensor
until_so "certificates are read anew" well 'syslog+tls'
until_so "all is delivered" is_so settled
stop
grep -q '^journal  .* 0 lost' "$dir/log" || fail "no word of the journal"
feed sums "$dir/kept/stats" >"$dir/out" 2>&1 || fail "sums do not close"
ip netns exec $watch redis-cli -p 6390 --raw xrange alerts - + >"$dir/streamed"
"$released" alerts show --journal "$dir/journal" >"$dir/shown"
feed same "$dir/replayed" "$dir/shown" "$dir/kept/sunk" "$dir/kept/sunk.1" \
	-- "$dir/streamed" -- "$dir/rsyslog/out" -- "$dir/kafka" \
	>"$dir/out" 2>&1 || fail "not everywhere"
