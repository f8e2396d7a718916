# SPDX-License-Identifier: Apache-2.0
"""What the agent says of its data model, against what its tree has."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree

from harness import generic, same, spec_table, true

MODELS = "Device.DeviceInfo.SupportedDataModel."


def P2_the_device_type_file_is_what_the_tree_has(t):
    url = "https://operator.example/sallyport.xml"
    s = t.boot(settings={"device_type.url": url})
    made = subprocess.run([t.gw.program("agent"), "--device-type"], stdout=subprocess.PIPE,
                          check=True).stdout
    root = ElementTree.fromstring(made)
    got = s.get(MODELS)
    same({k[len(MODELS):]: v for k, v in got.items() if not k.endswith("Alias")},
         {"1.URL": url, "1.UUID": root.get("uuid"), "1.Features": "",
          "1.URN": root.find("import").get("spec")}, "the row")
    there = {}
    for o in root.iter("object"):
        there[o.get("ref")] = o.get("access") == "createDelete"
        for p in o.iter("parameter"):
            there[o.get("ref") + p.get("ref")] = p.get("access") == "readWrite"
    names = s.names("Device.")
    wrong = []
    for path, writable in names.items():
        if ".X_" in path:
            continue
        path = generic(path)
        if path.endswith(".") and path + "{i}." in there:       # a table
            same(writable, there[path + "{i}."], path)
        elif path not in there:
            wrong.append(path)
        elif not path.endswith("."):
            same(writable, there[path], path)
    same(wrong, [], "in the tree, and not in the file")
    true(len(there) > 300, "only %d in the file" % len(there))
    s.end()


def elements(node, name, attributes, optional=()):
    """The children of that name; they have these attributes and no other (TR-106, DT schema)."""
    out = [child for child in node if child.tag == name]
    for child in out:
        got = set(child.attrib)
        true(set(attributes) <= got <= set(attributes) | set(optional), "%s: %s" % (name, got))
    return out


def P2_the_device_type_file_keeps_to_the_data_model(t):
    """Shape and order as the Device Type schema wants them; what each row says is within what
    TR-181 allows; an ACS that believes it about active notification is not refused otherwise."""
    table = spec_table()
    made = subprocess.run([t.gateway(url="http://127.0.0.1:1/", start=False).program("agent"),
                           "--device-type"], stdout=subprocess.PIPE, check=True).stdout
    root = ElementTree.fromstring(made)
    true(re.fullmatch(r"\{urn:broadband-forum-org:cwmp:devicetype-1-\d+\}document", root.tag),
         root.tag)
    true(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                      root.get("uuid")), "uuid")
    true(root.get("deviceType"), "no deviceType")
    same([child.tag for child in root], ["import", "model"], "children of the document")
    (imported,) = elements(root, "import", ("file", "spec"))
    (name,) = elements(imported, "model", ("name",))
    (model,) = elements(root, "model", ("ref",))
    same(model.get("ref"), name.get("name"), "the model that is imported")
    objects = elements(model, "object", ("ref", "access", "minEntries", "maxEntries"))
    same(len(objects), len(model), "objects among the children")
    same(len({o.get("ref") for o in objects}), len(objects), "objects with names of their own")
    for o in objects:
        row = table[o.get("ref")]
        true(o.get("access") == "readOnly" or row["access"] == "readWrite", o.get("ref"))
        most = row["max_entries"]
        true(int(row["min_entries"]) <= int(o.get("minEntries")) <= int(o.get("maxEntries")) and
             (most == "unbounded" or int(o.get("maxEntries")) <= int(most)), o.get("ref"))
        parameters = elements(o, "parameter", ("ref", "access"), ("activeNotify",))
        same(len({p.get("ref") for p in parameters}), len(o), "parameters of " + o.get("ref"))
        for p in parameters:
            row = table[o.get("ref") + p.get("ref")]
            true(p.get("access") == "readOnly" or row["access"] == "readWrite", row["path"])
            same(p.get("activeNotify", "normal") == "willDeny", row["activeNotify"] == "canDeny",
                 "activeNotify of " + row["path"])


def P2_without_a_host_there_is_no_row(t):
    s = t.boot()
    same(s.get("Device.DeviceInfo.SupportedDataModelNumberOfEntries"),
         {"Device.DeviceInfo.SupportedDataModelNumberOfEntries": "0"}, "rows")
    s.end()
