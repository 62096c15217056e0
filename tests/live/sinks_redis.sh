# The Redis sink against a real redis-server, which dies and stalls; the sender
# is killed too.  Exit code 77: nothing was tested.
set -eu
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
/usr/bin/python3 tests/live/siem "$1" redis
