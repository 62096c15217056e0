# A replay keeps its alerts in a journal and delivers them; `alerts` shows,
# follows, delivers and sends them again.
set -eu
hedgerow=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
journal=$directory/journal
# say WORDS: what must be true next, for whoever reads a failure.
say() {
	echo "$*"
}
replay() {
	"$hedgerow" replay pcaps/demo/capture.pcap \
		--inventory pcaps/demo/metadata.json \
		--inventory pcaps/demo/watch.jsonl --models pcaps/demo/models \
		--alerts "$directory/alerts" --journal "$journal" "$@" \
		2>"$directory/err"
}
alerts() {
	verb=$1
	shift
	"$hedgerow" alerts "$verb" --journal "$journal" "$@" 2>"$directory/err"
}

say "what is delivered, shown and sent again is what was said"
replay --sink "file:$directory/one" --sink "file:$directory/cef?format=cef"
cmp "$directory/alerts" "$directory/one"
alerts show | cmp - "$directory/alerts"
alerts show --format cef | cmp - "$directory/cef"
alerts replay --sink "file:$directory/again"
cmp "$directory/alerts" "$directory/again"
grep -q " 0 left" "$directory/err"

say "tail begins with the last lines"
alerts tail -n 3 --once >"$directory/tail"
tail -n 3 "$directory/alerts" | cmp - "$directory/tail"

say "a sink gets only what it has not acknowledged"
alerts deliver --sink "file:$directory/one"
cmp "$directory/alerts" "$directory/one"

say "another run goes on in the same journal, formats aside"
cp "$directory/alerts" "$directory/first"
replay --format ecs --sink "file:$directory/one"
cat "$directory/first" "$directory/first" | cmp - "$directory/one"

say "times choose"
last=$(tail -n 1 "$directory/first" |
	sed 's/.*"timestamp":"\([^"]*\)+0000".*/\1Z/')
alerts show --since "$last" >"$directory/since"
[ -s "$directory/since" ]
[ "$(wc -l <"$directory/since")" -lt "$(wc -l <"$directory/one")" ]
[ -z "$(alerts show --until 2001-01-01T00:00:00Z)" ]
day=$(head -n 1 "$directory/first" | cut -c15-24)
alerts show --on "$day" | cmp - "$directory/one"
[ -z "$(alerts show --on 2001-01-01)" ]
alerts show --since "$day" --until "${day}T23:59:59Z" | cmp - "$directory/one"
alerts replay --on "$day" --until "$last" --sink "file:$directory/span"
alerts show --until "$last" | cmp - "$directory/span"
[ "$(wc -l <"$directory/span")" -lt "$(wc -l <"$directory/one")" ]
! alerts show --on smoresday || exit 1
grep -q "is no day; write it as" "$directory/err"
! alerts show --since 5x || exit 1
grep -q "is no time; write it as" "$directory/err"

say "facility and enterprise number are the operator's"
alerts show --format syslog --facility daemon --enterprise 4711 |
	head -n 1 | grep -q '^<2[4-9]>1 .*\[hedgerow@4711 '
alerts replay --on "$day" --facility kern \
	--sink "file:$directory/own?format=syslog&facility=local7&enterprise=99" \
	--sink "file:$directory/common?format=syslog"
head -n 1 "$directory/own" | grep -q '^<1[89][0-9]>1 .*\[hedgerow@99 '
head -n 1 "$directory/common" | grep -q '^<[0-7]>1 .*\[hedgerow@32473 '
! alerts show --facility loca5 || exit 1
grep -q "such as local5" "$directory/err"
! alerts deliver --sink "file:$directory/x?enterprise=0" || exit 1
grep -q "IANA" "$directory/err"

say "a torn journal is cut, said, and goes on"
for segment in "$journal"/*.journal; do
	truncate -s -5 "$segment"
done
alerts show >"$directory/torn"
[ "$(wc -l <"$directory/torn")" -eq \
	$(($(wc -l <"$directory/first") * 2 - 1)) ]
replay
grep -q "[1-9][0-9]* octets torn" "$directory/err"
alerts show >"$directory/mended"
[ "$(wc -l <"$directory/mended")" -eq \
	$(($(wc -l <"$directory/first") * 3 - 1)) ]

say "a target that is not there leaves them in the journal"
! alerts deliver --sink syslog+tcp://127.0.0.1:1 --deliver-for 1 || exit 1
grep -q "alerts wait in the journal" "$directory/err"
grep -Eq "0 acknowledged.* [1-9][0-9]* left" "$directory/err"

say "mistakes are said"
! "$hedgerow" alerts shw --journal x 2>"$directory/err" || exit 1
grep -q "did you mean show" "$directory/err"
! alerts deliver --sink syslog+tpc://x || exit 1
grep -q "is no sink" "$directory/err"
! "$hedgerow" alerts show --journal "$directory/none" 2>"$directory/err" || exit 1
grep -q "No such file" "$directory/err"

say "check looks at what sinks name"
check() {
	"$hedgerow" check "$@" >"$directory/checked" 2>/dev/null || :
}
check --sink "file:$directory/none/x"
grep -q '^missing .*journal' "$directory/checked"
grep -q '^missing .*sink' "$directory/checked"
check --journal "$journal" --sink syslog+tpc://x
grep -q 'is no sink' "$directory/checked"
check --journal "$journal" --sink "syslog+tls://x?ca=$directory/none.pem"
grep -q 'none.pem' "$directory/checked"
! "$hedgerow" run -i lo --sink file:x 2>"$directory/err" || exit 1
grep -q 'needs --journal' "$directory/err"
