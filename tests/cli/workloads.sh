# Who is who, since when, which application, why that name, and which model.
set -eu
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/log" <<'LOG'
{"time":"2026-11-21T06:00:01Z","type":"ADDED","object":{"kind":"Pod","metadata":{"name":"db-0","namespace":"shop","uid":"u1","resourceVersion":"5","labels":{"app":"orders-db"}},"spec":{"nodeName":"n1","containers":[{"name":"db","image":"registry.example:5000/ib/postgres:15.5@sha256:52ea"}]},"status":{"startTime":"2026-11-21T06:00:00Z","podIP":"10.0.0.7"}}}
{"time":"2026-11-21T06:10:00Z","type":"DELETED","object":{"kind":"Pod","metadata":{"name":"db-0","namespace":"shop","uid":"u1","resourceVersion":"9","labels":{"app":"orders-db"}},"spec":{"nodeName":"n1","containers":[{"name":"db","image":"registry.example:5000/ib/postgres:15.5@sha256:52ea"}]},"status":{"startTime":"2026-11-21T06:00:00Z","podIP":"10.0.0.7"}}}
{"time":"2026-11-21T06:10:02Z","type":"ADDED","object":{"kind":"Pod","metadata":{"name":"other-0","namespace":"shop","uid":"u2","resourceVersion":"12","annotations":{"hedgerow.io/app":"\u001b[31mother"}},"spec":{"containers":[{"name":"x","image":"redis:7"}]},"status":{"startTime":"2026-11-21T06:10:01Z","podIP":"10.0.0.7"}}}
LOG
# says PATTERN OPTION...: a line of what is listed
says() {
	pattern=$1
	shift
	"$hedgerow" workloads --inventory "$scratch/log" "$@" \
		>"$scratch/out" 2>"$scratch/errors"
	grep -qE -- "$pattern" "$scratch/out" || {
		echo "workloads $*: no line like $pattern"
		cat "$scratch/out" "$scratch/errors"
		exit 1
	}
}
says '^NAMESPACE +NAME +APPLICATION +ADDRESSES +SINCE +UNTIL +MODELS +BECAUSE$'
says '^shop +db-0 +orders-db +10\.0\.0\.7 +2026-11-21T06:00:00\.000000Z +2026-11-21T06:10:00\.000000Z +postgresql +label app$'
says '^shop +other-0 .*10\.0\.0\.7 +2026-11-21T06:10:01.* -  .*redis +annotation hedgerow.io/app$'
# A terminal has nothing to obey in it.
! grep -q "$(printf '\033')" "$scratch/out"
# Of one time, who held it then.
says '^shop +db-0 ' --at 2026-11-21T06:05:00Z
[ "$(wc -l <"$scratch/out")" -eq 2 ]
says '^shop +other-0 ' --at 2026-11-21T06:11:00Z
[ "$(wc -l <"$scratch/out")" -eq 2 ]
says 'label app  -  n1  Pod  registry.example:5000/ib/postgres:15.5@sha256:52ea$' -o wide
says '"because":"label app".*"registry":"registry.example:5000","path":"ib/postgres","base":"postgres","tag":"15.5","digest":"sha256:52ea".*"began":"2026-11-21T06:00:00.000000Z".*"models":\["postgresql"\]' -o json
# What nobody can be is counted, and costs the others nothing.
cat >"$scratch/nameless" <<'LIST'
{"kind":"List","items":[null,[1],{"kind":"Pod"},{"kind":"Pod","metadata":{"name":""}},{"kind":"Pod","metadata":{"name":"good","uid":"g"},"status":{"podIP":"10.1.2.3"}}]}
LIST
"$hedgerow" workloads --inventory "$scratch/nameless" >"$scratch/out" \
	2>"$scratch/errors"
grep -q '2 items of the list have no name' "$scratch/errors"
grep -q ' good .*10\.1\.2\.3' "$scratch/out"
