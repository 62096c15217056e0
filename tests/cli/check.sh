# What is written wrong, or well and hardly meant: `model check` says where it
# stands and what to write instead, whatever it is given.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
inventory="--inventory pcaps/demo/metadata.json --inventory pcaps/demo/watch.jsonl"

# said CODE PATTERN...: of the models on stdin, with the demo's inventory.
said() {
	code=$1
	shift
	rm -rf "$scratch/models"
	mkdir "$scratch/models"
	cat >"$scratch/models/own.yaml"
	# shellcheck disable=SC2086
	"$hedgerow" model check "$scratch/models" $inventory \
		>"$scratch/out" 2>"$scratch/err" </dev/null
	got=$?
	[ $got -eq "$code" ] || { echo "exit $got, not $code, for: $*"; bad=1; }
	for pattern in "$@"; do
		grep -qE "own\.yaml:$pattern" "$scratch/err" && continue
		echo "not said: $pattern"
		cat "$scratch/err"
		bad=1
	done
}

# --- what matches nothing, or never applies ---
said 0 "2:9: warning: model 'a' matches nothing: no workload has application 'cart'; did you mean 'carts'" <<'Y'
model: a
match: [{namespace: shop, application: cart}]
Y
said 0 "2:9: warning: .*no workload has namespace 'shopp'; did you mean 'shop'" <<'Y'
model: a
match: [{namespace: shopp}]
Y
said 0 "1:1: warning: model 'a' matches nothing: each key fits somebody" <<'Y'
model: a
match: [{namespace: banking, application: carts}]
Y
said 0 "1:1: warning: model 'learned' never applies: 'own' .*own\.yaml:5.*adds: true" <<'Y'
model: learned
origin: learned
match: [{application: carts}]
---
model: own
match: [{namespace: shop, application: carts}]
Y
said 0 "4:1: warning: models 'two' and 'one' .*own\.yaml:1.* same workloads.*adds: true" <<'Y'
model: one
match: [{application: carts, namespace: shop}]
---
model: two
match: [{image: carts}]
Y
said 0 "3:30: warning: nobody fits: no workload has application 'frontend'; did you mean 'front-end'" <<'Y'
model: a
match: [{application: carts}]
provides: [{app: http, from: {application: frontend}}]
Y
said 0 "1:1: warning: segment 's' has no members" <<'Y'
segment: s
match: [{labels: {env: nowhere}}]
Y

# --- what contradicts itself ---
said 0 "2:9: warning: nobody fits: label 'env'" <<'Y'
model: a
match: [{application: carts, labels: {env: prod, "!env": true}}]
Y
said 0 "3:30: warning: nobody fits: .*'node' and 'external'" <<'Y'
model: a
match: [{application: carts}]
provides: [{app: http, from: {node: true, external: {}}}]
Y
said 0 "5:5: warning: entry 'narrow' of model 'a' allows nothing that 'wide' \(line 4\) does not" <<'Y'
model: a
match: [{application: carts}]
provides:
  - {name: wide, from: {any: true}}
  - {name: narrow, app: http, port: tcp/80, from: {role: web}}
Y
said 0 "4:5: warning: 'except' takes back all" <<'Y'
segment: s
match: [{namespace: banking}]
isolate:
  - {from: {external: {}}, except: [{from: {any: true}}]}
Y
said 0 "4:5: warning: members of 's' cross no boundary" <<'Y'
segment: s
match: [{namespace: banking}]
isolate:
  - {from: {segment: s}}
Y
said 0 "4:5: warning: contradiction: segment 's' excepts shop/carts -> banking/ledger-db, and segment 't' .*own\.yaml:9" <<'Y'
segment: s
match: [{namespace: banking, application: ledger-db}]
isolate:
  - {from: {namespace: shop}, except: [{from: {application: carts}}]}
---
segment: t
match: [{namespace: banking}]
isolate:
  - {from: {namespace: shop}}
Y

# --- what cannot be ---
said 2 "3:19: error: port 'tcp/9000-80' is upside down; write 'tcp/80-9000'" <<'Y'
model: a
match: [{application: carts}]
provides: [{port: tcp/9000-80}]
Y
said 2 "2:10: error: 'extends' goes in a circle: a -> b -> a" <<'Y'
model: a
extends: b
---
model: b
extends: a
Y
said 2 "1:4: error: anchors" <<'Y'
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
Y
said 2 "2:17: error: aliases" <<'Y'
model: a
match: [{image: *image}]
Y

# --- what is too much ---
python3 - >"$scratch/deep" <<'PYTHON'
print("model: a\nmatch: " + "[" * 100000)
PYTHON
said 2 "2:[0-9]+: error: " <"$scratch/deep"
python3 - >"$scratch/long" <<'PYTHON'
print("model: a\nmatch:")
for i in range(400000):
    print("  - {image: thing-%06d}" % i)
PYTHON
[ "$(wc -c <"$scratch/long")" -gt 10000000 ] || { echo "too short"; bad=1; }
begin=$(date +%s)
said 0 "3:5: warning: model 'a' matches nothing" <"$scratch/long"
[ $(($(date +%s) - begin)) -lt 120 ] || { echo "10 MB took too long"; bad=1; }
python3 - >"$scratch/many" <<'PYTHON'
for i in range(16000):
    print("---\nmodel: m%d\nmatch: [{application: a%d}]\nprovides: "
          "[{app: http, port: tcp/80, from: {application: a%d}}]\n"
          "describes: %s" % (i, i, i, "x" * 560))
PYTHON
[ "$(wc -c <"$scratch/many")" -gt 10000000 ] || { echo "too short"; bad=1; }
said 0 "2:1: warning: model 'm0' matches nothing|2:9: .*'m0' matches nothing|3:[0-9]+: warning: model 'm0'" <"$scratch/many"
grep -q "no mistakes, [0-9]* warnings" "$scratch/out" || { echo "no sum"; bad=1; }
exit $bad
