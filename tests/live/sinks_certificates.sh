# Client certificates of HTTPS and syslog sinks: who has none, or another's, is
# turned away, and his alerts wait; with the right one every alert arrives.  (In
# TLS 1.3 the server turns away after the handshake, and often just hangs up.)
# Exit code 77: nothing was tested.
set -eu
command -v openssl >/dev/null || {
	echo "NOT TESTED: there is no openssl here"
	exit 77
}
exec /usr/bin/python3 tests/live/sinks/certificates.py "$1"
