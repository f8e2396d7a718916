# SPDX-License-Identifier: Apache-2.0
"""What the tree says of things that only this kernel has: VLANs, a temperature sensor, hosts that
are stations. Changed behind the agent's back, compared with ip, iw and the sensor's register."""

import calendar
import contextlib
import ctypes
import fcntl
import glob
import json
import os
import re
import subprocess
import sys
import time

import clock
import wifi
from air import access_points, run, until
from lines import Skip, check, equal
from stations import station_dump

HERE = os.path.dirname(os.path.realpath(__file__))
LEASES = "/run/world/leases"      # of the DHCP server
HOSTS = "Device.Hosts.Host."
SENSORS = "Device.DeviceInfo.TemperatureStatus.TemperatureSensor."
# linux/i2c-dev.h
I2C_SLAVE, I2C_SMBUS, I2C_SMBUS_WORD_DATA = 0x0703, 0x0720, 3
LM75 = 0x48


def told(world, table):
    """{number: {parameter: value}} of the rows of a table, by the local socket."""
    rows = {}
    for line in world.gateway.ctl("get", table).splitlines():
        found = re.match(re.escape(table) + r"(\d+)\.(\w+) =(?: (.*))?$", line)
        if found:
            rows.setdefault(int(found[1]), {})[found[2]] = found[3] or ""
    return rows


def comes_true(compare, seconds=30):
    """What compare() raises must end within that time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return compare()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextlib.contextmanager
def right_clock():
    clock.tell_kernel(False)
    try:
        yield
    finally:
        clock.tell_kernel(True)


def L7_vlans_and_lifetimes_are_as_ip_tells_them(world):
    """The scenarios of the host, with this kernel's drivers and a clock that is right."""
    run("modprobe", "8021q")
    names = ["L7_vlans_are_as_ip_tells_them_also_after_changes"]
    if os.environ.get("ROUNDS"):        # half a minute, for lifetimes by a clock that is right
        names.append("L7_addresses_and_prefixes_say_where_they_come_from")
    with right_clock():
        done = subprocess.run([sys.executable, os.path.join(HERE, "..", "scenarios", "run"),
                               "--jobs", "1", *names], stdout=subprocess.PIPE, text=True)
    sys.stderr.write(done.stdout)
    lines = [line for line in done.stdout.splitlines() if re.match(r"(ok|skip|FAIL) ", line)]
    equal([line for line in lines if not line.startswith("ok ")], [], "what did not pass")
    equal(len(lines), len(names), "scenarios")


class Smbus(ctypes.Structure):
    _fields_ = [("write", ctypes.c_uint8), ("command", ctypes.c_uint8), ("size", ctypes.c_uint32),
                ("data", ctypes.POINTER(ctypes.c_uint16))]


def set_celsius(bus, celsius):
    """The lm75's register: half degrees in the upper nine bits, the higher octet first."""
    word = ctypes.c_uint16((celsius * 256) & 0xffff)
    swapped = ctypes.c_uint16((word.value & 0xff) << 8 | word.value >> 8)
    with open("/dev/i2c-" + bus, "r+b", buffering=0) as f:
        fcntl.ioctl(f, I2C_SLAVE + 3, LM75)         # I2C_SLAVE_FORCE: the driver has it
        fcntl.ioctl(f, I2C_SMBUS, Smbus(0, 0, I2C_SMBUS_WORD_DATA, ctypes.pointer(swapped)))


def L8_temperatures_are_those_of_the_sensor(world):
    equal(told(world, SENSORS), {}, "sensors of a machine that has none")
    for module in (["i2c-dev"], ["i2c-stub", "chip_addr=0x%x" % LM75], ["lm75"]):
        run("modprobe", *module)
    bus = next(path for path in glob.glob("/sys/class/i2c-adapter/i2c-*")
               if "stub" in open(path + "/name").read()).rpartition("-")[2]
    set_celsius(bus, 42)
    with open("/sys/class/i2c-adapter/i2c-%s/new_device" % bus, "w") as f:
        f.write("lm75 0x%x\n" % LM75)

    def row():
        rows = told(world, SENSORS)
        equal(len(rows), 1, "sensors")
        return next(iter(rows.items()))

    number, first = comes_true(row)
    equal((first["Name"], first["Value"], first["Status"]), ("lm75 temp1", "42", "Enabled"), "row")
    for celsius in (85, -20, 25):
        set_celsius(bus, celsius)

        def compare():
            equal(row()[1]["Value"], str(celsius), "Value")

        comes_true(compare)             # the driver looks at its chip once in a while
    equal([row()[1][n] for n in ("MinValue", "MaxValue")], ["-20", "85"], "lowest and highest")
    name = "%s%d.Enable" % (SENSORS, number)
    equal(world.set([(name, False)]), 0, "status")
    set_celsius(bus, 99)
    time.sleep(2)
    equal([row()[1][n] for n in ("Value", "Status")], ["25", "Disabled"], "switched off")
    equal(world.set([(name, True)]), 0, "status")
    with open("/sys/class/i2c-adapter/i2c-%s/delete_device" % bus, "w") as f:
        f.write("0x%x\n" % LM75)
    equal(told(world, SENSORS), {}, "sensors after it was taken out")


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def host(world, mac):
    found = [(n, r) for n, r in told(world, HOSTS).items() if r["PhysAddress"] == mac.upper()]
    check(len(found) <= 1, "two hosts with one address")
    return found[0] if found else (None, None)


def L8_hosts_join_stations_neighbours_and_leases(world):
    bss = access_points()[0]
    mac = world.station.status()["address"].upper()
    with open(LEASES, "w") as f:
        f.write("0 %s 192.168.70.10 kitchen-tablet *\n" % mac.lower())
    world.station.leave()           # a test before may have left it joined, and active
    check(until(lambda: not station_dump(bss.name), 60), "the kernel still has the station")
    run("ip", "neigh", "flush", "dev", bss.name)
    check(until(lambda: (host(world, mac)[1] or {}).get("Active") != "true", 60),
          "it is active before it came")
    with right_clock():             # the agent believes it from then on
        equal(world.gateway.value("Device.Time.Status"), "Synchronized", "Time.Status")
    before = time.time()
    check(world.station.join(b"Sallyport", wifi.PASSPHRASE), "the station did not join")
    check(wifi.pings(world, world.station, 0) >= 2, "no answer to the pings")

    def joined():
        number, row = host(world, mac)
        check(row, "it is no host")
        equal(list(station_dump(bss.name)), [mac], "stations of the kernel")
        neighbour = [n for n in json.loads(run("ip", "-j", "neigh", "show", "dev", bss.name))
                     if n.get("lladdr", "").upper() == mac and ":" not in n["dst"]]
        devices = told(world, wifi.at.ap + "AssociatedDevice.")
        device = next("%sAssociatedDevice.%d" % (wifi.at.ap, n) for n, r in devices.items()
                      if r["MACAddress"].upper() == mac)
        interface = next("Device.IP.Interface.%d" % n for n, r in
                         told(world, "Device.IP.Interface.").items() if r["Name"] == bss.name)
        equal({n: row[n] for n in ("Active", "IPAddress", "HostName", "InterfaceType",
                                   "Layer1Interface", "Layer3Interface", "AssociatedDevice")},
              {"Active": "true", "IPAddress": neighbour[0]["dst"], "HostName": "kitchen-tablet",
               "InterfaceType": "Wi-Fi", "Layer1Interface": wifi.at.radio.rstrip("."),
               "Layer3Interface": interface, "AssociatedDevice": device}, "the host")
        addresses = told(world, "%s%d.IPv4Address." % (HOSTS, number))
        equal([r["IPAddress"] for r in addresses.values()], [n["dst"] for n in neighbour], "IPv4")
        return row

    came = seconds(comes_true(joined)["ActiveLastChange"])
    check(before - 1 <= came <= time.time() + 1, "ActiveLastChange %d, not %d" % (came, before))
    with clock.steps() as step:         # what was said once stays said
        step(1000)
        equal(seconds(host(world, mac)[1]["ActiveLastChange"]), came, "it, by another clock")
    time.sleep(1.1)
    left = time.time()
    world.station.leave()
    check(until(lambda: not station_dump(bss.name), 30), "the kernel still has the station")

    def gone():
        row = host(world, mac)[1]
        equal((row["Active"], row["HostName"], row["AssociatedDevice"]),
              ("false", "kitchen-tablet", ""), "the host that left")
        return row["ActiveLastChange"]

    went = seconds(comes_true(gone))
    check(left - 1 <= went <= time.time() + 1, "ActiveLastChange %d, it left at %d" % (went, left))
    run("ip", "neigh", "flush", "dev", bss.name)
    os.replace(LEASES, LEASES + ".old")
    equal(host(world, mac), (None, None), "a host that nobody knows")


def T139_every_value_with_radios_is_of_its_type_and_within_its_limits(world):
    sys.path.append(os.path.join(HERE, "..", "scenarios"))
    import allowed
    import harness
    try:
        table = harness.spec_table()
    except harness.Skipped as e:
        raise Skip(str(e))
    check(world.station.join(b"Sallyport", wifi.PASSPHRASE), "the station did not join")
    values = world.get("Device.")
    check(any(re.search(r"\.AssociatedDevice\.\d+\.", name) for name in values),
          "the station has no row")
    allowed.look(values, table)
    world.station.leave()
