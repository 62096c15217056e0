# Every verb has help with an example, and every example runs.
set -u
program=$1
bad=0
# Examples are run as they are printed, pipes and all.
hedgerow() {
	"$program" "$@"
}
for verb in replay workloads model policy 'policy show' 'policy coverage' \
	'policy diff' 'policy test' 'policy compile' explain collect ctl check; do
	# shellcheck disable=SC2086
	help=$(hedgerow $verb --help) || { echo "$verb --help failed"; bad=1; }
	# Continued lines are joined; 1 is what a difference exits with.
	printf '%s\n' "$help" | sed -n '/^examples:/,$p' | sed 1d |
		sed -e ':a' -e '/\\$/N; s/\\\n//; ta' |
		while read -r line; do
			eval "$line" >/dev/null 2>&1 </dev/null
			[ $? -le 1 ] ||
				{ echo "does not run: $line"; exit 1; }
		done || bad=1
	printf '%s\n' "$help" | grep -q '^examples:' ||
		{ echo "$verb --help has no example"; bad=1; }
done
# Where no operand is expected, one is refused and said.
for verb in workloads detectors 'policy show' 'policy coverage' 'policy diff' \
	'policy compile' 'collect docker' 'collect kubernetes'; do
	# shellcheck disable=SC2086
	said=$(hedgerow $verb surplus 2>&1 >/dev/null)
	[ $? -eq 2 ] || { echo "$verb takes an operand"; bad=1; }
	case $said in
	*'`surplus`: no operand is expected'*) ;;
	*) echo "$verb does not say what is wrong: $said"; bad=1 ;;
	esac
done
hedgerow --help | grep -q replay || bad=1
hedgerow --version | grep -q nDPI || bad=1
hedgerow >/dev/null 2>&1
[ $? -eq 2 ] || { echo "no command should exit 2"; bad=1; }
exit $bad
