# SPDX-License-Identifier: Apache-2.0
"""The flash role on simulated NAND, read back by Debian's own tools: fw_printenv, nanddump."""

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time

from air import run, until
from bootloader import FlashFile, newest
from gateway import BUILD, ROOT, USERS
from lines import Skip, check, equal
from service import Service

# Erase blocks of 128 KiB: two copies of the environment, two slots, the rest.
PARTS, SLOT_B = "parts=4,4,64,64", 4 + 4 + 64
NAND = "id_bytes=0x20,0xaa,0x00,0x15"
AGENT = os.path.join(BUILD, "tests/sandbox/flash_agent")
MKIMAGE = os.path.join(ROOT, "tools/mkimage")
FACTORY = {"sp_slot": "a", "sp_ok_a": "1", "sp_ok_b": "1", "sp_counter": "3",
           "bootcmd": "run boot_${sp_slot}"}
MODEL = "Acme AP-3000"
MEMGETBADBLOCK = 0x40084d0b                                 # _IOW('M', 11, __kernel_loff_t)
VERDICTS = ["fine", "corrupt", "refused", "unsigned", "busy", "flash"]


def tool(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False)
    check(done.returncode == 0, "%s: %s" % (" ".join(command), done.stdout.strip()))
    return done.stdout


def uptime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Box:
    """Flash, environment, keys, and a helper with nothing but the flash role."""

    module = "nandsim"
    env_lines = "/dev/mtd0 0x0 0x4000 0x20000 4\n/dev/mtd1 0x0 0x4000 0x20000 4\n"
    places = {"flash.slot_a": "/dev/mtd2", "flash.slot_b": "/dev/mtd3",
              "flash.env": "/dev/mtd0 0 0x4000 0x20000 4",
              "flash.env_redundant": "/dev/mtd1 0 0x4000 0x20000 4"}

    def __init__(self, *faults):
        if not os.path.exists(AGENT) or not shutil.which("fw_setenv"):
            raise Skip("flash_agent or fw_setenv is not there")
        self.dir = tempfile.mkdtemp(prefix="flash.")
        os.chmod(self.dir, 0o755)
        self.attach(faults)
        self.helper = None
        try:
            self.prepare()
        except Exception:
            self.close()
            raise

    def attach(self, faults):
        tool("modprobe", "nandsim", NAND, PARTS, *faults)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def prepare(self):
        self.factory_env()
        self.key("operator")
        public = tool(MKIMAGE, "key", "--public", self.path("operator.pub")).split()
        self.conf = self.settings({
            "flash.keys": self.write("keys", "# the operator\nkey %s\n" % public[1]),
            **self.places})
        self.start()

    def factory_env(self):
        self.env = self.write("fw_env.config", self.env_lines)
        initial = self.write("env", "".join("%s=%s\n" % v for v in FACTORY.items()))
        tool("fw_setenv", "-c", self.env, "-f", initial, "bootlimit", "3")

    def settings(self, more):
        return {"user.agent": USERS["agent"], "user.flash": USERS["flash"], "run.dir": self.dir,
                "flash.model": MODEL, "flash.settle_s": 1, "flash.health_s": 3600, **more}

    def start(self, running="a", **settings):
        self.run({**self.booted(running), **settings})

    @staticmethod
    def booted(running):
        """From a slot: this guest's command line has one word that is always there."""
        return {"flash.running_a": "slot=none", "flash.running_b": "slot=none",
                "flash.running_" + running: "console=ttyS0"}

    def write_conf(self, settings):
        conf = dict(self.conf, **settings)
        return self.write("sallyport.conf", "".join("%s = %s\n" % c for c in conf.items()))

    def run(self, settings):
        path = self.write_conf(settings)
        self.write("log", "")
        self.helper = Service("helper", [os.path.join(BUILD, "sallyport-helper"), "-c", path],
                              self.path("log"), lambda service, status: False)
        self.helper.start()
        deadline = time.monotonic() + 10
        while "ready" not in self.log():
            check(time.monotonic() < deadline and not self.helper.statuses, self.log())
            time.sleep(0.05)

    def boot(self, running, **settings):
        self.helper.stop()
        self.start(running, **settings)

    @contextlib.contextmanager
    def vouching(self, facts, ails=""):
        """An agent that stays connected; one that goes is not healthy."""
        agent = subprocess.Popen([AGENT, self.dir, str(USERS["agent"]), "vouch", str(facts), ails],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            equal(agent.stdout.readline().strip(), "vouched", "flash_agent")
            yield
        finally:
            agent.communicate(timeout=10)

    def log(self):
        with open(self.path("log")) as f:
            return f.read()

    def key(self, name):
        tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.path(name + ".pem"))
        tool("openssl", "pkey", "-in", self.path(name + ".pem"), "-pubout",
             "-out", self.path(name + ".pub"))

    def image(self, size=3 << 20, model=MODEL, counter=4, key="operator"):
        """(image file, payload)"""
        payload = os.urandom(size)
        with open(self.path("payload"), "wb") as f:
            f.write(payload)
        tool(MKIMAGE, "pack", "--model", model, "--version", "4.2.1", "--counter", str(counter),
             "--chunk", "65536", "--key", self.path(key + ".pem"), self.path("payload"),
             self.path("image"))
        return self.path("image"), payload

    def agent(self, *words, **env):
        done = subprocess.run([AGENT, self.dir, str(USERS["agent"]), *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              env=dict(os.environ, **env), check=False)
        return done.stdout.strip()

    def verdict(self, *words, **env):
        said = self.agent(*words, **env).split()
        check(len(said) > 1 and said[0] == "verdict", "flash_agent says %r" % " ".join(said))
        return VERDICTS[int(said[1])] if said[1] != "0" or len(said) == 2 else " ".join(said[2:])

    def env_value(self, name):
        return tool("fw_printenv", "-c", self.env, "-n", name).strip()

    def slot_b(self, size):
        """As U-Boot reads it: good blocks one after the other."""
        tool("nanddump", "-q", "--bb=skipbad", "-l", str(64 * 131072), "-f", self.path("dump"),
             "/dev/mtd3")
        with open(self.path("dump"), "rb") as f:
            return f.read()[:size]

    @staticmethod
    def bad_blocks(device="/dev/mtd3", blocks=64):
        with open(device, "rb", buffering=0) as f:
            return [n for n in range(blocks)
                    if fcntl.ioctl(f, MEMGETBADBLOCK, bytearray(struct.pack("<q", n * 131072)))]

    def close(self):
        if self.helper:
            self.helper.stop()
        for _ in range(50):
            if subprocess.run(["modprobe", "-r", self.module], stderr=subprocess.DEVNULL,
                              check=False).returncode == 0:
                break
            time.sleep(0.1)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Nor(Box):
    """mtdram: no pages, no bad blocks, no out-of-band bytes. fw_printenv knows NOR by its type
    only, which mtdram has not: here tests/lib/bootloader.py reads the environment."""

    module = "mtdram"
    places = {"flash.slot_a": "slot-a", "flash.slot_b": "slot-b", "flash.env_scheme": "marking",
              "flash.env": "env-a 0 0x4000", "flash.env_redundant": "env-b 0 0x4000"}
    slot_device = "/dev/mtd4"

    def attach(self, faults):
        tool("modprobe", "mtdram", "total_size=8192", "erase_size=64")
        at = 0
        for name, size in (("env-a", 1), ("env-b", 1), ("slot-a", 48), ("slot-b", 48)):
            tool("mtdpart", "add", "/dev/mtd0", name, str(at * 65536), str(size * 65536))
            at += size

    def factory_env(self):
        sealed = FlashFile.seal(FACTORY, 1)
        for device in ("/dev/mtd1", "/dev/mtd2"):
            with open(device, "wb", buffering=0) as f:
                f.write(sealed)

    def env_value(self, name):
        copies = []
        for device in ("/dev/mtd1", "/dev/mtd2"):
            with open(device, "rb") as f:
                copies.append(FlashFile.unseal(f.read(0x4000), device))
        return newest([c for c in copies if c])[2].get(name)

    def slot_b(self, size):
        with open(self.slot_device, "rb") as f:
            return f.read(size)


class Ubi(Box):
    """Slots and environment are volumes; UBI itself keeps the bad blocks away."""

    env_lines = "/dev/ubi0_0 0x0 0x4000 0x1f000 1\n/dev/ubi0_1 0x0 0x4000 0x1f000 1\n"
    places = {"flash.slot_a": "ubi0:slot-a", "flash.slot_b": "ubi0:slot-b",
              "flash.env": "ubi0:env-a 0 0x4000", "flash.env_redundant": "ubi0:env-b 0 0x4000"}

    def attach(self, faults):
        tool("modprobe", "nandsim", NAND, "parts=128", *faults)
        tool("modprobe", "ubi")
        tool("ubiformat", "-q", "-y", "/dev/mtd0")
        tool("ubiattach", "-p", "/dev/mtd0")
        for name, lebs in (("env-a", 1), ("env-b", 1), ("slot-a", 40), ("slot-b", 40)):
            tool("ubimkvol", "/dev/ubi0", "-N", name, "-s", str(lebs * 0x1f000))

    def slot_b(self, size):
        with open("/dev/ubi0_3", "rb") as f:
            return f.read(size)

    def close(self):
        if self.helper:
            self.helper.stop()
            self.helper = None
        tool("ubidetach", "-p", "/dev/mtd0")
        tool("modprobe", "-r", "ubi")
        super().close()


def F6_a_signed_image_is_written_read_back_and_armed(_):
    """And what fw_setenv writes meanwhile is kept, and counts afterwards."""
    with Box() as box:
        image, payload = box.image()
        agent = subprocess.Popen([AGENT, box.dir, str(USERS["agent"]), "install", image],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=dict(os.environ, PAUSE="1"))
        equal(agent.stdout.readline().strip(), "written", "flash_agent")
        check(box.slot_b(len(payload)) == payload, "the slot does not hold the image")
        equal([box.env_value(n) for n in ("sp_slot", "sp_ok_b")], ["a", "0"], "before it is armed")
        for value in "one", "two":              # into each copy: the role's goes over the older
            tool("fw_setenv", "-c", box.env, "note", value)
        equal(agent.communicate(timeout=60)[0].strip(), "verdict 0 fine", "flash_agent")
        equal([box.env_value(n) for n in ("sp_slot", "sp_ok_b", "upgrade_available", "sp_trial",
                                          "sp_counter", "bootcmd", "note")],
              ["b", "1", "1", "4", "3", "run boot_${sp_slot}", "two"], "fw_printenv")
        equal(box.verdict("install", image), "busy", "a second image while on trial")
        check('boot 1 running 0 trial 3 facts 0 counter 3 whole 1 1 versions "" "4.2.1"'
              in box.agent("read"), "the role's own reading: %s" % box.agent("read"))
        tool("fw_setenv", "-c", box.env, "sp_slot", "a")
        tool("fw_setenv", "-c", box.env, "upgrade_available")
        check("boot 0 running 0 trial 0" in box.agent("read"), "an operator's word counts: %s"
              % box.agent("read"))


def trial(box, **settings):
    """The boot loader has started slot b and counted it."""
    image, _ = box.image(1 << 20)
    equal(box.verdict("install", image), "fine", "the verdict")
    tool("fw_setenv", "-c", box.env, "bootcount", "1")
    box.boot("b", **settings)


def wanted(box, **values):
    return until(lambda: {n: box.env_value(n) for n in values} == values, 60)


def F4_an_image_stays_once_health_and_a_session_are_vouched_for(_):
    with Box() as box:
        image, _ = box.image(1 << 20)
        equal(box.verdict("install", image), "fine", "the verdict")
        with box.vouching(3):
            time.sleep(2.5)
            equal(box.env_value("upgrade_available"), "1", "vouched for before it ever ran")
        tool("fw_setenv", "-c", box.env, "bootcount", "1")
        box.boot("b")
        with box.vouching(1):
            check(wanted(box, bootcount="0"), "a boot that came up counts")
            time.sleep(2)
            equal(box.env_value("upgrade_available"), "1", "confirmed without a session")
        # A helper that is started anew, longer after the boot than an image has to be healthy
        box.boot("b", **{"flash.health_s": int(uptime()) - 1})
        equal(box.env_value("bootcount"), "1", "what it was before it has come up again")
        with box.vouching(1):
            check(wanted(box, bootcount="0"), "it did not come up again: %s" % box.log())
        with box.vouching(3):
            check(wanted(box, upgrade_available="0", sp_counter="4", sp_slot="b"),
                  "not confirmed: %s" % box.log())
        check('boot 1 running 1 trial 0 facts 0 counter 4 whole 1 1 versions "" "4.2.1"'
              in box.agent("read"), "the role's own reading: %s" % box.agent("read"))


def F4_without_health_the_box_goes_back_by_itself_and_says_why(_):
    with Box() as box:
        trial(box)
        began = uptime()
        box.boot("b")
        took = uptime() - began                 # longer on a slow machine
        box.boot("b", **{"flash.health_s": int(uptime() + 5 + 3 * took)})
        with box.vouching(2, "radio1: no=channel"):
            check(until(lambda: box.helper.statuses, 60 + 6 * took),
                  "the helper goes on: %s" % box.log())
        equal(box.helper.statuses, [82], "how the helper ended")
        equal([box.env_value(n) for n in ("sp_slot", "upgrade_available", "sp_counter", "sp_ok_b",
                                          "sp_fellback")],
              ["a", "0", "3", "0", "health: radio1: no?channel"], "fw_printenv")
        box.helper.stop()
        box.start("a")
        check('boot 0 running 0 trial 2 facts 0 counter 3 whole 1 0 versions "" "4.2.1" '
              'reason "health: radio1: no?channel"' in box.agent("read"),
              "the role's own reading: %s" % box.agent("read"))
        equal(box.verdict("reported"), "fine", "SLOT_REPORTED")
        check("trial 0" in box.agent("read"), "reported, and still there")


def what_would_ruin_a_box_is_refused(box):
    box.helper.stop()
    for place, why in (({"flash.slot_a": "/dev/mtd3"}, "two names of one place"),
                       ({"flash.slot_b": "/dev/mtd1"}, "two names of one place"),
                       ({"flash.env_redundant": "/dev/mtd0 0x20000 0x4000"},
                        "two names of one place"),
                       ({"flash.env_scheme": "marking"}, "is not how it is done in")):
        conf = box.write_conf({**box.booted("a"), **place})
        helper = subprocess.run([os.path.join(BUILD, "sallyport-helper"), "-c", conf],
                                stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        check(helper.returncode and why in helper.stderr, "%s: %s" % (place, helper.stderr))


def a_box_whose_environment_is_gone_is_not_lost(box, image):
    for device in "/dev/mtd0", "/dev/mtd1":
        tool("flash_erase", "-q", device, "0", "0")
    box.start("a")
    equal(box.verdict("install", image), "flash", "the verdict")
    check("trial" not in box.agent("read"), "slots: %s" % box.agent("read"))


def F5_the_slot_that_runs_is_never_written_whatever_boots_next(_):
    with Box() as box:
        tool("fw_setenv", "-c", box.env, "sp_slot", "b")
        box.boot("a")
        image, _ = box.image(1 << 20)
        equal(box.verdict("install", image), "busy", "slot b is to boot next")
        equal(box.env_value("sp_ok_b"), "1", "slot b")
        what_would_ruin_a_box_is_refused(box)
        a_box_whose_environment_is_gone_is_not_lost(box, image)


def update_and_go_back(box, size):
    """An update, its trial, and the way back, on another kind of flash."""
    image, payload = box.image(size)
    equal(box.verdict("install", image), "fine", "the verdict")
    check(box.slot_b(len(payload)) == payload, "the slot does not hold the image")
    equal([box.env_value(n) for n in ("sp_slot", "sp_ok_b", "upgrade_available", "bootcmd")],
          ["b", "1", "1", "run boot_${sp_slot}"], "fw_printenv")
    box.boot("b")
    equal(box.verdict("back", "a test"), "fine", "SLOT_FALL_BACK")
    with box.vouching(3):
        time.sleep(2)                           # what is over is not confirmed
    equal([box.env_value(n) for n in ("sp_slot", "sp_fellback", "bootcount")],
          ["a", "a test", "0"], "fw_printenv after it")
    check("slot_confirm" not in box.log(), "the audit log: %s" % box.log())


def F8_nor_without_pages_is_written_and_read_back(_):
    with Nor() as box:
        update_and_go_back(box, 3000001)


def F8_a_ubi_volume_is_replaced_block_by_block(_):
    with Ubi("badblocks=20,21", "bitflips=1") as box:
        update_and_go_back(box, 3000001)


def F8_blocks_that_are_bad_or_fail_to_erase_write_or_read_are_skipped(_):
    # BLOCK:TIMES, or PAGE:TIMES, that it works
    with Box("badblocks=0,4,%d,%d" % (SLOT_B, SLOT_B + 5), "weakblocks=%d:0" % (SLOT_B + 2),
             "weakpages=%d:0" % ((SLOT_B + 9) * 64 + 3),
             "gravepages=%d:0" % ((SLOT_B + 11) * 64 + 7)) as box:
        equal(box.bad_blocks(), [0, 5], "bad blocks at first")
        image, payload = box.image()
        equal(box.verdict("install", image), "fine", "the verdict")
        equal(box.bad_blocks(), [0, 2, 5, 9, 11], "bad blocks afterwards")
        check(box.slot_b(len(payload)) == payload, "the slot does not hold the image")


def F8_an_update_that_the_flash_defeats_leaves_the_old_slot_to_boot(_):
    """More blocks wear out than the slot has to spare."""
    with Box("weakblocks=" + ",".join("%d:0" % (SLOT_B + n) for n in range(4, 64))) as box:
        tool("nandwrite", "-q", "-p", "/dev/mtd2", box.write("old", "the old software" * 9999))
        tool("nanddump", "-q", "-f", box.path("before"), "/dev/mtd2")
        image, _ = box.image()
        equal(box.verdict("install", image), "flash", "the verdict")
        equal(len(box.bad_blocks()), 60, "bad blocks")
        equal(box.verdict("install", image), "refused", "now it is known not to fit")
        equal([box.env_value(n) for n in ("sp_slot", "sp_ok_a", "sp_ok_b")], ["a", "1", "0"],
              "fw_printenv")
        check("upgrade_available" not in tool("fw_printenv", "-c", box.env), "a trial of nothing")
        tool("nanddump", "-q", "-f", box.path("after"), "/dev/mtd2")
        tool("cmp", box.path("before"), box.path("after"))


def F8_bit_flips_that_ecc_repairs_do_no_harm(_):
    with Box("bitflips=1") as box:
        image, payload = box.image(1 << 20)
        equal(box.verdict("install", image), "fine", "the verdict")
        check(box.slot_b(len(payload)) == payload, "the slot does not hold the image")


def F1_F2_what_is_not_signed_and_sealed_is_not_written(_):
    """tests/guest/upgrade has the images that are signed, and not for this box."""
    with Box() as box:
        before = box.slot_b(64 * 131072)
        box.key("stranger")
        equal(box.verdict("install", box.image(1 << 20, key="stranger")[0]), "unsigned", "a key")
        image, _ = box.image(1 << 20)
        for extra in ("unsealed", "partly", "mapped", "file", "pipe"):
            check("Invalid argument" in box.verdict("install", image, EXTRA=extra),
                  "a descriptor that is %s" % extra)
        check(box.slot_b(64 * 131072) == before, "something was written")
        equal(box.env_value("sp_ok_b"), "1", "the slot's mark")


def F1_only_signed_bytes_reach_the_flash_whoever_changes_them(_):
    size, block = 1 << 20, 131072
    with Box() as box:
        image, payload = box.image(size)
        with open(image, "rb") as f:
            signed = f.read()
        at, before = len(signed) - size, box.slot_b(64 * block)
        flipped = bytearray(payload)
        flipped[-70000] ^= 1
        swapped = (payload[:65536] + payload[131072:196608] + payload[65536:131072]
                   + payload[196608:])
        for spoilt in flipped, swapped:
            with open(image, "wb") as f:
                f.write(signed[:at] + spoilt)
            equal(box.verdict("install", image), "corrupt", "the verdict")
            equal([box.env_value(n) for n in ("sp_slot", "sp_ok_b")], ["a", "0"], "after it")
            now = box.slot_b(64 * block)
            for n in range(0, 64 * block, block):
                check(now[n:n + block] in (before[n:n + block], payload[n:n + block]),
                      "the block at %d holds what is not signed" % n)
        with open(image, "wb") as f:
            f.write(signed)
        equal(box.verdict("install", image, EXTRA="race"), "fine", "with a racing writer")
        check(box.slot_b(size) == payload, "the slot does not hold the image")


def P2_P3_the_flash_role_has_no_capability_and_only_its_own_descriptors(_):
    with Box() as box:
        pid = run("pgrep", "-f", "-x",
                  ".*sallyport-helper -c %s" % box.path("sallyport.conf")).split()
        roles = [p for p in pid if open("/proc/%s/comm" % p).read().strip() == "sallyport-flash"]
        equal(len(roles), 1, "flash processes of %s" % pid)
        status = dict(line.split(":\t", 1) for line in open("/proc/%s/status" % roles[0]))
        equal([status[n].strip() for n in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")],
              ["0" * 16] * 5, "capabilities")
        equal([status[n].strip() for n in ("NoNewPrivs", "Seccomp")], ["1", "2"], "sandbox")
        equal(status["Uid"].split(), [str(USERS["flash"])] * 4, "uid")
        fds = [os.readlink("/proc/%s/fd/%s" % (roles[0], fd))
               for fd in os.listdir("/proc/%s/fd" % roles[0])]
        equal(sorted(f for f in fds if "mtd" in f), ["/dev/mtd0", "/dev/mtd1", "/dev/mtd3"],
              "flash that is open")
        check(len(fds) <= 16, "%d descriptors" % len(fds))
