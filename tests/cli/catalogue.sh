# The table in C and the manual's page are what alerts/catalog.yaml comes to.
set -eu
exec tests/tools/catalogue --check
