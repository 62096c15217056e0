# Outside ends from the command line: databases, what is missing without them,
# and what records say of such an end.
set -u
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0

# expect CODE PATTERN ARGUMENT...: exit code, and a word that stderr must hold.
expect() {
	code=$1 pattern=$2
	shift 2
	"$hedgerow" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	got=$?
	if [ $got -ne "$code" ] || ! grep -qE -e "$pattern" "$scratch/err"; then
		echo "hedgerow $*: exit $got, not $code, or stderr lacks: $pattern"
		cat "$scratch/err"
		bad=1
	fi
}

geography=tests/data/geography
mkdir "$scratch/models"
cat >"$scratch/models/m.yaml" <<'END'
model: m
match: {application: m}
needs:
  - to: {external: {country: NO}}
  - to: {external: {asn: 64500}}
END

expect 2 'm.yaml:4:9: error: .country. .*--geo FILE.mmdb' replay \
	$demo/capture.pcap --models "$scratch/models"
expect 2 'm.yaml:5:9: error: .asn. ' replay $demo/capture.pcap \
	--models "$scratch/models" --geo $geography/country.mmdb
expect 0 'm.yaml:4:9: warning: .country. .*--geo' model check "$scratch/models"
"$hedgerow" model check "$scratch/models" --geo $geography/country.mmdb \
	--geo $geography/asn.mmdb >/dev/null 2>"$scratch/err" &&
	[ ! -s "$scratch/err" ] || { echo "a warning in spite of --geo"; bad=1; }
# Of what is set for detectors it is a pity, and no mistake.
cat >"$scratch/d.yaml" <<'END'
detectors:
  beacon:
    for:
      - {destination: {external: {country: NO}}, off: true}
END
expect 0 'd.yaml:4:23: warning: .country. .*--geo' replay $demo/capture.pcap \
	--models "$scratch/d.yaml"
expect 2 '--geo absent.mmdb' replay $demo/capture.pcap --geo absent.mmdb
expect 2 '--geo Makefile' replay $demo/capture.pcap --geo Makefile

expect 0 '' replay $demo/capture.pcap --inventory $demo/metadata.json \
	--inventory $demo/watch.jsonl --models $demo/models \
	--geo $geography/country.mmdb --geo $geography/asn.mmdb \
	--alerts "$scratch/alerts" --flows "$scratch/flows"
for wanted in '"dest_workload":{"name":"[a-z.-]*\.example"' \
	'"geo":{"country":"US","asn":64500,"org":"Example Payments"}'; do
	grep -q "$wanted" "$scratch/flows" || {
		echo "no record has $wanted"
		bad=1
	}
done
/usr/bin/python3 tests/tools/validate_records.py "$scratch/flows" "$scratch/alerts" ||
	bad=1
exit $bad
