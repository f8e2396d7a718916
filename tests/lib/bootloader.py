# SPDX-License-Identifier: Apache-2.0
"""The boot loader of the tests: what docs/firmware-format.md asks of U-Boot, on a flash file.

It shares no code with what it tests. A slot holds what a FIT image would be: a length, a SHA-256,
and a cpio archive that the kernel unpacks behind its first one (tests/guest/run --initrd).
"""

import hashlib
import os
import struct
import zlib

from lines import Failed, check

BLOCK, ENV = 128 << 10, 0x4000
SLOT_BLOCKS = 16
PARTS = {"env-a": (0, 1), "env-b": (1, 1), "slot-a": (2, SLOT_BLOCKS),
         "slot-b": (2 + SLOT_BLOCKS, SLOT_BLOCKS)}          # name: first block, blocks
HEAD = struct.Struct("<8sQ32s")
MAGIC = b"TESTBOOT"


def newc(files):
    """A cpio archive of {path: bytes}."""
    out = b""
    folders = sorted({os.path.dirname(path) for path in files})
    entries = [(f, 0o40755, b"") for f in folders] + [(p, 0o100644, d) for p, d in files.items()]
    for number, (path, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")]):
        name = path.encode() + b"\0"
        head = "070701" + "".join("%08X" % v for v in (
            number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0))
        for part in (head.encode() + name, data):
            out += part + b"\0" * (-len(part) % 4)
    return out


def payload(version, filler):
    """The software of a slot: os-release, and as many random bytes as filler says."""
    release = "ID=test\nVERSION_ID=12\nIMAGE_VERSION=%s\n" % version
    cpio = newc({"image/os-release": release.encode(), "image/filler": os.urandom(filler)})
    return HEAD.pack(MAGIC, len(cpio), hashlib.sha256(cpio).digest()) + cpio


def newest(copies):
    """Which counts, of one or two copies that are whole: 0 is newer than 255."""
    if len(copies) == 1:
        return copies[0]
    first, second = copies
    return second if (second[0] - first[0]) % 256 == 1 else first


class FlashFile:
    def __init__(self, path):
        self.path = path

    @classmethod
    def make(cls, path, software, variables):
        """A box from the factory: slot a holds software."""
        flash = cls(path)
        with open(path, "wb") as f:
            f.write(b"\xff" * BLOCK * sum(blocks for _, blocks in PARTS.values()))
        flash._write("slot-a", software)
        for name in ("env-a", "env-b"):
            flash._write(name, flash.seal(variables, 1))
        return flash

    def _write(self, part, data):
        with open(self.path, "r+b") as f:
            f.seek(PARTS[part][0] * BLOCK)
            f.write(data)
            os.fsync(f.fileno())

    def _read(self, part, size):
        with open(self.path, "rb") as f:
            f.seek(PARTS[part][0] * BLOCK)
            return f.read(size)

    def bytes(self):
        """All of it, as it is now."""
        with open(self.path, "rb") as f:
            return f.read()

    @staticmethod
    def seal(variables, flags):
        text = b"".join(b"%s=%s\0" % (k.encode(), v.encode()) for k, v in variables.items())
        text = (text + b"\0").ljust(ENV - 5, b"\0")
        return struct.pack("<IB", zlib.crc32(text), flags) + text

    @staticmethod
    def unseal(raw, name):
        """(flags, name, variables) of a copy that is whole, else None."""
        crc, flags = struct.unpack_from("<IB", raw)
        if crc != zlib.crc32(raw[5:]):
            return None
        words = raw[5:raw.index(b"\0\0", 5)].split(b"\0")
        return flags, name, dict(w.decode().split("=", 1) for w in words)

    def _copies(self):
        """The copies that are whole."""
        found = [c for c in (self.unseal(self._read(name, ENV), name)
                             for name in ("env-a", "env-b")) if c]
        check(found, "no copy of the environment is whole: the box is dead")
        return found

    def environment(self):
        """(flags, name, variables) of the copy that counts."""
        return newest(self._copies())

    def save(self, variables):
        flags, name, _ = self.environment()
        older = "env-b" if name == "env-a" else "env-a"
        self._write(older, self.seal(variables, (flags + 1) % 256))

    def load(self, slot):
        """The software of a slot; Failed when it is not whole."""
        magic, size, digest = HEAD.unpack(self._read("slot-" + slot, HEAD.size))
        cpio = b""
        if magic == MAGIC and size < SLOT_BLOCKS * BLOCK:
            cpio = self._read("slot-" + slot, HEAD.size + size)[HEAD.size:]
        if hashlib.sha256(cpio).digest() != digest:
            raise Failed("slot %s is to boot and is not whole: the box is dead" % slot)
        return cpio

    def boot(self):
        """One start of the box: counts a trial, goes back above the limit. (slot, its software)"""
        env = self.environment()[2]
        if env.get("upgrade_available") == "1":
            env["bootcount"] = str(int(env.get("bootcount", "0")) + 1)
            if int(env["bootcount"]) > int(env["bootlimit"]):
                env.update(sp_slot="b" if env["sp_slot"] == "a" else "a", bootcount="0",
                           upgrade_available="0", sp_fellback="boot")
            self.save(env)
        return env["sp_slot"], self.load(env["sp_slot"])
