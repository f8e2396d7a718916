# SPDX-License-Identifier: Apache-2.0
"""Memory, processes and time of the box: the tree agrees with free, ps and uptime, also when they
change behind the agent's back."""

import datetime
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import Skipped, clock_is_set, same, true, until

INFO = "Device.DeviceInfo."
PROCESSES = INFO + "ProcessStatus.Process."


def run(*command):
    if not shutil.which(command[0]):
        raise Skipped("no %s here" % command[0])
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def get(t, path):
    out = {}
    for line in t.gw.ctl("get", path).splitlines():
        name, _, value = line.partition(" =")
        out[name] = value[1:]
    return out


def processes(t):
    """{pid: row}"""
    rows = {}
    for name, value in get(t, PROCESSES).items():
        number, parameter = name[len(PROCESSES):].split(".")
        rows.setdefault(number, {})[parameter] = value
    return {int(r["PID"]): r for r in rows.values()}


def free():
    line = next(l for l in run("free", "-k").splitlines() if l.startswith("Mem:")).split()
    return int(line[1]), int(line[3])


def L5_memory_is_as_free_tells_it(t):
    t.boot().end()

    def near():
        before = free()
        got = get(t, INFO + "MemoryStatus.")
        after = free()
        same(int(got[INFO + "MemoryStatus.Total"]), before[0], "Total")
        told = int(got[INFO + "MemoryStatus.Free"])
        # others use it at the same time
        return min(before[1], after[1]) - 4096 <= told <= max(before[1], after[1]) + 4096

    until(near, "Free is what free tells")
    kept = bytearray(os.urandom(1)) * (64 << 20)
    until(near, "Free is what free tells, with 64 MiB less")
    del kept
    until(near, "Free is what free tells, when they are back")


def ps_all():
    """{pid: KiB} of what is not a thread of the kernel"""
    out = {}
    for line in run("ps", "-e", "-o", "pid=,rss=").splitlines():
        pid, rss = (int(v) for v in line.split())
        try:
            with open("/proc/%d/stat" % pid) as f:
                flags = int(f.read().rsplit(")", 1)[1].split()[6])
        except OSError:
            continue
        if not flags & 0x200000:        # PF_KTHREAD
            out[pid] = rss
    return out


def L5_processes_are_as_ps_tells_them(t):
    """The tree has those with most memory."""
    t.boot().end()
    folder = tempfile.mkdtemp(prefix="sallyport-ps.")
    odd = os.path.join(folder, "a) R (b")
    shutil.copy(os.path.realpath("/usr/bin/python3"), odd)
    p = subprocess.Popen([odd, "-c", "import time\nx = b'x' * (200 << 20)\ntime.sleep(7777)"])
    try:
        row = until(lambda: processes(t).get(p.pid), "the new process")
        until(lambda: processes(t)[p.pid]["State"] == "Sleeping", "it sleeps")
        row = processes(t)[p.pid]
        ps = run("ps", "-o", "comm=,rss=", "-p", str(p.pid)).rsplit(None, 1)
        same(row["Command"], ps[0].strip(), "Command")
        true(abs(int(row["Size"]) - int(ps[1])) <= 2048, "Size %s, ps %s" % (row["Size"], ps[1]))
        true("sleep(" not in str(processes(t)), "arguments are told")
        os.kill(p.pid, signal.SIGSTOP)
        until(lambda: processes(t)[p.pid]["State"] == "Stopped", "it is stopped")
    finally:
        p.kill()
        p.wait()
        shutil.rmtree(folder)
    true(p.pid not in processes(t), "the process has gone")
    before, got, after = ps_all(), processes(t), ps_all()
    least = min(int(r["Size"]) for r in got.values())
    same([x for x in before if x in after and min(before[x], after[x]) > least + 4096 and
          x not in got], [], "processes with more memory that are missing")
    for pid in set(got) & set(before) & set(after):
        low, high = sorted((before[pid], after[pid]))
        true(low - 4096 <= int(got[pid]["Size"]) <= high + 4096, "Size of PID %d" % pid)


def spent(pid):
    """Milliseconds of processor time."""
    with open("/proc/%d/stat" % pid) as f:
        ticks = f.read().rsplit(")", 1)[1].split()[11:13]
    return sum(int(x) for x in ticks) * 1000 // os.sysconf("SC_CLK_TCK")


def L5_a_busy_processor_is_seen(t):
    t.boot().end()
    usage = INFO + "ProcessStatus.CPUUsage"
    get(t, usage)
    p = subprocess.Popen(["/usr/bin/python3", "-c", "while True: pass"])
    try:
        time.sleep(1)
        cores = os.cpu_count()
        told = int(get(t, usage)[usage])
        true(told >= 80 // cores, "%d%% with one of %d cores busy" % (told, cores))
        before, row, after = spent(p.pid), processes(t)[p.pid], spent(p.pid)
        true(before <= int(row["CPUTime"]) <= after, "CPUTime %s, not %d to %d" % (
            row["CPUTime"], before, after))
    finally:
        p.kill()
        p.wait()


def L5_uptime_is_the_kernel_s(t):
    t.boot().end()

    def uptime():
        with open("/proc/uptime") as f:
            return int(float(re.match(r"[\d.]+", f.read())[0]))

    before, told, after = uptime(), int(t.gw.value(INFO + "UpTime")), uptime()
    true(before <= told <= after, "UpTime %d, not %d to %d" % (told, before, after))


def L5_time_is_the_box_s(t):
    t.boot().end()
    with open("/etc/localtime", "rb") as f:
        zone = f.read().splitlines()[-1].decode("ascii")
    before, got, after = int(time.time()), get(t, "Device.Time."), time.time()
    same(got["Device.Time.LocalTimeZone"], zone, "LocalTimeZone")
    if clock_is_set():
        told = datetime.datetime.fromisoformat(got["Device.Time.CurrentLocalTime"])
        true(before <= told.timestamp() <= after, "CurrentLocalTime %s" % told)
        same(told.utcoffset().total_seconds(), time.localtime().tm_gmtoff, "its offset")
    else:
        true(got["Device.Time.CurrentLocalTime"].startswith("0001"), "an unknown time is told")


def L5_software_version_is_that_of_os_release(t):
    t.boot().end()
    want = run("sh", "-c", ". /etc/os-release; echo ${IMAGE_VERSION:-${VERSION_ID:-$BUILD_ID}}")
    if not want.strip():
        raise Skipped("os-release has no version")
    same(t.gw.value(INFO + "SoftwareVersion"), want.strip(), "SoftwareVersion")
