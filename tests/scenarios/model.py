# SPDX-License-Identifier: Apache-2.0
"""What the agent says of its data model, against what its tree has."""

import subprocess
import xml.etree.ElementTree as ElementTree

from harness import generic, same, true

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


def P2_without_a_host_there_is_no_row(t):
    s = t.boot()
    same(s.get("Device.DeviceInfo.SupportedDataModelNumberOfEntries"),
         {"Device.DeviceInfo.SupportedDataModelNumberOfEntries": "0"}, "rows")
    s.end()
