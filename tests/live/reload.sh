# A reload judges anew what is in progress and loses none of it; a storm of them
# changes no finding; and a configuration file is read anew by a sensor that is
# confined.  Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene tcpreplay tcprewrite
shop
pair tap1 out1
pair tap2 out2

# settings KEY...: a configuration file, with lines of its own after.
settings() {
	printf '%s\n' 'interfaces: [tap1, tap2]' \
		"models: {directories: $dir/models}" \
		"inventory: {files: $dir/metadata.json}" \
		"alerts: {file: $dir/log.d/alerts}" \
		"stats: {file: $dir/log.d/stats, interval: 1s}" \
		"$@" >"$dir/hedgerow.yaml"
}

begin() {
	program=$1
	shift
	start "$program" --config "$dir/hedgerow.yaml" "$@"
}

# --- what is in progress -----------------------------------------------------
counted() {
	asked "stats['verdict']['unmodelled'], stats['flow']['created']"
}

changed() { [ "$(counted)" != "$before" ]; }

settings "flows: {file: $dir/log.d/flows}" 'capture: {ring: 64MiB}'
begin "$released" --workers 2
traffic out1 --topspeed
all_seen "$sent"
all_judged
before=$(counted)
mv "$dir/models/shop.yaml" "$dir"
kill -HUP $sensor
said 'reloaded: '
until_so "flows in progress are judged anew" changed
after=$(counted)
[ "${after% *}" -gt "${before% *}" ] || fail "fewer are unmodelled"
[ "${after#* }" = "${before#* }" ] || fail "a reload makes flows"
mv "$dir/shop.yaml" "$dir/models"
for _ in 1 2 3 4 5 6 7 8; do
	kill -HUP $sensor
	sleep 0.02
done
stop
sums "$sent"

# --- a storm of signals: as many reloads as it can, and the same findings -----
# A ring for all that is sent: what sanitizers and reloads take is not tested.
settings "flows: {file: $dir/log.d/flows}" 'capture: {ring: 256MiB}'
begin "$checked" --no-confine
traffic out1 --multiplier 30 &
sender=$!
for _ in $(seq 100); do
	kill -HUP $sensor
	sleep 0.02
done
while [ "$(count_of '^hedgerow: reloaded')" -lt 5 ]; do
	said_again "$(count_of '^hedgerow: reloaded')" '^hedgerow: reloaded'
	kill -HUP $sensor
done
wait $sender || exit 1
health '"state":"ready"'
stop
sums "$sent"
deviations "after a storm of signals"

# --- the configuration file, read anew by a sensor that is confined ----------
mkdir -m 755 "$dir/models/more"
settings
begin "$released"
echo 'capture: {rnig: 64MiB}' >>"$dir/hedgerow.yaml"
! ctl reload >/dev/null 2>&1 || fail "takes a file with a mistake"
said "hedgerow.yaml:.*unknown key 'rnig'.*did you mean 'ring'"
settings "capture: {ring: 64MiB, filter: not port 1}" "limits: {flows: 1000}"
sed -i -e "s,directories: .*},directories: [$dir/models/more]}," \
	-e 's/tap1, tap2/tap2, tap1/' -e 's,log.d/alerts},log.d/elsewhere},' \
	-e 's/interval: 1s/interval: 2s/' "$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
for name in capture.ring capture.filter limits.flows interfaces; do
	said "hedgerow.yaml: $name needs a restart"
done
! grep -q 'models.directories\|stats.interval\|alerts.file' "$dir/log" ||
	fail "does not take what it may"
traffic out1 --topspeed
until_said unmodelled ctl stats
until_said '"event_type":"alert"' cat "$dir/log.d/elsewhere"
sed -i -e "s,$dir/models/more,/usr/share," "$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
said 'models.directories names a place that was not named before'
chmod 600 "$dir/hedgerow.yaml"
until_said '"ok":true' ctl reload
said 'hedgerow.yaml: Permission denied; its changes take a restart'
stop

# --- databases of geography: replaced, or written in place, which cuts them ---
mkdir -m 755 "$dir/geo"
cp tests/data/geography/country.mmdb "$dir/geo/places.mmdb"
settings
chmod 644 "$dir/hedgerow.yaml" "$dir/geo/places.mmdb"
begin "$released" --geo "$dir/geo/places.mmdb"
: >"$dir/geo/places.mmdb"
traffic out1 --topspeed
all_seen "$sent"
all_judged
kill -HUP $sensor
said 'places.mmdb.*; what was known before goes on'
cat tests/data/geography/asn.mmdb >"$dir/geo/places.mmdb"
kill -HUP $sensor
said 'geo: 1 read anew'
cp tests/data/geography/country.mmdb "$dir/geo/new"
mv "$dir/geo/new" "$dir/geo/places.mmdb"
kill -HUP $sensor
said_again 1 'geo: 1 read anew'
stop
