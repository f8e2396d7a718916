# SPDX-License-Identifier: Apache-2.0
"""Which profiles of TR-181 the rows of docs/tr181.md fill, member by member.

docs/tr181.md is compared with the rows by a unit test, so it is what the agent has. What a profile
wants is the last column of ../shared/spec/tr181.tsv: p an object, r and rw a parameter, c and d
rows that the ACS may create and delete.
"""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DOC = os.path.join(ROOT, "docs", "tr181.md")
SPEC = os.path.join(ROOT, "..", "shared", "spec")
TABLE = os.path.join(ROOT, "tests", "profiles.tsv")


def rows(path=DOC):
    """{object or parameter: its access}, of objects "add" where the ACS may add rows."""
    out, at = {}, None
    with open(path) as f:
        for line in f:
            found = re.match(r"## (\S+)$", line)
            if found:
                at = found[1]
                out[at] = ""
            elif line.startswith("Rows are added and deleted by the ACS."):
                out[at] = "add"
            else:
                found = re.match(r"\| (\w+) \| [^|]* \| ([^|]*) \|", line)
                if found and at and found[1] != "parameter":
                    out[at + found[1]] = found[2]
    return out


def table(name):
    with open(os.path.join(SPEC, name)) as f:
        head = f.readline().rstrip("\n").split("\t")
        for line in f:
            yield dict(zip(head, line.rstrip("\n").split("\t")))


def wanted():
    """{profile: {member: access wanted}} without what has been deleted from the model; None when
    ../shared/spec is not there."""
    if not os.path.exists(os.path.join(SPEC, "tr181.tsv")):
        return None
    # those that begin with _ are only there to be built upon
    out = {row["profile"]: {} for row in table("tr181-profiles.tsv")
           if row["status"] == "current" and not row["profile"].startswith("_")}
    for row in table("tr181.tsv"):
        for entry in row["profiles"].split() if row["status"] != "deleted" else ():
            name, access = entry.rsplit("=", 1)
            if name in out:
                out[name][row["path"]] = access
    return {name: members for name, members in out.items() if members}


def missing(have, members):
    """What is not there, and what is there with less than the access wanted."""
    out = []
    for path, access in sorted(members.items()):
        if path not in have:
            out.append(path)
        elif "w" in access and not have[path].startswith("read-write"):
            out.append("%s (%s)" % (path, have[path]))
        elif ("c" in access or "d" in access) and have[path] != "add":
            out.append("%s (no AddObject)" % path)
    # an object that is missing says enough
    gone = [p for p in out if p.endswith(".")]
    return [p for p in out if not any(p != g and p.startswith(g) for g in gone)]


def claims(path=TABLE):
    """{profile: why it is not claimed, "" when it is}"""
    out = {}
    with open(path) as f:
        for line in f:
            if not line.startswith("#"):
                name, _, why = line.rstrip("\n").partition("\t")
                out[name] = why
    return out


def judge(have, want, said):
    """[(profile, members, what is missing, why it is not claimed)], [what is wrong with that]"""
    out = []
    wrong = ["%s is no profile" % name for name in sorted(set(said) - set(want))]
    for name in sorted(want):
        lacks = missing(have, want[name])
        why = said.get(name)
        if why is not None:
            out.append((name, len(want[name]), lacks, why))
        if lacks and why == "":
            wrong.append("%s lacks %s" % (name, ", ".join(lacks)))
        if not lacks and why != "":
            wrong.append("%s is whole, and not claimed" % name)
    return out, wrong


def report(judged, want):
    lines = ["# Profiles of TR-181 2.19.1", "",
             "What docs/tr181.md has against what each profile wants. A member that stands with",
             "its access in brackets is there, with less than the profile wants.", "",
             "| profile | members | claimed | why not, and what is missing |", "|---|---|---|---|"]
    for name, members, lacks, why in judged:
        lines.append("| %s | %d | %s | %s |" % (
            name, members, "no" if why else "yes",
            why + (": " + ", ".join("`%s`" % p for p in lacks) if lacks else "")))
    listed = {row[0] for row in judged}
    lines += ["", "Not begun: " + ", ".join(n for n in sorted(want) if n not in listed) + ".", ""]
    return "\n".join(lines)
