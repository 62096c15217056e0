# What `hedgerow check` says is missing on a host, and the remedy.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene
pair tap1 out1
pair tap2 out2
ip -n $watch link set tap2 down
cat >"$dir/hedgerow.yaml" <<END
interfaces: [tap1, tap2]
control: $dir/control
metrics: 127.0.0.1:9848
inventory: {files: $PWD/pcaps/demo/metadata.json}
models: {directories: $PWD/pcaps/demo/models}
END

checks() { ip netns exec $watch "$@" >"$dir/out" 2>"$dir/log"; }

checks "$released" check --config "$dir/hedgerow.yaml" \
	--redis redis://127.0.0.1:1 --alerts "$dir/nosuch/alerts"
[ $? -eq 1 ] || fail "check finds nothing missing"
for words in 'ok .*capture: CAP_NET_RAW' \
	'ok .*interface: tap1: a ring of 32 MiB, packets of up to 130048 octets, promiscuous' \
	'missing .*interface: tap2: .*not up' 'ok .*metrics: ' \
	'clock: ' 'ok .*memory: ' 'missing .*alerts: No such file' \
	'ok .*seccomp: ' 'Landlock: ' 'ok .*descriptors: ' \
	'missing .*Redis: redis://127.0.0.1:1: Connection refused'; do
	grep -q "$words" "$dir/out" || fail "check does not say: $words"
done
# What the driver is told to do with packets.
! command -v ethtool >/dev/null || for gro in on off; do
	ip netns exec $watch ethtool -K tap1 gro $gro || fail ethtool
	checks "$released" check -i tap1
	grep -q 'warning .*tap1: GRO' "$dir/out"
	[ $? -eq $([ $gro = on ]; echo $?) ] || fail "check of GRO $gro"
	[ $gro = off ] || grep -q 'ethtool -K tap1 gro off' "$dir/out" ||
		fail "check has no remedy for GRO"
done
(ulimit -n 64 && checks "$released" check -i tap1 --workers 8)
grep -q 'missing .*descriptors: .* wanted, 64 allowed' "$dir/out" ||
	fail "check does not miss descriptors"
checks setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$released" check -i tap1
grep -q 'missing .*capture: no CAP_NET_RAW' "$dir/out" ||
	fail "check does not miss the right to capture"
