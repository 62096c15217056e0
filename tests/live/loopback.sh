# Packets of a loopback interface, which shows each of them twice, are counted
# once, by one worker and by several.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene

for workers in 1 4; do
	start "$checked" -i lo --workers $workers --no-confine \
		--alerts /dev/null --flows "$dir/log.d/flows" \
		--stats "$dir/log.d/stats"
	ip netns exec $watch python3 - <<'END' || fail "nothing was sent"
import socket
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.bind(("127.0.0.1", 9999))
by = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(200):
    by.sendto(b"%d" % number, ("127.0.0.1", 9999))
END
	stop
	sums 200
	python3 - "$dir/log.d/stats" <<'END' || fail "counted twice, or lost"
import json
import sys
with open(sys.argv[1], encoding="utf-8") as file:
    stats = json.loads(file.readlines()[-1])["stats"]
ring = stats["capture"]["interfaces"][0]
sys.exit(ring["kernel_packets"] != 200 or ring["packets"] != 200 or
         ring["lost_with_workers"] != 0)
END
done
