# SPDX-License-Identifier: Apache-2.0
"""Values that a row of tr181.tsv does not allow, each with the reason."""

import re

BOUNDS = {"int": (-2**31, 2**31 - 1), "unsignedInt": (0, 2**32 - 1),
          "long": (-2**63, 2**63 - 1), "unsignedLong": (0, 2**64 - 1)}
# For each type some that it is not, with a value that would be right for that type
OTHER_TYPES = {
    "string": [("boolean", "1"), ("unsignedInt", "1"), ("dateTime", "2026-01-01T00:00:00Z")],
    "boolean": [("string", "1"), ("unsignedInt", "1")],
    "int": [("string", "1"), ("boolean", "1")],
    "unsignedInt": [("string", "1"), ("boolean", "1")],
    "long": [("string", "1"), ("boolean", "1")],
    "unsignedLong": [("string", "1"), ("boolean", "1")],
    "dateTime": [("string", "2026-01-01T00:00:00Z"), ("unsignedInt", "1")],
    "base64": [("string", "QQ=="), ("unsignedInt", "1")],
    "hexBinary": [("string", "41"), ("unsignedInt", "1")],
    "decimal": [("string", "1"), ("boolean", "1")],
}


def xsd_type(row):
    if row["list"] == "1":
        return "string"
    return {"base64": "base64Binary"}.get(row["base"], row["base"])


def ranges(row):
    out = []
    for part in filter(None, row["ranges"].split("|")):
        low, high = part.split("..")
        out.append((int(low) if low else None, int(high) if high else None))
    return out


def enums(row):
    return [e.split("{")[0] for e in row["enums"].split("|") if e]


def patterns(row):
    # \i and \c of the XML Schema
    return [p.replace("\\i", "[A-Za-z_:]").replace("\\c", "[-.0-9:A-Z_a-z]")
            for p in row["patterns"].split(" || ")] if row["patterns"] else []


def inside(value, allowed):
    return any((low is None or value >= low) and (high is None or value <= high)
               for low, high in allowed)


def numbers(row):
    """Numbers of the type that lie outside of the ranges."""
    allowed = ranges(row)
    if not allowed:
        return []
    least, most = BOUNDS[row["base"]]
    tries = {least, most}
    for low, high in allowed:
        tries |= {x for x in ((low or 0) - 1, None if high is None else high + 1) if x is not None}
    return [(str(x), "range %s" % row["ranges"]) for x in sorted(tries)
            if least <= x <= most and not inside(x, allowed)]


def texts(row):
    out = []
    most = int(row["max_len"] or 0)
    if most and most < 60000:
        out.append(("x" * (most + 1), "longer than %d" % most))
    if int(row["min_len"] or 0) > 0 and not ("" in enums(row) or "" in patterns(row)):
        out.append(("x" * (int(row["min_len"]) - 1), "shorter than " + row["min_len"]))
    if enums(row) and not row["enum_open"] and not row["patterns"]:
        out.append(("NoSuchValue", "not in the enumeration"))
        first = enums(row)[0]
        if first.swapcase() not in enums(row):
            out.append((first.swapcase(), "enumeration in the wrong case"))
    wanted = patterns(row)
    for text in ("~no~", "/", "999.999.999.999", "zz:zz:zz:zz:zz:zz"):
        if wanted and not any(re.fullmatch(p, text) for p in wanted):
            out.append((text, "no pattern matches"))
            break
    return out


def items(row):
    """Of a comma-separated list."""
    out = []
    if row["list_max_len"] and int(row["list_max_len"]) < 60000:
        out.append((",".join(["x" * 9] * (int(row["list_max_len"]) // 10 + 2)), "list too long"))
    if enums(row) and not row["enum_open"] and not row["patterns"]:
        out.append(("NoSuchValue", "item not in the enumeration"))
        out.append((enums(row)[0] + ",NoSuchValue", "second item not in the enumeration"))
    return out


def values(row):
    """[(value, why it is not allowed)], of the parameter's own type."""
    if row["list"] == "1":
        return items(row)
    if row["base"] in BOUNDS:
        return numbers(row)
    if row["base"] == "string":
        return texts(row)
    return []
