# The kernel's verdict on real packets against the judge's: three namespaces in
# a row, of which the middle one has the compiled rules.  Nothing leaves them.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
build=$1
sender=hedgerow-sender-$$ router=hedgerow-router-$$ receiver=hedgerow-receiver-$$

clean() {
	for namespace in $sender $router $receiver; do
		ip netns delete "$namespace" 2>/dev/null
	done
}

cannot() {
	echo "NOT TESTED: $1"
	exit 77
}

[ "$(id -u)" -eq 0 ] || cannot "network namespaces need root"
for tool in ip nft iptables-restore ip6tables-restore; do
	command -v $tool >/dev/null || cannot "there is no $tool here"
done
trap clean EXIT
for namespace in $sender $router $receiver; do
	ip netns add "$namespace" || cannot "no network namespace can be made"
done
ip netns exec "$router" nft list ruleset >/dev/null ||
	cannot "this kernel has no nftables"

set -e
ip -n "$sender" link add out type veth peer name left netns "$router"
ip -n "$receiver" link add in type veth peer name right netns "$router"
for link in "$sender out" "$router left" "$router right" "$receiver in"; do
	set -- $link
	ip -n "$1" link set "$2" up
done
ip -n "$sender" address add 192.0.2.1/30 dev out
ip -n "$router" address add 192.0.2.2/30 dev left
ip -n "$router" address add 192.0.2.5/30 dev right
ip -n "$receiver" address add 192.0.2.6/30 dev in
ip -n "$sender" address add 2001:db8:ffff:1::1/64 dev out nodad
ip -n "$router" address add 2001:db8:ffff:1::2/64 dev left nodad
ip -n "$router" address add 2001:db8:ffff:2::1/64 dev right nodad
ip -n "$receiver" address add 2001:db8:ffff:2::2/64 dev in nodad
ip -n "$sender" route add default via 192.0.2.2
ip -n "$router" route add default via 192.0.2.6
ip -n "$sender" -6 route add default via 2001:db8:ffff:1::2
ip -n "$router" -6 route add default via 2001:db8:ffff:2::2
# Clients' addresses are not where the sender is, and nobody answers.
ip netns exec "$router" sh -c '
	for file in all left right; do
		echo 0 >/proc/sys/net/ipv4/conf/$file/rp_filter
	done
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'

# What the export cases expect must load as it is.
for case in tests/export/*/; do
	ip netns exec "$router" nft -c -f "$case/expect.nftables"
	for restore in iptables-restore ip6tables-restore; do
		ip netns exec "$router" $restore --noflush --test \
			"$case/expect.iptables"
	done
done
"$build/tests/live/nftables_differential" "$sender" "$router" "$receiver"
