# The HTTP client against a server that answers well, slowly, half, or not at
# all; over TCP and over a unix socket.  TLS is tried by kubernetes.sh.
set -u
build=$1
scratch=$(mktemp -d)
/usr/bin/env python3 tests/live/http-server "$scratch" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
for variable in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy \
	ALL_PROXY; do
	unset $variable
done
tries=0
while [ ! -s "$scratch/port" ]; do
	tries=$((tries + 1))
	[ $tries -le 1800 ] || { echo "the server does not start"; exit 1; }
	sleep 0.05
done
"$build/tests/live/http_requests" "$(cat "$scratch/port")" "$scratch/socket"
