# Syslog sinks against a real rsyslogd over UDP, TCP and TLS, which dies and
# stalls; the sender is killed too.  Exit code 77: nothing was tested.
set -eu
command -v rsyslogd >/dev/null || {
	echo "NOT TESTED: there is no rsyslogd here"
	exit 77
}
/usr/bin/python3 tests/live/siem "$1" udp tcp tls
