# A service manager is told when the sensor watches and when it ends, though all
# of its processes are confined by then, and none but the first has the socket;
# where nobody listens it says so and goes on.
# Exit code 77: the machine does not let us, and nothing was tested.
set -u
. tests/live/scene
scene ss

# What systemd has at NOTIFY_SOCKET: each datagram is a line of what was told.
python3 - "$dir/notify" "$dir/told" <<'END' &
import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, \
        open(sys.argv[2], "w", buffering=1) as told:
    manager.bind(sys.argv[1])
    while True:
        told.write(manager.recv(4096).decode().replace("\n", " ") + "\n")
END
until_so "somebody listens" test -S "$dir/notify"
chmod 777 "$dir/notify"

# holders: which processes of the sensor have a socket for datagrams, of which
# they have no other.
holders() {
	ip netns exec $watch ss -xapH | grep '^u_dgr' |
		grep -o 'pid=[0-9]*' | cut -d= -f2
}

begin() {
	start "$released" -i lo --workers 2 --alerts "$dir/log.d/alerts" "$@"
}

export NOTIFY_SOCKET="$dir/notify"
for confined in '' --no-confine; do
	: >"$dir/told"
	begin $confined
	until_so "it is ready" test -s "$dir/told"
	[ "$(cat "$dir/told")" = READY=1 ] || fail "told: $(cat "$dir/told")"
	[ "$(holders)" = "$sensor" ] || fail "held by: $(holders)"
	stop
	[ "$(tail -n 1 "$dir/told")" = STOPPING=1 ] ||
		fail "it did not say that it ends"
done

# It is not told of a sensor that never watches.
: >"$dir/told"
ip netns exec $watch "$released" run -i nosuchinterface \
	--alerts "$dir/log.d/alerts" --control "$dir/control" \
	>"$dir/out" 2>&1 && fail "starts without an interface"
[ ! -s "$dir/told" ] || fail "told: $(cat "$dir/told")"

export NOTIFY_SOCKET="$dir/nobody"
begin
grep -q "NOTIFY_SOCKET $dir/nobody: No such file" "$dir/log" ||
	fail "does not say that nobody is told"
stop
