# What an operator can write wrong on the way to a collector, and what is said.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset KUBECONFIG KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT
export HOME="$scratch"
bad=0

# refused CODE WORDS ARGUMENT...: ends so, and says so.
refused() {
	code=$1 words=$2
	shift 2
	"$hedgerow" collect "$@" >"$scratch/out" 2>"$scratch/errors" </dev/null
	got=$?
	if [ $got -ne "$code" ] || ! grep -qF -- "$words" "$scratch/errors" ||
		[ -s "$scratch/out" ]; then
		echo "collect $*: exit $got, not $code, or not said: $words"
		cat "$scratch/errors"
		bad=1
	fi
}

cat >"$scratch/config" <<'END'
apiVersion: v1
kind: Config
clusters:
  - name: prod
    cluster: {server: "https://127.0.0.1:1"}
users:
  - name: me
    user: {exec: {command: aws}}
contexts:
  - name: production
    context: {cluster: prod, user: me}
  - name: anonymous
    context: {cluster: prod}
current-context: production
END
config=$scratch/config

refused 2 'usage: hedgerow collect'
refused 2 'did you mean `kubernetes`' kubernets
refused 2 'nowhere to write to' kubernetes
refused 2 'two places' kubernetes -o a --redis unix:///b
refused 2 "a cluster's name has no spaces" kubernetes -o - --cluster 'a b'
refused 2 'did you mean --kubeconfig' kubernetes --kubeconfg x
refused 2 'is 1 to 3600' kubernetes -o - --watch-seconds 0
refused 2 'no kubeconfig' kubernetes -o -
refused 2 'cannot be read' kubernetes -o - --kubeconfig "$scratch/none"
refused 2 "$config:8:18: error: user me runs a program" \
	kubernetes -o - --kubeconfig "$config"
refused 2 'did you mean production' \
	kubernetes -o - --kubeconfig "$config" --context productoin
# As in a pod whose account is not mounted; in a real one it may be.
[ -d /var/run/secrets/kubernetes.io ] ||
	KUBERNETES_SERVICE_HOST=10.96.0.1 KUBERNETES_SERVICE_PORT=443 \
		refused 2 'serviceaccount/token: error' kubernetes -o -
refused 3 'cannot reach https://127.0.0.1:1' kubernetes --once -o - \
	--kubeconfig "$config" --context anonymous
refused 2 'directory' kubernetes -o "$scratch" --kubeconfig "$config" \
	--context anonymous

# What could not be read may be what is missing: nothing ends for that.
pod() {
	printf '{"kind": "Pod", "metadata": {"name": "%s", "namespace": "shop",
	    "uid": "%s"}, "spec": {}, "status": {"podIP": "10.0.0.%s"}}' \
		"$1" "$1" "$2"
}
printf '{"kind": "List", "items": [%s, %s, %s]}' "$(pod a 1)" "$(pod b 2)" \
	"$(pod c 3)" >"$scratch/list.json"
"$hedgerow" collect file "$scratch/list.json" --once -o "$scratch/records" ||
	bad=1
printf '{"kind": "List", "items": [%s, {"kind": Pod}]}' "$(pod a 1)" \
	>"$scratch/list.json"
"$hedgerow" collect file "$scratch/list.json" --once -o "$scratch/records" \
	2>"$scratch/errors" || bad=1
if grep -q '"gone"' "$scratch/records" ||
	[ "$(grep -c 'not held to be gone' "$scratch/errors")" -ne 1 ]; then
	echo "collect file: an item that was left out ended what was known"
	cat "$scratch/errors" "$scratch/records"
	bad=1
fi
# Read whole again, it says what went away.
printf '{"kind": "List", "items": [%s]}' "$(pod a 1)" >"$scratch/list.json"
"$hedgerow" collect file "$scratch/list.json" --once -o "$scratch/records" ||
	bad=1
if [ "$(grep -c '"gone"' "$scratch/records")" -ne 2 ]; then
	echo "collect file: a whole list did not end what it lacks"
	cat "$scratch/records"
	bad=1
fi
exit $bad
