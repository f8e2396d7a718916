# SPDX-License-Identifier: Apache-2.0
"""Backups of the configuration and log files: TESTPLAN rows 117 to 120."""

import os
import re
import subprocess
import tempfile
import time

import files
import soap
from auth import Auth
from harness import PROVISIONING, clock_is_set, fault, no_sooner, same, true
from transfers import BACKUP, CONFIG, LOG, RESTORED, backup, ended, fails, start


def T117_a_downloaded_configuration_is_in_the_table(t):
    server = t.files()
    s = start(t)
    s, data = backup(t, s, server)
    same(s.value("Device.DeviceInfo.VendorConfigFile.1.Name"), "configuration", "name before")
    server.files["/config"] = data
    s.call(soap.download(CONFIG, server.url + "/config", "k", target="j\u00e4nner" * 11))
    s.end()
    s, _ = ended(t, "k", others=[("1 BOOT", "")])
    table = s.get("Device.DeviceInfo.VendorConfigFile.")
    same(table["Device.DeviceInfo.VendorConfigFile.1.Name"], ("j\u00e4nner" * 11)[:64], "Name")
    same(table["Device.DeviceInfo.VendorConfigFile.1.UseForBackupRestore"], "true", "UseFor...")
    same(len(table["Device.DeviceInfo.VendorConfigFile.1.Version"]), 16, "Version")
    same(table["Device.DeviceInfo.VendorConfigFile.1.Date"] > "2020", clock_is_set(), "Date")
    s.end()


def T118_backup_and_restoration(t):
    server = t.files()
    s = start(t)
    s.set({PROVISIONING: "kept", "Device.ManagementServer.PeriodicInformInterval": 4711})
    s.call(soap.upload("3 Vendor Configuration File 1", server.url + "/b", "up"))
    s.end()
    s, _ = ended(t, "up", "M Upload")
    data = server.puts[-1][1]
    true(b"kept" not in data and b"4711" not in data, "the backup can be read")
    with tempfile.NamedTemporaryFile() as f:
        f.write(data)
        f.flush()
        text = subprocess.run([BACKUP, "open", "--key", t.keys[0], f.name], check=True,
                              stdout=subprocess.PIPE).stdout.decode()
    true(PROVISIONING + " = kept\n" in text, "tools/backup sees %r" % text)
    true("ManagementServer.URL" not in text, "the ACS is in the backup")
    s.set({PROVISIONING: "", "Device.ManagementServer.PeriodicInformInterval": 100,
           "Device.ManagementServer.DefaultActiveNotificationThrottle": 7})
    server.files["/b"] = data
    s.call(soap.download(CONFIG, server.url + "/b", "down"))
    s.end()
    s, _ = ended(t, "down", others=RESTORED)
    same(s.value(PROVISIONING), "kept", "value that was set")
    same(s.value("Device.ManagementServer.PeriodicInformInterval"), "4711", "value")
    same(s.value("Device.ManagementServer.DefaultActiveNotificationThrottle"), "0",
         "value that was not set")
    s.end()


def T100_factory_reset_keeps_keys_and_the_history_of_transfers(t):
    """The third that it keeps, the security counter, is with the slots (tests/guest/upgrade)."""
    server = t.files()
    s = start(t)
    s.set({PROVISIONING: "in the backup"})
    s, data = backup(t, s, server)
    s.call(soap.download(CONFIG, server.url + "/nowhere", "lost"))
    s.end()
    s, _ = ended(t, "lost", code=9016)
    s.end()
    before = t.gw.ctl("history").splitlines()
    ends = (r"1 Upload of 1 Vendor Configuration File: .*, key backup: done",
            r"2 Download of %s: .*, key lost: fault 9016: .*" % CONFIG)
    for line, wanted in zip(before, ends):
        true(re.fullmatch(wanted, line), "history: %s" % before)
    same(len(before), 2, "transfers in the history")
    t.gw.ctl("set", PROVISIONING, "other")
    s = t.server.session()
    s.call(soap.factory_reset())
    s.end()
    s = t.server.session()
    same((s.inform.codes, s.inform.params[PROVISIONING]), (["0 BOOTSTRAP", "1 BOOT"], ""), "reset")
    same(t.gw.ctl("history").splitlines(), before, "history after the reset")
    server.files["/b"] = data
    s.call(soap.download(CONFIG, server.url + "/b", "down"))
    s.end()
    s, _ = ended(t, "down", others=RESTORED)
    same(s.value(PROVISIONING), "in the backup", "value of a backup from before the reset")
    s.end()
    same(len(t.gw.ctl("history").splitlines()), 3, "transfers in the history")


def T118_a_replaced_box_takes_over_with_the_operators_key(t):
    server = t.files()
    s = start(t)
    s.set({PROVISIONING: "from the first"})
    s, data = backup(t, s, server)
    s.end()
    t.gw.stop()
    server.files["/b"] = data
    for settings, code in (({}, 9019), ({"backup.open_key": t.keys[0]}, 0)):
        s = start(t, settings, factory={"Device.DeviceInfo.SerialNumber": "SN-2-%d" % code})
        s.call(soap.download(CONFIG, server.url + "/b", "k"))
        s.end()
        s, _ = ended(t, "k", code=code, others=[] if code else RESTORED)
        same(s.value(PROVISIONING), "" if code else "from the first", "value")
        s.end()
        t.gw.stop()


def T119_a_wrong_backup_changes_nothing(t):
    server = t.files()
    s = start(t)
    s.set({PROVISIONING: "in the backup"})
    s, data = backup(t, s, server)
    s.set({PROVISIONING: "now"})
    bad = bytearray(data)
    bad[len(bad) // 2] ^= 1
    cases = [(bytes(bad), 9019), (data[:-1], 9018), (data[:100], 9018), (b"", 9018),
             (b"#!/bin/sh\nreboot\n", 9018), (data + b"x", 9018)]
    for i, (octets, code) in enumerate(cases):
        server.files["/bad"] = octets
        s, _ = fails(t, s, code, server.url + "/bad", key="k%d" % i)
        same(s.value(PROVISIONING), "now", "value after case %d" % i)
    s.end()


def T120_a_log_is_uploaded(t):
    server = t.files(auth=Auth("u", "p"))
    s = start(t)
    s.call(soap.upload("4 Vendor Log File 1", server.url + "/log", "k", "u", "p"))
    s.end()
    s, _ = ended(t, "k", "M Upload")
    path, data = server.puts[-1]
    same(path, "/log", "path")
    true(b"sallyport-agent" in data or b"session" in data, "content %r" % data[:200])
    same(s.value("Device.DeviceInfo.VendorLogFile.1.Name"), "sallyport", "Name")
    same(s.value("Device.DeviceInfo.VendorLogFile.1.Persistent"), "true", "Persistent")
    s.end()


def L5_the_kept_log_can_be_searched(t):
    start(t).end()
    t.gw.restart()
    t.gw.wait_up()
    lines = t.gw.ctl("log", "SESSION DONE").splitlines()
    true(lines and all("session done" in line for line in lines), "lines %s" % lines)
    same(t.gw.ctl("log", "nobody has said this"), "", "lines")
    true(os.stat(os.path.join(t.gw.state, "log")).st_mode & 0o777 == 0o600, "mode of the log")


def L5_the_log_rotates_within_its_size(t):
    server = t.files()
    s = start(t, {"log.size": "8192"})
    same(s.value("Device.DeviceInfo.VendorLogFile.1.MaximumSize"), "8192", "MaximumSize")
    s.end()
    own = [os.path.join(t.gw.state, name) for name in ("log.1", "log")]
    for i in range(130):
        t.gw.ctl("set", "Device.Nothing%03d" % i, "x", check=False)
    kept = re.findall(r"path=Device.Nothing(\d+)$", t.gw.ctl("log", "device.nothing"), re.M)
    first = int(kept[0])
    true(0 < first < 90, "the oldest line has %d" % first)
    same([int(n) for n in kept], list(range(first, 130)), "lines of both halves")
    sizes = [os.path.getsize(name) for name in own]
    true(max(sizes) <= 4096 and min(sizes) > 0, "sizes %s" % sizes)
    s = t.again()
    s.call(soap.upload(LOG, server.url + "/log", "k"))
    s.end()
    s, _ = ended(t, "k", "M Upload")
    s.end()
    sent = server.puts[-1][1]
    true(len(sent) <= 8192, "%d octets were sent" % len(sent))
    where = [sent.find(b"Nothing%03d\n" % n) for n in range(first, 130)]
    true(where[0] >= 0 and where == sorted(where), "the order of what was sent: %s" % where)


def T120_the_systems_log_is_uploaded(t):
    folder = tempfile.mkdtemp(prefix="sallyport-log.")
    os.chmod(folder, 0o755)
    text = b"".join(b"line %d\n" % i for i in range(200000))
    with open(os.path.join(folder, "messages"), "wb") as f:
        f.write(text)
    os.chmod(f.name, 0o644)
    server = t.files()
    s = start(t, {"log.system": f.name, "transfer.rate": "1000000"})
    same(s.value("Device.DeviceInfo.VendorLogFile.2.Name"), "messages", "Name")
    s.call(soap.upload("4 Vendor Log File 2", server.url + "/log", "k"))
    fault(9003, s.call, soap.upload("4 Vendor Log File 3", server.url + "/log", "k"))
    began = time.monotonic()
    s.end()
    s, _ = ended(t, "k", "M Upload")
    no_sooner(began, 0.8 * len(text) / 1e6, "an upload at 1 MB/s")
    true(server.puts[-1][1] == text, "what was sent")
    s.end()


def T120_failed_uploads_say_whether_the_server_or_the_request_is_wrong(t):
    server = t.files()
    server.bend("/l", files.status(500), files.status(403))
    s = start(t)
    for i, code in enumerate((9011, 9016)):
        s.call(soap.upload(LOG, server.url + "/l", "k%d" % i))
        s.end()
        s, _ = ended(t, "k%d" % i, "M Upload", code)
    s.end()
