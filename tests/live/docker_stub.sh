# `hedgerow collect docker` against a stub of an engine: what a real one cannot
# be made to do (docker_engine.sh has a real one).
cd "$(dirname "$0")/../.." || exit 2
export PYTHONDONTWRITEBYTECODE=1
exec timeout 900 python3 tests/live/collectors/docker_stub.py "$1/hedgerow"
