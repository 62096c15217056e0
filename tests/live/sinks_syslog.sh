# Syslog sinks against a real rsyslogd over UDP, TCP and TLS, and a file, whose
# disks run full too; the sensor is killed.  Exit code 77: nothing was tested.
set -eu
exec /usr/bin/python3 tests/live/sinks/scenario.py "$1" "${SINKS_COUNT:-2000}" \
	file udp tcp tls
