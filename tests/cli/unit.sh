# The systemd unit: systemd understands it, it is as tight as it was, and what
# it starts is what there is.  Without systemd-analyze nothing is tested.
set -u
hedgerow=$1
command -v systemd-analyze >/dev/null || {
	echo "NOT TESTED: there is no systemd-analyze here"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unit=deploy/systemd/hedgerow.service

fail() {
	echo "$1"
	cat "$dir/out"
	exit 1
}

# The program need not be installed for this.
sed "s,/usr/local/bin/hedgerow,$(readlink -f "$hedgerow")," $unit \
	>"$dir/hedgerow.service"
systemd-analyze verify "$dir/hedgerow.service" >"$dir/out" 2>&1 ||
	fail "systemd does not understand the unit"
! grep -q hedgerow "$dir/out" || fail "systemd says something of the unit"
systemd-analyze security --offline=yes --threshold=25 \
	"$dir/hedgerow.service" >"$dir/out" 2>&1 || fail "it is exposed"

# Its options are ones that `run` has.
"$hedgerow" run --help >"$dir/out" || fail "no help"
for option in $(sed -n 's/^ExecStart=//p' $unit | grep -o -e '--[a-z-]*'); do
	grep -q -e "$option " "$dir/out" || fail "there is no $option"
done
