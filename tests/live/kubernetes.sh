# `hedgerow collect kubernetes` against a test server that speaks the real
# protocol.  That it does is what independent clients say, first of all: the
# client library that Debian has, and kubectl where there is one.
# Exit code 77: there is no such client, and so the test server is unproven.
set -u
build=$1
cd "$(dirname "$0")/../.." || exit 2
# Debian's, which has Debian's modules, whatever else is in the path.
python=/usr/bin/python3
[ -x $python ] || python=python3
for variable in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy \
	ALL_PROXY KUBECONFIG; do
	unset $variable
done
export PYTHONDONTWRITEBYTECODE=1
timeout 300 $python tests/live/kubernetes-api/independent.py
proven=$?
[ $proven -eq 0 ] || [ $proven -eq 77 ] || exit 1
timeout 900 $python tests/live/kubernetes-api/collect.py "$build/hedgerow" ||
	exit 1
exit $proven
