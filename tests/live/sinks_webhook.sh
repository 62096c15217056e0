# Loki, webhook and Alertmanager sinks against a server that answers as the real
# APIs do, well and unwell, dies and stalls; the sender is killed too.
set -eu
for variable in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy \
	ALL_PROXY; do
	unset $variable
done
for kind in loki webhook alertmanager; do
	/usr/bin/python3 tests/live/siem "$1" $kind
done
