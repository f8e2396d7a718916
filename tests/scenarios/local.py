# SPDX-License-Identifier: Apache-2.0
"""sallyportctl against the running agent, inside its sandbox."""

import json
import os
import socket
import subprocess

from harness import MS, PROVISIONING, same, true


def ctl(t, *arguments):
    """Exit status, standard output, standard error."""
    done = subprocess.run([os.path.join(t.gw.build, "sallyportctl"), *arguments],
                          env=t.gw.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


def L1_local_write_is_seen_by_the_acs(t):
    s = t.boot()
    s.end()
    same(ctl(t, "set", PROVISIONING, "a=b\nc"), (0, "", ""), "set PATH VALUE")
    same(ctl(t, "get", PROVISIONING), (0, PROVISIONING + " = a=b\\nc\n", ""), "get")
    same(ctl(t, "--bare", "get", PROVISIONING), (0, "a=b\\nc\n", ""), "get --bare")
    # By TR-181 its notification is active from the start.
    s = t.server.session()
    same(s.inform.codes, ["4 VALUE CHANGE"], "events")
    same(s.inform.params[PROVISIONING], "a=b\nc", "what the Inform says")
    same(s.value(PROVISIONING), "a=b\nc", "what the ACS reads")
    s.end()


def L2_local_write_is_all_or_nothing(t):
    s = t.boot()
    s.end()
    status, out, err = ctl(t, "set", PROVISIONING + "=new", MS + "PeriodicInformInterval=often",
                           MS + "ParameterKey=mine")
    same((status, out), (1, ""), "a refused set")
    true(MS + "PeriodicInformInterval: " in err and MS + "ParameterKey: " in err,
         "not every bad parameter is named: " + err)
    same(ctl(t, "--bare", "get", PROVISIONING), (0, "\n", ""), "the good one of them")


def L3_json_is_json(t):
    s = t.boot()
    s.end()
    status, out, _ = ctl(t, "get", "--json", "Device.")
    rows = json.loads(out)
    same(status, 0, "status")
    true(len(rows) > 20, "only %d values" % len(rows))
    same(set(rows[0]), {"path", "type", "value"}, "fields")
    secrets = [r for r in rows if r["path"].endswith("Password")]
    true(secrets and not any(r["value"] for r in secrets), "a password is readable")
    writable = {r["path"]: r["writable"] for r in json.loads(ctl(t, "--json", "names", MS)[1])}
    same((writable[MS + "URL"], writable[MS + "ParameterKey"]), (True, False), "writable")
    same(json.loads(ctl(t, "--json", "status")[1])["session"], "none", "session")
    same(json.loads(ctl(t, "--json", "events")[1]), [], "events")
    true(any("session done" in r["text"] for r in json.loads(ctl(t, "log", "--json")[1])), "log")
    status, out, err = ctl(t, "--json", "get", "Device.Nothing")
    same((status, json.loads(out), json.loads(err)["path"]), (1, [], "Device.Nothing"), "a fault")


def L3_attributes_are_read_and_set(t):
    s = t.boot()
    s.end()
    same(ctl(t, "attr", PROVISIONING), (0, PROVISIONING + " = active, Subscriber\n", ""), "attr")
    same(json.loads(ctl(t, "--json", "attr", PROVISIONING)[1]),
         [{"path": PROVISIONING, "notification": "active", "access": "Subscriber"}], "attr --json")
    status, out, _ = ctl(t, "attr", MS)
    true(status == 0 and MS + "URL = " in out, "those below an object: %.200s" % out)
    model = "Device.DeviceInfo.ModelName"
    same(ctl(t, "attr", model + "=1", PROVISIONING + "=off"), (0, "", ""), "set")
    # The model forces that of the second one, as it does for the ACS.
    same(ctl(t, "--bare", "attr", model, PROVISIONING), (0, "passive\nactive\n", ""), "then")
    status, _, err = ctl(t, "attr", model + "=active", "Device.Nothing=off")
    true(status == 1 and "Device.Nothing" in err, "a path that is not there: " + err)
    same(ctl(t, "attr", model + "=active", PROVISIONING)[0], 1, "one to be read among them")
    same(ctl(t, "attr", model + "=often")[0], 1, "no notification of that name")
    same(ctl(t, "--bare", "attr", model), (0, "passive\n", ""), "all or none")
    s = t.again()
    same(s.attributes(model)[model][0], 1, "what the ACS reads")
    s.end()


def L4_inform_starts_a_session(t):
    s = t.boot()
    s.end()
    same(ctl(t, "inform"), (0, "", ""), "inform")
    s = t.server.session()
    same(s.inform.codes, ["2 PERIODIC"], "events")
    s.end()


def L5_wrong_use_is_told(t):
    s = t.boot()
    s.end()
    same(ctl(t, "frobnicate", "x")[0], 2, "an unknown verb")
    same(ctl(t, "get")[0], 2, "no path")
    same(ctl(t, "set", PROVISIONING)[0], 2, "no value")
    same(ctl(t, "-s", "/nonexistent/ctl.sock", "status")[0], 3, "no agent")


def L6_rubbish_and_idlers_do_not_disturb(t):
    s = t.boot()
    s.end()
    idle = []
    for _ in range(6):
        c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        c.connect(t.gw.ctl_socket)
        idle.append(c)
    for c in idle[:3]:
        for packet in (b"\0", b"Q", b"Q\xff", b"Q\x02get\0", os.urandom(60000)):
            try:
                c.send(packet)
                c.recv(65536)
            except OSError:
                break
        c.close()
    same(ctl(t, "--bare", "get", MS + "EnableCWMP"), (0, "true\n", ""), "after them")
    for c in idle:
        c.close()
    t.again().end()
