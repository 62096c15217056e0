# Policy is about what workloads are: 150 pods of one Deployment, each with its
# own address, come to one line, and so do the three replicas behind it.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# pods NAME IMAGE COUNT NETWORK: JSON of that many pods of one kind.
pods() {
	i=0
	while [ $i -lt "$3" ]; do
		cat <<-END
			{"kind": "Pod", "metadata": {"name": "$1-$i",
			"namespace": "shop", "uid": "$1-$i", "resourceVersion": "1",
			"labels": {"app": "$1", "pod-template-hash": "h$((i % 3))"}},
			"spec": {"nodeName": "n$((i % 5))",
			"containers": [{"name": "main", "image": "$2"}]},
			"status": {"phase": "Running", "podIP": "$4.$((i + 1))"}},
		END
		i=$((i + 1))
	done
}
{
	echo '{"apiVersion": "v1", "kind": "List", "items": ['
	pods orders example/orders:1 150 10.0.1
	pods orders-db redis:7 3 10.0.2
	echo '{"kind": "Namespace", "metadata": {"name": "shop", "uid": "s",'
	echo '"resourceVersion": "1"}}]}'
} >"$scratch/pods.json"

"$hedgerow" policy show --inventory "$scratch/pods.json" >"$scratch/policy" ||
	exit 1
bad=0
# count NUMBER PATTERN
count() {
	got=$(grep -cE "$2" "$scratch/policy")
	[ "$got" -eq "$1" ] && return
	echo "policy show has $got lines, not $1, of: $2"
	bad=1
}

count 1 '^allow  shop/orders -> shop/orders-db .* redis\.provides\.client'
count 1 'redis\.provides\.replication .* \+ redis\.needs\.replication'
# What is not judged is not allowed, and stands once for everybody.
count 0 '^allow .*provides\.(scrape|mesh)( |$)'
count 1 '^unjudged  \* -> shop/orders-db .* redis\.provides\.mesh'
count 0 'orders-[0-9]|10\.0\.'
[ "$("$hedgerow" workloads --inventory "$scratch/pods.json" |
	grep -c 'orders-[0-9]')" -eq 150 ] || {
	echo "the inventory does not have 150 pods"
	bad=1
}
[ $bad -eq 0 ] || cat "$scratch/policy"
exit $bad
