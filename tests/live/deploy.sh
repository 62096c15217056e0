# The pieces of deploy/ with promtool, a real Alertmanager and a real rsyslogd.
# Debian packages prometheus and prometheus-alertmanager start services: nothing
# here installs them.  Exit code 77: none of the programs is here.
set -eu
exec /usr/bin/python3 tests/live/sinks/pieces.py "$1"
