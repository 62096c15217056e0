# The Kafka sink against librdkafka's mock cluster, whose brokers go down, stall
# and are unwell; the sensor is killed too.  No real Kafka was asked.
# Exit code 77: nothing was tested.
set -eu
exec /usr/bin/python3 tests/live/sinks/scenario.py "$1" "${SINKS_COUNT:-2000}" \
	kafka
