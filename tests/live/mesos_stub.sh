# `hedgerow collect mesos` against a stub: there is no Mesos to be had in
# Debian, so that a real one speaks like this is only what its sources say.
cd "$(dirname "$0")/../.." || exit 2
for variable in http_proxy HTTP_PROXY all_proxy ALL_PROXY; do
	unset $variable
done
export PYTHONDONTWRITEBYTECODE=1
exec timeout 900 python3 tests/live/collectors/mesos_stub.py "$1/hedgerow"
