# Every verb has help with an example, and every example runs.
set -u
hedgerow=$1
bad=0
for verb in replay workloads model policy; do
	help=$("$hedgerow" $verb --help) || { echo "$verb --help failed"; bad=1; }
	# Continued lines are joined, then each example is run as it is printed.
	printf '%s\n' "$help" | sed -n '/^examples:/,$p' | sed 1d |
		sed -e ':a' -e '/\\$/N; s/\\\n//; ta' | sed 's/^ *hedgerow //' |
		while read -r line; do
			eval "\"$hedgerow\" $line" >/dev/null 2>&1 ||
				{ echo "does not run: hedgerow $line"; exit 1; }
		done || bad=1
	printf '%s\n' "$help" | grep -q '^examples:' ||
		{ echo "$verb --help has no example"; bad=1; }
done
"$hedgerow" --help | grep -q replay || bad=1
"$hedgerow" --version | grep -q nDPI || bad=1
"$hedgerow" >/dev/null 2>&1
[ $? -eq 2 ] || { echo "no command should exit 2"; bad=1; }
exit $bad
