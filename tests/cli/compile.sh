# policy compile: what is wrong is said, --enforce drops and the default never
# does, and --losses prints JSON lines and nothing else.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
world="--models tests/export/shop/models --inventory tests/export/shop/inventory.json --no-library"

complain() {
	echo "policy compile: $1"
	bad=1
}

expect() {
	code=$1 pattern=$2
	shift 2
	"$hedgerow" policy compile "$@" >"$scratch/out" 2>"$scratch/err"
	got=$?
	[ $got -eq "$code" ] && grep -qE "$pattern" "$scratch/err" ||
		complain "$*: exit $got, not $code, or stderr lacks: $pattern"
}

expect 2 'format is missing'
expect 2 'did you mean nftables' --format nftable
expect 2 'there is nftables' --format xyzzy
expect 2 'time' --format json --at yesterday
expect 3 'absent' --format json --inventory absent.json
expect 0 'losses' --format nftables $world
grep -qw drop "$scratch/out" && complain "nftables drops without --enforce"
expect 0 'losses' --format nftables --enforce $world
grep -qw drop "$scratch/out" || complain "nftables --enforce does not drop"
expect 0 'losses' --format iptables $world
grep -qw DROP "$scratch/out" && complain "iptables drops without --enforce"
expect 0 'losses' --format iptables --enforce $world
grep -qw DROP "$scratch/out" || complain "iptables --enforce does not drop"
expect 0 'losses' --format calico $world
grep -q '^kind: NetworkPolicy' "$scratch/out" && complain "calico is not staged"
expect 0 'losses' --format calico --enforce $world
grep -q '^kind: NetworkPolicy' "$scratch/out" || complain "calico stays staged"

# Before the pods lived, there is nobody to write rules for.
expect 0 'losses' --format networkpolicy --at 2020-01-01T00:00:00Z $world
grep -q '^kind:' "$scratch/out" && complain "--at is not heeded"

"$hedgerow" policy compile --format calico --losses $world >"$scratch/out" ||
	complain "--losses failed"
grep -q '"lost":"the application"' "$scratch/out" ||
	complain "--losses lacks the application"
grep -v '^{.*}$' "$scratch/out" && complain "--losses prints more than JSON"
exit $bad
