# Who was what, when, is the same through Redis as from files: watch logs in any
# order, with objects that changed on the way, collected into a real
# redis-server, whole or part by part.  Exit code 77: nothing was tested.
set -eu
build=$1
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
hedgerow=$build/hedgerow
directory=$(mktemp -d)
server=
clean() {
	[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
	rm -rf "$directory"
}
trap clean EXIT
url=unix://$directory/redis.sock
redis-server --port 0 --unixsocket "$directory/redis.sock" --save '' \
	--dir "$directory" --logfile /dev/null &
server=$!
tries=0
until redis-cli -s "$directory/redis.sock" ping >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 1800 ]
	sleep 0.05
done

# log SEED HOW: pods that start, get other labels and another image, move to
# another address, and die; their addresses are used again.  SEED arranges it.
log() {
	/usr/bin/python3 - "$1" "$2" <<'END'
import datetime
import json
import random
import sys

begin = datetime.datetime(2026, 11, 21, 6, 0, 0)
events, version = [], 1000


def stamp(second):
    at = begin + datetime.timedelta(seconds=second)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def say(second, kind, pod, **changes):
    global version
    version += 1
    pod.update(changes)
    status = {"startTime": stamp(pod["start"])[:19] + "Z"}
    if pod["ip"]:
        status["podIP"] = pod["ip"]
    if pod["digest"]:
        status["containerStatuses"] = [{
            "name": "web", "image": pod["image"],
            "imageID": "registry.example/web@sha256:" + pod["digest"]}]
    events.append({"time": stamp(second), "type": kind, "object": {
        "kind": "Pod", "apiVersion": "v1", "metadata": {
            "name": pod["name"], "namespace": "shop", "uid": pod["name"],
            "resourceVersion": str(version), "labels": dict(pod["labels"])},
        "spec": {"nodeName": "node-1", "containers": [
            {"name": "web", "image": pod["image"],
             "ports": [{"containerPort": 8080}]}]},
        "status": status}})


chance = random.Random(4)
free = [f"10.9.0.{i}" for i in range(10, 26)]
living = []
for second in range(0, 600, 4):
    if len(living) < 12 and free:
        pod = {"name": f"web-{second}", "start": second, "ip": "",
               "digest": "", "image": "registry.example/web:1",
               "labels": {"app": "web", "tier": "front"}}
        say(second, "ADDED", pod)
        say(second + 1, "MODIFIED", pod, ip=free.pop(0))
        say(second + 2, "MODIFIED", pod, digest=f"{second:064x}")
        living.append(pod)
        continue
    pod = chance.choice(living)
    what = chance.randrange(6)
    if what == 0:
        say(second, "MODIFIED", pod,
            labels={"app": chance.choice(["web", "api", "job"]), "tier": "x"})
    elif what == 1 and free:
        free.append(pod["ip"])
        say(second, "MODIFIED", pod, ip=free.pop(0))
    elif what == 2:
        say(second, "MODIFIED", pod,
            image=f"registry.example/web:{second}", digest="")
    elif what == 5:
        say(second, "DELETED", pod)
        free.append(pod["ip"])
        living.remove(pod)
    else:
        say(second, "MODIFIED", pod, digest=f"{pod['start']:064x}")
order = random.Random(int(sys.argv[1]))
if sys.argv[2] == "shuffled":
    order.shuffle(events)
elif sys.argv[2] == "delayed":
    events.sort(key=lambda event: datetime.datetime.fromisoformat(
        event["time"][:-1]).timestamp() + order.uniform(0, 120))
for event in events:
    print(json.dumps(event))
END
}
# told NAME WHO...: everything that is known, as one knows it
told() {
	name=$1
	shift
	"$hedgerow" workloads --no-library -o json "$@" \
		>"$directory/$name" 2>/dev/null
	[ -s "$directory/$name" ]
}
# collect LOG
collect() {
	"$hedgerow" collect file "$1" --cluster shop --once --redis "$url"
}
log 1 inorder >"$directory/inorder.log"
told files --inventory "shop=$directory/inorder.log"
# There is something to get wrong: more states than pods.
pods=$(grep -o '"uid": "[^"]*"' "$directory/inorder.log" | sort -u | wc -l)
states=$(wc -l <"$directory/files")
[ "$states" -gt $((pods + 10)) ]
for seed in 1 2 3; do
	for how in inorder delayed shuffled; do
		log $seed $how >"$directory/$how.log"
		collect "$directory/$how.log"
		told redis --redis "$url"
		diff "$directory/files" "$directory/redis"
		redis-cli -s "$directory/redis.sock" flushall >/dev/null
	done
done

# Each part of the log has a collector of its own, which knows of those before
# it only what Redis holds.
lines=$(wc -l <"$directory/inorder.log")
for part in 1 2 3 4 5 6; do
	head -n $((lines * part / 6)) "$directory/inorder.log" \
		>"$directory/part.log"
	collect "$directory/part.log"
done
told redis --redis "$url"
diff "$directory/files" "$directory/redis"

# Written again it is the same, and nobody is told anything but that.
entries() {
	redis-cli -s "$directory/redis.sock" xlen 'hedgerow:{shop}:changes'
}
before=$(entries)
collect "$directory/inorder.log"
told redis --redis "$url"
diff "$directory/files" "$directory/redis"
after=$(entries)
[ $((after - before)) -le 1 ] || {
	echo "what was the same was written again: $before, then $after entries"
	exit 1
}
