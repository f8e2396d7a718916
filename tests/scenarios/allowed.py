# SPDX-License-Identifier: Apache-2.0
"""TESTPLAN row 139, from the other side than generated.py: what the agent tells is of the type that
TR-181 wants, within its limits, and what it refers to is there."""

import base64
import re

import violate
from generated import listed, populate
from harness import generic, same, spec_table, true
from network import settle, world

SHAPES = {
    "boolean": r"true|false|0|1",
    "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "hexBinary": r"([0-9A-Fa-f]{2})*",
    "int": r"-?\d+", "long": r"-?\d+", "unsignedInt": r"\d+", "unsignedLong": r"\d+",
}


def size(row, text):
    """In what TR-181 counts it: characters, or octets of what is encoded."""
    if row["base"] == "hexBinary":
        return len(text) // 2
    return len(base64.b64decode(text)) if row["base"] == "base64" else len(text)


def one(row, text):
    """What is wrong with a value, or an item of a list; None: nothing."""
    if not re.fullmatch(SHAPES.get(row["base"], "(?s).*"), text):
        return "no %s" % row["base"]
    if row["base"] in violate.BOUNDS:
        least, most = violate.BOUNDS[row["base"]]
        if not least <= int(text) <= most:
            return "no %s" % row["base"]
        if violate.ranges(row) and not violate.inside(int(text), violate.ranges(row)):
            return "not in " + row["ranges"]
    named = text in violate.enums(row)
    if row["max_len"] and size(row, text) > int(row["max_len"]):
        return "longer than " + row["max_len"]
    # a text that has nothing to tell is empty, whatever the pattern (TR-106 A17 3.2)
    if violate.patterns(row) and text and not named and not any(
            re.fullmatch(p, text) for p in violate.patterns(row)):
        return "matches no pattern"
    if violate.enums(row) and not named and not row["enum_open"] and not violate.patterns(row):
        return "not in the enumeration"
    return None


def problem(row, text):
    if row["list"] != "1":
        return one(row, text)
    if row["list_max_len"] and len(text) > int(row["list_max_len"]):
        return "a list of more than " + row["list_max_len"]
    found = [one(row, item) for item in text.split(",")] if text else []
    return next(filter(None, found), None)


def missing(row, text, there):
    """What a reference names that is not in the tree."""
    if not row["ref"].startswith("pathRef"):
        return []
    return [p for p in text.split(",") if p and p not in there and p + "." not in there]


def look(values, table):
    """Compares {name: text} of a whole tree."""
    there = set(values)
    for name in values:
        parts = name.split(".")
        there.update(".".join(parts[:i]) + "." for i in range(1, len(parts)))
    wrong, tried = [], 0
    for name, text in values.items():
        row = table.get(generic(name))
        if row is None:
            true(".X_" in name, "%s is not in TR-181" % name)
            continue
        tried += 1
        bad = problem(row, text)
        if bad:
            wrong.append("%s = %.60r: %s" % (name, text, bad))
        wrong += ["%s refers to %s, which is not there" % (name, p)
                  for p in missing(row, text, there)]
    same(wrong, [], "of %d values" % tried)
    return tried


def T139_every_value_is_of_its_type_and_within_its_limits(t):
    table = spec_table()
    s = t.boot()
    populate(s)
    got = s.get_typed("Device.")
    for name, _, row in listed(s, table):
        same(got[name].type, violate.xsd_type(row), "type of " + name)
    true(look({n: v.text for n, v in got.items()}, table) > 300, "few values")
    s.end()


def T139_values_of_a_network_that_changes_stay_within_their_limits(t):
    table = spec_table()
    with world() as w:
        def compare(w):
            true(look(w.get("Device."), table) > 500, "few values")

        for change in (
                "link set lo up",
                "route add blackhole 10.66.0.0/16\nroute add 10.1.0.0/16 metric 4294967295 nexthop "
                "via 192.0.2.9 nexthop via 198.51.100.9\nroute add 2001:db8:77::/48 via "
                "2001:db8::99\naddr add 2001:db8:5::5/128 dev wan nodad valid_lft 600 "
                "preferred_lft 0\naddr add 203.0.113.5/28 dev wan valid_lft 600 preferred_lft 300",
                "neigh add 198.51.100.20 lladdr 02:aa:00:00:00:14 dev br0 nud permanent\n"
                "neigh add 2001:db8::20 lladdr 02:aa:00:00:00:14 dev br0 nud permanent",
                "link set br0 type bridge ageing_time 500\nlink set wan mtu 68\nlink set lan down",
                "link add v1 type veth peer name v2\nlink set v1 name a.name.with.15c\n"
                "link set v2 master br0", "link del lan"):
            w.batch(change)
            settle(w, compare)
