# `hedgerow collect cloudfoundry` with lines made by hand and a stub of a Cloud
# Controller: there is no Cloud Foundry to be had here.
cd "$(dirname "$0")/../.." || exit 2
for variable in http_proxy HTTP_PROXY all_proxy ALL_PROXY; do
	unset $variable
done
export PYTHONDONTWRITEBYTECODE=1
exec timeout 900 python3 tests/live/collectors/cloudfoundry_stub.py \
	"$1/hedgerow"
