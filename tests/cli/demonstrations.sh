# What holds for every detector, shown by a capture for each: see
# demonstrations/check.py.  Hundreds of replays: not under ASan if it can be.
set -u
hedgerow=${HEDGEROW_RELEASE:-./hedgerow}
[ -x "$hedgerow" ] || hedgerow=$1
exec python3 tests/cli/demonstrations/check.py "$(realpath "$hedgerow")"
