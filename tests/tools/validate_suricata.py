#!/usr/bin/python3
"""Checks that our records, without what we add, are EVE.

usage: validate_suricata.py SCHEMA FILE...

SCHEMA is etc/schema.json of a Suricata source tree (GPL-2.0, so it is not in
this one); FILEs hold native records.  ADDED is all that we add, and
docs/alerts.md says the same.  Finding records are ours alone and are passed
over.
"""
import json
import sys

import jsonschema

ADDED = {
    "": ("src_workload", "dest_workload", "service", "policy", "finding",
         "threat", "anomaly",
         "app_carrier", "app_confidence", "direction_confidence", "domain",
         "doubts"),
    "tunnel": ("type", "vni"),
    "flow": ("duplicates", "conn_state", "history"),
}
FAULTS_SHOWN = 10


def plain(record):
    """A record without what we add."""
    for where, keys in ADDED.items():
        part = record.get(where, {}) if where else record
        for key in keys:
            part.pop(key, None)
    return record


def main(schema, names):
    with open(schema, encoding="utf-8") as source:
        schema = json.load(source)
    validator = jsonschema.validators.validator_for(schema)(schema)
    count = faults = 0
    for name in names:
        with open(name, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        for number, record in enumerate(records, 1):
            if record["event_type"] == "finding":
                continue
            count += 1
            errors = list(validator.iter_errors(plain(record)))
            faults += bool(errors)
            if errors and faults <= FAULTS_SHOWN:
                path = ".".join(map(str, errors[0].absolute_path))
                print(f"{name}:{number}: {path}: {errors[0].message[:300]}",
                      file=sys.stderr)
    print(f"{count - faults} of {count} records are EVE")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
