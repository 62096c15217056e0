# The Redis sink against a real redis-server, which dies, stalls and has no more
# memory; the sensor is killed too.  Exit code 77: nothing was tested.
set -eu
exec /usr/bin/python3 tests/live/sinks/scenario.py "$1" "${SINKS_COUNT:-2000}" \
	redis
