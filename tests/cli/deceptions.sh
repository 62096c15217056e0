# Deceptions: addresses that are given to somebody else, packets in others'
# names, and the same attacks in IPv6; deceptions/made.py makes the captures.
set -u
hedgerow=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
python3 tests/cli/deceptions/made.py "$scratch" || exit 1

# raised CAPTURE OPTION...: `SIGNATURE SUBJECT CONFIDENCE` of each finding, with
# the confidence that it came to, and whether it says that addresses may be
# forged.
raised() {
	capture=$1
	shift
	"$hedgerow" replay "$scratch/$capture.pcap" -q \
		--inventory "$scratch/watch.jsonl" "$@" | python3 -c '
import json, sys
found = {}
for line in sys.stdin:
    record = json.loads(line)
    if "anomaly" not in record or record["event_type"] not in ("alert", "finding"):
        continue
    anomaly = record["anomaly"]
    key = record["alert"]["signature_id"], anomaly["subject"]
    forged = "may be forged" in record["alert"]["signature"]
    found[key] = max(anomaly["confidence"], found.get(key, (0,))[0]), forged
for (signature, subject), (confidence, forged) in sorted(found.items()):
    print(signature, subject, confidence, "forged" if forged else "")'
}

# expect CAPTURE PATTERN...: these findings, and as many; and with four threads.
expect() {
	capture=$1
	shift
	raised "$capture" >"$scratch/out"
	raised "$capture" --threads 4 >"$scratch/threads"
	cmp -s "$scratch/out" "$scratch/threads" ||
		{ echo "$capture: other findings with four threads"; bad=1; }
	[ "$(wc -l <"$scratch/out")" -eq $# ] ||
		{ echo "$capture: not $# findings:"; cat "$scratch/out"; bad=1; }
	for pattern in "$@"; do
		grep -qE "^$pattern" "$scratch/out" ||
			{ echo "$capture: lacks $pattern:"; cat "$scratch/out"; bad=1; }
	done
}

# An address that is given on takes nothing with it: half a scan each is none,
# and both halves by one are one.
expect recycled
expect kept '2001 depot/keeper '

# Whoever is seen once is kept in a few octets until he comes again: nothing of
# him is lost.
expect stranger '2001 198.51.100.9 '
expect stranger_insists '2001 198.51.100.9 '

# In others' names.  Of decoys none is named; whoever can be is not believed,
# and it is said; what needs a handshake cannot be done in anybody's name.
expect decoys '2002 depot/stock 60 forged'
expect one_decoy '2001 depot/innocent0 [1-4][0-9] forged'
expect guessed_in_a_name
expect flood_in_a_name '2010 depot/innocent0 60 forged'
expect answers_in_a_name '2015 depot/innocent0 60'

# Two requests in one place show the server another than the sensor; what is
# sent again is the same.
expect said_twice '2107 198.51.100.9 75'
expect said_again

# IPv6 is no way around.
expect six_sweep '2001 depot/innocent0 '
expect six_sweep_udp '2001 depot/innocent0 '
expect six_echo '2001 depot/innocent0 '
expect six_ports '2001 depot/innocent0 '
expect six_syn_flood '2010 depot/stock 85 forged'
expect six_udp_flood '2011 depot/innocent0 60 forged'
expect six_echo_flood '2012 depot/innocent0 60 forged'
expect six_ack_flood '2017 depot/stock 65 forged'
expect six_reflection '2015 depot/innocent0 60'
expect six_dns_tunnel '2050 depot/innocent0 '
expect six_beacon '2030 depot/innocent0 '

# Where packets are lost, who goes by what is not there is silent: scans are,
# beacons and tunnels are none of that.
[ -z "$(raised kept --lost 20000)" ] || { echo "a scan through a loss"; bad=1; }
raised six_beacon --lost 20000 | grep -q '^2030' || { echo "no beacon through a loss"; bad=1; }
raised six_dns_tunnel --lost 20000 | grep -q '^2050' || { echo "no tunnel through a loss"; bad=1; }
exit $bad
