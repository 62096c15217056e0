# What a sensor depends on and does not have: Redis is not there, goes away and
# comes back, and the disk takes its time.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene redis-server redis-cli tcpreplay tcprewrite
shop
pair tap out
url=redis://127.0.0.1:6390

begin() {
	start "$released" -i tap --models "$dir/models" \
		--alerts "$dir/log.d/alerts" "$@"
}

# --- told to end while it waits for Redis: nothing is left -------------------
for signal in TERM INT; do
	rm -f "$dir/log"
	ip netns exec $watch "$released" run -i tap --redis $url \
		--models "$dir/models" --alerts "$dir/log.d/alerts" \
		--control "$dir/control" 2>"$dir/log" &
	sensor=$!
	said "$url: .*refused"
	kill -$signal $sensor
	ended 0
	said 'told to end before it watched'
	[ ! -e "$dir/control" ] || fail "it leaves its socket behind"
done

# --- Redis away and back -----------------------------------------------------
start_redis() {
	ip netns exec $watch redis-server --port 6390 --save '' --dir "$dir" \
		>/dev/null 2>&1 &
	redis=$!
	until_said PONG ip netns exec $watch redis-cli -p 6390 ping
	ip netns exec $watch "$released" collect file "$dir/metadata.json" \
		--cluster demo --once --redis $url >"$dir/out" 2>&1 ||
		fail "collect"
}

end_redis() {
	kill -KILL $redis
	wait $redis 2>/dev/null
}

start_redis
begin --redis $url
end_redis
health 'Redis is away'
start_redis
health '"state":"ready"'
said "$url: it is there again"
stop
end_redis

# --- a disk that takes five seconds for what the journal asks of it ------------
# Whether any answer so far was asked for and given while the disk took its time.
answered() {
	asked_at=$(date +%s.%N)
	ctl stats >"$dir/out" 2>&1 || fail "no answer"
	echo "$asked_at $(date +%s.%N)" >>"$dir/answers"
	python3 - "$dir/traced" "$dir/answers" <<'END'
import re, sys
with open(sys.argv[1]) as trace, open(sys.argv[2]) as answers:
    begun = [float(at) for at in re.findall(
        r"^\d+ +(\S+) fdatasync\(", trace.read(), re.M)]
    times = [tuple(map(float, line.split())) for line in answers]
sys.exit(not any(at <= asked and answered <= at + 5
                 for at in begun for asked, answered in times))
END
}

if command -v strace >/dev/null; then
	rm -rf "$dir/log.d/"* "$dir/control" "$dir/log"
	ip netns exec $watch strace -D -f -qq -ttt -o "$dir/traced" \
		-e trace=fdatasync -e inject=fdatasync:delay_enter=5s \
		"$released" run -i tap $world --journal "$dir/log.d/journal" \
		--alerts "$dir/log.d/alerts" --control "$dir/control" \
		2>"$dir/log" &
	sensor=$!
	said '^hedgerow: watching'
	traffic out --multiplier 200 &
	until_so "an answer while the disk takes its time" answered
	wait $! || exit 1
	stop
fi
