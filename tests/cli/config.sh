# The configuration file: what is wrong with it is said, all of it, by `run` and
# by `check`; what is right is what `check` looks at.
set -u
hedgerow=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "$1"
	cat "$dir/out" "$dir/err"
	exit 1
}

cat >"$dir/bad.yaml" <<'END'
interfaces: [lo]
captrue: {ring: 64MiB}
alerts: {formt: ecs}
sinks: [syslog+tls//siem]
domains: {prod: vlan:9999}
metrics: 127.0.0.1:99999
inventory: {redis: rediss//10.0.0.5}
END
for command in run check; do
	"$hedgerow" $command --config "$dir/bad.yaml" >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] || fail "$command takes a wrong file"
	for said in "2:1: error: unknown key 'captrue'; did you mean 'capture'" \
		"3:10: error: unknown key 'formt' of alerts; did you mean 'format'" \
		"4:9: error: " "5:22: error: " "6:10: error: metrics: '127.0.0.1:99999'" \
		"7:20: error: no Redis URL"; do
		grep -q "bad.yaml:$said" "$dir/err" || fail "not said: $said"
	done
done
"$hedgerow" run --config "$dir/nosuch.yaml" >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ] || fail "takes a file that is not there"
grep -q 'nosuch.yaml: error: cannot be read: No such file' "$dir/err" ||
	fail "does not say that the file is not there"

# A file that names everything, and no alerts' directory.
mkdir -m 755 "$dir/models"
cat >"$dir/good.yaml" <<END
interfaces: [nosuchinterface]
models: {directories: $dir/models}
inventory: {files: pcaps/demo/metadata.json}
alerts: {file: $dir/nosuch/alerts}
END
"$hedgerow" check --config "$dir/good.yaml" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] || fail "nothing is missing"
for said in "^ok .* configuration: $dir/good.yaml" \
	"^missing .* interface: nosuchinterface: " \
	"^missing .* alerts: No such file" "mkdir $dir/nosuch" \
	"^ok .* inventory: [0-9]* workloads"; do
	grep -q "$said" "$dir/out" || fail "not said: $said"
done
# An option wins over it.
"$hedgerow" check --config "$dir/good.yaml" --alerts "$dir/alerts" \
	>"$dir/out" 2>"$dir/err"
! grep -q 'alerts: No such' "$dir/out" || fail "the file wins"
grep -q "alerts: $dir/alerts" "$dir/out" || grep -q 'warning .* alerts' \
	"$dir/out" || fail "an option is not looked at"
