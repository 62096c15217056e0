#!/usr/bin/python3
"""Checks lines of one format, and that they say what the native lines say.

usage: validate_formats.py FORMAT FILE [NATIVE]

FORMAT is ecs, ocsf, cef, leef or syslog.  NATIVE holds the native records of
the same run in the same order (flows may be missing in FILE).  ECS and OCSF
are held against tests/formats/ecs-8.11.yaml and ocsf-1.5.0.yaml; CEF, LEEF and
RFC 5424 are read as their documents say, by readers that share nothing with
the writers.
"""
import ipaddress
import json
import pathlib
import re
import sys

import yaml

LISTS = pathlib.Path(__file__).parents[1] / "formats"
FAULTS_SHOWN = 10


class Fault(Exception):
    """What is wrong with a line."""


def need(condition, what):
    if not condition:
        raise Fault(what)


def strict_json(line):
    def unique(pairs):
        need(len(dict(pairs)) == len(pairs), "a key stands twice")
        return dict(pairs)

    def no_constant(name):
        raise Fault(f"{name} is not JSON")
    return json.loads(line, object_pairs_hook=unique,
                      parse_constant=no_constant)


# --- ECS ---------------------------------------------------------------------
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def leaves(value, path=""):
    """Every leaf below an object by its dotted name; ours are ours."""
    for key, member in value.items():
        need(member not in (None, "", [], {}), f"{path}{key} is empty")
        if path == "" and key == "hedgerow":
            continue
        if isinstance(member, dict):
            yield from leaves(member, f"{path}{key}.")
        else:
            yield path + key, member


def is_long(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_ecs_value(kind, value, name):
    if kind == "long":
        need(is_long(value), f"{name}: {value!r} is no number")
        return
    need(isinstance(value, str), f"{name}: {value!r} is no text")
    if kind == "date":
        need(DATE.fullmatch(value), f"{name}: {value!r} is no time")
    if kind == "ip":
        ipaddress.ip_address(value)


def read_ecs(line, lists):
    record = strict_json(line)
    fields = dict(leaves(record))
    for name in ("@timestamp", "ecs.version", "event.kind", "event.dataset"):
        need(name in fields, f"{name} is missing")
    need(fields["ecs.version"] == lists["version"], "the wrong version")
    for name, value in fields.items():
        need(name in lists["fields"], f"{name} is no field of ECS")
        kind = lists["fields"][name]
        need(kind.endswith("[]") == isinstance(value, list),
             f"{name}: an array where none is, or none where one is")
        for one in value if isinstance(value, list) else [value]:
            check_ecs_value(kind.removesuffix("[]"), one, name)
            allowed = lists["values"].get(name)
            need(allowed is None or one in allowed,
                 f"{name}: {one!r} is not allowed")
    fits = set()
    for category in fields["event.category"]:
        expected = set(lists["types_of_category"][category])
        need(expected & set(fields["event.type"]),
             f"no event.type is one of category {category}")
        fits |= expected
    need(set(fields["event.type"]) <= fits, "an event.type of no category")
    return {"time": fields["@timestamp"], "src": fields.get("source.ip"),
            "spt": fields.get("source.port"),
            "dst": fields.get("destination.ip"),
            "uid": record["hedgerow"].get("finding", {}).get("uid"),
            "sentence": fields.get("message"),
            "sid": fields.get("rule.id"),
            "community": fields.get("network.community_id")}


# --- OCSF --------------------------------------------------------------------
def check_ocsf_value(lists, kind, value, path):
    if kind in lists["objects"]:
        need(isinstance(value, dict), f"{path} is no object")
        check_ocsf(lists, lists["objects"][kind], kind, value, path)
    elif kind in ("integer", "port"):
        need(is_long(value), f"{path}: {value!r} is no number")
        need(kind != "port" or 0 <= value <= 65535, f"{path}: no port")
    elif kind == "boolean":
        need(isinstance(value, bool), f"{path}: {value!r} is no boolean")
    elif kind == "ip":
        ipaddress.ip_address(value)
    elif kind not in ("any", "object"):
        need(kind == "string" and isinstance(value, str) and value,
             f"{path}: {value!r} is no {kind}")


def check_ocsf(lists, form, name, value, path):
    attributes = form["attributes"]
    for key, kind in attributes.items():
        need(not kind.endswith(" required") or key in value,
             f"{path}.{key} is missing")
    some = form.get("at_least_one", [])
    need(not some or any(key in value for key in some),
         f"{path} needs one of {', '.join(some)}")
    for key, member in value.items():
        here = f"{path}.{key}"
        need(key in attributes, f"{here} is no attribute")
        kind = attributes[key].removesuffix(" required")
        many = kind.endswith("[]")
        need(many == isinstance(member, list) and member != [],
             f"{here}: an array where none is, or an empty one")
        for one in member if many else [member]:
            check_ocsf_value(lists, kind.removesuffix("[]"), one, here)
        captions = lists["enums"].get(f"{name}.{key}")
        if captions is None:
            continue
        need(member in captions, f"{here}: {member} is not in its enumeration")
        said = value.get("activity_name" if key == "activity_id"
                         else key.removesuffix("_id"))
        need(said is None or member == 99 or said == captions[member],
             f"{here}: {member} is {captions[member]!r}, not {said!r}")


def read_ocsf(line, lists):
    record = strict_json(line)
    name = {2004: "detection_finding", 4001: "network_activity"}.get(
        record.get("class_uid"))
    need(name, "no class of ours")
    check_ocsf(lists, lists["classes"][name], name, record, name)
    need(record["type_uid"] == record["class_uid"] * 100
         + record["activity_id"], "type_uid does not follow from its parts")
    need(record["category_uid"] == record["class_uid"] // 1000,
         "category_uid is another class's")
    need(record["metadata"]["version"] == lists["version"],
         "the wrong version")
    ends = record.get("evidences", [record])[0]
    source = ends.get("src_endpoint", {})
    return {"ms": record["time"], "src": source.get("ip"),
            "spt": source.get("port"),
            "dst": ends.get("dst_endpoint", {}).get("ip"),
            "uid": record.get("finding_info", {}).get("uid"),
            "sentence": record.get("message"),
            "sid": record.get("finding_info", {}).get("analytic", {})
                   .get("uid"),
            "community": ends["connection_info"].get("community_uid")}


# --- lines -------------------------------------------------------------------
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def unescape(text, allowed):
    def one(match):
        need(match[1] and match[1] in allowed, f"no escape: {match[0]!r}")
        return {"n": "\n", "r": "\r"}.get(match[1], match[1])
    return re.sub(r"\\(.?)", one, text, flags=re.DOTALL)


def number(text):
    return None if text is None else int(text)


def read_cef(line, _):
    need(not CONTROL.search(line), "a control character")
    head, rest = [], line
    for _ in range(7):
        match = re.match(r"((?:[^\\|]|\\.)*)\|", rest)
        need(match, "the header is too short")
        head.append(unescape(match[1], "\\|"))
        rest = rest[match.end():]
    need(head[0] == "CEF:0", "no CEF:0")
    need(0 <= int(head[6]) <= 10, "no severity")
    fields = {}
    pattern = re.compile(r"([A-Za-z0-9]+)=((?:[^\\=]|\\.)*?)"
                         r"(?= [A-Za-z0-9]+=|$)")
    at = 0
    while at < len(rest):
        match = pattern.match(rest, at)
        need(match and match[1] not in fields, f"no field at {rest[at:]!r}")
        fields[match[1]] = unescape(match[2], "\\=nr")
        at = match.end() + 1
    return {"ms": int(fields["rt"]),
            "src": fields.get("src", fields.get("c6a2")),
            "spt": number(fields.get("spt")),
            "dst": fields.get("dst", fields.get("c6a3")),
            "uid": fields["externalId"], "sentence": fields["msg"],
            "sid": head[4], "community": fields.get("cs1")}


def read_leef(line, _):
    need(not CONTROL.search(line.replace("\t", "")), "a control character")
    head = line.split("|", 6)
    need(len(head) == 7 and head[0] == "LEEF:2.0" and head[5] == "x09",
         "no header of LEEF 2.0")
    fields = {}
    for field in head[6].split("\t"):
        key, equals, value = field.partition("=")
        need(equals and re.fullmatch("[A-Za-z0-9]+", key)
             and key not in fields, f"no attribute: {field!r}")
        fields[key] = value
    need(1 <= int(fields["sev"]) <= 10, "no severity")
    return {"ms": int(fields["devTime"]), "src": fields.get("src"),
            "spt": number(fields.get("srcPort")), "dst": fields.get("dst"),
            "uid": fields["findingId"], "sentence": fields["msg"],
            "sid": head[4], "community": fields.get("communityId")}


MESSAGE = re.compile(
    r"<(\d|[1-9]\d|1[0-8]\d|19[01])>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) "
    r"([!-~]{1,128}) ([!-~]{1,32}) "
    r"\[([!#-<>-\\^-~]{1,32})((?: [!#-<>-\\^-~]{1,32}"
    r'="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)')


def read_syslog(line, _):
    need(not CONTROL.search(line), "a control character")
    match = MESSAGE.fullmatch(line)
    need(match and DATE.fullmatch(match[2]), "no message of RFC 5424")
    fields = {}
    for key, value in re.findall(r' ([^ =]+)="((?:[^"\\]|\\.)*)"', match[8]):
        need(key not in fields, f"{key} stands twice")
        fields[key] = unescape(value, '"\\]')
    return {"time": match[2], "src": fields.get("src"),
            "spt": number(fields.get("spt")), "dst": fields.get("dst"),
            "uid": fields["uid"], "sentence": match[9], "sid": fields["sid"],
            "community": fields.get("cid")}


READERS = {"ecs": read_ecs, "ocsf": read_ocsf, "cef": read_cef,
           "leef": read_leef, "syslog": read_syslog}


# --- against the native record -----------------------------------------------
def compare(said, native):
    """What a format says and what the native record says is the same."""
    alert = native.get("alert")
    time = native["timestamp"].replace("+0000", "Z")
    need(said.get("time", time) == time, "another time")
    if "ms" in said:
        need(str(said["ms"])[-3:] == time[20:23], "another time")
    for ours, theirs in (("spt", "src_port"), ("community", "community_id")):
        need(said[ours] == native.get(theirs), f"another {theirs}")
    for ours, theirs in (("src", "src_ip"), ("dst", "dest_ip")):
        need(theirs not in native or said[ours] == native[theirs],
             f"another {theirs}")
    if alert is None:
        return
    need(said["sentence"] == CONTROL.sub("\ufffd", alert["signature"])
         or said["sentence"] == alert["signature"], "another sentence")
    need(said["uid"] == native["finding"]["uid"], "another finding")
    need(said["sid"] == f"{alert['gid']}:{alert['signature_id']}",
         "another signature")


def records_of(name):
    """A line ends with a newline and with nothing else."""
    text = pathlib.Path(name).read_bytes().decode("utf-8")
    need(text == "" or text.endswith("\n"), "the last line has no end")
    return text.split("\n")[:-1]


def main(arguments):
    if len(arguments) not in (2, 3) or arguments[0] not in READERS:
        sys.exit(__doc__)
    form = arguments[0]
    lists = None
    if form in ("ecs", "ocsf"):
        source = {"ecs": "ecs-8.11.yaml", "ocsf": "ocsf-1.5.0.yaml"}[form]
        lists = yaml.safe_load((LISTS / source).read_text(encoding="utf-8"))
    lines = records_of(arguments[1])
    natives = [None] * len(lines)
    if len(arguments) == 3:
        natives = [strict_json(line) for line in records_of(arguments[2])]
        if form in ("cef", "leef", "syslog"):
            natives = [n for n in natives if n["event_type"] != "flow"]
        if len(natives) != len(lines):
            sys.exit(f"{len(lines)} lines for {len(natives)} records")
    faults = 0
    for count, (line, native) in enumerate(zip(lines, natives), 1):
        try:
            said = READERS[form](line, lists)
            if native is not None:
                compare(said, native)
        except (Fault, ValueError, KeyError, TypeError) as fault:
            faults += 1
            if faults <= FAULTS_SHOWN:
                print(f"{arguments[1]}:{count}: {fault!r}", file=sys.stderr)
    print(f"{len(lines) - faults} of {len(lines)} lines valid")
    return 1 if faults or not lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
