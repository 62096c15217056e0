#!/usr/bin/python3
"""Checks that every line of NDJSON files is a record of our schema.

usage: validate_records.py FILE...      (- is standard input)

Prints how many records were valid; prints FILE:LINE of the first ten faults
and exits with 1 when there are any.
"""
import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).parents[2] / "alerts" / "record.schema.json"
FAULTS_SHOWN = 10


def unique(pairs):
    """An object from its members; the same key twice is a fault."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return members


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def fault_of(validator, line):
    """What is wrong with a line, or None."""
    try:
        record = json.loads(line.decode("utf-8"), object_pairs_hook=unique,
                            parse_constant=no_constant)
    except ValueError as error:
        return str(error)
    error = jsonschema.exceptions.best_match(validator.iter_errors(record))
    if error is None:
        return None
    path = ".".join(str(step) for step in error.absolute_path) or "record"
    return f"{path}: {error.message[:300]}"


def lines_of(name):
    if name == "-":
        yield from sys.stdin.buffer
        return
    with open(name, "rb") as file:
        yield from file


def main(names):
    if not names:
        sys.exit(__doc__)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    count = faults = 0
    for name in names:
        for number, line in enumerate(lines_of(name), 1):
            count += 1
            fault = fault_of(validator, line)
            if fault is None and not line.endswith(b"\n"):
                fault = "the last line has no end"
            if fault is None:
                continue
            faults += 1
            if faults <= FAULTS_SHOWN:
                print(f"{name}:{number}: {fault}", file=sys.stderr)
    print(f"{count - faults} of {count} records valid")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
