# Every HTTP sink, over TLS, against servers that answer as the real APIs do, well
# and unwell, die, stall and are full; the sensor is killed too.
set -eu
exec /usr/bin/python3 tests/live/sinks/scenario.py "$1" "${SINKS_COUNT:-2000}" \
	elastic opensearch hec loki webhook alertmanager
