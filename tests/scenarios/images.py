# SPDX-License-Identifier: Apache-2.0
"""Firmware through the agent, with a flash role that only counts (tests/lib/flashrole.py)."""

import os
import re
import subprocess
import tempfile
import threading
import time

import files
import flashrole
import procs
import soap
import transfers
from gateway import ROOT, USERS
from harness import PROVISIONING, same, true, until
from host import HostGateway

MKIMAGE = os.path.join(ROOT, "tools/mkimage")
IMAGE = "1 Firmware Upgrade Image"
SLOT = "Device.DeviceInfo.FirmwareImage.1."


class Flashed:
    """Of a gateway: the helper has no flash role, its place is taken by one that only counts."""

    def fit(self, role, more=""):
        self.role = role
        config = self.config + ".agent"
        with open(self.config, encoding="utf-8") as f, open(config, "w", encoding="utf-8") as out:
            out.write(f.read() + "user.flash = %d\n" % USERS["flash"] + more)
        self.agent.command = [config if w == self.config else w for w in self.agent.command]

    def start(self):
        self.role.booted()
        super().start()

    def _start_services(self):
        self.role.listen(os.path.join(self.run, "flash.sock"), USERS["agent"])
        super()._start_services()


class FlashGateway(Flashed, HostGateway):
    pass


def image(version, size, chunk=1 << 20):
    """A signed image; the role that counts looks at sums only."""
    with tempfile.TemporaryDirectory(prefix="sallyport-image.") as folder:
        return _image(folder, version, size, chunk)


def _image(folder, version, size, chunk):
    key, payload = os.path.join(folder, "key"), os.path.join(folder, "payload")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    with open(payload, "wb") as f:
        block = os.urandom(1 << 16)
        for _ in range(size >> 16):
            f.write(block)
    subprocess.run([MKIMAGE, "pack", "--model", "m", "--version", version, "--counter", "2",
                    "--chunk", str(chunk), "--key", key, payload, payload + ".image"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(payload + ".image", "rb") as f:
        return f.read()


def boot(t, role, more=""):
    server = t.acs()
    gw = FlashGateway(server.url, transfers.with_files(t))
    gw.fit(role, more)
    t.gateways.append(gw)
    t.gw = gw
    gw.start()
    return server.session()


def F4_an_image_on_trial_is_vouched_for_by_health_and_a_session(t):
    role = flashrole.FlashRole()
    role.trial = flashrole.TRIAL
    s = boot(t, role, "flash.healthy = Device.DeviceInfo.SerialNumber=SN-0001 %s=good\n"
             % PROVISIONING)
    until(lambda: role.vouched == [(0, "Device.DeviceInfo.ProvisioningCode differs")],
          "vouched: %s" % role.vouched)
    s.set({PROVISIONING: "good"})
    s.end()
    until(lambda: role.trial == flashrole.CONFIRMED, "vouched: %s" % role.vouched)
    same(role.vouched[1:], [(3, "")], "what was vouched for, by health and a session")


def F4_health_that_names_what_is_not_there_is_none(t):
    role = flashrole.FlashRole()
    role.trial = flashrole.TRIAL
    boot(t, role, "flash.healthy = Device.NoSuchThing=1\n").end()
    until(lambda: len(role.vouched) == 2, "vouched: %s" % role.vouched)
    same(role.vouched, [(0, "Device.NoSuchThing is not there"),
                        (2, "Device.NoSuchThing is not there")], "vouched")


def F4_a_session_counts_for_an_agent_that_was_killed_since(t):
    role = flashrole.FlashRole()
    role.trial = flashrole.TRIAL
    boot(t, role, "flash.healthy = %s=good\n" % PROVISIONING).end()
    until(lambda: role.vouched[-1:] == [(2, PROVISIONING + " differs")],
          "vouched: %s" % role.vouched)
    t.gw.restart(9)
    until(lambda: len(role.vouched) == 3, "vouched: %s" % role.vouched)
    same(role.vouched[2], role.vouched[1], "what the next agent vouches for")


def installed(t, role, healthy):
    """An image of version 2 by Download, and the box started with it, on trial."""
    server = t.files({"/image": image("2", 1 << 20, 65536)})
    s = boot(t, role, "flash.healthy = %s=%s\n" % (PROVISIONING, healthy))
    s.call(soap.download(IMAGE, server.url + "/image", "new"))
    s.end()
    s = t.server.session()
    same(role.armed, ["2"], "armed")
    same(s.inform.events, [("1 BOOT", "")], "events of an image that is not healthy yet")
    return s


def F4_an_image_is_told_of_as_installed_once_it_is_healthy(t):
    role = flashrole.FlashRole()
    s = installed(t, role, "good")
    s.set({PROVISIONING: "good"})
    s.end()
    transfers.ended(t, "new")[0].end()
    same(role.vouched[-1], (3, ""), "vouched")


def F4_an_image_that_never_was_healthy_is_told_of_with_the_reason(t):
    role = flashrole.FlashRole()
    installed(t, role, "good").end()
    role.goes_back("health: ProvisioningCode differs")
    t.gw.reboot()
    s, done = transfers.ended(t, "new", code=9010, others=[("1 BOOT", "")])
    true("health: ProvisioningCode differs" in done.text("FaultStruct/FaultString"),
         "the fault's text: %s" % done.text("FaultStruct/FaultString"))
    same(s.value("Device.DeviceInfo.FirmwareImage.2.BootFailureLog"),
         "health: ProvisioningCode differs", "what is left of it")
    s.end()
    until(lambda: role.trial == flashrole.CONFIRMED, "SLOT_REPORTED")


def F9_an_image_that_went_back_without_a_word_is_not_installed_again(t):
    """By a boot loader that does not set sp_fellback, or whose word was lost."""
    role = flashrole.FlashRole()
    installed(t, role, "good").end()
    role.running, role.trial = 0, flashrole.CONFIRMED
    t.gw.reboot()
    s, done = transfers.ended(t, "new", code=9010, others=[("1 BOOT", "")])
    s.end()
    same(role.armed, ["2"], "armed")


def F4_a_role_that_is_asked_too_often_ends_no_trial_and_no_transfer(t):
    """By an ACS that reads all there is, again and again."""
    role = flashrole.FlashRole()
    s = installed(t, role, "good")
    s.set({PROVISIONING: "good"})
    role.refused.add("SLOT_READ")
    s.end()
    until(lambda: role.vouched[-1:] == [(3, "")] and len(role.vouched) in role.turned_away,
          "vouched: %s" % role.vouched)
    role.refused.clear()
    transfers.ended(t, "new")[0].end()


class Watch:
    """The most memory that a process has had while this ran, in KiB."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over and procs.alive(self.pid):
            self.most = max(self.most, rss(self.pid))
            time.sleep(0.01)

    def end(self):
        self.over = True
        self.thread.join()
        return self.most


def rss(pid):
    try:
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            return next((int(line.split()[1]) for line in f if line.startswith("VmRSS:")), 0)
    except OSError:
        return 0


def fetched(t):
    m = re.search(r"running, (\d+) of", t.gw.ctl("transfers"))
    return int(m[1]) if m else 0


def F5_a_chunk_is_fetched_while_the_one_before_is_written(t):
    role, data, written = flashrole.FlashRole(), image("2", 3 << 20), threading.Event()
    role.watch = lambda name: name != "IMAGE_CHUNK" or written.wait(60)
    server, read = t.files({"/image": data}), []
    s = boot(t, role)
    s.call(soap.download(IMAGE, server.url + "/image", "new"))
    s.end()
    # but for its last octets, with which the agent could do nothing but wait
    until(lambda: fetched(t) > (2 << 20) - 16384, "the second chunk is there")
    until(lambda: role.payload == 1 << 20, "the role has the first")
    same(t.gw.value("Device.DeviceInfo.SerialNumber"), "SN-0001", "a value meanwhile")
    reads = threading.Thread(target=lambda: read.append(t.gw.value(SLOT + "Version")))
    reads.start()
    written.set()
    reads.join(60)
    same(read, ["1"], "what the role was asked meanwhile")
    transfers.ended(t, "new", others=[("1 BOOT", "")], timeout=60)[0].end()
    same(role.armed, ["2"], "armed")


def F5_the_last_chunk_is_judged_too(t):
    data = bytearray(image("2", 3 << 20))
    data[-1] ^= 1
    role, server = flashrole.FlashRole(), t.files({"/image": bytes(data)})
    s, done = transfers.fails(t, boot(t, role), 9018, server.url + "/image", kind=IMAGE)
    s.end()
    true("not the signed chunk" in done.text("FaultStruct/FaultString"), "another reason")
    same((role.payload, role.armed), (2 << 20, []), "what the role took")


def F10_memory_is_flat_during_an_image_of_64_MiB(t):
    role, server = flashrole.FlashRole(), t.files({"/image": image("2", 64 << 20)})
    s = boot(t, role)
    pid = t.gw.processes()["agent"]
    before, watch = rss(pid), Watch(pid)
    s.call(soap.download(IMAGE, server.url + "/image", "big"))
    s.end()
    s, _ = transfers.ended(t, "big", others=[("1 BOOT", "")], timeout=60)
    most = watch.end()
    s.end()
    same(role.payload, 64 << 20, "octets that the role was given")
    same(role.armed, ["2"], "armed")
    true(most - before <= 1024, "%d KiB more than the %d before" % (most - before, before))


def F10_memory_is_bounded_by_an_endless_body(t):
    server = t.files({"/x": b"x" * 65536})
    server.bend("/x", files.endless)
    s = transfers.start(t)
    pid = t.gw.processes()["agent"]
    before, watch = rss(pid), Watch(pid)
    s, _ = transfers.fails(t, s, 9018, server.url + "/x")
    s.end()
    true(watch.end() - before <= 6 << 10, "%d KiB more" % (watch.most - before))
