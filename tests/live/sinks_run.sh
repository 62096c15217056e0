# `hedgerow run` with every sink at once, on real packets, while targets die, stall
# and are full, and the sensor is killed.  Exit code 77: nothing was tested.
set -eu
exec /usr/bin/python3 tests/live/sinks/live.py "$1" "${SINKS_COUNT:-2000}"
