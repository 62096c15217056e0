# stdout carries records and nothing else; two runs give the same bytes; stdin
# and a filter work as in tcpdump.
set -eu
hedgerow=$1
demo=pcaps/demo
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
run() {
	"$hedgerow" "$@" --inventory $demo/metadata.json \
		--inventory $demo/watch.jsonl --models $demo/models
}
run replay $demo/capture.pcap >"$scratch/one" 2>/dev/null
run -r $demo/capture.pcap >"$scratch/two" 2>/dev/null
cmp "$scratch/one" "$scratch/two"
/usr/bin/python3 tests/tools/validate_records.py "$scratch/one"
run replay - <$demo/capture.pcap 2>/dev/null |
	sed 's/"pcap_filename":"-"/"pcap_filename":"pcaps\/demo\/capture.pcap"/' |
	cmp - "$scratch/one"
run replay $demo/capture.pcap --alerts /dev/null --flows - tcp port 6379 \
	>"$scratch/redis" 2>/dev/null
[ -s "$scratch/redis" ]
! grep -v '"dest_port":6379' "$scratch/redis"
